#include "links/net/rest.hpp"
#include "links/registry.hpp"
#include "tests/support/template_peer.hpp"

#include <boost/json/parse.hpp>
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

// What can be asked nothing is tried by a post, and by nothing else.
bool is_test_message(std::string const& body)
{
    boost::system::error_code failure;
    auto const message = boost::json::parse(body, failure);
    return !failure && text_at(message, "/text").starts_with("A test message of Linkspan");
}

TEST(chat_templates, a_mattermost_webhook_is_tried_by_a_post)
{
    EXPECT_EQ(find_template("mattermost-webhook")->identify, nullptr);
    test::expect_identity(
        {.name = "mattermost-webhook",
         .fields = {{"webhook_url", "{peer}/hooks/canaryhookcanaryhookcanary"}},
         .credential = "webhook_url",
         .calls =
             {{.method = "POST",
               .target = "/hooks/",
               .secret_end = "canaryhookcanaryhookcanary",
               .headers = {{"Content-Type", "application/json"}},
               .is_body = is_test_message,
               .answer = "ok",
               .answer_headers = {{"Content-Type", "text/plain"}}}},
         .account = "a webhook at 127.0.0.1",
         .kind = "webhook URL",
         .refusal =
             {400,
              R"({"id":"web.incoming_webhook.invalid.app_error","message":"Invalid webhook.","status_code":400})"}}
    );
}

TEST(chat_templates, a_google_chat_webhook_is_tried_by_a_post)
{
    EXPECT_EQ(find_template("google-chat-webhook")->identify, nullptr);
    test::expect_identity(
        {.name = "google-chat-webhook",
         .fields = {{"webhook_url", "{peer}/v1/spaces/AAAA/messages?key=AIza1&token=canary-token-of-space"}},
         .credential = "webhook_url",
         .calls =
             {{.method = "POST",
               .target = "/v1/spaces/AAAA/messages?key=AIza1&token=",
               .secret_end = "canary-token-of-space",
               .headers = {{"Content-Type", "application/json"}},
               .is_body = is_test_message,
               .answer = R"({"name":"spaces/AAAA/messages/BBBB.CCCC","text":"A test message"})"}},
         .account = "a webhook at 127.0.0.1",
         .kind = "webhook URL",
         .refusal = {401, R"({"error":{"code":401,"status":"UNAUTHENTICATED","message":"Invalid token"}})"}}
    );
}

TEST(chat_templates, a_teams_workflow_is_tried_by_a_run)
{
    EXPECT_EQ(find_template("teams-workflow")->identify, nullptr);
    auto const is_card = [](std::string const& body)
    {
        boost::system::error_code failure;
        auto const message = boost::json::parse(body, failure);
        return !failure && text_at(message, "/type") == "message" &&
               text_at(message, "/attachments/0/contentType") == "application/vnd.microsoft.card.adaptive" &&
               text_at(message, "/attachments/0/content/type") == "AdaptiveCard" &&
               text_at(message, "/attachments/0/content/body/0/text")
                   .starts_with("A test message of Linkspan");
    };
    test::expect_identity(
        {.name = "teams-workflow",
         .fields =
             {{"webhook_url",
               "{peer}/workflows/w1/triggers/manual/paths/invoke?api-version=1&sig=canary-signature"}},
         .credential = "webhook_url",
         .calls =
             {{.method = "POST",
               .target = "/workflows/w1/triggers/manual/paths/invoke?api-version=1&sig=",
               .secret_end = "canary-signature",
               .headers = {{"Content-Type", "application/json"}},
               .is_body = is_card,
               .status = 202,
               .answer = ""}},
         .account = "a workflow that took a message: see whether it came into the channel",
         .kind = "webhook URL",
         .refusal =
             {401, R"({"error":{"code":"AuthorizationFailed","message":"The signature is not valid."}})"},
         .foreign_answers = {}}
    );
}

}  // namespace
}  // namespace linkspan
