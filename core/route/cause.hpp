#pragma once
#include "core/route/route.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace linkspan
{

// One push to the branch of a pull request is two events of one cause: the branch's and the pull request's.
// A destination that both lead to is told once, of the pull request. Both may come first. Of a branch that is
// the source of several pull requests each is told.

// A message for another event of the same cause.
struct twin_delivery
{
    std::int64_t delivery = 0;
    std::string destination;
    event_kind kind = event_kind::branch_updated;  // of that event
    bool is_begun = false;                         // an attempt was made: it may have been read
    bool is_undecided = false;                     // it may turn out that no rule takes it (enrichment.hpp)
};

// What is left to plan for an event beside its twin.
struct cause_plan
{
    std::vector<planned_delivery> planned;
    std::vector<planned_delivery> waiting;  // cause_wait, for a twin that is to be decided meanwhile
    std::vector<std::int64_t> replaced;     // deliveries that are not sent any more
};

cause_plan plan_beside(
    event const& happening, std::vector<planned_delivery> planned, std::vector<twin_delivery> const& twins
);

// Of the events of one cause the branch's that belongs to a pull request's push: of several pushes the
// nearest. Null where it is not there, and for any other event.
event const* branch_of(event const& push, std::vector<event> const& of_cause);

// A pull request's push as it is told: with what its branch's event knows besides, which is whether the push
// was forced, what it replaced, and its commits. Any other event, and one whose branch's event is not there,
// stays as it is.
event told_with_branch(event push, std::vector<event> const& of_cause);

// Whether the event is the half that gives way: where one of a pull request is expected that may be told at
// the same destination, it waits cause_wait for it.
bool gives_way(event_kind kind) noexcept;

// Takes out of what is planned for such an event the messages that wait: those to destinations of a rule that
// may take the event of one of the pull requests that are expected to follow.
std::vector<planned_delivery> take_waiting(
    std::vector<planned_delivery>& planned, rule_set const& rules, std::vector<pull_request> const& expected
);

// Messages of one cause that were planned further apart are of two pushes: a branch may come back to an
// earlier commit.
inline constexpr seconds cause_window{300};

// The longest time between the two deliveries of one push: Bitbucket sends them within a second of each
// other.
inline constexpr seconds cause_wait{10};

}  // namespace linkspan
