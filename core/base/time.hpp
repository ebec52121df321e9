#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

// A moment, UTC, in milliseconds: what the store keeps, what events carry, what decisions get as `now`.
using time_point = std::chrono::sys_time<std::chrono::milliseconds>;
using std::chrono::milliseconds;
using std::chrono::seconds;

// "2026-11-20T09:30:00.123Z" (RFC 3339, always UTC, always milliseconds).
std::string to_rfc3339(time_point moment);

// Reads RFC 3339 and ISO 8601 as Bitbucket writes it: any fraction, zone "Z", "+00:00" or "+0200". Digits
// beyond milliseconds are cut. Nothing for any other text, and for dates that do not exist.
std::optional<time_point> parse_time(std::string_view text);

constexpr time_point from_milliseconds(std::int64_t since_epoch)
{
    return time_point(milliseconds(since_epoch));
}

constexpr std::int64_t to_milliseconds(time_point moment)
{
    return moment.time_since_epoch().count();
}

}  // namespace linkspan
