#pragma once
#include "core/base/time.hpp"

#include <optional>

namespace linkspan
{

// When to look at a pull request whose comments may be edited without any event. Bitbucket Cloud tells no
// edit within ten minutes of a comment's creation or last edit, and no task at all
// (docs/explanation/watching.md). One look reads all comments of a pull request, so it is watched as a whole:
//
//   (none) --change--> watched --look--> watched --look at the end--> over
//                        ^--------change--------|
//
// The caller drops the watch where the pull request is closed, or its last watched comment deleted.
//
// The looks follow the edits: half of them come within a minute of the last change, three tenths in the next
// three minutes, two tenths in the six behind. For a given number of looks the mean delay is least where
// their density goes with the square root of the edits' density: 26, 34 and 40 of 100. The median wants more
// of them early, and the 95th percentile wants them late, where edits are few and wait long. Hence two
// shapes. With twelve looks (room 1) half of them fall into the first minute, ten seconds apart: so the
// median stays below 9.5 s with no more than 14 requests. What room there is beyond goes to the later
// minutes, until at 36 looks (room 3) the last edits wait hardly longer than those of a fixed interval. From
// there on, and below room 1, the shape stays and all distances shrink or grow alike. The last look stands at
// the very end.

// So long behind the last change Bitbucket tells nothing of the next one, and the look at the end comes so
// much later: clocks differ, and an answer may be read from a replica that lags.
inline constexpr milliseconds watch_window{600'000};
inline constexpr milliseconds watch_margin{30'000};
inline constexpr milliseconds watch_end = watch_window + watch_margin;

// Looks from the last change to the end of the watch: at room 1, where the shape is evened out, and at most.
// With these 95 of 100 edits are found within 13 s; more would cost Bitbucket more than they give a reader.
inline constexpr int looks_at_rest = 12;
inline constexpr int looks_evened = 36;
inline constexpr int looks_max = 48;
inline constexpr double room_max = static_cast<double>(looks_max) / looks_at_rest;
// Below it the looks stay this sparse: one in 15 hours.
inline constexpr double room_min = 0.001;

// Tasks have a list of their own: a second request. They change seldom, webhooks of pull requests bring their
// number, and the look at the end reads them always: every sixth look is enough.
inline constexpr int looks_per_task_look = 6;

// What is known of one watch. All moments by our clock.
struct watch
{
    time_point changed_at;                   // the newest change of any of its comments
    std::optional<time_point> unseen_since;  // the oldest change that no look has followed
    std::optional<time_point> looked_at;
    int looks_since_tasks = 0;

    watch() = default;
};

struct due_look
{
    time_point due_at;  // in the past: now
    bool with_tasks = false;
    bool is_last = false;  // the watch is over behind it, if it finds nothing and nothing else changes
    double stretch = 1;    // how much longer the distances are than at room 1; never below 1

    due_look() = default;
};

// A comment was added or edited at changed_at: a delivery told it, or a look found it. A moment behind `now`
// counts as now. `before`: nothing where the pull request is not watched.
watch after_change(std::optional<watch> const& before, time_point changed_at, time_point now);

// Tasks may have moved: the next look reads them. Where nothing is watched, one look does, at once.
watch after_task_sign(std::optional<watch> const& before, time_point now);

// A look was made: asked_at is when its request left, now when it is answered. What changed in between is
// still unseen. A look that found a change: after_look first, then after_change.
watch after_look(watch before, bool with_tasks, time_point asked_at, time_point now);

// A look whose tasks were not shown to their end: one without them, and never the last.
watch after_half_look(watch before, time_point asked_at, time_point now);

// The next look; nothing: the watch is over. room: 1 is the schedule above; more makes it denser, up to
// room_max, less stretches it. A look that is late is not made up for: the next one keeps its distance. A
// change never puts off a look for longer than the first distance of the schedule, however many come. After a
// clock was set back a look is due at once, and that is all.
std::optional<due_look> next_look(watch const& of, double room, time_point now);

// Looks that one change causes at this room: a whole number, or less than 1 where the end comes later.
double looks_in_window(double room);

// Requests that `looks` looks make, tasks included.
double requests_of(double looks);

// The greatest room at which one change causes no more requests than this; within room_min and room_max.
double room_for(double requests);

}  // namespace linkspan
