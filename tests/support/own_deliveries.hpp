#pragma once
#include "core/event/event.hpp"

#include <string>
#include <vector>

namespace linkspan::test
{

// One delivery of our own making, tests/deliveries/<edition>/<name>.json.
struct own_delivery
{
    std::string name;  // "comment_resolved_2026"
    linkspan::edition edition = edition::cloud;
    std::string event_key;
    std::string dialect;             // "2017", "2026", "5.x", "10.x"
    std::vector<std::string> after;  // names of those that come before it
    std::string body;                // minified
};

// All of one edition, in the order of their names.
std::vector<own_delivery> own_deliveries(linkspan::edition edition);

// The events of one, after those that come before it, with ids of zeros and a fixed moment of receipt. Fails
// the test where it is not read.
std::vector<event> events_of(own_delivery const& one, std::vector<own_delivery> const& all);

}  // namespace linkspan::test
