#pragma once
#include "core/watch/budget.hpp"
#include "core/watch/schedule.hpp"

#include <cstdint>
#include <vector>

// Simulated watching: no network, no store, a virtual clock, a fixed seed.

namespace linkspan::bench
{

// The model of edits: so long behind a comment's creation or last edit, evenly within each span.
//   half within 60 s; three tenths within 1 to 4 minutes; two tenths within 4 to 10
// Later ones are told by Bitbucket itself.
milliseconds edit_age(double quantile);

// The peer asks for each comment by itself, and begins anew with each edit that it finds.
inline constexpr milliseconds peer_interval{19'000};
inline constexpr milliseconds peer_end{619'000};

struct delays
{
    double p50 = 0;  // seconds
    double p95 = 0;
};

using look_ages = std::vector<milliseconds>;

// One look after each interval, until one is at the end of the watch or behind it.
look_ages fixed_looks(milliseconds interval);

// Those of the peer: none is behind its end.
look_ages peer_looks();

// How late looks at these ages find the edits of the model.
delays delays_of_edits(look_ages const& looks);

struct lone_watch
{
    look_ages looks;
    int requests = 0;  // comments and tasks
};
lone_watch lone_comment(double room);

// Requests of one pull request with so many comments, spread evenly, at room 1.
int requests_of_burst(int comments, milliseconds spread);

// Ten hours of work in a day of 24. Each pull request gets comments at random moments, as often as it says,
// and of these and of their edits a share is edited (again). A lost delivery is that of a new comment: only a
// look that was due anyway finds it. Edits within ten minutes have no delivery to lose.
struct day_load
{
    int pull_requests = 50;
    double comments_per_hour = 0.8;  // each
    double edited_share = 0.35;
    double lost_share = 0.3;
    std::uint64_t seed = 1;
};

struct day_figures
{
    long long comments = 0;
    long long edits = 0;
    long long requests = 0;
    long long refused = 0;            // 429: more than 1,000 in the hour before, as the service counts them
    double requests_per_comment = 0;  // each that was watched
    double found_share = 0;           // of the edits
    delays delay;                     // of those that were found
    double stretch_p10 = 1;           // as reported with each look
    double stretch_p50 = 1;
    double stretch_p90 = 1;
    long long requests_p10 = 0;  // of one pull request
    long long requests_p90 = 0;
    long long hour_min = 0;  // requests in a full hour of work, the first left out
    long long hour_max = 0;
};

day_figures watched_day(day_load const& load);
day_figures peer_day(day_load const& load);

}  // namespace linkspan::bench
