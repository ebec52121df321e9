#include "cmd/linkspan/api_asker.hpp"
#include "tests/support/watched_cloud.hpp"

// Catching up with a Bitbucket that answers badly: nothing is left out for it, and nothing else waits for it.

namespace linkspan::test
{
namespace
{

struct catching_up_faults : watched_cloud
{
    catching_up_faults() { settings.sources.front().repositories = {"acme/api"}; }

    // Pull requests that are known, and then the app is away for a while.
    void leave_with(int pull_requests)
    {
        for (int i = 0; i < pull_requests; ++i)
            known.push_back(cloud.open_pull_request("api", "Mend the gate"));
        cloud.drop_pending();
        now_ += 60'000;
        start();
        ASSERT_TRUE(becomes(
            "watched_repository WHERE crawled_at IS NOT NULL",
            std::ssize(settings.sources.front().repositories)
        ));
        ASSERT_TRUE(becomes("snapshot", pull_requests));
        stop();
        now_ += 40 * 60'000;
    }

    // When nothing is young enough to be watched: looks would meet the faults, too.
    void come_back()
    {
        cloud.drop_pending();
        now_ += 15 * 60'000;
        start();
    }

    std::vector<std::int64_t> known;
};

TEST_F(catching_up_faults, comments_that_were_cut_short_are_read_again)
{
    leave_with(1);
    for (int i = 0; i < 101; ++i)
        cloud.add_comment("api", known[0], "words");
    cloud.merge("api", known[0]);
    cloud.script(cloud_call::comments, {cloud_fault::none(), cloud_fault::status(503)});
    come_back();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 101, seconds(5)));
    EXPECT_TRUE(becomes("watched_repository WHERE fault = ''", 1));
}

TEST_F(catching_up_faults, one_pull_request_that_fails_holds_up_no_other)
{
    leave_with(3);
    for (auto const one : known)
        cloud.add_comment("api", one, "words");
    // The oldest comes first, and once more behind the others, in each of five crawls.
    std::vector<cloud_fault> faults;
    for (int crawl = 0; crawl < 5; ++crawl)
        for (auto const fails : {true, false, false, true})
            faults.push_back(fails ? cloud_fault::status(500) : cloud_fault::none());
    cloud.script(cloud_call::comments, faults);
    come_back();
    auto const cursor = profile.query("SELECT cursor_at FROM watched_repository");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 2, seconds(5)));
    EXPECT_TRUE(becomes_in_time("watched_repository WHERE fault = 'unavailable'", 1, seconds(5)));
    EXPECT_EQ(profile.query("SELECT cursor_at FROM watched_repository"), cursor);
    // In the end the repository goes on without it, and says so.
    EXPECT_TRUE(becomes_in_time("watched_repository WHERE cursor_at > " + cursor, 1, seconds(10)));
    EXPECT_EQ(profile.count("watched_repository WHERE fault = 'unavailable'"), 1);
    // The next sweep finds it well.
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 3, seconds(60)));
    EXPECT_TRUE(becomes("watched_repository WHERE fault = ''", 1));
}

TEST_F(catching_up_faults, several_in_a_row_end_the_crawl)
{
    leave_with(6);
    cloud.script(cloud_call::comments, std::vector<cloud_fault>(3, cloud_fault::status(500)));
    auto const calls = cloud.calls(cloud_call::comments);
    come_back();
    ASSERT_TRUE(becomes("watched_repository WHERE fault = 'unavailable'", 1));
    EXPECT_EQ(cloud.calls(cloud_call::comments), calls + 3);
}

TEST_F(catching_up_faults, a_refusal_for_spending_too_much_is_waited_for)
{
    leave_with(4);
    for (auto const one : known)
        cloud.add_comment("api", one, "words");
    cloud.script(cloud_call::comments, {cloud_fault::none(), cloud_fault::rate_limit(std::nullopt)});
    auto const calls = cloud.calls(cloud_call::comments);
    come_back();
    auto const began_at = now();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 4, seconds(1)));
    EXPECT_GE(now() - began_at, block_min);
    ASSERT_TRUE(becomes("watched_repository WHERE fault = ''", 1));
    EXPECT_EQ(cloud.calls(cloud_call::comments), calls + 5) << "and nothing was asked for twice";
}

TEST_F(catching_up_faults, a_refusal_stands_once_in_the_log)
{
    cloud.add_repository("web");
    settings.sources.front().repositories.emplace_back("acme/web");
    leave_with(4);
    for (auto const one : known)
        cloud.add_comment("api", one, "words");
    // Both are asked before one is answered.
    cloud.script(
        cloud_call::pull_requests,
        {cloud_fault::rate_limit(std::nullopt), cloud_fault::rate_limit(std::nullopt)}
    );
    settings.server.log_level = "warning";
    testing::internal::CaptureStderr();
    come_back();
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 4, seconds(1)));
    stop();
    auto const told = testing::internal::GetCapturedStderr();
    auto const line = told.find("a source wants to be asked less");
    ASSERT_NE(line, std::string::npos) << told;
    EXPECT_NE(told.find("linkspan budget shows what is spent", line), std::string::npos) << told;
    EXPECT_EQ(told.find("a source wants to be asked less", line + 1), std::string::npos) << told;
}

