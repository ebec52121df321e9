#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/sample_story.hpp"

#include <gtest/gtest.h>

// What becomes of a message when Slack, the network or the token fails. Time is virtual: the waits of the
// schedule pass when the test says so.

namespace linkspan::test
{
namespace
{

struct delivery_fault : testing::Test
{
    slack_simulator slack;
    test_profile profile;
    link_id slack_link;
    std::unique_ptr<running_app> app;

    delivery_fault()
    {
        profile.add_link("bitbucket-webhook", "hook", {{"webhook_secret", webhook_key}});
        slack_link = profile.add_link(
            "slack-bot-token", "slack", {{"bot_token", "xoxb-test-1"}, {"api_url", slack.api_url()}}
        );
        start();
    }

    void start()
    {
        auto settings = quick_config();
        settings.server.retry_seconds = {5, 30};
        settings.server.attempts_max = 4;
        settings.server.request_timeout_seconds = 1;
        add_source(settings, "hook", edition::cloud, "bitbucket.org");
        add_destination(settings, "builds", "slack", "C0000000001");
        add_rule(settings, "builds");
        app = std::make_unique<running_app>(profile, settings, story_day());
    }

    void open_pull_request(int number)
    {
        auto const step = step_of(edition::cloud, "opened", number, story_day());
        ASSERT_EQ(
            exchange_with(
                delivery_to(app->public_url(), "hook", edition::cloud, step.event_key, step.body, webhook_key)
            )
                .status,
            202
        );
    }

    bool becomes(std::string const& rows, std::int64_t count)
    {
        return eventually([&] { return profile.count(rows) == count; });
    }

    // The loop, the store and the loop again get their turns, several times.
    void let_the_app_go_on()
    {
        for (int look = 0; look < 20; ++look)
            (void)get(app->admin_url() + "/metrics");
    }

    // Lets time pass in steps until the rows are as many.
    bool becomes_in_time(std::string const& rows, std::int64_t count, seconds step)
    {
        return eventually(
            [&]
            {
                if (profile.count(rows) == count)
                    return true;
                (*app)->advance(step);
                (void)get(app->admin_url() + "/healthz");  // the loop has taken the step
                return false;
            }
        );
    }
};

TEST_F(delivery_fault, rate_limit_is_waited_for_as_long_as_slack_asks)
{
    slack.script({slack_fault::rate_limit("30")});
    open_pull_request(1);
    ASSERT_TRUE(becomes("delivery_attempt WHERE outcome = 'retry_after'", 1));
    EXPECT_EQ(
        profile.query("SELECT due_at FROM delivery"),
        std::to_string(to_milliseconds(story_day() + seconds(30)))
    );
    (*app)->advance(seconds(29));
    (void)get(app->admin_url() + "/healthz");
    EXPECT_EQ(slack.calls(), 1u);
    (*app)->advance(seconds(1));
    ASSERT_TRUE(slack.wait_for_messages(1));
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1));
    EXPECT_EQ(profile.query("SELECT attempts FROM delivery"), "1")
        << "Slack named a time: that is no failed attempt";
}

TEST_F(delivery_fault, rate_limit_that_lasts_kills_no_message)
{
    constexpr int refusals = 10;  // attempts_max is 4
    slack.script(std::vector<slack_fault>(refusals, slack_fault::rate_limit("1")));
    open_pull_request(1);
    for (unsigned call = 1; call <= refusals; ++call)
    {
        ASSERT_TRUE(slack.wait_for_calls(call));
        ASSERT_TRUE(becomes("delivery_attempt WHERE outcome = 'retry_after'", 1));
        (*app)->advance(seconds(1));
    }
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1)) << profile.query("SELECT reason FROM delivery");
    EXPECT_EQ(slack.calls(), refusals + 1u);
}

