#include "core/watch/retry.hpp"
#include "tests/support/watched_cloud.hpp"

// What Bitbucket Cloud never tells, and how it is found: the real app and a simulated Cloud on one virtual
// clock.

namespace linkspan::test
{
namespace
{

struct watching : watched_cloud
{
    std::int64_t pull_request = 0;
    std::int64_t comment = 0;

    // A comment that is watched.
    void begin(std::string const& text = "first words")
    {
        start();
        pull_request = cloud.open_pull_request("api", "Mend the gate");
        comment = cloud.add_comment("api", pull_request, text);
        cloud.deliver_pending();
        ASSERT_TRUE(becomes("watch", 1));
    }
};

TEST_F(watching, an_edit_within_ten_minutes_is_told)
{
    begin();
    advance(seconds(30));
    cloud.edit_comment(comment, "second words");
    ASSERT_EQ(cloud.pending(), 0u) << "Bitbucket tells no such edit";
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.edited'", 1, seconds(5)));
    EXPECT_EQ(origin_of("comment.edited"), "poll");
    ASSERT_TRUE(becomes("delivery WHERE state = 0", 0));
    EXPECT_NE(app->printed().find("second words"), std::string::npos);
}

TEST_F(watching, is_over_behind_the_last_change_and_costs_no_more_than_its_looks)
{
    begin();
    ASSERT_TRUE(becomes_in_time("watch", 0, seconds(5)));
    EXPECT_GE(now() - story_day(), watch_end);
    EXPECT_EQ(events("comment.added"), 1);
    EXPECT_GE(cloud.calls(), 8u);
    EXPECT_LE(static_cast<double>(cloud.calls()), requests_of(looks_max)) << "much of the budget is left";
    EXPECT_EQ(static_cast<std::int64_t>(cloud.calls()), cloud.usage_of("a-token").in_last_hour);
}

TEST_F(watching, tasks_and_threads_and_deletions_are_found)
{
    begin();
    auto const task = cloud.add_task("api", pull_request, "mend it", "grace", comment);
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'task.added'", 1, seconds(5)));
    cloud.resolve_task(task);
    cloud.drop_pending();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'task.resolved'", 1, seconds(5)));
    EXPECT_EQ(events("comment.added"), 1);
    // A webhook tells of these, and here it is lost.
    cloud.resolve_thread(comment);
    cloud.drop_pending();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.resolved'", 1, seconds(5)));
    cloud.delete_comment(comment);
    cloud.drop_pending();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.deleted'", 1, seconds(5)));
}

TEST_F(watching, a_look_that_shows_nothing_new_leaves_no_row)
{
    begin();
    ASSERT_TRUE(becomes_in_time("watch", 0, seconds(5)));
    EXPECT_GE(cloud.calls(cloud_call::comments), 8u);
    EXPECT_EQ(profile.count("inbox WHERE origin <> 'webhook'"), 0);
    EXPECT_EQ(profile.count("inbox_body"), profile.count("inbox"));
}

TEST_F(watching, is_a_use_of_the_link_that_asks)
{
    begin();
    ASSERT_TRUE(becomes_in_time("watch", 0, seconds(5)));
    EXPECT_EQ(
        profile.query("SELECT sum(count) FROM link_use WHERE action = 'ask' AND actor = 'serve'"),
        std::to_string(cloud.calls())
    );
}

TEST_F(watching, a_poll_and_a_late_webhook_tell_an_edit_once)
{
    auto rules = cloud.rules();
    rules.edit_silence = milliseconds(0);  // each edit is told, but late
    cloud.set_rules(rules);
    begin();
    advance(seconds(7));
    cloud.edit_comment(comment, "second words");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.edited'", 1, seconds(5)));
    auto const rows = profile.count("inbox WHERE origin = 'webhook'");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("inbox WHERE origin = 'webhook'", rows + 1));
    ASSERT_TRUE(becomes("inbox WHERE state = 0", 0));
    EXPECT_EQ(events("comment.edited"), 1);
}

TEST_F(watching, goes_on_where_it_was_behind_a_restart)
{
    begin();
    stop();
    now_ += 60'000;
    cloud.edit_comment(comment, "second words");
    start();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.edited'", 1, seconds(5)));
    EXPECT_EQ(origin_of("comment.edited"), "poll");
}

TEST_F(watching, goes_on_as_long_where_our_clock_is_ahead)
{
    cloud_ahead = -300'000;
    begin();
    pass_until(now() + seconds(540));
    cloud.edit_comment(comment, "second words");
    ASSERT_EQ(cloud.pending(), 0u);
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.edited'", 1, seconds(5)));
    pass_until(now() + seconds(480));
    cloud.edit_comment(comment, "third words");
    ASSERT_EQ(cloud.pending(), 0u);
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.edited'", 2, seconds(5)));
    ASSERT_TRUE(becomes_in_time("watch", 0, seconds(5)));
}

TEST_F(watching, ends_where_the_pull_request_is_closed)
{
    begin();
    cloud.merge("api", pull_request);
    cloud.deliver_pending();
    EXPECT_TRUE(becomes("watch", 0));
}

TEST_F(watching, goes_on_behind_whatever_is_answered_in_its_place)
{
    start();
    pull_request = cloud.open_pull_request("api", "Mend the gate");
    comment = cloud.add_comment("api", pull_request, "first words");
    cloud.script(
        cloud_call::comments,
        {cloud_fault::missing_scope("pullrequest"),
         cloud_fault::redirect(cloud.url() + "/maintenance"),
         cloud_fault::redirect("https://sign-in.example.com/"),
         cloud_fault::status(404)}
    );
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("watch", 1));
    advance(seconds(1));
    cloud.edit_comment(comment, "second words");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.edited'", 1, seconds(5)));
    EXPECT_EQ(cloud.calls(cloud_call::comments), 5u);
    EXPECT_LE(now() - story_day(), seconds(15 + 30 + 60 + 120 + 60)) << "it waits longer each time";
}

