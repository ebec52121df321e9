#pragma once
#include "core/route/rule.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// What rules can do at all, told from the rules alone.

// Events that a question is about.
struct event_question
{
    std::string repository;  // a full name; empty: any
    kind_set kinds = ~kind_set(0);
};

// A rule that may take such events, and what else must hold for it.
struct reach
{
    std::size_t rule = 0;
    std::vector<std::string>
        conditions;  // "branches: main, release/*", "unless rule x stops it"; none: it does
};

// The rules that may take such events, in their order. Those behind one that takes all of them and stops are
// left out.
std::vector<reach> reach_of(std::vector<rule> const& rules, event_question const& asked);

// Whether each event that `narrow` takes is one that `wide` takes. False where it cannot be told.
bool covers(rule const& wide, rule const& narrow);

// The name of the list of exceptions that leaves a rule nothing to take; empty: none does.
std::string_view excluding_list(rule const& asked);

// The name of a condition that asks about pull requests of a rule none of whose kinds has one; empty: there
// is none.
std::string_view vain_condition(rule const& asked);

}  // namespace linkspan
