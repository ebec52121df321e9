#pragma once
#include "core/route/rule.hpp"
#include "core/route/rule_set.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// What one rule makes of one event, and why.
struct decision
{
    std::string rule;
    answer taken = answer::no;
    // A no: the condition that did not hold, "repositories: acme/api matches none of acme/web". A yes: all of
    // them, "all hold: kinds, repositories (acme/*)", or the only one.
    std::string why;
    std::vector<std::string> destinations;  // of the rule
};

// What every rule makes of an event, in their order, with the reason for each yes and no.
std::vector<decision> explain(rule_set const& rules, event const& happening, known_facts const& known = {});

// One message to be sent.
struct planned_delivery
{
    std::string destination;
    std::string conversation;
    std::string rule;         // its name
    std::string why;          // the rule and its reason
    std::vector<fact> needs;  // empty: it is to be sent. Else it waits until these are known: route() again
};

// What an event leads to under all rules: each destination and conversation once, by the first rule that
// names it, where one needs nothing by the first of those. Behind a rule that stops no other one is asked;
// while it is not known whether it takes the event, what those behind it plan needs the same.
std::vector<planned_delivery> route(
    rule_set const& rules, event const& happening, known_facts const& known = {}
);

}  // namespace linkspan
