#include "tests/bench/watch_day.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

// ./dev bench watch. What watching costs and how late it finds an edit, on a virtual clock: first one
// comment, at each number of requests, beside a fixed interval; then whole days (tests/bench/watch_day.hpp
// states their load and losses), beside a poll of each comment every 19 s for 10 min 19 s.
//
// Two lists are watched, comments and tasks, and a fixed interval has to ask for both each time: that is the
// comparison that must be won at every number of requests. Beside a fixed interval that asks for comments
// alone as often as the schedule looks (column "looks") both aims cannot be had. In units of the fixed
// interval h = T / n with T = 600 s, a look covers the edits of at most x seconds before it, so of all edits
// 5x, x and x/3 for each share of the looks that goes into the first minute, the three behind it and the six
// behind these, up to .5, .3 and .2. p95 <= .95 needs .95 covered at x = .95. That is cheapest with shares of
// .3/.95 and .15/.3167 in the two later spans, which leaves .2105 for the first minute; then the share
// covered at x = .3 is 1.5 * .2105 + .3 * .3158 + .1 * .4737 = .458 < .5: p50 is .3276 = .655 of the fixed
// one's. The 30 s of margin, which cost a fixed interval a twentieth of its looks, bring it to about .6. And
// with 14 requests, for comments alone, the best p50 with that p95 is 13 s: not the 9.5 s that 14 requests
// must reach. So the schedule takes p50 <= 0.6 at any room, and a p95 that comes to within 5 % of the fixed
// one's at room 3.

