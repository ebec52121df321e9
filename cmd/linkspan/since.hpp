#pragma once
#include "core/base/error.hpp"
#include "core/base/time.hpp"

#include <string>

namespace linkspan
{

// What --since takes: a day (2026-11-20), a moment (RFC 3339), or how long ago (15min or 15m, 12h, 30d).
// errc::invalid.
result<time_point> read_since(std::string const& text, time_point now);

}  // namespace linkspan
