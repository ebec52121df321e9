#include "links/registry.hpp"
#include "links/slack/api.hpp"
#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/events.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/template_peer.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::expected_call;
using test::template_case;

// Slack refuses with status 200.
test::peer_refusal const refusal = {200, R"({"ok":false,"error":"invalid_auth"})"};

expected_call auth_test(std::string const& token)
{
    return {
        .method = "POST",
        .target = "/api/auth.test",
        .credential = {{"Authorization", "Bearer " + token}},
        .answer = R"({"ok":true,"url":"https://acme.slack.com/","team":"Acme","user":"linkspan",)"
                  R"("team_id":"T01","user_id":"U01","bot_id":"B01","is_enterprise_install":false})",
        .answer_headers = {{"X-OAuth-Scopes", "chat:write,users:read"}}};
}

expected_call bots_info(std::string const& token)
{
    return {
        .target = "/api/bots.info?bot=B01",
        .credential = {{"Authorization", "Bearer " + token}},
        .answer = R"({"ok":true,"bot":{"id":"B01","app_id":"A01","name":"Linkspan","deleted":false}})"};
}

std::map<std::string, std::string> const facts = {
    {"app", "Linkspan"},
    {"app_id", "A01"},
    {"bot_id", "B01"},
    {"team", "Acme"},
    {"team_id", "T01"},
    {"url", "https://acme.slack.com/"},
    {"user", "linkspan"},
    {"user_id", "U01"}};

template_case bot_case()
{
    return {
        .name = "slack-bot-token",
        .fields = {{"bot_token", "xoxb-1-a"}, {"signing_secret", "0a1b"}, {"api_url", "{peer}/api"}},
        .credential = "bot_token",
        .calls = {auth_test("xoxb-1-a"), bots_info("xoxb-1-a")},
        .account = "linkspan in Acme",
        .kind = "bot token",
        .scopes = "chat:write users:read",
        .facts = facts,
        .refusal = refusal};
}

TEST(slack_templates, a_bot_token_says_who_it_is)
{
    test::expect_identity(bot_case());
}

TEST(slack_templates, an_oauth_link_says_who_it_is_with_its_token)
{
    for (auto const* name : {"slack-oauth", "slack-oauth-gov"})
    {
        auto one = bot_case();
        one.name = name;
        // As Slack gives them with token rotation.
        std::string const token = "xoxe.xoxb-1-a";
        one.fields = {
            {"client_id", "1.2"},
            {"client_secret", "0a1b2c"},
            {"access_token", token},
            {"api_url", "{peer}/api/"}};
        one.credential = "access_token";
        one.calls = {auth_test(token), bots_info(token)};
        test::expect_identity(one);
    }
}

template_case socket_case()
{
    auto one = bot_case();
    one.name = "slack-socket-mode";
    one.fields = {{"app_token", "xapp-1-A01-9-z"}, {"bot_token", "xoxb-1-a"}, {"api_url", "{peer}/api/"}};
    one.calls.insert(
        one.calls.begin(),
        {.method = "POST",
         .target = "/api/apps.connections.open",
         .credential = {{"Authorization", "Bearer xapp-1-A01-9-z"}},
         .answer = R"({"ok":true,"url":"wss://wss-primary.slack.com/link/?ticket=canary-ticket"})",
         .answer_headers = {{"X-OAuth-Scopes", "connections:write"}}}
    );
    one.kind = "app token and bot token";
    one.scopes = "chat:write users:read connections:write";
    return one;
}

TEST(slack_templates, socket_mode_tries_both_tokens)
{
    auto one = socket_case();
    test::expect_identity(one);
    one.credential = "app_token";
    test::expect_identity(one);
}

// A message names the token that is at fault.
TEST(slack_templates, socket_mode_says_which_token_is_refused)
{
    for (std::string const field : {"app_token", "bot_token"})
    {
        auto const one = socket_case();
        boost::asio::io_context loop{1};
        test::template_peer peer(loop, one.calls, refusal);
        http_client client(loop);
        link_services services(client, [] { return test::template_test_now; });
        auto fields = test::fields_of(one, peer.url());
        fields[field] = secret(std::string(fields[field].reveal()) + "9");
        auto const said = test::run(loop, find_template(one.name)->identify(services, std::move(fields)));
        ASSERT_FALSE(said.has_value());
        EXPECT_TRUE(said.error().message.starts_with(field + ": Slack says invalid_auth"))
            << said.error().message;
    }
}

// bots.info needs a scope that posting does not.
TEST(slack_templates, without_users_read_the_app_stays_unknown)
{
    auto one = bot_case();
    one.calls[1].answer = R"({"ok":false,"error":"missing_scope","needed":"users:read"})";
    one.facts.erase("app");
    one.facts.erase("app_id");
    test::expect_identity(one);
}

TEST(slack_templates, a_user_token_has_no_bot)
{
    auto one = bot_case();
    one.name = "slack-oauth";
    one.fields = {{"client_id", "1.2"}, {"access_token", "xoxp-1-a"}, {"api_url", "{peer}/api/"}};
    one.credential = "access_token";
    one.calls = {auth_test("xoxp-1-a")};
    one.calls[0].answer = R"({"ok":true,"team":"Acme","user":"ada","team_id":"T01","user_id":"U02",)"
                          R"("bot_id":null,"enterprise_id":"E01"})";
    one.calls[0].answer_headers.clear();
    one.account = "ada in Acme";
    one.kind = "user token";
    one.scopes = std::nullopt;
    one.facts = {
        {"enterprise_id", "E01"}, {"team", "Acme"}, {"team_id", "T01"}, {"user", "ada"}, {"user_id", "U02"}};
    test::expect_identity(one);
}

