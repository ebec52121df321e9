#pragma once
#include "core/event/event.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace linkspan::bench
{

// What a rule set of 1,000 rules costs for each event, by how the rules find what they want.
struct rules_measurement
{
    std::string name;  // "1,000 repositories"
    std::size_t rules = 0;
    std::size_t events = 0;
    std::size_t planned = 0;  // messages, of all events
    double nanoseconds_per_event = 0;
};

// The time of a bare Boost.JSON parse of the events as they are written, in nanoseconds for each.
double measure_parse(std::vector<event> const& events, std::size_t rounds);

// Routes the events over and over, `rounds` times with each set.
std::vector<rules_measurement> measure_rules(std::vector<event> const& events, std::size_t rounds);

}  // namespace linkspan::bench
