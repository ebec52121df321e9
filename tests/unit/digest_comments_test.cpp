#include "core/bitbucket/event_memory.hpp"
#include "tests/support/bridge.hpp"
#include "tests/support/readings.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using strings = std::vector<std::string>;
using namespace test;

// One server's deliveries about comments of pull request 7.
struct thread
{
    event_memory memory;
    digest_context context;

    thread()
    {
        context.instance = "bitbucket.org";
        context.received_at = at(1000);
    }

    std::vector<event> take(told_comment told, std::int64_t second)
    {
        auto what = said(state_of(second), second);
        told.at = told.at ? told.at : at(second);
        what.comment = std::move(told);
        return memory.take(what, context);
    }
};

told_comment told(comment_news news, std::string text, std::int64_t order = 0, std::int64_t id = 42)
{
    told_comment out;
    out.news = news;
    out.comment.id = id;
    out.comment.text = std::move(text);
    out.comment.author = grace;
    out.order = order;
    return out;
}

told_comment told_task(comment_news news, std::string text, task_state state, std::int64_t order)
{
    auto out = told(news, std::move(text), order);
    out.is_task = true;
    out.task = state;
    return out;
}

using enum comment_news;

TEST(digest_comments, an_edit_is_told_once_with_the_text_before)
{
    thread of;
    auto const first = of.take(told(added, "Why?", 1), 1);
    ASSERT_EQ(kinds_of(first), strings{"comment.added"});
    EXPECT_EQ(first[0].key, "bitbucket.org:comment.added:{repository}:7:42");
    EXPECT_TRUE(of.take(told(added, "Why?", 1), 1).empty()) << "the same by a second webhook";
    auto const edit = of.take(told(edited, "Why not?", 2), 2);
    ASSERT_EQ(kinds_of(edit), strings{"comment.edited"});
    EXPECT_EQ(edit[0].key, "bitbucket.org:comment.edited:{repository}:7:42:2");
    EXPECT_EQ(std::get<comment_detail>(edit[0].detail).previous_text, "Why?");
    EXPECT_EQ(edit[0].occurred_at, at(2));
    EXPECT_TRUE(of.take(told(edited, "Why not?", 2), 2).empty());
}

TEST(digest_comments, an_edit_of_a_comment_that_was_never_seen_is_told)
{
    thread of;
    auto edit = told(edited, "Why not?", 2);
    edit.previous_text = "Why?";
    auto const events = of.take(edit, 2);
    ASSERT_EQ(kinds_of(events), strings{"comment.edited"});
    EXPECT_EQ(std::get<comment_detail>(events[0].detail).previous_text, "Why?");
}

TEST(digest_comments, edits_without_a_version_are_told_apart_by_their_text)
{
    thread of;
    auto const edit = [](std::string text)
    {
        auto out = told(edited, std::move(text));
        out.order.reset();
        return out;
    };
    of.take(edit("one"), 1);
    EXPECT_EQ(kinds_of(of.take(edit("two"), 2)), strings{"comment.edited"});
    EXPECT_TRUE(of.take(edit("two"), 2).empty());
}

TEST(digest_comments, late_news_are_told_and_move_nothing_back)
{
    thread of;
    of.take(told(edited, "third", 3), 3);
    EXPECT_EQ(kinds_of(of.take(told(edited, "second", 2), 2)), strings{"comment.edited"});
    EXPECT_EQ(kinds_of(of.take(told(added, "first", 1), 1)), strings{"comment.added"});
    auto const fourth = of.take(told(edited, "fourth", 4), 4);
    ASSERT_EQ(fourth.size(), 1u);
    EXPECT_EQ(std::get<comment_detail>(fourth[0].detail).previous_text, "third");
}

TEST(digest_comments, a_deletion_has_a_key_of_its_own)
{
    thread of;
    of.take(told(added, "Why?", 1), 1);
    of.take(told(edited, "Why not?", 2), 2);
    auto const gone = of.take(told(deleted, "Why not?", 2), 3);
    ASSERT_EQ(kinds_of(gone), strings{"comment.deleted"});
    EXPECT_EQ(gone[0].key, "bitbucket.org:comment.deleted:{repository}:7:42");
    EXPECT_TRUE(of.take(told(deleted, "Why not?", 2), 3).empty());
}

TEST(digest_comments, a_thread_is_resolved_and_reopened_as_often_as_it_moves)
{
    thread of;
    of.take(told(added, "Why?", 1), 1);
    EXPECT_EQ(kinds_of(of.take(told(resolved, "Why?", 1), 2)), strings{"comment.resolved"});
    EXPECT_TRUE(of.take(told(resolved, "Why?", 1), 2).empty()) << "nothing moved";
    EXPECT_TRUE(of.take(told(reopened, "Why?", 1), 1).empty()) << "older than what is known";
    auto const again = of.take(told(reopened, "Why?", 1), 4);
    ASSERT_EQ(kinds_of(again), strings{"comment.reopened"});
    EXPECT_EQ(again[0].key, "bitbucket.org:comment.reopened:{repository}:7:resolution:42:2");
    EXPECT_EQ(kinds_of(of.take(told(resolved, "Why?", 1), 5)), strings{"comment.resolved"});
}

