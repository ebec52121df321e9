#include "links/net/client.hpp"
#include "links/slack/slack.hpp"
#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/events.hpp"
#include "tests/support/run_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace linkspan
{
namespace
{

using test::slack_fault;
using enum outcome_kind;

class slack_sink_test : public testing::Test
{
protected:
    message_request message(event_kind kind = event_kind::pull_request_opened)
    {
        message_request request;
        request.event = test::sample_event(kind);
        request.fields["bot_token"] = secret("xoxb-test-1");
        request.fields["api_url"] = secret(slack.api_url());
        request.channel = "C0000000001";
        return request;
    }

    outcome send(message_request request)
    {
        return test::run(loop, slack::bot_token.send(services, std::move(request)));
    }

    outcome send_with(slack_fault fault)
    {
        slack.script({std::move(fault)});
        return send(message());
    }

    test::slack_simulator slack;
    boost::asio::io_context loop{1};
    http_client client{loop};
    sink_services services{client, {}, false};
};

TEST_F(slack_sink_test, slack_takes_a_message_of_every_kind)
{
    std::size_t sent = 0;
    for (auto const& row : kind_names)
    {
        auto const said = send(message(row.kind));
        EXPECT_EQ(said.kind, accepted) << row.name << ": " << said.detail;
        auto const kept = slack.messages();
        ASSERT_EQ(kept.size(), ++sent) << row.name;
        EXPECT_EQ(said.reference, kept.back().ts);
    }
}

TEST_F(slack_sink_test, a_huge_event_fits)
{
    auto request = message(event_kind::comment_added);
    std::string const much(100'000, '<');
    request.event.pull_request->title = much;
    auto& said = std::get<comment_detail>(request.event.detail).comment;
    said.text = much;
    said.suggestions.assign(100, suggestion(much));
    auto const ended = send(std::move(request));
    EXPECT_EQ(ended.kind, accepted) << ended.detail;
}

TEST_F(slack_sink_test, faults_of_token_and_channel_hold_the_destination)
{
    slack.spoil_token("xoxb-test-1", "token_revoked");
    auto said = send(message());
    EXPECT_EQ(said.kind, rejected_destination);
    EXPECT_NE(said.advice.find("set-creds"), std::string::npos);
    slack.add_token("xoxb-test-1");
    auto elsewhere = message();
    elsewhere.channel = "C9";
    said = send(std::move(elsewhere));
    EXPECT_EQ(said.kind, rejected_destination);
    EXPECT_NE(said.detail.find("channel_not_found"), std::string::npos);
    slack.archive_channel("C0000000001");
    EXPECT_EQ(send(message()).kind, rejected_destination);
    slack.archive_channel("C0000000001", false);
    EXPECT_EQ(send(message()).kind, accepted);
}

TEST_F(slack_sink_test, a_link_that_cannot_work_sends_nothing)
{
    auto no_channel = message();
    no_channel.channel.clear();
    EXPECT_EQ(send(std::move(no_channel)).kind, rejected_destination);
    auto no_token = message();
    no_token.fields.erase("bot_token");
    EXPECT_EQ(send(std::move(no_token)).kind, rejected_destination);
    auto bad_url = message();
    bad_url.fields["api_url"] = secret("http://slack.example/api/");
    EXPECT_EQ(send(std::move(bad_url)).kind, rejected_destination);
    EXPECT_EQ(slack.calls(), 0u);
}

TEST_F(slack_sink_test, a_fault_of_the_message_is_its_own)
{
    EXPECT_EQ(send_with(slack_fault::error("invalid_blocks")).kind, rejected_message);
    EXPECT_EQ(send_with(slack_fault::error("something_new")).kind, rejected_destination);
}

TEST_F(slack_sink_test, later_means_later)
{
    auto const said = send_with(slack_fault::rate_limit("30"));
    EXPECT_EQ(said.kind, retry_after);
    EXPECT_EQ(said.wait, seconds(30));
    EXPECT_FALSE(send_with(slack_fault::rate_limit(std::nullopt)).wait);
    EXPECT_FALSE(send_with(slack_fault::rate_limit("soon")).wait);
    EXPECT_EQ(send_with(slack_fault::status(503)).kind, retry_after);
    EXPECT_EQ(send_with(slack_fault::error("service_unavailable")).kind, retry_after);
    EXPECT_TRUE(slack.messages().empty());
}

TEST_F(slack_sink_test, what_may_have_been_posted_is_unknown)
{
    for (int const status : {500, 502, 504})
        EXPECT_EQ(send_with(slack_fault::status(status)).kind, unknown) << status;
    EXPECT_EQ(send_with(slack_fault::status(200)).kind, unknown);
    EXPECT_EQ(send_with(slack_fault::error("fatal_error")).kind, unknown);
    EXPECT_TRUE(slack.messages().empty());
}

TEST_F(slack_sink_test, a_connection_cut_without_an_answer_is_unknown_and_sent_once)
{
    EXPECT_EQ(send(message()).kind, accepted);  // the second one reuses the connection
    EXPECT_EQ(send_with(slack_fault::cut(true)).kind, unknown);
    EXPECT_EQ(slack.messages().size(), 2u);
    EXPECT_EQ(slack.calls(), 2u);
    EXPECT_EQ(send_with(slack_fault::cut(false)).kind, unknown);
    EXPECT_EQ(slack.messages().size(), 2u);
    EXPECT_EQ(send(message()).kind, accepted);
    EXPECT_EQ(slack.messages().size(), 3u);
}

TEST_F(slack_sink_test, a_send_that_is_cancelled_while_slack_is_silent_is_unknown)
{
    slack.script({slack_fault::held()});
    std::optional<outcome> said;
    boost::asio::co_spawn(
        loop,
        slack::bot_token.send(services, message()),
        [&said](std::exception_ptr, outcome ended) { said = std::move(ended); }
    );
    test::run_until(loop, [this] { return client.in_flight() == 1; });
    std::thread waiter(
        [this]
        {
            EXPECT_TRUE(slack.wait_for_held(1));
            boost::asio::post(loop, [this] { client.cancel(); });
        }
    );
    test::run_until(loop, [&said] { return said.has_value(); });
    waiter.join();
    EXPECT_EQ(said->kind, unknown);
    EXPECT_EQ(slack.messages().size(), 1u);
    slack.release();
}

TEST_F(slack_sink_test, a_slow_answer_is_waited_for)
{
    slack.script({slack_fault::held()});
    std::thread waiter(
        [this]
        {
            EXPECT_TRUE(slack.wait_for_messages(1));
            slack.release();
        }
    );
    auto const said = send(message());
    waiter.join();
    EXPECT_EQ(said.kind, accepted);
}

TEST_F(slack_sink_test, nobody_there_is_not_sent)
{
    auto request = message();
    request.fields["api_url"] = secret("http://127.0.0.1:1/api/");
    auto const said = send(std::move(request));
    EXPECT_EQ(said.kind, retry_after);
    EXPECT_EQ(said.detail.find("xoxb"), std::string::npos);
}

}  // namespace
}  // namespace linkspan