TEST_F(watching, ends_where_the_pull_request_is_gone_for_minutes)
{
    start();
    pull_request = cloud.open_pull_request("api", "Mend the gate");
    cloud.add_comment("api", pull_request, "words");
    cloud.script(cloud_call::comments, std::vector<cloud_fault>(50, cloud_fault::status(404)));
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("watch", 1));
    auto const begun_at = now();
    ASSERT_TRUE(becomes_in_time("watch", 0, seconds(5)));
    EXPECT_GE(now() - begun_at, missing_time);
    EXPECT_LE(now() - begun_at, watch_end) << "nobody waited for its end";
    EXPECT_LE(cloud.calls(), 7u);
}

TEST_F(watching, is_given_up_behind_its_window_where_nothing_is_answered_but_faults)
{
    start();
    pull_request = cloud.open_pull_request("api", "Mend the gate");
    cloud.add_comment("api", pull_request, "words");
    cloud.script(
        cloud_call::comments, std::vector<cloud_fault>(90, cloud_fault::missing_scope("pullrequest"))
    );
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("watch", 1));
    auto const begun_at = now();
    ASSERT_TRUE(becomes_in_time("watch", 0, seconds(30)));
    EXPECT_GE(now() - begun_at, watch_end + give_up_time);
    EXPECT_LE(now() - begun_at, watch_end + give_up_time + 2 * look_retry_max);
    EXPECT_LE(cloud.calls(), 45u) << "its own, and those of catching up";
}

TEST_F(watching, a_last_look_whose_tasks_fail_is_made_again)
{
    begin();
    pass_until(now() + watch_end - seconds(1));
    cloud.add_task("api", pull_request, "mend it", "grace", comment);
    cloud.drop_pending();
    cloud.script(cloud_call::tasks, {cloud_fault::status(503), cloud_fault::cut()});
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'task.added'", 1, seconds(5)));
    EXPECT_EQ(origin_of("task.added"), "poll");
    EXPECT_LE(now() - story_day(), watch_end + seconds(15 + 30 + 15));
}

