#pragma once
#include "core/route/route.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

namespace linkspan
{

// What would have been sent for the same events by two sets of rules.

// A message that only one of them sends.
struct routing_change
{
    bool is_added = false;      // by the second; else the first alone sends it
    bool is_undecided = false;  // what is not known decides whether it is sent; then it is no change
    std::size_t number = 0;     // of the event, as they were added
    event_id event;
    time_point received_at;
    event_kind kind = event_kind::pull_request_updated;
    std::string subject;  // "acme/api#7"
    std::string destination;
    std::string conversation;
    std::string rule;
    std::string why;
};

struct routing_difference
{
    std::size_t events = 0;
    std::size_t sent_before = 0, sent_after = 0;  // messages
    std::size_t added = 0, removed = 0;
    // Messages that may be sent, in no other number, and the events of which something is not known.
    std::size_t undecided_before = 0, undecided_after = 0;
    std::size_t undecided_events = 0;
    std::vector<routing_change> changes;  // by event, then destination and conversation
};

// A message is the same where event, destination and conversation are: which rule sends it is no difference.
// Events of one cause are told once, as if none of their messages had been sent when the second came.
class routing_comparison
{
public:
    routing_comparison(rule_set before, rule_set after) : before_(std::move(before)), after_(std::move(after))
    {
    }

    // The next event, in the order in which they came, and what is known of it. A message for which something
    // else is needed is undecided: beside one it is neither added nor removed.
    void add(event const& happening, known_facts const& known = {});

    // To be called once, at the end.
    routing_difference take();

private:
    struct sent
    {
        std::vector<routing_change> before, after;
    };
    void compare(sent both);

    rule_set before_, after_;
    routing_difference out_;
    std::unordered_map<std::string, sent> of_causes_;
};

// "acme/api#7", "acme/api", or "-".
std::string subject_of(event const& happening);

}  // namespace linkspan