TEST_F(catching_up_faults, a_long_list_is_read_on_behind_a_refusal)
{
    leave_with(1);
    for (int i = 0; i < 150; ++i)
        cloud.add_comment("api", known[0], "words");
    cloud.script(cloud_call::comments, {cloud_fault::none(), cloud_fault::rate_limit(std::nullopt)});
    auto const calls = cloud.calls(cloud_call::comments);
    come_back();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 150, seconds(5)));
    EXPECT_EQ(cloud.calls(cloud_call::comments), calls + 3);
}

TEST_F(catching_up_faults, the_end_of_the_last_task_is_found_before_all_are_read)
{
    leave_with(1);
    start();
    auto const task = cloud.add_task("api", known[0], "mend it");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'task.added'", 1, seconds(60)));
    pass_until(now() + std::chrono::minutes(20));
    ASSERT_EQ(profile.count("watch"), 0);
    cloud.resolve_task(task);
    cloud.set_title("api", known[0], "Oil the gate");
    cloud.drop_pending();
    // The next beat of a quiet repository; all that is open is read an hour later.
    pass_until(now() + std::chrono::minutes(65));
    EXPECT_EQ(profile.count("event WHERE kind = 'task.resolved'"), 1);
}

TEST_F(catching_up_faults, the_end_of_the_last_task_is_found)
{
    leave_with(1);
    start();
    auto const task = cloud.add_task("api", known[0], "mend it");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'task.added'", 1, seconds(60)));
    ASSERT_TRUE(becomes_in_time("watch", 0, seconds(60)));
    stop();
    cloud.resolve_task(task);
    come_back();
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'task.resolved'", 1, seconds(5)))
        << "Bitbucket counts open tasks: there is none any more";
}

TEST_F(catching_up_faults, more_than_one_transaction_takes_is_told_to_its_end)
{
    leave_with(1);
    for (int i = 0; i < 450; ++i)
        cloud.add_comment("api", known[0], "words");
    cloud.merge("api", known[0]);
    come_back();
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 450, seconds(5)));
    EXPECT_EQ(events("pull_request.merged"), 1);
    EXPECT_TRUE(becomes("inbox WHERE state = 0", 0));
}

TEST_F(catching_up_faults, a_clock_that_is_far_ahead_is_not_believed)
{
    leave_with(1);
    http_response far_ahead(200, R"({"pagelen": 50, "size": 0, "page": 1, "values": []})");
    far_ahead.headers.push_back({"Content-Type", "application/json"});
    far_ahead.headers.push_back({"Date", "Fri, 20 Nov 2037 09:30:00 GMT"});
    cloud_fault fault;
    fault.answer = far_ahead;
    cloud.script(cloud_call::pull_requests, {fault, fault});
    come_back();
    ASSERT_TRUE(becomes("watched_repository WHERE fault = 'odd_clock'", 1));
    EXPECT_EQ(profile.count("watched_repository WHERE cursor_at > " + std::to_string(now_.load())), 0);
    cloud.merge("api", known[0]);
    cloud.drop_pending();
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'pull_request.merged'", 1, seconds(60)));
    EXPECT_TRUE(becomes("watched_repository WHERE fault = ''", 1));
}

TEST_F(catching_up_faults, a_cursor_in_the_future_is_mended)
{
    leave_with(1);
    profile.execute("UPDATE watched_repository SET cursor_at = cursor_at + 10 * 365 * 86400000");
    cloud.merge("api", known[0]);
    come_back();
    EXPECT_TRUE(becomes("event WHERE kind = 'pull_request.merged'", 1));
    EXPECT_TRUE(becomes("watched_repository WHERE cursor_at < " + std::to_string(now_.load() + 60'000), 1));
}

TEST_F(catching_up_faults, what_is_known_is_asked_where_repositories_cannot_be_listed)
{
    settings.sources.front().repositories.clear();
    settings.sources.front().workspace = "acme";
    leave_with(1);
    cloud.add_comment("api", known[0], "words");
    cloud.add_repository("web");
    cloud.script(cloud_call::repositories, {cloud_fault::status(500), cloud_fault::html()});
    come_back();
    auto const begun_at = now();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 1, seconds(5)));
    EXPECT_LE(now() - begun_at, seconds(30)) << "it was listed before";
    ASSERT_TRUE(becomes_in_time("watched_repository", 2, seconds(10)));
    EXPECT_LE(now() - begun_at, 3 * crawl_retry_min + seconds(20)) << "one minute, then two";
}

}  // namespace
}  // namespace linkspan::test