TEST_F(watching, a_last_look_that_ends_behind_its_first_page_is_made_again)
{
    begin();
    auto newest = comment;
    for (int i = 0; i < 100; ++i)
        newest = cloud.add_comment("api", pull_request, "words " + std::to_string(i));
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("event WHERE kind = 'comment.added'", 101));
    pass_until(now() + watch_end - seconds(1));
    ASSERT_EQ(profile.count("watch"), 1);
    cloud.edit_comment(newest, "second words");
    cloud.drop_pending();
    cloud.script(cloud_call::comments, {cloud_fault::none(), cloud_fault::status(503)});
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.edited'", 1, seconds(5)));
    EXPECT_EQ(origin_of("comment.edited"), "poll");
}

TEST_F(watching, a_look_that_fails_is_made_again)
{
    start();
    auto const pull_request = cloud.open_pull_request("api", "Mend the gate");
    auto const comment = cloud.add_comment("api", pull_request, "first words");
    cloud.script(
        cloud_call::comments,
        {cloud_fault::status(500), cloud_fault::html(), cloud_fault::cut(), cloud_fault::rate_limit("60")}
    );
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("watch", 1));
    advance(seconds(1));
    cloud.edit_comment(comment, "second words");
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'comment.edited'", 1, seconds(5)));
}

TEST_F(watching, a_commit_of_another_process_ends_no_back_off)
{
    start();
    auto const pull_request = cloud.open_pull_request("api", "Mend the gate");
    cloud.add_comment("api", pull_request, "words");
    cloud.script(cloud_call::comments, {cloud_fault::status(404), cloud_fault::status(404)});
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("watch", 1));
    while (cloud.calls(cloud_call::comments) == 0)
    {
        advance(seconds(1));
        ASSERT_TRUE(settle());
    }
    ASSERT_TRUE(read_links_again());
    ASSERT_TRUE(settle());
    EXPECT_EQ(cloud.calls(cloud_call::comments), 1u);
    mend_link();
    EXPECT_TRUE(eventually([&] { return cloud.calls(cloud_call::comments) == 2; })) << "it has a new token";
}

TEST_F(watching, a_webhook_with_another_count_of_tasks_has_them_read)
{
    start();
    pull_request = cloud.open_pull_request("api", "Mend the gate");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("event WHERE kind = 'pull_request.opened'", 1));
    advance(seconds(60));
    cloud.add_task("api", pull_request, "mend it");
    ASSERT_EQ(cloud.pending(), 0u) << "Bitbucket tells no task";
    cloud.approve("api", pull_request, "grace");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'task.added'", 1, seconds(1)));
    EXPECT_LE(now() - story_day(), seconds(70)) << "and not with the next catch-up";
}

TEST_F(watching, what_was_written_before_is_told_by_no_look)
{
    start();
    pull_request = cloud.open_pull_request("api", "Mend the gate");
    for (int old = 1; old <= 3; ++old)
        cloud.add_comment("api", pull_request, "old words");
    cloud.drop_pending();
    advance(seconds(60));
    cloud.add_comment("api", pull_request, "new words");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("watch", 1));
    ASSERT_TRUE(becomes_in_time("watch", 0, seconds(5)));
    EXPECT_EQ(events("comment.added"), 1) << "at first sight nothing is announced";
}

TEST_F(watching, a_source_that_names_nothing_is_caught_up_with_where_webhooks_came_from)
{
    start();
    cloud.add_repository("quiet");
    cloud.open_pull_request("quiet", "Nobody knows");
    cloud.drop_pending();
    pull_request = cloud.open_pull_request("api", "Mend the gate");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("event WHERE kind = 'pull_request.opened'", 1));
    advance(seconds(60));
    cloud.add_comment("api", pull_request, "lost on the way");
    cloud.drop_pending();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 1, seconds(60)));
    EXPECT_EQ(origin_of("comment.added"), "catch_up");
    EXPECT_EQ(profile.count("watched_repository"), 1) << "of the other nobody has heard";
}

