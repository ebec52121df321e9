#include "core/watch/beat.hpp"

#include "core/watch/budget.hpp"

#include <algorithm>
#include <cmath>

namespace linkspan
{

namespace
{

// How long so many requests take at a share of the limit.
milliseconds time_for(int requests, int limit, double share)
{
    auto const hourly = std::max(limit, limit_min) * share;
    return milliseconds(
        std::llround(static_cast<double>(budget_hour.count()) * std::max(requests, 1) / hourly)
    );
}

}  // namespace

milliseconds poll_beat(int requests, int limit)
{
    auto const share = (1 - reserve_of(priority::catch_up)) * asking_share;
    return std::max(poll_beat_min, time_for(requests, limit, share));
}

milliseconds sweep_beat_for(int requests, int limit)
{
    return std::max(sweep_beat, time_for(requests, limit, sweep_share));
}

bool is_behind_long_outage(
    std::optional<time_point> crawled_at,
    bool is_poll_only,
    catch_up_beats const& beats,
    milliseconds poll,
    time_point now
)
{
    return crawled_at && now - *crawled_at > long_outage + (is_poll_only ? poll : beats.quiet);
}

time_point next_crawl_at(crawl_state const& of, catch_up_beats const& beats, milliseconds poll)
{
    if (!of.crawled_at)
        return time_point();
    auto beat = of.is_poll_only ? poll : of.is_active ? beats.active : beats.quiet;
    if (of.failures > 0)
    {
        auto wait = crawl_retry_min;
        for (int i = 1; i < of.failures && wait < beat; ++i)
            wait *= 2;
        beat = std::min(wait, beat);
    }
    auto const due = *of.crawled_at + beat;
    return of.wanted_at ? std::min(due, *of.wanted_at) : due;
}

}  // namespace linkspan
