#include "links/registry.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

// One template's fields that are right, and what may not stand in one of them. The message must name that
// field, say this, and not repeat the value.
struct check_case
{
    std::string_view name;
    std::map<std::string, std::string> fields;
    struct fault
    {
        std::string field;
        std::string value;
        std::string_view says;
    };
    std::vector<fault> faults;
};

link_fields sealed(std::map<std::string, std::string> const& plain)
{
    link_fields fields;
    for (auto const& [name, value] : plain)
        fields[name] = secret(value);
    return fields;
}

// A link is made in steps: one required field that is not there yet is no fault, and hides none.
void expect_steps(link_template const& kind, check_case const& of)
{
    for (auto const& field : kind.fields)
    {
        auto others = of.fields;
        if (!field.is_required || others.erase(std::string(field.name)) == 0)
            continue;
        auto const fit = kind.check(sealed(others));
        EXPECT_TRUE(fit.has_value()) << of.name << " without " << field.name << ": "
                                     << (fit ? "" : fit.error().message);
    }
    for (auto const& [field, value, says] : of.faults)
        if (!value.empty())
        {
            auto const judged = kind.check(sealed({{field, value}}));
            ASSERT_FALSE(judged.has_value()) << of.name << " takes " << value << " for " << field << " alone";
            EXPECT_NE(judged.error().message.find(says), std::string::npos) << judged.error().message;
        }
}

void expect_checks(check_case const& of)
{
    auto const* const kind = find_template(of.name);
    ASSERT_NE(kind, nullptr) << of.name;
    auto const fit = kind->check(sealed(of.fields));
    EXPECT_TRUE(fit.has_value()) << of.name << ": " << (fit ? "" : fit.error().message);
    expect_steps(*kind, of);
    for (auto const& [field, value, says] : of.faults)
    {
        auto other = of.fields;
        other[field] = value;
        auto const judged = kind->check(sealed(other));
        ASSERT_FALSE(judged.has_value()) << of.name << " takes " << value << " for " << field;
        EXPECT_EQ(judged.error().code, errc::invalid);
        EXPECT_NE(judged.error().message.find(field), std::string::npos) << judged.error().message;
        EXPECT_NE(judged.error().message.find(says), std::string::npos) << judged.error().message;
        bool const is_telling = value.size() > 8;
        EXPECT_TRUE(!is_telling || judged.error().message.find(value) == std::string::npos)
            << judged.error().message;
    }
}

std::vector<check_case::fault> faults_of_url(std::string const& field)
{
    return {
        {field, "nowhere.example.com", "must be a URL"},
        {field, "http://nowhere.example.com", "https://"},
        {field, "https://ada:canary@nowhere.example.com", "without user"},
        {field, "https://nowhere.example.com/#canary", "without user and #"},
        {field, "http://127.0.0.1.example.com/", "must be a URL"},
        {field, "https://nowhere.example.com/\n", "must be a URL"},
    };
}

