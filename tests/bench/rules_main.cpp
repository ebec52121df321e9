#include "tests/bench/rules.hpp"
#include "tests/support/events.hpp"

#include <cstdio>

// Prints what routing costs beside rule sets of 1,000 rules, for a mix of one event of each kind, beside a
// bare parse of these events; ends with status 1 where a set costs more than that.
int main()
{
    constexpr std::size_t rounds = 200;
    std::vector<linkspan::event> events;
    for (auto const& row : linkspan::kind_names)
        events.push_back(linkspan::test::sample_event(row.kind));
    auto const parse = linkspan::bench::measure_parse(events, rounds);
    std::printf("%-28s %27s %8.2f us/event\n", "a bare parse", "", parse / 1000);
    int status = 0;
    for (auto const& one : linkspan::bench::measure_rules(events, rounds))
    {
        std::printf(
            "%-28s %5zu rules %8zu events %8.2f us/event  ratio %.2f\n",
            one.name.c_str(),
            one.rules,
            one.events,
            one.nanoseconds_per_event / 1000,
            one.nanoseconds_per_event / parse
        );
        if (one.nanoseconds_per_event < parse)
            continue;
        std::fprintf(stderr, "bench rules: %s cost more than a parse\n", one.name.c_str());
        status = 1;
    }
    return status;
}
