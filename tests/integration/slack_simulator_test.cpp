#include "tests/simulators/slack_simulator.hpp"

#include "links/net/client.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/run_loop.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <regex>

namespace linkspan
{
namespace
{

namespace json = boost::json;
using test::slack_fault;

class slack_simulator_test : public testing::Test
{
protected:
    http_response call(std::string method, std::string body, std::string token = "xoxb-test-1")
    {
        http_request request("POST", slack.api_url() + method);
        request.headers.push_back({"Content-Type", "application/json; charset=utf-8"});
        if (!token.empty())
            request.headers.push_back({"Authorization", "Bearer " + token});
        request.body = std::move(body);
        return send(std::move(request));
    }

    http_response send(http_request request)
    {
        auto ended = test::run(loop, client.send(std::move(request)));
        EXPECT_EQ(ended.fate, exchange_fate::answered) << ended.reason;
        return ended.response;
    }

    std::string error_of(std::string body, std::string token = "xoxb-test-1")
    {
        auto const response = call("chat.postMessage", std::move(body), std::move(token));
        EXPECT_EQ(response.status, 200);
        auto const answer = json::parse(response.body);
        EXPECT_FALSE(answer.at("ok").as_bool()) << response.body;
        return std::string(answer.at("error").as_string());
    }

    test::slack_simulator slack;
    boost::asio::io_context loop{1};
    http_client client{loop};
};

std::string const good_message = R"({"channel":"C0000000001","text":"hello"})";

TEST_F(slack_simulator_test, keeps_messages_in_order)
{
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(json::parse(call("chat.postMessage", good_message).body).at("ok").as_bool());
    EXPECT_TRUE(json::parse(call("chat.postMessage", R"({"channel":"#builds","text":"by name"})").body)
                    .at("ok")
                    .as_bool());
    auto const kept = slack.messages();
    ASSERT_EQ(kept.size(), 6u);
    for (std::size_t i = 1; i < kept.size(); ++i)
        EXPECT_LT(kept[i - 1].ts, kept[i].ts);
    EXPECT_EQ(kept[5].channel, "C0000000001");
    EXPECT_EQ(kept[5].text, "by name");
    EXPECT_EQ(kept[0].token, "xoxb-test-1");
}

TEST_F(slack_simulator_test, judges_as_slack_does)
{
    slack.add_channel("C0000000002", "elsewhere", false);
    slack.add_token("xoxb-test-2");
    slack.spoil_token("xoxb-test-2", "token_revoked");
    EXPECT_EQ(error_of(good_message, ""), "not_authed");
    EXPECT_EQ(error_of(good_message, "xoxb-other"), "invalid_auth");
    EXPECT_EQ(error_of(good_message, "xoxb-test-2"), "token_revoked");
    EXPECT_EQ(error_of("{"), "invalid_json");
    EXPECT_EQ(error_of("[]"), "json_not_object");
    EXPECT_EQ(error_of(R"({"text":"x"})"), "invalid_arguments");
    EXPECT_EQ(error_of(R"({"channel":"C9","text":"x"})"), "channel_not_found");
    EXPECT_EQ(error_of(R"({"channel":"C0000000002","text":"x"})"), "not_in_channel");
    EXPECT_EQ(error_of(R"({"channel":"C0000000001"})"), "no_text");
    EXPECT_EQ(
        error_of(R"({"channel":"C0000000001","text":")" + std::string(40'001, 'x') + "\"}"), "msg_too_long"
    );
    auto const with_blocks = [](std::string blocks)
    { return R"({"channel":"C0000000001","text":"x","blocks":)" + blocks + "}"; };
    EXPECT_EQ(error_of(with_blocks("{}")), "invalid_blocks_format");
    EXPECT_EQ(error_of(with_blocks(R"([{"type":"poem"}])")), "invalid_blocks");
    EXPECT_EQ(error_of(with_blocks(R"([{"type":"section"}])")), "invalid_blocks");
    EXPECT_EQ(
        error_of(with_blocks(R"([{"type":"section","text":{"type":"mrkdwn","text":""}}])")), "invalid_blocks"
    );
    EXPECT_EQ(
        error_of(with_blocks(
            R"([{"type":"section","text":{"type":"mrkdwn","text":")" + std::string(3001, 'x') + "\"}}]"
        )),
        "invalid_blocks"
    );
    EXPECT_EQ(error_of(with_blocks(R"([{"type":"context","elements":[]}])")), "invalid_blocks");
    slack.archive_channel("C0000000001");
    EXPECT_EQ(error_of(good_message), "is_archived");
    EXPECT_TRUE(slack.messages().empty());

    http_request form("POST", slack.api_url() + "chat.postMessage");
    form.headers.push_back({"Authorization", "Bearer xoxb-test-1"});
    form.headers.push_back({"Content-Type", "text/plain"});
    form.body = good_message;
    EXPECT_NE(send(form).body.find("invalid_post_type"), std::string::npos);
    EXPECT_NE(call("chat.explode", "{}").body.find("unknown_method"), std::string::npos);
    EXPECT_EQ(send(http_request("GET", slack.api_url() + "../other")).status, 404);
}

TEST_F(slack_simulator_test, faults_come_in_sequence)
{
    slack.script(
        {slack_fault::rate_limit("7"),
         slack_fault::status(500),
         slack_fault::none(),
         slack_fault::error("fatal_error")}
    );
    auto const limited = call("chat.postMessage", good_message);
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(find_header(limited.headers, "Retry-After"), "7");
    EXPECT_EQ(call("chat.postMessage", good_message).status, 500);
    EXPECT_EQ(call("chat.postMessage", good_message).status, 200);
    EXPECT_EQ(error_of(good_message), "fatal_error");
    EXPECT_EQ(slack.messages().size(), 1u);
    EXPECT_EQ(slack.calls(), 4u);
}

// --- contract: the answers have the members that Slack's own have
// ------------------------------------------------

class slack_contract_test : public slack_simulator_test
{
protected:
    void SetUp() override
    {
        auto const folder = test::specs();
        if (!folder)
            GTEST_SKIP() << "LINKSPAN_SPECS is not set";
        spec = json::parse(test::read_file(*folder / "slack-web.swagger.json"));
        sample = json::parse(test::read_file(*folder / "slack-samples" / "api" / "auth.test.json"));
    }