TEST_F(delivery_fault, rate_limit_pauses_the_whole_destination)
{
    slack.script({slack_fault::rate_limit("60")});
    open_pull_request(1);
    ASSERT_TRUE(becomes("delivery_attempt WHERE outcome = 'retry_after'", 1));
    open_pull_request(2);
    ASSERT_TRUE(becomes("delivery", 2));
    (*app)->advance(seconds(59));
    (void)get(app->admin_url() + "/healthz");
    EXPECT_EQ(slack.calls(), 1u);
    (*app)->advance(seconds(1));
    ASSERT_TRUE(slack.wait_for_messages(2));
}

TEST_F(delivery_fault, server_error_is_unknown_and_tried_again)
{
    slack.script({slack_fault::status(500), slack_fault::status(502)});
    open_pull_request(1);
    ASSERT_TRUE(becomes("delivery_attempt WHERE outcome IS NOT NULL", 1));
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 1", 1, seconds(5)));
    EXPECT_EQ(slack.messages().size(), 1u);
    EXPECT_EQ(slack.calls(), 3u);
}

TEST_F(delivery_fault, cut_connection_has_an_unknown_outcome)
{
    slack.script({slack_fault::cut(true), slack_fault::none()});
    open_pull_request(1);
    ASSERT_TRUE(becomes("delivery_attempt WHERE outcome = 'unknown'", 1));
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 1", 1, seconds(5)));
    EXPECT_EQ(slack.messages().size(), 2u) << "Slack had kept the first, and nobody could know";
}

TEST_F(delivery_fault, slow_answer_is_given_up_and_tried_again)
{
    slack.script({slack_fault::held()});
    open_pull_request(1);
    ASSERT_TRUE(becomes("delivery_attempt WHERE outcome = 'unknown'", 1));
    slack.release();
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 1", 1, seconds(5)));
}

TEST_F(delivery_fault, message_at_fault_is_dead_with_its_reason_and_the_next_goes_on)
{
    slack.script({slack_fault::error("msg_too_long")});
    open_pull_request(1);
    ASSERT_TRUE(becomes("delivery WHERE state = 2 AND reason LIKE '%msg_too_long%'", 1));
    open_pull_request(2);
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1));
}

TEST_F(delivery_fault, attempts_end_in_dead_with_the_last_reason)
{
    slack.script(std::vector<slack_fault>(4, slack_fault::status(500)));
    open_pull_request(1);
    ASSERT_TRUE(becomes_in_time(
        "delivery WHERE state = 2 AND reason LIKE '%gave up after 4 attempts%'", 1, seconds(5)
    ));
    EXPECT_EQ(slack.calls(), 4u);
}

TEST_F(delivery_fault, token_at_fault_holds_the_destination_until_it_is_replaced)
{
    slack.spoil_token("xoxb-test-1", "token_revoked");
    for (int number = 1; number <= 5; ++number)
        open_pull_request(number);
    ASSERT_TRUE(becomes("destination_hold WHERE reason LIKE '%token_revoked%' AND advice <> ''", 1));
    ASSERT_TRUE(becomes("inbox WHERE state = 0", 0));
    // Lanes that had begun before the hold end a moment later.
    EXPECT_TRUE(becomes("delivery WHERE attempts > 0", 0)) << "the destination's fault is not the messages'";
    EXPECT_LE(slack.calls(), 5u);
    EXPECT_EQ(profile.count("delivery WHERE state = 0"), 5) << "nothing dies while the destination is held";

    slack.add_token("xoxb-test-2");
    profile.set_field(slack_link, "bot_token", "xoxb-test-2");
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 5));
    EXPECT_EQ(slack.messages().size(), 5u);
    ASSERT_TRUE(becomes("destination_hold", 0));
}

TEST_F(delivery_fault, held_destination_is_looked_at_now_and_then)
{
    slack.archive_channel("C0000000001");
    open_pull_request(1);
    open_pull_request(2);
    ASSERT_TRUE(becomes("destination_hold", 1));
    ASSERT_TRUE(becomes("inbox WHERE state = 0", 0));
    auto const calls = slack.calls();
    (*app)->advance(seconds(301));
    ASSERT_TRUE(slack.wait_for_calls(calls + 1)) << "one message looks whether it works again";
    ASSERT_TRUE(becomes("delivery WHERE state = 0", 2));
    slack.archive_channel("C0000000001", false);
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 1", 2, seconds(100)));
    ASSERT_TRUE(becomes("destination_hold", 0));
}