std::vector<check_case::fault> joined(
    std::vector<check_case::fault> all, std::vector<check_case::fault> const& more
)
{
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

TEST(template_checks, take_links_without_any_field)
{
    for (auto const* kind : link_templates())
        if (kind->check != nullptr)
        {
            auto const fit = kind->check({});
            EXPECT_TRUE(fit.has_value()) << kind->name << ": " << (fit ? "" : fit.error().message);
        }
}

TEST(template_checks, slack)
{
    expect_checks(
        {"slack-bot-token",
         {{"bot_token", "xoxb-1-canary"}, {"signing_secret", "0a1b2c"}},
         joined(
             faults_of_url("api_url"),
             {{"bot_token", "xoxb-", "begins with xoxb-"},
              {"bot_token", "xoxp-1-canary", "begins with xoxb-"},
              {"bot_token", "xoxb-1-canary\n", "white space"},
              {"signing_secret", "0a1b 2c3d4e", "white space"},
              {"api_url", "https://slack.com/api?x=canary", "without ?"}}
         )}
    );
    expect_checks(
        {"slack-socket-mode",
         {{"app_token", "xapp-1-canary"}, {"bot_token", "xoxb-1-canary"}},
         {{"app_token", "xoxb-1-canary", "begins with xapp-"},
          {"bot_token", "xapp-1-canary", "begins with xoxb-"},
          {"app_token", "xapp-1 canary", "App-Level Tokens"}}}
    );
    // A signing secret may be there before any token, and before the client too.
    for (auto const* name : {"slack-oauth", "slack-oauth-gov"})
    {
        expect_checks(
            {name, {{"signing_secret", "0a1b2c"}}, {{"signing_secret", "0a1b2c3d \n", "white space"}}}
        );
        expect_checks(
            {name,
             {{"client_id", "1.2"}, {"client_secret", "0a1b2c"}},
             {{"client_secret", "0a1b2c\r\n", "white space"},
              {"client_id", "1 2", "white space"},
              {"auth_url", "http://nowhere.example.com", "https://"}}}
        );
    }
}

TEST(template_checks, keys_of_language_models)
{
    expect_checks(
        {"chatgpt",
         {{"api_key", "sk-proj-canary"}, {"organization", "org-acme"}},
         joined(
             faults_of_url("base_url"),
             {{"api_key", "sk-", "begin with sk-"},
              {"api_key", "AIzaCanary01", "begin with sk-"},
              {"api_key", "sk-ant-api03-canary", "template claude"},
              {"api_key", "sk-proj-canary ", "white space"},
              {"organization", "acme inc", "white space"}}
         )}
    );
    expect_checks(
        {"claude",
         {{"api_key", "sk-ant-api03-canary"}},
         {{"api_key", "sk-proj-canary", "begin with sk-ant-"}, {"base_url", "api.example", "must be a URL"}}}
    );
    expect_checks(
        {"gemini",
         {{"api_key", "AIzaCanary01"}},
         {{"api_key", "AIza Canary01", "white space"}, {"base_url", "api.example", "must be a URL"}}}
    );
    // A gateway has keys of its own.
    for (auto const* name : {"chatgpt", "claude"})
        expect_checks({name, {{"api_key", "gateway-key"}, {"base_url", "https://ai.example.com"}}, {}});
}

TEST(template_checks, services_of_ones_own)
{
    expect_checks(
        {"mattermost-bot",
         {{"base_url", "https://chat.example.com/team"}, {"token", "canarytoken"}},
         joined(faults_of_url("base_url"), {{"token", "canary\ttoken", "white space"}})}
    );
    expect_checks(
        {"zulip-bot",
         {{"base_url", "https://acme.zulipchat.com"},
          {"email", "bot@acme.example"},
          {"api_key", "canarykey"}},
         joined(
             faults_of_url("base_url"),
             {{"email", "canary-without-at", "e-mail address"},
              {"email", "bot:x@acme.example", "e-mail address"},
              {"api_key", "canary key", "white space"}}
         )}
    );
    expect_checks(
        {"matrix",
         {{"base_url", "https://matrix.example.com"}, {"access_token", "syt_canary"}},
         joined(faults_of_url("base_url"), {{"access_token", "syt_canary\n", "white space"}})}
    );
    expect_checks(
        {"port",
         {{"client_id", "id"}, {"client_secret", "canary"}},
         joined(
             faults_of_url("base_url"),
             {{"client_id", "i d", "white space"}, {"client_secret", "canary secret", "white space"}}
         )}
    );
}

TEST(template_checks, s3)
{
    std::map<std::string, std::string> const aws = {
        {"bucket", "acme-archive"}, {"access_key_id", "AKIA1"}, {"secret_access_key", "canary/secret+1"}};
    expect_checks(
        {"s3",
         aws,
         joined(
             faults_of_url("endpoint"),
             {{"bucket", "Acme_Archive", "name of a bucket"},
              {"bucket", "ab", "name of a bucket"},
              {"bucket", "a/../../b", "name of a bucket"},
              {"bucket", "-acme-archive", "name of a bucket"},
              {"region", "eu-central-1.evil.example/", "name of a region"},
              {"access_key_id", "AKIA1/20130524", "key's id"},
              {"secret_access_key", "canary secret", "white space"},
              {"session_token", "canary token", "white space"}}
         )}
    );
    auto temporary = aws;
    temporary["access_key_id"] = "ASIA1";
    temporary["session_token"] = "canary-session";
    expect_checks({"s3", temporary, {{"session_token", "", "temporary"}}});
}

TEST(template_checks, webhooks)
{
    std::string const id = "abcdefghijklmnopqrstuvwxyz";
    expect_checks(
        {"mattermost-webhook",
         {{"webhook_url", "https://chat.example.com/team/hooks/" + id}},
         joined(
             faults_of_url("webhook_url"),
             {{"webhook_url", "https://chat.example.com/hooks/short", "26 letters"},
              {"webhook_url", "https://chat.example.com/hooks/" + id + "/x", "26 letters"},
              {"webhook_url", "https://chat.example.com/hooks/" + id + "?x", "26 letters"},
              {"webhook_url", "https://chat.example.com/" + id, "26 letters"},
              {"webhook_url", "https://chat.example.com", "26 letters"}}
         )}
    );
    expect_checks(
        {"discord-webhook",
         {{"webhook_url", "https://discord.com/api/webhooks/123/canary-token"}},
         joined(
             faults_of_url("webhook_url"),
             {{"webhook_url", "https://discord.com.evil.example/api/webhooks/123/canary", "of Discord's"},
              {"webhook_url", "https://evildiscord.com/api/webhooks/123/canary", "of Discord's"},
              {"webhook_url", "https://discord.com/api/webhooks/98765", "of Discord's"},
              {"webhook_url", "https://discord.com/channels/123/456", "of Discord's"}}
         )}
    );
    expect_checks(
        {"rocket-chat-webhook",
         {{"webhook_url", "https://chat.example.com/hooks/65a0c0ffee/canarytoken"}},
         {{"webhook_url", "https://chat.example.com/hooks/65a0c0ffee", "Webhook URL"},
          {"webhook_url", "https://chat.example.com/hooks//canarytoken", "Webhook URL"},
          {"webhook_url", "https://chat.example.com/hooks/a/canarytoken?x=1", "Webhook URL"}}}
    );
    expect_checks({"discord-webhook", {{"webhook_url", "https://ptb.discord.com/api/v10/webhooks/1/t/"}}, {}}
    );
    expect_checks({"discord-webhook", {{"webhook_url", "https://Discord.com/api/webhooks/1/t"}}, {}});
}

TEST(template_checks, webhooks_of_google_and_microsoft)
{
    std::string const space = "https://chat.googleapis.com/v1/spaces/AAAA/messages";
    expect_checks(
        {"google-chat-webhook",
         {{"webhook_url", space + "?key=k&token=canary%3D"}},
         joined(
             faults_of_url("webhook_url"),
             {// What a shell leaves of a URL that is not quoted.
              {"webhook_url", space + "?key=k", "has no token="},
              {"webhook_url", space + "?token=canary", "has no key="},
              {"webhook_url", space + "?key=k&token=", "has no token="},
              {"webhook_url", "https://chat.google.com/room/AAAA?key=k&token=t", "of Google Chat"}}
         )}
    );
    std::string const invoke = "/workflows/0f/triggers/manual/paths/invoke";
    std::string const power =
        "https://default0f.12.environment.api.powerplatform.com:443/powerautomate/"
        "automations/direct" +
        invoke;
    std::string const query = "?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0";
    expect_checks(
        {"teams-workflow",
         {{"webhook_url", power + query + "&sig=canary"}},
         joined(
             faults_of_url("webhook_url"),
             {{"webhook_url", power + query, "has no sig="},
              {"webhook_url",
               "https://acme.webhook.office.com/webhookb2/0f@0f/IncomingWebhook/0f/0f",
               "connector"},
              {"webhook_url", "https://evil.example" + invoke + "?sig=canary", "workflow's trigger"},
              {"webhook_url", "https://prod-1.westeurope.logic.azure.com/x?sig=canary", "workflow's trigger"}}
         )}
    );
    expect_checks({"teams-workflow", {{"webhook_url", power + "/" + query + "&sig=canary"}}, {}});
    expect_checks(
        {"teams-workflow",
         {{"webhook_url", "https://prod-1.westeurope.logic.azure.com:443" + invoke + query + "&sig=canary"}},
         {}}
    );
}

TEST(template_checks, generic_webhook)
{
    expect_checks(
        {"generic-webhook",
         {{"url", "https://hooks.example.com/in?token=canary"},
          {"secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
         joined(
             faults_of_url("url"),
             {{"secret", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_"},
              {"secret", "whsec_c2hvcnQ=", "24 to 64"},
              {"secret", "whsec_not base64 at all, but long", "base64"},
              {"secret", "whsec_" + std::string(128, 'A'), "24 to 64"}}
         )}
    );
}

}  // namespace
}  // namespace linkspan
