#include "core/watch/builds.hpp"

#include "core/watch/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace linkspan
{

std::optional<time_point> next_build_look(build_watch const& of, double room, time_point now)
{
    if (of.pushed_at > now || (of.asked_at && *of.asked_at > now))
        return now;
    auto const end = of.pushed_at + build_window;
    if (of.asked_at && *of.asked_at >= end)
        return std::nullopt;
    auto const last = std::max(of.asked_at.value_or(of.pushed_at), of.pushed_at);
    auto const usual = std::max(build_distance_min, (last - of.pushed_at) / build_distance_part);
    // Not a number is no room.
    auto const stretch = room > room_min ? std::max(1.0, 1 / room) : 1 / room_min;
    auto const distance = std::llround(static_cast<double>(usual.count()) * stretch);
    return std::min(last + milliseconds(distance), end);
}

}  // namespace linkspan
