#include "tests/bench/rules.hpp"
#include "tests/support/events.hpp"

#include <cstdio>

// Prints what routing costs beside rule sets of 1,000 rules, for a mix of one event of each kind.
int main()
{
    std::vector<linkspan::event> events;
    for (auto const& row : linkspan::kind_names)
        events.push_back(linkspan::test::sample_event(row.kind));
    for (auto const& one : linkspan::bench::measure_rules(events, 200))
        std::printf(
            "%-28s %5zu rules %8zu events %8.2f us/event\n",
            one.name.c_str(),
            one.rules,
            one.events,
            one.nanoseconds_per_event / 1000
        );
    return 0;
}
