#include "core/watch/silence.hpp"

#include <algorithm>

namespace linkspan
{

bool is_silent(silence const& of)
{
    return of.unanswered >= silent_from;
}

silence after_unanswered(silence before, time_point began_at, time_point now)
{
    before.unanswered = std::min(before.unanswered + 1, silent_from);
    bool const is_known = before.waits > 0 && began_at < before.ask_again_at;
    // After a clock was set back T is too far away.
    bool const is_far = before.ask_again_at > now + silence_wait_max;
    if (!is_silent(before) || (is_known && !is_far))
        return before;
    auto wait = silence_wait_min;
    for (int i = 0; i < before.waits && wait < silence_wait_max; ++i)
        wait *= 2;
    before.ask_again_at = now + std::min(wait, silence_wait_max);
    ++before.waits;
    return before;
}

std::size_t looks_at_once(silence const& of, time_point now)
{
    if (!is_silent(of))
        return looks_at_once_max;
    bool const is_far = of.ask_again_at > now + silence_wait_max;
    return now < of.ask_again_at && !is_far ? 0 : 1;
}

}  // namespace linkspan
