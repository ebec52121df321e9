#include "links/bitbucket/cloud_rest.hpp"
#include "links/net/rest.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/watched_center.hpp"
#include "tests/support/watched_cloud.hpp"

// Answers of the simulated Bitbuckets that fail, lag, shift, or refuse: what they spoil, and that it is made
// good. The list of all faults stands in simulated_faults_test.cpp.

namespace linkspan::test
{
namespace
{

using std::chrono::minutes;

constexpr milliseconds watched_time = minutes(15);
constexpr milliseconds beat_time = minutes(61);

template <class World>
struct told_world : testing::Test, World
{
    std::int64_t comment = 0;

    told_world() { this->settings.sources.front().repositories = {World::repository}; }

    // A pull request with one comment is known, and no longer watched.
    void begin()
    {
        this->start();
        this->settle();
        this->advance(seconds(1));
        this->service().open_pull_request("api", "Mend the gate");
        comment = this->service().add_comment("api", 1, "first words");
        (void)this->service().deliver_pending();
        ASSERT_TRUE(this->becomes("event WHERE kind = 'comment.added'", 1));
        pass(watched_time);
        ASSERT_EQ(this->profile.count("watch"), 0);
    }

    void pass(milliseconds time)
    {
        this->settle();
        this->pass_until(this->now() + time);
    }

    void lose_a_comment()
    {
        this->service().add_comment("api", 1, "lost on the way");
        this->service().drop_pending();
    }

    // The repository's fault, sooner or later.
    bool becomes_known(std::string const& name)
    {
        return this->becomes_in_time("watched_repository WHERE fault = '" + name + "'", 1, minutes(5));
    }

    std::string fault() { return this->profile.query("SELECT fault FROM watched_repository"); }

    std::int64_t deleted()
    {
        return this->profile.count("comment_state WHERE json_extract(json, '$.deleted')") +
               this->events("comment.deleted") + this->events("task.deleted");
    }

    template <class Change>
    void change_rules(Change change)
    {
        auto rules = this->service().rules();
        change(rules);
        this->service().set_rules(rules);
    }
};

// --- faults of single calls

struct failing_call
{
    std::string name;
    cloud_fault fault;
    std::string known_as;  // in the state of the repository
};

constexpr int failures = 100;  // more than are asked for

struct answers_that_fail : told_world<cloud_world>, testing::WithParamInterface<failing_call>
{
};

TEST_P(answers_that_fail, prove_nothing_and_are_asked_for_again)
{
    begin();
    cloud.script(cloud_call::comments, std::vector<cloud_fault>(failures, GetParam().fault));
    lose_a_comment();
    ASSERT_TRUE(becomes_known(GetParam().known_as)) << fault();
    EXPECT_EQ(events("comment.added"), 1) << "it does not bite";
    EXPECT_EQ(deleted(), 0);
    cloud.unscript();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 2, minutes(5)));
    EXPECT_TRUE(becomes_known("")) << fault();
}

std::vector<failing_call> failing_calls()
{
    return {
        {"html", cloud_fault::html(), "not_json"},
        {"half", cloud_fault::half(), "not_json"},
        {"cut", cloud_fault::cut(), "unheard"},
        {"status", cloud_fault::status(503), "unavailable"},
        {"rate_limit", cloud_fault::rate_limit(std::nullopt), "rate_limited"},
        {"missing_scope", cloud_fault::missing_scope("pullrequest"), "forbidden"},
        {"redirect", cloud_fault::redirect("https://bitbucket.org/elsewhere"), "foreign_host"},
    };
}

INSTANTIATE_TEST_SUITE_P(
    all,
    answers_that_fail,
    testing::ValuesIn(failing_calls()),
    [](testing::TestParamInfo<failing_call> const& of) { return of.param.name; }
);

// --- Cloud