TEST(slack_templates, every_refusal_has_its_meaning)
{
    std::map<std::string, errc> const expected = {
        {"token_revoked", errc::unauthorized},
        {"account_inactive", errc::unauthorized},
        {"missing_scope", errc::unauthorized},
        {"ratelimited", errc::unavailable},
        {"internal_error", errc::unavailable},
        {"unknown_method", errc::not_found},
        {"invalid_charset", errc::invalid},
        {"brand_new_code", errc::invalid},
    };
    for (auto const& [code, meaning] : expected)
    {
        boost::json::object const body = {{"ok", false}, {"error", code}};
        auto const said = slack::refusal_of(body);
        EXPECT_EQ(said.code, meaning) << code;
        EXPECT_NE(said.message.find(code), std::string::npos) << said.message;
    }
}

class slack_oauth_sink_test : public testing::Test
{
protected:
    message_request message(std::string const& token)
    {
        message_request request;
        request.event = test::sample_event(event_kind::pull_request_opened);
        request.fields["access_token"] = secret(token);
        request.fields["client_secret"] = secret("0a1b2c");
        request.fields["api_url"] = secret(slack.api_url());
        request.channel = "C0000000001";
        return request;
    }

    outcome send(std::string_view name, message_request request)
    {
        return test::run(loop, find_template(name)->send(services, std::move(request)));
    }

    test::slack_simulator slack;
    boost::asio::io_context loop{1};
    http_client client{loop};
    sink_services services{client, {}, false};
};

TEST_F(slack_oauth_sink_test, posts_with_the_token_that_oauth_has_got)
{
    slack.add_token("xoxe.xoxb-2-b");
    for (auto const* name : {"slack-oauth", "slack-oauth-gov"})
        EXPECT_EQ(send(name, message("xoxe.xoxb-2-b")).kind, outcome_kind::accepted) << name;
    EXPECT_EQ(slack.messages().size(), 2u);
    auto const none = send("slack-oauth", message(""));
    EXPECT_EQ(none.kind, outcome_kind::rejected_destination);
    EXPECT_FALSE(none.token_refused);
    EXPECT_EQ(slack.calls(), 2u);
}

TEST_F(slack_oauth_sink_test, socket_mode_posts_with_its_bot_token)
{
    auto request = message("");
    request.fields["bot_token"] = secret("xoxb-test-1");
    request.fields["app_token"] = secret("xapp-1");
    EXPECT_EQ(send("slack-socket-mode", std::move(request)).kind, outcome_kind::accepted);
}

// A refused token is told apart from a refused channel: only for the first a new token helps.
TEST_F(slack_oauth_sink_test, says_when_the_token_is_refused)
{
    for (auto const* code : {"invalid_auth", "token_expired", "token_revoked", "not_authed"})
    {
        slack.spoil_token("xoxb-test-1", code);
        auto const said = send("slack-oauth", message("xoxb-test-1"));
        EXPECT_EQ(said.kind, outcome_kind::rejected_destination) << code;
        EXPECT_TRUE(said.token_refused) << code;
    }
    for (auto const* code : {"missing_scope", "account_inactive"})
    {
        slack.spoil_token("xoxb-test-1", code);
        EXPECT_FALSE(send("slack-oauth", message("xoxb-test-1")).token_refused) << code;
    }
    exchange ended;
    ended.fate = exchange_fate::answered;
    ended.response = http_response(401);
    EXPECT_TRUE(slack::read_answer(ended).token_refused);
    ended.response = http_response(403);
    EXPECT_FALSE(slack::read_answer(ended).token_refused);
}

// Slack's own manners: commas between scopes, Basic for the client, and no PKCE (with it Slack grants no bot
// scopes to a redirect to localhost).
TEST(slack_templates, the_oauth_profile_is_slacks)
{
    link_fields fields;
    fields["client_id"] = secret("1.2");
    fields["client_secret"] = secret("0a1b2c");
    fields["scopes"] = secret("chat:write.public, chat:write");
    auto const client = oauth_client_of(*find_template("slack-oauth"), fields);
    ASSERT_TRUE(client.has_value()) << client.error().message;
    EXPECT_EQ(client->authorize_url, "https://slack.com/oauth/v2/authorize");
    EXPECT_EQ(client->token_url, "https://slack.com/api/oauth.v2.access");
    EXPECT_EQ(client->scopes, "chat:write,chat:write.public,users:read");
    EXPECT_TRUE(client->proof == oauth::client_proof::basic);
    EXPECT_TRUE(client->dialect == token_dialect::slack);
    EXPECT_FALSE(client->pkce);
    auto const gov = oauth_client_of(*find_template("slack-oauth-gov"), fields);
    ASSERT_TRUE(gov.has_value()) << gov.error().message;
    EXPECT_EQ(gov->authorize_url, "https://slack-gov.com/oauth/v2/authorize");
    EXPECT_EQ(gov->token_url, "https://slack-gov.com/api/oauth.v2.access");
    fields["auth_url"] = secret("http://127.0.0.1:8080/authorize");
    fields["api_url"] = secret("http://127.0.0.1:8080/api");
    auto const local = oauth_client_of(*find_template("slack-oauth"), fields);
    ASSERT_TRUE(local.has_value()) << local.error().message;
    EXPECT_EQ(local->authorize_url, "http://127.0.0.1:8080/authorize");
    EXPECT_EQ(local->token_url, "http://127.0.0.1:8080/api/oauth.v2.access");
}

}  // namespace
}  // namespace linkspan
