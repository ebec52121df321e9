#include "core/watch/builds.hpp"
#include "core/watch/retry.hpp"
#include "tests/support/watched_center.hpp"

// Builds of Data Center, which sends no webhook for them: the real app and a simulated one on one virtual
// clock.

namespace linkspan::test
{
namespace
{

struct watching_builds : watched_center
{
    std::int64_t pull_request = 0;
    std::string commit;

    // A pull request that was just opened.
    void begin()
    {
        start();
        ASSERT_TRUE(becomes("watched_repository WHERE crawled_at IS NOT NULL", 1));
        advance(seconds(1));
        pull_request = center.open_pull_request("api", "Mend the gate");
        commit = center.state().repositories.at("api").pull_requests.at(pull_request).source_hash;
        center.deliver_pending();
        ASSERT_TRUE(becomes("build_watch", 1));
    }

    void set(std::string const& state, std::string const& key = "unit")
    {
        center.set_build("api", commit, key, state);
        ASSERT_EQ(center.pending(), 0u) << "Data Center tells no build";
    }

    std::size_t asked() const { return center.calls("commits"); }
};

TEST_F(watching_builds, tells_a_build_of_a_push_from_its_beginning_to_its_end)
{
    begin();
    set("INPROGRESS");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'build.started'", 1, seconds(5)));
    EXPECT_EQ(origin_of("build.started"), "poll");
    advance(seconds(60));
    auto const ended_at = now();
    set("FAILED");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'build.failed'", 1, seconds(5)));
    EXPECT_LE(now() - ended_at, build_distance_min + seconds(5));
    EXPECT_EQ(
        profile.query("SELECT json ->> '$.pull_request.id' FROM event WHERE kind = 'build.failed'"), "1"
    );
    EXPECT_EQ(events("build.started"), 1);

    commit = center.push_to("api", pull_request);
    center.deliver_pending();
    set("SUCCESSFUL");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'build.succeeded'", 1, seconds(5)));
    EXPECT_EQ(
        profile.query("SELECT json ->> '$.detail.previous' FROM event WHERE kind = 'build.succeeded'"),
        "failed"
    );
}

TEST_F(watching_builds, is_over_behind_its_window_and_costs_no_more_than_its_questions)
{
    begin();
    auto const before = asked();
    auto const begun_at = now();
    ASSERT_TRUE(becomes_in_time("build_watch", 0, seconds(60)));
    EXPECT_GE(now() - begun_at, build_window);
    auto const crawls = static_cast<std::size_t>(build_window / catch_up_beats().active) + 1;
    EXPECT_GE(asked() - before, 15u);
    EXPECT_LE(asked() - before, 20u + crawls);
    EXPECT_EQ(center.refused_requests(), 0);
    EXPECT_EQ(profile.count("inbox WHERE event_key = 'poll:builds'"), 0) << "none was shown";
}

TEST_F(watching_builds, a_look_that_shows_nothing_new_leaves_no_row)
{
    begin();
    set("INPROGRESS");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'build.started'", 1, seconds(5)));
    auto const before = asked();
    advance(seconds(60));
    settle();
    EXPECT_GT(asked(), before);
    EXPECT_EQ(profile.count("inbox WHERE event_key = 'poll:builds'"), 1);
}

TEST_F(watching_builds, a_build_long_behind_its_push_is_caught_up_with)
{
    begin();
    ASSERT_TRUE(becomes_in_time("build_watch", 0, seconds(60)));
    set("SUCCESSFUL");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'build.succeeded'", 1, seconds(60)));
    EXPECT_EQ(origin_of("build.succeeded"), "catch_up");
}

TEST_F(watching_builds, a_comment_keeps_builds_watched)
{
    begin();
    ASSERT_TRUE(becomes_in_time("build_watch", 0, seconds(60)));
    center.add_comment("api", pull_request, "again, please");
    center.deliver_pending();
    set("SUCCESSFUL");
    ASSERT_TRUE(becomes("watch", 1));
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'build.succeeded'", 1, seconds(1)));
    EXPECT_EQ(origin_of("build.succeeded"), "poll");
}

TEST_F(watching_builds, first_sight_announces_no_build_but_knows_how_it_ended)
{
    pull_request = center.open_pull_request("api", "Mend the gate");
    commit = center.state().repositories.at("api").pull_requests.at(pull_request).source_hash;
    center.drop_pending();
    set("FAILED");
    now_ += 60'000;
    start();
    ASSERT_TRUE(becomes("watched_repository WHERE crawled_at IS NOT NULL", 1));
    ASSERT_TRUE(becomes("build_result", 1));
    EXPECT_EQ(profile.count("event"), 0);
    advance(seconds(1));
    set("SUCCESSFUL");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'build.succeeded'", 1, seconds(60)));
    EXPECT_EQ(
        profile.query("SELECT json ->> '$.detail.previous' FROM event WHERE kind = 'build.succeeded'"),
        "failed"
    );
}

TEST_F(watching_builds, goes_on_where_it_was_behind_a_restart)
{
    begin();
    stop();
    now_ += 120'000;
    set("FAILED");
    start();
    ASSERT_TRUE(becomes("event WHERE kind = 'build.failed'", 1));
}

TEST_F(watching_builds, ends_where_the_pull_request_is_closed)
{
    begin();
    center.merge("api", pull_request);
    center.deliver_pending();
    EXPECT_TRUE(becomes("build_watch", 0));
}

TEST_F(watching_builds, a_server_that_does_not_show_builds_is_caught_up_with_all_the_same)
{
    auto rules = center.rules();
    rules.has_builds = false;
    center.set_rules(rules);
    begin();
    auto const before = asked();
    EXPECT_TRUE(becomes_in_time("build_watch", 0, seconds(10)));
    EXPECT_LE(now() - story_day(), missing_time + look_retry_max + seconds(60));
    EXPECT_LE(asked() - before, 7u) << "nobody asked again and again";
    advance(seconds(1));
    center.add_comment("api", pull_request, "lost on the way");
    center.drop_pending();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 1, seconds(60)));
    EXPECT_EQ(profile.count("watched_repository WHERE fault <> ''"), 0);
}

TEST_F(watching_builds, a_question_that_fails_is_asked_again)
{
    begin();
    advance(seconds(29));
    settle();
    http_response broken(500, "{}");
    center.script({broken, broken});
    set("FAILED");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'build.failed'", 1, seconds(5)));
    EXPECT_EQ(profile.count("build_watch"), 1);
}

}  // namespace
}  // namespace linkspan::test
