#pragma once
#include "core/event/event.hpp"

#include <string>
#include <vector>

namespace linkspan
{

// What remains of a log for somebody who looks at Bitbucket only behind its end, and knows what was before
// it. The APIs show how things stand, and not what happened meanwhile: so two logs of one day, of which one
// was made through losses and outages, are the same after collapse(), and each of them ends in the same
// states before it.
//
// Of the events of one log, in the order in which they were written:
//   dropped   pull_request.updated: what changed is not known.
//   cancelled states that have come back to where they were: a review, a thread's resolution, a task's state,
//   a
//             draft, a pull request that was declined and reopened; a text, a target, a source or reviewers
//             that are again what they were.
//   dropped   all of a comment or task that was both made and deleted within the log, whichever was told
//   first;
//             all but the deletion of one that was there before. The same for pull requests.
//   folded    several moves of one thing into the last, which then begins where the first did: titles, edits,
//             pushes, reviewers, builds of one commit and key. Of states the last that says where they led.
//   folded    what changed in a pull request, comment or task that was made within the log, into the event
//   that
//             made it: it shows the last title, text or source. Reviews, resolutions, states stay: they have
//             events of their own at first sight, too.
// A comment or task was made within the log if its event is there, if its pull request was opened there, or
// if it says that it was made later than what the earliest event tells. Before a log, and where their pull
// request was opened within it, reviews are pending.
//
// Moves of states are in the order of the log, for they move forward only; edits and builds are told whenever
// they come, and are in the order of their moments. Events of other kinds (refs, repositories, commit
// comments) stay as they are: no look asks for them. Pure, and idempotent; what is kept stays in its order.
std::vector<event> collapse(std::vector<event> log);

// What an event tells, without how often or in which version it was told: the same in two logs of one day, as
// keys need not be. Instance, kind, place, and the comment, task, person or build that it is of; for kinds
// that collapse() leaves alone, the key.
std::string happening_of(event const& one);

}  // namespace linkspan