TEST(digest_comments, a_body_that_shows_a_resolved_thread_tells_it)
{
    thread of;
    auto open = told(added, "Why?", 1);
    open.comment.resolved = false;
    of.take(open, 1);
    auto shown = told(edited, "Why?", 2);
    shown.previous_text = "Why?";
    shown.comment.resolved = true;
    EXPECT_EQ(kinds_of(of.take(shown, 2)), strings{"comment.resolved"});
}

TEST(digest_comments, a_task_moves_by_its_state)
{
    thread of;
    ASSERT_EQ(kinds_of(of.take(told_task(added, "Test it", task_state::open, 0), 1)), strings{"task.added"});
    auto done = told_task(edited, "Test it", task_state::resolved, 1);
    done.previous_text = "Test it";
    auto const resolved = of.take(done, 2);
    ASSERT_EQ(kinds_of(resolved), strings{"task.resolved"});
    EXPECT_EQ(std::get<task_detail>(resolved[0].detail).task.state, task_state::resolved);
    EXPECT_TRUE(of.take(done, 2).empty());
    EXPECT_EQ(
        kinds_of(of.take(told_task(edited, "Test it well", task_state::open, 2), 3)),
        (strings{"task.reopened", "task.edited"})
    );
    EXPECT_EQ(
        kinds_of(of.take(told_task(deleted, "Test it well", task_state::open, 2), 4)), strings{"task.deleted"}
    );
}

TEST(digest_comments, a_resolved_task_that_was_never_seen_is_told_as_resolved)
{
    thread of;
    auto done = told_task(edited, "Test it", task_state::resolved, 1);
    done.previous_text = "Test it";
    EXPECT_EQ(kinds_of(of.take(done, 2)), strings{"task.resolved"});
}

TEST(digest_comments, tasks_that_come_in_any_order_are_told_by_no_word_twice)
{
    thread of;
    EXPECT_EQ(
        kinds_of(of.take(told_task(deleted, "Test it", task_state::open, 2), 4)), strings{"task.deleted"}
    );
    auto reopened = told_task(edited, "Test it", task_state::open, 2);
    reopened.previous_text = "Test it";
    EXPECT_TRUE(of.take(reopened, 3).empty());
    auto resolved = told_task(edited, "Test it", task_state::resolved, 1);
    resolved.previous_text = "Test it";
    EXPECT_TRUE(of.take(resolved, 2).empty());
    EXPECT_EQ(kinds_of(of.take(told_task(added, "Test it", task_state::open, 0), 1)), strings{"task.added"});
}

TEST(digest_comments, a_task_whose_state_is_left_out_stays_as_it_was)
{
    thread of;
    auto const without_state = [](comment_news news, std::string text, std::int64_t order)
    {
        auto out = told_task(news, std::move(text), task_state::open, order);
        out.task.reset();
        return out;
    };
    auto const first = of.take(without_state(added, "Test", 0), 1);
    ASSERT_EQ(kinds_of(first), strings{"task.added"});
    EXPECT_EQ(std::get<task_detail>(first[0].detail).task.state, std::nullopt);
    auto done = told_task(edited, "Test", task_state::resolved, 1);
    EXPECT_EQ(kinds_of(of.take(done, 2)), strings{"task.resolved"});
    EXPECT_EQ(kinds_of(of.take(without_state(edited, "Test it", 2), 3)), strings{"task.edited"});
    done.comment.text = "Test it";
    done.order = 3;
    EXPECT_TRUE(of.take(done, 4).empty()) << "it was resolved all the time";
}

TEST(digest_comments, a_comment_without_a_severity_stays_what_it_was)
{
    thread of;
    auto const without_severity = [](comment_news news, std::string text, std::int64_t order)
    {
        auto out = told(news, std::move(text), order);
        out.is_task.reset();
        return out;
    };
    of.take(told_task(added, "Test", task_state::open, 0), 1);
    EXPECT_EQ(kinds_of(of.take(without_severity(edited, "Test it", 1), 2)), strings{"task.edited"});
    auto done = without_severity(edited, "Test it", 2);
    done.task = task_state::resolved;
    EXPECT_EQ(kinds_of(of.take(done, 3)), strings{"task.resolved"});
    EXPECT_EQ(kinds_of(of.take(without_severity(deleted, "Test it", 2), 4)), strings{"task.deleted"});

    auto comment = without_severity(added, "Why?", 0);
    comment.comment.id = 43;
    comment.task = task_state::open;  // each comment has that state
    EXPECT_EQ(kinds_of(of.take(comment, 5)), strings{"comment.added"});
}