struct catching_up : watched_cloud
{
    catching_up()
    {
        settings.sources.front().repositories = {"acme/api"};
        settings.sources.front().name = "bitbucket";
    }

    // What happened before somebody watched.
    void leave_to_the_past()
    {
        cloud.drop_pending();
        now_ += 60'000;
    }

    void wait_for_crawl() { ASSERT_TRUE(becomes("watched_repository WHERE crawled_at IS NOT NULL", 1)); }
};

TEST_F(catching_up, first_sight_announces_nothing)
{
    auto const pull_request = cloud.open_pull_request("api", "Mend the gate");
    cloud.add_comment("api", pull_request, "words");
    cloud.approve("api", pull_request, "grace");
    leave_to_the_past();
    start();
    wait_for_crawl();
    ASSERT_TRUE(becomes("snapshot", 1));
    EXPECT_EQ(profile.count("event"), 0);
    advance(seconds(60));
    cloud.set_title("api", pull_request, "Mend the gates");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("event", 1));
    EXPECT_EQ(events("pull_request.title_changed"), 1) << "what it was before is known";
}

TEST_F(catching_up, what_fell_into_an_outage_is_told_once)
{
    auto const pull_request = cloud.open_pull_request("api", "Mend the gate");
    auto const merged = cloud.open_pull_request("api", "Paint the gate");
    leave_to_the_past();
    start();
    wait_for_crawl();
    ASSERT_TRUE(becomes("snapshot", 2));
    stop();
    now_ += 40 * 60'000;
    cloud.add_comment("api", pull_request, "are you there?");
    cloud.approve("api", pull_request, "grace");
    cloud.merge("api", merged);
    auto const opened = cloud.open_pull_request("api", "Oil the gate");
    cloud.drop_pending();
    now_ += 60'000;
    start();
    ASSERT_TRUE(becomes("event WHERE kind = 'pull_request.opened'", 1));
    EXPECT_TRUE(becomes("event WHERE kind = 'comment.added'", 1));
    EXPECT_TRUE(becomes("event WHERE kind = 'pull_request.approved'", 1));
    EXPECT_TRUE(becomes("event WHERE kind = 'pull_request.merged'", 1));
    EXPECT_EQ(origin_of("comment.added"), "catch_up");
    // A delivery that comes after all tells nothing new.
    cloud.set_title("api", opened, "Oil the gates");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("event WHERE kind = 'pull_request.title_changed'", 1));
    EXPECT_EQ(events("pull_request.opened"), 1);
    EXPECT_EQ(profile.count("event"), 5);
}

struct long_outage_story : catching_up
{
    std::int64_t busy = 0;

    // Two pull requests are known, and then much happens to one of them, and little to the other.
    void miss(milliseconds outage)
    {
        busy = cloud.open_pull_request("api", "Mend the gate");
        auto const calm = cloud.open_pull_request("api", "Paint the gate");
        leave_to_the_past();
        start();
        wait_for_crawl();
        ASSERT_TRUE(becomes("snapshot", 2));
        stop();
        now_ += outage.count();
        cloud.add_comment("api", busy, "are you there?");
        cloud.add_comment("api", busy, "hello?");
        cloud.approve("api", busy, "grace");
        cloud.merge("api", busy);
        cloud.add_comment("api", calm, "a word");
        cloud.drop_pending();
        now_ += 60'000;
        start();
        ASSERT_TRUE(becomes("event", 5));
        ASSERT_TRUE(becomes("delivery WHERE state = 0", 0));
    }
};