    json::value const& schema(std::string_view path, std::string_view verb, std::string_view status)
    {
        return spec.at("paths").at(path).at(verb).at("responses").at(status).at("schema");
    }

    void expect_fits(json::object const& answer, json::value const& wanted)
    {
        for (auto const& name : wanted.at("required").as_array())
            EXPECT_TRUE(answer.contains(name.as_string())) << name;
        for (auto const& [key, value] : answer)
            EXPECT_TRUE(wanted.at("properties").as_object().contains(key)) << key;
    }

    json::value spec;
    json::value sample;
};

TEST_F(slack_contract_test, auth_test)
{
    auto const answer = json::parse(call("auth.test", "{}").body).as_object();
    expect_fits(answer, schema("/auth.test", "get", "200"));
    for (auto const& [key, value] : answer)
    {
        ASSERT_TRUE(sample.as_object().contains(key)) << key;
        EXPECT_EQ(value.kind(), sample.at(key).kind()) << key;
    }
    expect_fits(
        json::parse(call("auth.test", "{}", "xoxb-no").body).as_object(),
        schema("/auth.test", "get", "default")
    );
}

TEST_F(slack_contract_test, chat_post_message)
{
    auto const answer = json::parse(call("chat.postMessage", good_message).body).as_object();
    expect_fits(answer, schema("/chat.postMessage", "post", "200"));
    expect_fits(answer.at("message").as_object(), spec.at("definitions").at("objs_message"));
    std::regex const ts(std::string(spec.at("definitions").at("defs_ts").at("pattern").as_string()));
    EXPECT_TRUE(std::regex_match(std::string(answer.at("ts").as_string()), ts)) << answer.at("ts");

    auto const& refusal = schema("/chat.postMessage", "post", "default");
    auto const refused =
        json::parse(call("chat.postMessage", R"({"channel":"C9","text":"x"})").body).as_object();
    expect_fits(refused, refusal);
    bool listed = false;
    for (auto const& code : refusal.at("properties").at("error").at("enum").as_array())
        listed = listed || code == refused.at("error");
    EXPECT_TRUE(listed);
}

}  // namespace
}  // namespace linkspan
