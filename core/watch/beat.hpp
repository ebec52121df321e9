#pragma once
#include "core/base/time.hpp"

#include <optional>

namespace linkspan
{

// How often a repository is asked what changed, besides what its webhooks tell.

// As the configuration has it, for one that changed lately and for one that did not.
struct catch_up_beats
{
    milliseconds active{900'000};
    milliseconds quiet{3'600'000};

    catch_up_beats() = default;
};

// Without webhooks asking is all there is. No repository is asked more often than this.
inline constexpr milliseconds poll_beat_min{60'000};

// Of what catch-up may spend in an hour so much goes into asking what changed; the rest is for looking at it.
inline constexpr double asking_share = 0.4;

// The distance between two questions about one repository without webhooks, where all that share a budget of
// `limit` requests in an hour take so many together: one list each, or what they took the last time.
milliseconds poll_beat(int requests, int limit);

// So often all that is open is looked at, whether or not it seems to have changed: a thread that is resolved
// and a task move no date of their pull request.
inline constexpr milliseconds sweep_beat{2 * 3'600'000};

// Of the budget of an hour sweeps take no more than this: those of many open pull requests come less often.
inline constexpr double sweep_share = 0.2;
milliseconds sweep_beat_for(int requests, int limit);  // of all repositories that share it

struct crawl_state
{
    bool is_poll_only = false;
    bool is_active = false;                // its last crawl found something
    std::optional<time_point> crawled_at;  // the last try
    int failures = 0;                      // in a row
    int requests = 1;                      // that its last crawl took
    // Deliveries may have been lost: then, where its beat would be later.
    std::optional<time_point> wanted_at;

    crawl_state() = default;
};

// When it is asked again: a failed one sooner, and then less and less often. Never crawled: at once.
time_point next_crawl_at(crawl_state const& of, catch_up_beats const& beats, milliseconds poll);

// What was told by nobody for longer than this is told in one message for each pull request (conversation/
// story.hpp).
inline constexpr milliseconds long_outage{2 * 3'600'000};

// Whether a repository that was known last at crawled_at was out of sight for a long outage: ours, the
// network's or Bitbucket's. Its beat is no outage. Never known: no.
bool is_behind_long_outage(
    std::optional<time_point> crawled_at,
    bool is_poll_only,
    catch_up_beats const& beats,
    milliseconds poll,
    time_point now
);

// So long behind the last sign of a loss it is asked what was lost: what refuses deliveries often refuses
// more.
inline constexpr milliseconds loss_wait{60'000};

// Behind a failure; doubled for each in a row, up to the beat.
inline constexpr milliseconds crawl_retry_min{60'000};

}  // namespace linkspan