TEST_F(long_outage_story, is_told_in_one_message_of_each_pull_request)
{
    miss(long_outage + seconds(settings.server.quiet_catch_up_seconds));
    EXPECT_EQ(profile.count("delivery WHERE state = 1"), 2);
    EXPECT_EQ(profile.count("delivery WHERE state = 3"), 3);
    auto const printed = app->printed();
    EXPECT_NE(printed.find("4 changes while Linkspan did not hear of it, now merged"), std::string::npos)
        << printed;
    EXPECT_NE(printed.find("commented on #1: are you there?"), std::string::npos) << printed;
    EXPECT_NE(printed.find("a word"), std::string::npos) << "one change is told as ever";
}

TEST_F(long_outage_story, is_told_event_by_event_behind_a_short_one)
{
    miss(long_outage);
    EXPECT_EQ(profile.count("delivery WHERE state = 1"), 5);
}

TEST_F(catching_up, asks_again_on_its_beat)
{
    auto const pull_request = cloud.open_pull_request("api", "Mend the gate");
    leave_to_the_past();
    start();
    wait_for_crawl();
    advance(seconds(1));
    cloud.add_comment("api", pull_request, "lost on the way");
    cloud.drop_pending();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 1, seconds(30)));
    EXPECT_LE(now() - story_day(), seconds(3'600 + 60));
}

TEST_F(catching_up, a_commit_of_another_process_lists_nothing_again)
{
    settings.sources.front().repositories.clear();
    settings.sources.front().workspace = "acme";
    start();
    wait_for_crawl();
    ASSERT_TRUE(settle());
    auto const before = cloud.calls();
    ASSERT_TRUE(read_links_again());
    ASSERT_TRUE(settle());
    EXPECT_EQ(cloud.calls(), before);
    mend_link();
    EXPECT_TRUE(eventually([&] { return cloud.calls(cloud_call::repositories) == 2; }))
        << "it has a new token";
}

TEST_F(catching_up, asks_soon_for_what_it_had_to_refuse)
{
    auto const pull_request = cloud.open_pull_request("api", "Mend the gate");
    leave_to_the_past();
    start();
    wait_for_crawl();
    advance(seconds(1));
    cloud.add_comment("api", pull_request, "are you there?");
    profile.hold_database([&] { cloud.deliver_pending(); });
    ASSERT_EQ(profile.count("inbox WHERE origin = 'webhook'"), 0);
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 1, seconds(10)));
    EXPECT_EQ(origin_of("comment.added"), "catch_up");
    EXPECT_LE(now() - story_day(), seconds(60 + 1) + loss_wait + seconds(30)) << "and not on the next beat";
}

TEST_F(catching_up, without_webhooks_everything_is_asked_for)
{
    settings.sources.front().webhook.clear();
    settings.sources.front().poll_only = true;
    start();
    wait_for_crawl();
    advance(seconds(1));
    auto const pull_request = cloud.open_pull_request("api", "Mend the gate");
    cloud.add_comment("api", pull_request, "words");
    cloud.drop_pending();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 1, seconds(5)));
    EXPECT_LE(now() - story_day(), seconds(180));
    EXPECT_EQ(events("pull_request.opened"), 1);
}

TEST_F(catching_up, a_cursor_does_not_move_behind_a_fault)
{
    auto const pull_request = cloud.open_pull_request("api", "Mend the gate");
    leave_to_the_past();
    start();
    wait_for_crawl();
    auto const cursor = profile.query("SELECT cursor_at FROM watched_repository");
    pass_until(now() + seconds(800));
    cloud.add_comment("api", pull_request, "lost on the way");
    cloud.drop_pending();
    cloud.script(cloud_call::comments, {cloud_fault::status(503), cloud_fault::status(503)});
    ASSERT_TRUE(becomes_in_time("watched_repository WHERE fault = 'unavailable'", 1, seconds(10)));
    EXPECT_EQ(profile.query("SELECT cursor_at FROM watched_repository"), cursor);
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 1, seconds(30)));
    EXPECT_TRUE(becomes("watched_repository WHERE fault = ''", 1));
}

}  // namespace
}  // namespace linkspan::test
