#pragma once
#include "core/event/event.hpp"

#include <cstdint>
#include <optional>

namespace linkspan
{

// What an event means for the watch of its pull request.
enum class watch_effect
{
    none,
    change,        // a comment or a task was added or edited: the watch begins, or begins anew
    comment_gone,  // a comment or a task was deleted: one thing less to watch
    over,          // merged, declined or deleted: nothing follows that is worth asking for
};

// A webhook is on its way for seconds. Of one that seems to have taken longer nobody can tell whether it was
// held up, or our clock is ahead of Bitbucket's.
inline constexpr milliseconds telling_time_max{10'000};

// When it happened, by our clock. Events tell it by Bitbucket's, and a window that is counted from a moment
// too early ends while edits are still silent; one from a moment too late costs some looks. So clocks that
// differ make a window longer, never shorter: a webhook counts from no earlier than telling_time_max before
// it came. lead: how far our clock is ahead of Bitbucket's, where an answer tells it; below 0 it counts as 0,
// for a moment to come counts as now.
time_point moment_of(event const& happening, milliseconds lead = {});

// A change that a look found once its window was over is none: that look came behind the window, and has
// shown all of it. One that a webhook told late is a change still. lead: as above.
watch_effect effect_of(event const& happening, milliseconds lead = {});

// What changed or is gone, by a number of its own within the pull request: a comment its id, a task of Cloud,
// which has ids of its own, the negative one. Nothing where the event is of neither.
std::optional<std::int64_t> watched_number(event const& happening);

// Whether tasks were moved that no webhook tells: one of Cloud counts other open tasks than are known, or
// counts none at all. A look at the tasks finds out which.
bool moves_tasks(event const& happening, std::int64_t known_open);

// Whether builds follow that no webhook will tell: a pull request of a Data Center was opened, opened again
// or pushed to. Cloud tells its builds. A push that was found when the window behind it was over is none:
// what followed it is caught up with. lead: as above.
bool starts_builds(event const& happening, milliseconds lead = {});

}  // namespace linkspan