struct cloud_answers : told_world<cloud_world>
{
    bitbucket::listing listed_comments()
    {
        boost::asio::io_context loop;
        http_client client(loop);
        bitbucket::api_access api(client, cloud.api_url(), bearer("a-token"), milliseconds(10'000));
        return run(loop, bitbucket::cloud::list_comments(std::move(api), {"acme", "api"}, 1));
    }
};

TEST_F(cloud_answers, that_no_longer_take_the_token_take_the_next)
{
    begin();
    cloud.remove_credentials();
    lose_a_comment();
    ASSERT_TRUE(becomes_known("unauthorized")) << fault();
    EXPECT_EQ(events("comment.added"), 1) << "it does not bite";
    cloud.add_token("a-token");
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 2, minutes(5)));
}

TEST_F(cloud_answers, that_go_on_at_another_host_prove_nothing_gone)
{
    begin();
    for (int number = 0; number < 110; ++number)
        cloud.add_comment("api", 1, "words");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("event WHERE kind = 'comment.added'", 111));
    pass(watched_time);
    auto const elsewhere = cloud_fault::foreign_next("http://127.0.0.2:1");
    cloud.script(cloud_call::comments, {elsewhere});
    EXPECT_EQ(listed_comments().values.size(), 100u) << "it does not bite";
    cloud.script(cloud_call::comments, std::vector<cloud_fault>(failures, elsewhere));
    lose_a_comment();
    pass(sweep_beat + beat_time);
    EXPECT_EQ(fault(), "foreign_host");
    EXPECT_EQ(deleted(), 0);
    cloud.unscript();
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 112, minutes(5)));
    EXPECT_EQ(events("comment.deleted"), 0);
}

TEST_F(cloud_answers, without_an_end_show_what_they_show)
{
    begin();
    cloud.script(cloud_call::comments, std::vector<cloud_fault>(failures, cloud_fault::endless()));
    EXPECT_EQ(listed_comments().fault, bitbucket::api_fault::endless) << "it does not bite";
    lose_a_comment();
    ASSERT_TRUE(becomes_known("endless")) << fault();
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 2, minutes(5)));
    cloud.unscript();
    EXPECT_TRUE(becomes_known("")) << fault();
}

TEST_F(cloud_answers, that_lag_delete_nothing)
{
    change_rules([](cloud_rules& rules) { rules.list_lag = seconds(45); });
    start();
    settle();
    advance(seconds(1));
    cloud.open_pull_request("api", "Mend the gate");
    cloud.add_comment("api", 1, "first words");
    cloud.add_task("api", 1, "mend it");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("event WHERE kind = 'comment.added'", 1));
    pass(seconds(25));
    EXPECT_GE(cloud.calls(cloud_call::comments), 2u) << "nobody looked so early";
    EXPECT_TRUE(listed_comments().values.empty()) << "it does not bite";
    pass(watched_time);
    EXPECT_EQ(deleted(), 0);
    EXPECT_EQ(events("comment.added"), 1);
    EXPECT_EQ(events("task.added"), 1);
}

TEST_F(cloud_answers, cut_hashes)
{
    begin();
    cloud.set_title("api", 1, "Mend the gates");
    auto const told = cloud.deliver_pending();
    auto const hash = cloud.state().repositories.at("api").pull_requests.at(1).source_hash;
    EXPECT_EQ(told.at(0).body.find(hash), std::string::npos) << "it does not bite";
    cloud.set_build("api", hash, "unit", "SUCCESSFUL");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("event WHERE kind = 'build.succeeded'", 1));
    EXPECT_EQ(
        profile.query("SELECT json_extract(json, '$.detail.pull_requests') FROM event WHERE kind = "
                      "'build.succeeded'"),
        "[1]"
    );
}

// The last list was made as the one before it was read: what stood on its second page moved to the first.
TEST_F(cloud_answers, that_shift_while_they_are_read_are_asked_for_again)
{
    int const many = 55;  // a page has 50
    begin();
    for (int number = 2; number <= many; ++number)
        cloud.open_pull_request("api", "One of many");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("snapshot", many));
    pass(beat_time);
    for (int number = 1; number <= many; ++number)
    {
        advance(seconds(2));
        cloud.set_title("api", number, "Mended");
    }
    cloud.drop_pending();
    bool has_shifted = false;
    cloud.set_before_next_page(
        [&]
        {
            if (!std::exchange(has_shifted, true))
                cloud.set_description("api", 1, "Moved to the front");
        }
    );
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'pull_request.title_changed'", many - 1, minutes(1)));
    settle();
    EXPECT_EQ(events("pull_request.title_changed"), many - 1) << "it does not bite";
    cloud.drop_pending();
    pass(beat_time);
    EXPECT_EQ(events("pull_request.title_changed"), many);
    EXPECT_EQ(events("pull_request.description_changed"), 1);
}

