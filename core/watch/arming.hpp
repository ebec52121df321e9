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

// A change that a look found once its window was over is none: that look came behind the window, and has
// shown all of it. One that a webhook told late is a change still.
watch_effect effect_of(event const& happening);

// What changed or is gone, by a number of its own within the pull request: a comment its id, a task of Cloud,
// which has ids of its own, the negative one. Nothing where the event is of neither.
std::optional<std::int64_t> watched_number(event const& happening);

// Whether builds follow that no webhook will tell: a pull request of a Data Center was opened, opened again
// or pushed to. Cloud tells its builds. A push that was found when the window behind it was over is none:
// what followed it is caught up with.
bool starts_builds(event const& happening);

}  // namespace linkspan