TEST_F(delivery_fault, held_destination_that_asks_for_time_is_given_it)
{
    slack.archive_channel("C0000000001");
    open_pull_request(1);
    auto const is_held = [&] {
        return get(app->admin_url() + "/metrics").body.find("linkspan_held_destinations 1") !=
               std::string::npos;
    };
    ASSERT_TRUE(eventually(is_held));
    open_pull_request(2);
    ASSERT_TRUE(becomes("delivery", 2));
    let_the_app_go_on();
    ASSERT_EQ(slack.calls(), 1u);
    slack.archive_channel("C0000000001", false);
    slack.script({slack_fault::rate_limit("60")});
    (*app)->advance(seconds(301));
    ASSERT_TRUE(becomes("delivery_attempt WHERE outcome = 'retry_after'", 1));
    let_the_app_go_on();
    EXPECT_EQ(slack.calls(), 2u) << "the other lane has waited too";
    (*app)->advance(seconds(60));
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 1", 2, seconds(30)));
}

TEST_F(delivery_fault, more_lanes_than_may_send_at_once_are_all_served)
{
    slack.script(std::vector<slack_fault>(16, slack_fault::held()));
    for (int number = 1; number <= 50; ++number)
        open_pull_request(number);
    ASSERT_TRUE(becomes("delivery", 50));
    slack.release();
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 1", 50, seconds(5)));
    EXPECT_EQ(profile.count("delivery WHERE state <> 1"), 0);
}

TEST_F(delivery_fault, hold_survives_a_restart_and_ends_when_it_works)
{
    slack.archive_channel("C0000000001");
    open_pull_request(1);
    ASSERT_TRUE(becomes("destination_hold", 1));
    EXPECT_TRUE(app->stop());
    app.reset();
    slack.archive_channel("C0000000001", false);
    start();
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 1", 1, seconds(100)));
    ASSERT_TRUE(becomes("destination_hold", 0));
}

TEST_F(delivery_fault, retried_head_is_not_overtaken_in_its_lane_and_other_lanes_go_on)
{
    slack.script({slack_fault::status(500)});
    open_pull_request(1);
    ASSERT_TRUE(becomes("delivery_attempt WHERE outcome IS NOT NULL", 1));
    auto const comment = step_of(edition::cloud, "comment", 1, story_day());
    exchange_with(
        delivery_to(app->public_url(), "hook", edition::cloud, comment.event_key, comment.body, webhook_key)
    );
    open_pull_request(2);
    ASSERT_TRUE(slack.wait_for_messages(1));
    EXPECT_NE(slack.messages()[0].text.find("#2"), std::string::npos) << slack.messages()[0].text;
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 1", 3, seconds(5)));
    EXPECT_NE(slack.messages()[1].text.find("opened"), std::string::npos) << slack.messages()[1].text;
    EXPECT_NE(slack.messages()[2].text.find("comment"), std::string::npos) << slack.messages()[2].text;
}

TEST_F(delivery_fault, message_in_flight_is_finished_before_the_app_stops)
{
    slack.script({slack_fault::held()});
    open_pull_request(1);
    ASSERT_TRUE(slack.wait_for_held(1));
    (*app)->stop();
    slack.release();
    EXPECT_TRUE(app->stop());
    EXPECT_EQ(profile.count("delivery WHERE state = 1"), 1);
    EXPECT_EQ(profile.count("delivery_attempt WHERE outcome = 'accepted'"), 1);
}

TEST_F(delivery_fault, deleted_link_holds_its_destination)
{
    profile.execute("DELETE FROM link WHERE name = 'slack'");
    ASSERT_TRUE(eventually(
        [&]
        {
            open_pull_request(static_cast<int>(profile.count("delivery")) + 1);
            return profile.count("destination_hold WHERE advice LIKE '%linkspan check%'") == 1;
        }
    ));
}

}  // namespace
}  // namespace linkspan::test
