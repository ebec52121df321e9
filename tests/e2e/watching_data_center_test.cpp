#include "tests/support/watched_center.hpp"

// What Bitbucket Data Center never tells, or tells nobody while a hook is silenced: the real app and a
// simulated one on one virtual clock.

namespace linkspan::test
{
namespace
{

struct watching_data_center : watched_center
{
    // What happened before somebody watched.
    void leave_to_the_past()
    {
        center.drop_pending();
        now_ += 60'000;
    }

    void wait_for_crawl() { ASSERT_TRUE(becomes("watched_repository WHERE crawled_at IS NOT NULL", 1)); }

    // What stands behind seven newer ones is in no page that is read.
    void list_by_creation()
    {
        auto rules = center.rules();
        rules.lists_by_creation = true;
        rules.page_items_max = 1;
        center.set_rules(rules);
    }

    void see_them_behind_newer_ones(std::int64_t count)
    {
        for (int newer = 0; newer < 7; ++newer)
            center.decline("api", center.open_pull_request("api", "Paint the gate"));
        leave_to_the_past();
        start();
        wait_for_crawl();
        ASSERT_TRUE(becomes("snapshot", count));
        stop();
        now_ += 60'000;
    }

    // A comment that is watched.
    std::int64_t watch_a_comment()
    {
        start();
        wait_for_crawl();
        advance(seconds(1));
        auto const pull_request = center.open_pull_request("api", "Mend the gate");
        auto const comment = center.add_comment("api", pull_request, "please mend this");
        center.deliver_pending();
        EXPECT_TRUE(becomes("watch", 1));
        return comment;
    }
};

TEST_F(watching_data_center, a_thread_that_is_resolved_is_told)
{
    auto const comment = watch_a_comment();
    advance(seconds(30));
    center.resolve_thread(comment);
    ASSERT_EQ(center.pending(), 0u) << "Data Center tells no resolution";
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.resolved'", 1, seconds(5)));
    EXPECT_EQ(origin_of("comment.resolved"), "poll");
    EXPECT_EQ(events("comment.added"), 1);
}

TEST_F(watching_data_center, reactions_are_told_where_comments_show_them)
{
    auto const comment = watch_a_comment();
    center.react(comment, "thumbsup", "lin");
    ASSERT_EQ(center.pending(), 0u) << "Data Center tells no reaction";
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.reaction_added'", 1, seconds(5)));
    EXPECT_EQ(
        profile.query("SELECT json ->> '$.detail.reaction' FROM event WHERE kind LIKE '%reaction%'"),
        "thumbsup"
    );
    center.withdraw_reaction(comment, "thumbsup", "lin");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.reaction_removed'", 1, seconds(5)));
    auto rules = center.rules();
    rules.shows_reactions = false;
    center.set_rules(rules);
    center.react(comment, "heart", "lin");
    ASSERT_TRUE(becomes_in_time("watch", 0, seconds(5)));
    EXPECT_EQ(events("comment.reaction_added"), 1) << "this server does not show them";
}

TEST_F(watching_data_center, first_sight_announces_nothing)
{
    auto const pull_request = center.open_pull_request("api", "Mend the gate");
    center.react(center.add_comment("api", pull_request, "words"), "heart", "lin");
    center.review("api", pull_request, "grace", "APPROVED");
    leave_to_the_past();
    start();
    wait_for_crawl();
    ASSERT_TRUE(becomes("snapshot", 1));
    EXPECT_EQ(profile.count("event"), 0);
}

TEST_F(watching_data_center, what_a_silenced_hook_did_not_tell_is_caught_up_with_once)
{
    auto const pull_request = center.open_pull_request("api", "Mend the gate");
    auto const merged = center.open_pull_request("api", "Paint the gate");
    leave_to_the_past();
    start();
    wait_for_crawl();
    ASSERT_TRUE(becomes("snapshot", 2));
    stop();
    now_ += 60'000;
    for (int failure = 0; failure < 5; ++failure)
        center.add_comment("api", pull_request, "words " + std::to_string(failure));
    center.merge("api", merged);
    center.deliver_pending();
    ASSERT_TRUE(center.silent_until(hook)) << "five failures silence it";
    now_ += 40 * 60'000;
    center.drop_pending();
    start();
    EXPECT_TRUE(becomes("event WHERE kind = 'comment.added'", 5));
    EXPECT_TRUE(becomes("event WHERE kind = 'pull_request.merged'", 1));
    EXPECT_EQ(origin_of("pull_request.merged"), "catch_up");
    advance(seconds(16 * 60));
    settle();
    EXPECT_EQ(profile.count("event"), 6) << "the next time finds nothing new";
}

TEST_F(watching_data_center, an_end_that_stands_behind_what_is_newer_is_found)
{
    list_by_creation();
    auto const old = center.open_pull_request("api", "Mend the gate");
    see_them_behind_newer_ones(1);
    center.merge("api", old);
    center.drop_pending();
    now_ += 60'000;
    start();
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'pull_request.merged'", 1, seconds(5)));
}

TEST_F(watching_data_center, those_that_were_open_and_cannot_be_read_hold_up_no_other)
{
    list_by_creation();
    std::set<std::int64_t> broken;
    for (int number = 0; number < 4; ++number)
        broken.insert(center.open_pull_request("api", "Mend the gate"));
    auto const old = center.open_pull_request("api", "Oil the gate");
    see_them_behind_newer_ones(5);
    for (auto const one : broken)
        center.merge("api", one);
    center.merge("api", old);
    center.drop_pending();
    auto rules = center.rules();
    rules.broken_pull_requests = broken;
    center.set_rules(rules);
    now_ += 60'000;
    auto const cursor = profile.query("SELECT cursor_at FROM watched_repository");
    start();
    EXPECT_TRUE(becomes("watched_repository WHERE fault = 'unavailable'", 1));
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'pull_request.merged'", 1, std::chrono::minutes(2)));
    EXPECT_EQ(profile.query("SELECT cursor_at FROM watched_repository"), cursor);
    EXPECT_TRUE(becomes_in_time("watched_repository WHERE cursor_at > " + cursor, 1, std::chrono::minutes(2))
    );
    rules.broken_pull_requests.clear();
    center.set_rules(rules);
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'pull_request.merged'", 5, std::chrono::minutes(30)));
    EXPECT_TRUE(becomes("watched_repository WHERE fault = ''", 1));
}

TEST_F(watching_data_center, one_that_nobody_has_any_more_is_asked_about_by_each_sweep)
{
    auto const gone = center.open_pull_request("api", "Mend the gate");
    center.open_pull_request("api", "Oil the gate");
    leave_to_the_past();
    start();
    wait_for_crawl();
    ASSERT_TRUE(becomes("snapshot", 2));
    center.delete_pull_request("api", gone);
    center.drop_pending();
    auto const own = "/pull-requests/" + std::to_string(gone);
    auto const asked = [&]
    {
        auto const all = center.targets();
        return std::ranges::count_if(all, [&](std::string const& one) { return one.ends_with(own); });
    };
    pass_until(now() + std::chrono::minutes(20));
    EXPECT_EQ(asked(), 1);
    auto const lists = center.calls("pull-requests");
    pass_until(now() + std::chrono::minutes(40));
    EXPECT_GE(center.calls("pull-requests"), lists + 4) << "of open ones, and of all";
    EXPECT_EQ(asked(), 1);
    EXPECT_EQ(profile.count("watched_repository WHERE fault = ''"), 1);
    pass_until(now() + std::chrono::minutes(90));
    EXPECT_EQ(asked(), 2) << "the next sweep asks again: it may have been a proxy that said so";
}

TEST_F(watching_data_center, a_thread_of_forty_replies_is_read_to_its_end)
{
    auto const pull_request = center.open_pull_request("api", "Mend the gate");
    leave_to_the_past();
    start();
    wait_for_crawl();
    advance(seconds(1));
    auto last = center.add_task("api", pull_request, "mend this");
    for (int reply = 1; reply <= 40; ++reply)
        last = center.reply(last, "words " + std::to_string(reply));
    center.drop_pending();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 40, seconds(60)));
    EXPECT_EQ(events("task.added"), 1);
    EXPECT_EQ(profile.count("inbox WHERE state > 1"), 0) << "every row was read";
}

TEST_F(watching_data_center, dates_of_10_are_read_as_those_before)
{
    auto rules = center.rules();
    rules.has_iso_dates = true;
    center.set_rules(rules);
    auto const pull_request = center.open_pull_request("api", "Mend the gate");
    leave_to_the_past();
    start();
    wait_for_crawl();
    advance(seconds(1));
    center.add_comment("api", pull_request, "lost on the way");
    center.drop_pending();
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 1, seconds(60)));
}

}  // namespace
}  // namespace linkspan::test