namespace linkspan::bench
{
namespace
{

constexpr double lone_requests_max = 14;
constexpr double ratio_p50_max = 0.6;
constexpr double ratio_p95_max = 1.0;
// Below four looks (five requests) p95 is up to 1.3 of the fixed one's: one look stands at the end, and where
// the others stand is what the even stretch makes of the schedule.
constexpr int looks_compared_min = 4;
constexpr double ratio_p95_evened_max = 1.05;
constexpr double ratio_p50_evened_max = 0.62;
constexpr double evenness_min = 0.5;

int faults = 0;

void expect(bool is_reached, char const* what)
{
    std::printf("  %-9s %s\n", is_reached ? "reached" : "NOT", what);
    faults += is_reached ? 0 : 1;
}

// One comment without a budget, whose edits follow the model. A fixed interval runs over the same window.
void measure_lone_comments()
{
    std::printf("One comment, one window of %lld s; delays in seconds\n", watch_end.count() / 1'000LL);
    std::printf(
        "%5s %6s %9s %7s %7s | fixed, both lists %5s %5s | fixed, as many looks %5s %5s\n",
        "room",
        "looks",
        "requests",
        "p50",
        "p95",
        "p50",
        "p95",
        "p50",
        "p95"
    );
    bool is_p50_reached = true;
    bool is_p95_reached = true;
    bool is_even_reached = true;
    double beats_peer_at = 0;
    auto const peer = delays_of_edits(peer_looks());
    for (int looks = 1; looks <= looks_max; ++looks)
    {
        auto const room = static_cast<double>(looks) / looks_at_rest;
        auto const lone = lone_comment(room);
        auto const ours = delays_of_edits(lone.looks);
        auto const both = delays_of_edits(fixed_looks(watch_end * 2 / lone.requests));
        auto const alike = delays_of_edits(fixed_looks(watch_end / looks));
        auto const p50 = ours.p50 / both.p50;
        auto const p95 = ours.p95 / both.p95;
        std::printf(
            "%5.2f %6zu %9d %7.1f %7.1f | %17s %5.2f %5.2f | %20s %5.2f %5.2f\n",
            room,
            lone.looks.size(),
            lone.requests,
            ours.p50,
            ours.p95,
            "",
            p50,
            p95,
            "",
            ours.p50 / alike.p50,
            ours.p95 / alike.p95
        );
        if (looks >= looks_compared_min)
        {
            is_p50_reached = is_p50_reached && p50 <= ratio_p50_max;
            is_p95_reached = is_p95_reached && p95 <= ratio_p95_max;
        }
        if (looks >= looks_evened)
            is_even_reached = is_even_reached && ours.p50 / alike.p50 <= ratio_p50_evened_max &&
                              ours.p95 / alike.p95 <= ratio_p95_evened_max;
        if (beats_peer_at == 0 && ours.p95 < peer.p95 && ours.p50 < peer.p50)
            beats_peer_at = room;
    }
    auto const at_rest = lone_comment(1);
    auto const ours = delays_of_edits(at_rest.looks);
    auto const dense = lone_comment(beats_peer_at);
    std::printf(
        "peer: %zu requests, p50 %.1f s, p95 %.1f s, comments only\n", peer_looks().size(), peer.p50, peer.p95
    );
    std::printf("room %.2f beats both with %d requests\n", beats_peer_at, dense.requests);
    expect(at_rest.requests <= lone_requests_max, "a lone comment within 14 requests, tasks included");
    expect(ours.p50 <= peer.p50, "its p50 is no worse than the peer's");
    expect(beats_peer_at > 0 && beats_peer_at <= room_max, "with room, p95 beats the peer's too");
    expect(
        is_p50_reached, "p50 at most 0.6 of a fixed interval's at each number of requests (4 looks or more)"
    );
    expect(
        is_p95_reached, "p95 no worse than a fixed interval's at each number of requests (4 looks or more)"
    );
    expect(is_even_reached, "beside as many looks at comments alone: p50 0.62, p95 1.05 from room 3 on");
}

void measure_many_comments()
{
    auto const one = requests_of_burst(1, milliseconds(0));
    auto const hundred = requests_of_burst(100, milliseconds(0));
    auto const spread = milliseconds(300'000);
    auto const over_time = requests_of_burst(100, spread);
    // The window begins anew with each: as long as they come it stays as dense as at first.
    auto const looks = static_cast<int>(spread / milliseconds(10'000)) + 1;
    auto const extended = one + looks + looks / looks_per_task_look + 1;
    std::printf(
        "\nOne pull request: 1 comment %d requests, 100 at once %d, 100 over five minutes %d; peer %d\n",
        one,
        hundred,
        over_time,
        100 * static_cast<int>(peer_looks().size())
    );
    expect(hundred == one, "a hundred comments at once cost what one costs");
    expect(over_time <= extended, "over five minutes: and one look every ten seconds of these five minutes");
}

void print_day(char const* name, day_figures const& of)
{
    std::printf(
        "  %-9s %7lld requests, %6.1f a comment, %5.1f %% of edits found, p50 %6.1f s, p95 %6.1f s, "
        "%lld refused (429)\n",
        name,
        of.requests,
        of.requests_per_comment,
        100 * of.found_share,
        of.delay.p50,
        of.delay.p95,
        of.refused
    );
}

void print_load(char const* name, day_load const& load, day_figures const& ours)
{
    std::printf(
        "\n%s: %d pull requests, %lld comments, %lld edits, %.0f %% of deliveries lost\n",
        name,
        load.pull_requests,
        ours.comments,
        ours.edits,
        100 * load.lost_share
    );
}

void print_stretch(day_figures const& ours)
{
    std::printf(
        "  stretch reported p10 %.1f p50 %.1f p90 %.1f; requests of a pull request %lld to %lld (p10, p90); "
        "of an hour at work %lld to %lld\n",
        ours.stretch_p10,
        ours.stretch_p50,
        ours.stretch_p90,
        ours.requests_p10,
        ours.requests_p90,
        ours.hour_min,
        ours.hour_max
    );
}

day_figures measure_day(char const* name, day_load const& load)
{
    auto const ours = watched_day(load);
    auto const peer = peer_day(load);
    print_load(name, load, ours);
    print_day("linkspan", ours);
    print_day("peer", peer);
    print_stretch(ours);
    if (peer.refused == 0)
    {
        expect(ours.delay.p50 <= peer.delay.p50, "p50 no worse than the peer's");
        expect(ours.delay.p95 <= peer.delay.p95, "p95 no worse than the peer's");
    }
    expect(ours.refused == 0, "no 429");
    return ours;
}

void measure_days()
{
    day_load quiet;
    quiet.pull_requests = 10;
    measure_day("A quiet day", quiet);
    measure_day("A usual day", day_load());
    day_load full;
    full.pull_requests = 300;
    full.comments_per_hour = 3;
    auto const ours = measure_day("A full day", full);
    expect(ours.stretch_p50 > 1, "the slow-down is reported");
    expect(
        static_cast<double>(ours.requests_p10) >= evenness_min * static_cast<double>(ours.requests_p90),
        "and even: a pull request of the lowest tenth has half the requests of the highest, or more"
    );
}

}  // namespace
}  // namespace linkspan::bench

int main()
{
    linkspan::bench::measure_lone_comments();
    linkspan::bench::measure_many_comments();
    linkspan::bench::measure_days();
    if (linkspan::bench::faults == 0)
        return 0;
    std::fprintf(stderr, "bench watch: %d aims are not reached\n", linkspan::bench::faults);
    return 1;
}
