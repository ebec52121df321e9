#pragma once
#include "core/base/time.hpp"

#include <optional>

namespace linkspan
{

// What follows a look that gave nothing, or not all. It is made again, less and less often, whatever the
// fault: a page for maintenance answers 302 or 403, a proxy 404, and an hour later all is well. A watch ends
// for a fault only
//
// - where twice in a row, missing_time apart or more, there was no such thing: it is gone;
// - give_up_time behind the end of its window, or behind the first failure in a row, whichever is later: what
//   is not told until then is caught up with.

enum class look_fault
{
    missing,     // there is no such thing, or no more
    unanswered,  // no connection, no whole answer, or a server that says it is out of order
    half,        // a part was shown, and for the rest the budget had no room
    other,
};

// Behind a look that failed: doubled for each in a row.
inline constexpr milliseconds look_retry_min{15'000};
inline constexpr milliseconds look_retry_max{240'000};

inline constexpr milliseconds missing_time{300'000};
inline constexpr milliseconds give_up_time{3'600'000};

// What is known of the looks at one pull request that failed, all of them in a row.
struct look_retry
{
    time_point until;  // no look before
    int failures = 0;
    look_fault fault = look_fault::other;     // of the last one
    time_point failing_since;                 // where failures > 0
    std::optional<time_point> missing_since;  // where the last one found nothing, since when none did

    look_retry() = default;
};

// A look failed at `now`.
look_retry after_failure(look_retry before, look_fault fault, time_point now);

// Whether its watch ends, whose window is over at window_end.
bool gives_up(look_retry const& of, time_point window_end, time_point now);

}  // namespace linkspan
