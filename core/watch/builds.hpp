#pragma once
#include "core/base/time.hpp"

#include <optional>

namespace linkspan
{

// When to ask for the builds of a pull request's head on Data Center, which sends no webhook for them
// (docs/explanation/watching.md). They are watched from a push on, apart from comments:
//
//   (none) --push--> watched --question--> watched --question at the end--> over
//                       ^-------push---------|
//
// The caller drops the watch where the pull request is closed.
//
// Unlike edits, builds do not come early: a server sees a push within seconds, and says that it has begun;
// then minutes pass, of one project always about as many. How late an end may be told is fair in proportion
// to how long the build took: hence each distance is a quarter of the time since the push, and never shorter
// than half a minute. So the first two minutes have four questions, and the whole hour 20: on a bucket that
// gives 18,000 requests an hour room for some 800 pushes.

// A build that ends later is found by catching up: few take longer, and each further hour would cost six
// questions of every push.
inline constexpr milliseconds build_window{3'600'000};

// The shortest distance, and how much of the time since the push the later ones are.
inline constexpr milliseconds build_distance_min{30'000};
inline constexpr int build_distance_part = 4;

// What one push costs beside what a comment costs, for the room that both share.
inline constexpr int builds_per_comment_watch = 4;

// What is known of one watch. All moments by our clock.
struct build_watch
{
    time_point pushed_at;                // the newest push
    std::optional<time_point> asked_at;  // the last question behind it

    build_watch() = default;
};

// The next question; nothing: the watch is over. In the past: now. room: below 1 all distances are longer
// (core/watch/schedule.hpp). After a clock was set back a question is due at once, and that is all.
std::optional<time_point> next_build_look(build_watch const& of, double room, time_point now);

}  // namespace linkspan