TEST(digest_comments, a_thread_that_is_resolved_at_first_sight_is_told)
{
    thread of;
    auto shown = told(edited, "Why?", 2);
    shown.previous_text = "Why?";
    shown.comment.resolved = true;
    EXPECT_EQ(kinds_of(of.take(shown, 2)), strings{"comment.resolved"});
    EXPECT_TRUE(of.take(shown, 2).empty());
}

TEST(digest_comments, a_comment_becomes_a_task_and_is_one_no_more)
{
    thread of;
    of.take(told(added, "Test it", 0), 1);
    EXPECT_EQ(kinds_of(of.take(told_task(edited, "Test it", task_state::open, 1), 2)), strings{"task.added"});
    EXPECT_EQ(kinds_of(of.take(told(edited, "Test it", 2), 3)), strings{"task.deleted"});
}

TEST(digest_comments, comments_of_two_pull_requests_and_servers_do_not_meet)
{
    thread of;
    of.take(told(added, "Why?", 1), 1);
    of.context.instance = "https://bitbucket.example.com";
    EXPECT_EQ(kinds_of(of.take(told(added, "Why?", 1), 1)), strings{"comment.added"});
}

// --- what the delivery itself says of before
// -----------------------------------------------------------------

TEST(digest, a_delivery_that_says_what_was_before_needs_no_snapshot)
{
    memory of;
    auto what = update(state_of(1), 1);
    what.before.emplace();
    what.before->title = "Limit";
    what.before->description = "Ten a second.";
    auto const events = of.take(what);
    ASSERT_EQ(kinds_of(events), strings{"pull_request.title_changed"}) << "unchanged members are no change";
    EXPECT_EQ(std::get<text_change>(events[0].detail), (text_change{"Limit", "Limits"}));
    EXPECT_TRUE(of.take(what).empty());
}

TEST(digest, reviewers_are_told_without_a_list_to_compare_with)
{
    memory of;
    auto what = update(state_of(1), 1);
    what.reviewers = reviewers_change{{lin}, {ada}};
    auto const events = of.take(what);
    ASSERT_EQ(kinds_of(events), strings{"pull_request.reviewers_changed"});
    EXPECT_EQ(std::get<reviewers_change>(events[0].detail), *what.reviewers);
}

// --- builds
// ----------------------------------------------------------------------------------------------------

TEST(digest, a_build_of_a_commit_that_is_no_head_any_more_is_marked)
{
    event_memory all;
    digest_context context;
    context.instance = "bitbucket.org";
    all.take(update(state_of(1), 1), context);
    build status;
    status.commit = std::string(40, 'a');
    status.key = "unit";
    status.state = build_state::failed;
    reading what;
    what.repository = said(state_of(1), 1).repository;
    what = with_claim(what, event_kind::build_failed, claim_identity::occurrence, status);
    what.claims[0].stamp = "1";
    auto const current = all.take(what, context);
    ASSERT_EQ(current.size(), 1u);
    EXPECT_EQ(std::get<build>(current[0].detail).pull_requests, std::vector<std::int64_t>{7});
    EXPECT_FALSE(std::get<build>(current[0].detail).outdated);
    auto moved = state_of(2);
    moved.source->commit = "dddddddddddd";
    all.take(update(moved, 2), context);
    what.claims[0].stamp = "2";
    auto const late = all.take(what, context);
    ASSERT_EQ(late.size(), 1u);
    EXPECT_TRUE(std::get<build>(late[0].detail).pull_requests.empty());
    EXPECT_EQ(std::get<build>(late[0].detail).outdated, true);
    moved.state = pull_request_state::merged;
    all.take(update(moved, 3), context);
    what.claims[0].stamp = "3";
    auto const merged = all.take(what, context);
    ASSERT_EQ(merged.size(), 1u);
    EXPECT_FALSE(std::get<build>(merged[0].detail).outdated) << "after a merge it may be the target's head";
}

TEST(digest, a_build_in_a_stranger_s_repository_is_none_of_a_pull_request)
{
    event_memory all;
    digest_context context;
    context.instance = "bitbucket.org";
    auto forked = state_of(1);
    forked.source->repository = "ada/api";
    all.take(update(forked, 1), context);
    auto const in = [&](std::string id, std::string full_name)
    {
        build status;
        status.commit = std::string(40, 'a');
        status.key = id;
        reading what;
        repository where;
        where.id = std::move(id);
        where.full_name = std::move(full_name);
        what.repository = where;
        what = with_claim(what, event_kind::build_started, claim_identity::occurrence, status);
        auto const events = all.take(what, context);
        return std::get<build>(events.at(0).detail).pull_requests.size();
    };
    EXPECT_EQ(in("{fork}", "ada/api"), 1u);
    EXPECT_EQ(in("{repository}", "acme/api"), 1u);
    EXPECT_EQ(in("{stranger}", "eve/api"), 0u);
}

}  // namespace
}  // namespace linkspan
