#include "links/oauth/client.hpp"
#include "links/registry.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/template_peer.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

// Slack's token endpoint as it answers with token rotation
// (docs.slack.dev/authentication/using-token-rotation): status 200 for everything, Basic for the client, a
// new refresh token each time.
class slack_oauth_test : public testing::Test
{
protected:
    static test::expected_call access_call(std::string form, std::string answer)
    {
        return {
            .method = "POST",
            .target = "/api/oauth.v2.access",
            // base64 of 1.2:0a1b2c
            .credential = {{"Authorization", "Basic MS4yOjBhMWIyYw=="}},
            .is_body = [form](std::string const& body) { return body.find(form) != std::string::npos; },
            .answer = std::move(answer)};
    }

    static std::string tokens(std::string const& access, std::string const& refresh)
    {
        return R"({"ok":true,"access_token":")" + access + R"(","expires_in":43200,"refresh_token":")" +
               refresh +
               R"(","token_type":"bot","scope":"chat:write,users:read","bot_user_id":"U01","app_id":"A01",)"
               R"("team":{"id":"T01","name":"Acme"},"enterprise":null,"authed_user":{"id":"U02"}})";
    }

    oauth::client client_at(std::string const& url)
    {
        link_fields fields;
        fields["client_id"] = secret("1.2");
        fields["client_secret"] = secret("0a1b2c");
        fields["api_url"] = secret(url + "/api/");
        return *oauth_client_of(*find_template("slack-oauth"), fields);
    }

    token_answer refresh_at(std::string const& url, std::string const& token)
    {
        return test::run(loop, oauth::refresh(http, client_at(url), secret(token), test::template_test_now));
    }

    test::peer_refusal const refusal{200, R"({"ok":false,"error":"invalid_client_id"})"};
    boost::asio::io_context loop{1};
    http_client http{loop};
};

TEST_F(slack_oauth_test, a_code_becomes_tokens_that_rotate)
{
    test::template_peer peer(
        loop,
        {access_call("code=canary-code", tokens("xoxe.xoxb-1-a", "xoxe-1-r")),
         access_call("refresh_token=xoxe-1-r", tokens("xoxe.xoxb-1-b", "xoxe-1-s"))},
        refusal
    );
    auto const first = test::run(
        loop,
        oauth::exchange_code(
            http,
            client_at(peer.url()),
            secret("canary-code"),
            "http://localhost:14470/callback",
            secret(),
            test::template_test_now
        )
    );
    ASSERT_EQ(first.fate, token_fate::granted) << first.words;
    EXPECT_EQ(first.tokens.access_token.reveal(), "xoxe.xoxb-1-a");
    EXPECT_EQ(first.tokens.scopes, "chat:write users:read");
    EXPECT_TRUE(first.tokens.expires_at == test::template_test_now + seconds(43200));
    EXPECT_EQ(peer.received()[0].request.body.find("code_verifier"), std::string::npos);
    auto const next = refresh_at(peer.url(), std::string(first.tokens.refresh_token.reveal()));
    ASSERT_EQ(next.fate, token_fate::granted) << next.words;
    EXPECT_EQ(next.tokens.access_token.reveal(), "xoxe.xoxb-1-b");
    EXPECT_EQ(next.tokens.refresh_token.reveal(), "xoxe-1-s");
    EXPECT_TRUE(peer.faults().empty());
}

TEST_F(slack_oauth_test, a_used_refresh_token_is_refused_with_status_200)
{
    test::template_peer peer(
        loop,
        {access_call("grant_type=refresh_token", R"({"ok":false,"error":"invalid_refresh_token"})")},
        refusal
    );
    auto const said = refresh_at(peer.url(), "xoxe-1-r");
    EXPECT_EQ(said.fate, token_fate::refused) << said.words;
    EXPECT_EQ(said.error_code, "invalid_refresh_token");
}

}  // namespace
}  // namespace linkspan