TEST_F(cloud_answers, of_a_repository_that_is_renamed_delete_nothing)
{
    begin();
    cloud.rename_repository("api", "web");
    cloud.drop_pending();
    pass(sweep_beat + beat_time);
    EXPECT_EQ(fault(), "moved");
    EXPECT_EQ(deleted(), 0);
    EXPECT_EQ(events("pull_request.deleted"), 0);
}

TEST_F(cloud_answers, of_a_repository_that_is_gone_delete_nothing)
{
    begin();
    cloud.delete_repository("api");
    cloud.drop_pending();
    pass(sweep_beat + beat_time);
    EXPECT_EQ(fault(), "not_found");
    EXPECT_EQ(deleted(), 0);
    EXPECT_EQ(events("pull_request.deleted"), 0);
}

// Requests that were refused in an hour with more to watch than these rules allow.
std::int64_t refused_within(cloud_rules const& rules)
{
    constexpr int watched = 4;
    cloud_world world;
    world.settings.sources.front().repositories = {cloud_world::repository};
    world.cloud.set_rules(rules);
    world.start();
    world.settle();
    world.advance(seconds(1));
    for (int number = 1; number <= watched; ++number)
    {
        world.cloud.open_pull_request("api", "Mend the gate");
        world.cloud.edit_comment(world.cloud.add_comment("api", number, "first words"), "better words");
    }
    world.cloud.deliver_pending();
    world.settle();
    world.pass_until(world.now() + beat_time);
    EXPECT_EQ(world.events("comment.edited"), watched);
    world.stop();
    return world.cloud.usage_of("a-token").refused;
}

TEST(cloud_limits, that_are_told_are_kept)
{
    cloud_rules rules;
    rules.requests_per_hour = 50;
    EXPECT_GT(refused_within(rules), 0) << "it does not bite";
    rules.tells_limit = true;
    EXPECT_EQ(refused_within(rules), 0);
}

TEST(cloud_limits, that_say_when_to_come_back_are_heeded)
{
    cloud_rules rules;
    rules.requests_per_hour = 20;
    auto const silent = refused_within(rules);
    rules.retry_after = "900";
    auto const told = refused_within(rules);
    EXPECT_GT(told, 0);
    EXPECT_LT(told, silent);
}

// --- Data Center

struct center_answers : told_world<center_world>
{
};

TEST_F(center_answers, that_refuse_are_asked_for_again)
{
    begin();
    change_rules(
        [](center_rules& rules)
        {
            rules.bucket_size = 2;
            rules.refill_per_second = 1;
        }
    );
    for (int number = 2; number <= 10; ++number)
        center.open_pull_request("api", "Mend the gate");
    for (int number = 1; number <= 10; ++number)
        center.add_comment("api", number, "lost on the way");
    center.drop_pending();
    EXPECT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 11, minutes(5)));
    EXPECT_GT(center.refused_requests(), 0) << "it does not bite";
}

TEST_F(center_answers, that_fail_are_asked_for_again)
{
    begin();
    lose_a_comment();
    constexpr int answered_badly = 60;
    std::vector<http_response> answers;
    for (int number = 0; number < answered_badly; ++number)
        answers.emplace_back(number % 2 == 0 ? 503 : 200, "<html>a page to sign in</html>");
    center.script(std::move(answers));
    pass(beat_time);
    EXPECT_EQ(events("comment.added"), 1) << "it does not bite";
    EXPECT_NE(fault(), "");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 2, minutes(15)));
    EXPECT_EQ(deleted(), 0);
}

}  // namespace
}  // namespace linkspan::test
