#pragma once
#include "core/base/time.hpp"

namespace linkspan
{

// Reads the date of HTTP headers (RFC 9110, IMF-fixdate): "Tue, 07 Mar 2023 20:35:15 GMT". Nothing for any
// other text.
std::optional<time_point> parse_http_time(std::string_view text);

}  // namespace linkspan
