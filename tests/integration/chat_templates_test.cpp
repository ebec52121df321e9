#include "links/registry.hpp"
#include "tests/support/template_peer.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::template_case;

TEST(chat_templates, a_mattermost_bot_says_who_it_is)
{
    template_case one = {
        .name = "mattermost-bot",
        .fields = {{"base_url", "{peer}/chat"}, {"token", "canary7qtoken"}},
        .credential = "token",
        .calls =
            {{.target = "/chat/api/v4/users/me",
              .credential = {{"Authorization", "Bearer canary7qtoken"}},
              .answer = R"({"id":"u1","username":"linkspan","is_bot":true,"email":"","nickname":""})",
              .answer_headers = {{"X-Version-Id", "10.11.2"}}}},
        .account = "@linkspan",
        .kind = "bot access token",
        .facts = {{"user_id", "u1"}, {"username", "linkspan"}, {"version", "10.11.2"}},
        .refusal = {
            401,
            R"({"id":"api.context.session_expired.app_error",)"
            R"("message":"Invalid or expired session, please login again.","status_code":401})"}};
    test::expect_identity(one);
    one.calls[0].answer = R"({"id":"u2","username":"ada"})";
    one.account = "@ada";
    one.kind = "personal access token";
    one.facts = {{"user_id", "u2"}, {"username", "ada"}, {"version", "10.11.2"}};
    test::expect_identity(one);
}

TEST(chat_templates, a_zulip_bot_says_who_it_is)
{
    test::expect_identity(
        {.name = "zulip-bot",
         .fields =
             {{"base_url", "{peer}"}, {"email", "linkspan-bot@acme.example"}, {"api_key", "canaryapikey1"}},
         .credential = "api_key",
         .calls =
             {{.target = "/api/v1/users/me",
               // base64 of linkspan-bot@acme.example:canaryapikey1
               .credential =
                   {{"Authorization", "Basic bGlua3NwYW4tYm90QGFjbWUuZXhhbXBsZTpjYW5hcnlhcGlrZXkx"}},
               .answer = R"({"result":"success","msg":"","user_id":11,"full_name":"Linkspan",)"
                         R"("email":"linkspan-bot@acme.example","is_bot":true,"is_owner":false})"}},
         .account = "Linkspan (linkspan-bot@acme.example)",
         .kind = "bot API key",
         .facts = {{"user_id", "11"}},
         .refusal = {401, R"({"result":"error","msg":"Invalid API key","code":"INVALID_API_KEY"})"}}
    );
}

TEST(chat_templates, a_matrix_user_says_who_it_is)
{
    test::expect_identity(
        {.name = "matrix",
         .fields = {{"base_url", "{peer}"}, {"access_token", "syt_canary_token_1"}},
         .credential = "access_token",
         .calls =
             {{.target = "/_matrix/client/v3/account/whoami",
               .credential = {{"Authorization", "Bearer syt_canary_token_1"}},
               .answer = R"({"user_id":"@linkspan:example.com","device_id":"ABCDEF","is_guest":false})"}},
         .account = "@linkspan:example.com",
         .kind = "access token",
         .facts = {{"device_id", "ABCDEF"}, {"user_id", "@linkspan:example.com"}},
         .refusal = {401, R"({"errcode":"M_UNKNOWN_TOKEN","error":"Invalid access token passed."})"}}
    );
}

// The URL is the secret: to GET it tells about the webhook, token and URL included.
TEST(chat_templates, a_discord_webhook_says_what_it_is)
{
    test::expect_identity(
        {.name = "discord-webhook",
         .fields = {{"webhook_url", "{peer}/api/webhooks/223704706495545344/canary-token-of-webhook"}},
         .credential = "webhook_url",
         .calls =
             {{.target = "/api/webhooks/223704706495545344/",
               .secret_end = "canary-token-of-webhook",
               .answer =
                   R"({"id":"223704706495545344","type":1,"name":"Linkspan","channel_id":"199737254929760256",)"
                   R"("guild_id":"199737254929760255","token":"canary-token-of-webhook",)"
                   R"("url":"{peer}/api/webhooks/223704706495545344/canary-token-of-webhook"})"}},
         .account = "Linkspan",
         .kind = "webhook URL",
         .facts =
             {{"channel_id", "199737254929760256"},
              {"guild_id", "199737254929760255"},
              {"webhook_id", "223704706495545344"}},
         .refusal = {401, R"({"message":"Invalid Webhook Token","code":50027})"}}
    );
}

TEST(chat_templates, an_answer_about_another_discord_webhook_is_none)
{
    template_case const one = {
        .name = "discord-webhook",
        .fields = {{"webhook_url", "{peer}/api/webhooks/123/canary-token"}},
        .credential = "webhook_url",
        .calls = {{.target = "/api/webhooks/123/canary-token", .answer = R"({"id":"124","name":"Other"})"}},
        .account = "",
        .kind = ""};
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, one.calls);
    auto const said = test::ask_identity(one, loop, peer.url());
    ASSERT_FALSE(said.has_value());
    EXPECT_EQ(said.error().code, errc::not_found);
    EXPECT_EQ(peer.answered(), 1u);
}

// A GET of the webhook's own URL would run it; the one below /hooks/info only looks it up. What is refused
// may be repeated in the service's words.
TEST(chat_templates, a_rocket_chat_webhook_works)
{
    test::expect_identity(
        {.name = "rocket-chat-webhook",
         .fields = {{"webhook_url", "{peer}/chat/hooks/65a0c0ffee/canarytokenofwebhook"}},
         .credential = "webhook_url",
         .calls =
             {{.target = "/chat/hooks/info/65a0c0ffee/",
               .secret_end = "canarytokenofwebhook",
               .answer = R"({"success":true})"}},
         .account = "an incoming integration at 127.0.0.1",
         .kind = "webhook URL",
         .refusal =
             {404,
              R"({"success":false,"error":"Invalid integration id or token provided. canarytokenofwebhoox"})"}}
    );
}

TEST(chat_templates, what_cannot_be_asked_is_not_asked)
{
    for (auto const* name :
         {"google-chat-webhook", "mattermost-webhook", "teams-workflow", "generic-webhook"})
    {
        ASSERT_NE(find_template(name), nullptr) << name;
        EXPECT_EQ(find_template(name)->identify, nullptr) << name;
        EXPECT_NE(find_template(name)->purpose.find("cannot be asked who it is"), std::string::npos) << name;
    }
}

}  // namespace
}  // namespace linkspan
