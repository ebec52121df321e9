#include "core/watch/arming.hpp"
#include "core/watch/schedule.hpp"
#include "tests/support/events.hpp"

#include <gtest/gtest.h>

#include <map>

namespace linkspan
{
namespace
{

using namespace test;

std::map<event_kind, watch_effect> const effects = {
    {event_kind::comment_added, watch_effect::change},
    {event_kind::comment_edited, watch_effect::change},
    {event_kind::task_added, watch_effect::change},
    {event_kind::task_edited, watch_effect::change},
    {event_kind::comment_deleted, watch_effect::comment_gone},
    {event_kind::task_deleted, watch_effect::comment_gone},
    {event_kind::pull_request_merged, watch_effect::over},
    {event_kind::pull_request_declined, watch_effect::over},
    {event_kind::pull_request_deleted, watch_effect::over},
};

TEST(watch_arming, every_kind_has_its_effect)
{
    for (auto const& [kind, name] : kind_names)
    {
        auto const found = effects.find(kind);
        auto const expected = found == effects.end() ? watch_effect::none : found->second;
        EXPECT_EQ(effect_of(sample_event(kind)), expected) << name;
        EXPECT_EQ(effect_of(bare_event(kind)), expected) << name;
    }
}

TEST(watch_arming, a_change_counts_by_whatever_path_it_came_but_from_chat)
{
    auto told = sample_event(event_kind::comment_edited);
    for (auto const origin : {event_origin::webhook, event_origin::poll, event_origin::catch_up})
    {
        told.origin = origin;
        EXPECT_EQ(effect_of(told), watch_effect::change);
    }
    told.origin = event_origin::chat;
    EXPECT_EQ(effect_of(told), watch_effect::none);
    auto merged = sample_event(event_kind::pull_request_merged);
    merged.origin = event_origin::chat;
    EXPECT_EQ(effect_of(merged), watch_effect::over) << "it is closed all the same";
}

TEST(watch_arming, what_a_look_found_behind_its_window_is_over_already)
{
    auto told = sample_event(event_kind::comment_added);
    for (auto const origin : {event_origin::poll, event_origin::catch_up})
    {
        told.origin = origin;
        told.received_at = told.occurred_at + watch_end - milliseconds(1);
        EXPECT_EQ(effect_of(told), watch_effect::change);
        told.received_at = told.occurred_at + watch_end;
        EXPECT_EQ(effect_of(told), watch_effect::none);
    }
    told.origin = event_origin::webhook;
    EXPECT_EQ(effect_of(told), watch_effect::change) << "nobody has looked since";
}

TEST(watch_arming, a_clock_of_ours_that_is_ahead_makes_no_window_shorter)
{
    auto told = sample_event(event_kind::comment_added);
    told.origin = event_origin::webhook;
    told.received_at = told.occurred_at + seconds(2);
    EXPECT_EQ(moment_of(told), told.occurred_at) << "it was on its way";
    for (auto const ahead : {seconds(60), seconds(300), seconds(640), seconds(86'400)})
    {
        told.received_at = told.occurred_at + ahead + seconds(2);
        EXPECT_EQ(moment_of(told), told.received_at - telling_time_max) << ahead.count();
        auto found = told;
        found.origin = event_origin::poll;
        EXPECT_EQ(moment_of(found, ahead), told.received_at - seconds(2)) << "the answer tells how far";
        EXPECT_EQ(effect_of(found, ahead), watch_effect::change) << ahead.count();
        EXPECT_EQ(moment_of(found), found.occurred_at);
    }
}

TEST(watch_arming, a_clock_of_ours_that_is_behind_makes_no_window_shorter)
{
    auto told = sample_event(event_kind::comment_added);
    told.received_at = told.occurred_at - seconds(300);
    told.origin = event_origin::webhook;
    EXPECT_EQ(moment_of(told), told.occurred_at) << "to come: it counts as now";
    told.origin = event_origin::poll;
    EXPECT_EQ(moment_of(told, seconds(-302)), told.occurred_at);
    // A Date that is years ahead moves nothing.
    told.received_at = told.occurred_at + seconds(20);
    EXPECT_EQ(moment_of(told, -std::chrono::hours(100'000)), told.occurred_at);
}

TEST(watch_arming, a_push_that_an_answer_shows_to_be_fresh_starts_builds)
{
    auto pushed = sample_event(event_kind::pull_request_commits_pushed);
    pushed.edition = edition::data_center;
    pushed.origin = event_origin::catch_up;
    pushed.received_at = pushed.occurred_at + std::chrono::hours(2);
    EXPECT_FALSE(starts_builds(pushed));
    EXPECT_TRUE(starts_builds(pushed, std::chrono::hours(2)));
}

TEST(watch_arming, tasks_of_cloud_are_numbered_apart_from_comments)
{
    EXPECT_EQ(watched_number(sample_event(event_kind::comment_added)), 42);
    auto task = sample_event(event_kind::task_added);
    EXPECT_EQ(watched_number(task), -5);
    task.edition = edition::data_center;
    EXPECT_EQ(watched_number(task), 5) << "there a task is a comment";
    EXPECT_EQ(watched_number(sample_event(event_kind::pull_request_merged)), std::nullopt);
}

TEST(watch_arming, a_webhook_that_counts_other_tasks_than_are_known_is_a_sign)
{
    auto happening = test::sample_event(event_kind::pull_request_approved);
    happening.edition = edition::cloud;
    happening.origin = event_origin::webhook;
    happening.pull_request->state = pull_request_state::open;
    happening.pull_request->tasks = 2;
    EXPECT_FALSE(moves_tasks(happening, 2));
    EXPECT_TRUE(moves_tasks(happening, 1));
    EXPECT_TRUE(moves_tasks(happening, 3));
    happening.pull_request->tasks.reset();
    EXPECT_TRUE(moves_tasks(happening, 0)) << "it may have";
    happening.origin = event_origin::poll;
    EXPECT_FALSE(moves_tasks(happening, 0));
    happening.origin = event_origin::webhook;
    happening.edition = edition::data_center;
    EXPECT_FALSE(moves_tasks(happening, 0)) << "it tells tasks itself";
    happening.edition = edition::cloud;
    happening.kind = event_kind::pull_request_merged;
    EXPECT_FALSE(moves_tasks(happening, 0));
}

}  // namespace
}  // namespace linkspan
