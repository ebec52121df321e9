#include "core/watch/arming.hpp"
#include "core/watch/builds.hpp"
#include "core/watch/schedule.hpp"
#include "tests/support/events.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace linkspan
{
namespace
{

constexpr time_point push_time = from_milliseconds(1'795'000'000'000);

build_watch pushed(std::optional<milliseconds> asked = std::nullopt)
{
    build_watch out;
    out.pushed_at = push_time;
    if (asked)
        out.asked_at = push_time + *asked;
    return out;
}

// How long behind the push each question comes.
std::vector<milliseconds> questions(double room)
{
    std::vector<milliseconds> out;
    auto of = pushed();
    while (auto const due = next_build_look(of, room, of.asked_at.value_or(push_time)))
    {
        out.push_back(*due - push_time);
        of.asked_at = *due;
    }
    return out;
}

TEST(build_watches, ask_as_often_as_the_end_of_a_build_is_late_in_proportion)
{
    auto const asked = questions(1);
    EXPECT_EQ(asked.size(), 20u);
    EXPECT_EQ(asked.front(), build_distance_min);
    EXPECT_EQ(asked.back(), build_window);
    auto before = milliseconds(0);
    for (auto const at : asked)
    {
        EXPECT_LE(at - before, std::max(build_distance_min, before / build_distance_part));
        before = at;
    }
}

TEST(build_watches, ask_less_often_where_the_budget_has_no_room)
{
    EXPECT_EQ(questions(4), questions(1)) << "denser would tell nothing sooner that is worth it";
    auto const sparse = questions(0.5);
    EXPECT_EQ(sparse.front(), 2 * build_distance_min);
    EXPECT_LT(sparse.size(), questions(1).size());
    EXPECT_EQ(sparse.back(), build_window);
    EXPECT_EQ(questions(0), std::vector<milliseconds>{build_window});
    EXPECT_EQ(questions(std::numeric_limits<double>::quiet_NaN()), questions(0));
}

TEST(build_watches, a_late_question_is_not_made_up_for_and_the_last_is_the_end)
{
    EXPECT_EQ(next_build_look(pushed(), 1, push_time + seconds(900)), push_time + build_distance_min);
    EXPECT_EQ(
        next_build_look(pushed(seconds(900)), 1, push_time + seconds(900)), push_time + seconds(900 + 225)
    );
    EXPECT_EQ(next_build_look(pushed(build_window), 1, push_time + build_window), std::nullopt);
    EXPECT_EQ(next_build_look(pushed(), 1, push_time + 5 * build_window), push_time + build_distance_min)
        << "a long outage: nobody has asked yet";
}

TEST(build_watches, a_clock_that_was_set_back_makes_a_question_due_at_once)
{
    auto const now = push_time - seconds(3'600);
    EXPECT_EQ(next_build_look(pushed(), 1, now), now);
    auto const early = push_time + seconds(60);
    EXPECT_EQ(next_build_look(pushed(build_window), 1, early), early);
}

using namespace test;

TEST(build_watches, begin_with_pushes_on_data_center_alone)
{
    for (auto const& [kind, name] : kind_names)
    {
        bool const is_push = kind == event_kind::pull_request_opened ||
                             kind == event_kind::pull_request_commits_pushed ||
                             kind == event_kind::pull_request_reopened;
        auto one = sample_event(kind);
        EXPECT_FALSE(starts_builds(one)) << name << ": Cloud tells its builds";
        one.edition = edition::data_center;
        EXPECT_EQ(starts_builds(one), is_push) << name;
    }
}

TEST(build_watches, do_not_begin_with_a_push_that_was_found_behind_their_window)
{
    auto one = sample_event(event_kind::pull_request_commits_pushed);
    one.edition = edition::data_center;
    one.origin = event_origin::catch_up;
    one.received_at = one.occurred_at + build_window - milliseconds(1);
    EXPECT_TRUE(starts_builds(one));
    one.received_at = one.occurred_at + build_window;
    EXPECT_FALSE(starts_builds(one));
    one.origin = event_origin::webhook;
    EXPECT_TRUE(starts_builds(one));
}

}  // namespace
}  // namespace linkspan
