#pragma once
#include "core/base/time.hpp"
#include "links/net/http.hpp"

#include <optional>

namespace linkspan
{

// A longer Retry-After is taken for this: whoever waits stays visible and is tried again.
inline constexpr seconds retry_after_max{3600};

// The Retry-After of an answer (RFC 9110, 10.2.3) where it is a number of seconds; nothing for dates and
// garbage.
std::optional<milliseconds> retry_after_of(http_response const& answer);

}  // namespace linkspan
