#pragma once
#include "core/route/enrichment.hpp"
#include "store/deliveries.hpp"
#include "store/waiting_deliveries.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace linkspan
{

// From an event to its messages, in the transaction of the caller: what the rules make of it, what another
// event of the same push tells already, and what has to be asked first.

// What an event's messages lead to.
struct planned_event
{
    std::set<lane> lanes;  // that have something new to send
    bool waits = false;    // a message waits for facts
};

// Plans the messages of a new event. is_asked: its Bitbucket's API may be asked; else what needs that is
// decided at once.
result<> plan_event(
    transaction& tx,
    event_row stored,
    event const& happening,
    rule_set const& rules,
    bool is_asked,
    planned_event& out
);

// An event whose messages wait.
struct waiting_event
{
    event_row row;
    std::optional<event> happening;  // nothing: it cannot be read, and its messages cannot be sent
    std::vector<waiting_delivery> deliveries;
    std::vector<fact_question> open;  // not known yet
    time_point decide_by;             // the first of theirs
};

// Those that are to be decided first, with `deliveries_max` messages at most.
result<std::vector<waiting_event>> read_waiting(transaction& tx, std::int64_t deliveries_max);

// Why a fact is not to be had; empty: it is known, or was not needed.
struct missing_facts
{
    std::string changed_paths;
    std::string commits;
};

// Decides the messages of an event by what is known now. How many are sent, and how many are not.
struct decided_event
{
    std::size_t sent = 0;
    std::size_t not_taken = 0;
};
result<decided_event> decide_event(
    transaction& tx,
    waiting_event const& of,
    rule_set const& rules,
    missing_facts const& missing,
    std::set<lane>& lanes
);

// What is known of an event without asking.
result<known_facts> facts_about(transaction& tx, event const& happening);

}  // namespace linkspan
