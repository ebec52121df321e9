#include "links/registry.hpp"

#include "links/bitbucket/webhook.hpp"

#include <gtest/gtest.h>

#include <set>

namespace linkspan
{
namespace
{

TEST(registry, templates_are_whole)
{
    std::set<std::string_view> names;
    std::string_view before;
    for (auto const* one : link_templates())
    {
        EXPECT_TRUE(names.insert(one->name).second) << one->name;
        EXPECT_EQ(find_template(one->name), one);
        EXPECT_FALSE(one->title.empty()) << one->name;
        EXPECT_TRUE(one->purpose.ends_with('.')) << one->name;
        EXPECT_TRUE(one->steps.starts_with("1. ") && one->steps.ends_with('\n')) << one->name;
        EXPECT_NE(one->check, nullptr) << one->name;
        EXPECT_FALSE(one->receives.has_value() && one->send != nullptr) << one->name;
        EXPECT_GT(one->name, before) << "sorted by name";
        before = one->name;
        for (auto const page : one->pages)
            EXPECT_TRUE(page.starts_with("https://")) << one->name << " " << page;
        for (auto const& need : one->needs)
            EXPECT_FALSE(need.feature.empty() || need.scopes.empty()) << one->name;
        // Whatever has a secret of a service's tells where that is made; a key of one's own has no such page.
        EXPECT_TRUE(one->identify == nullptr || !one->pages.empty()) << one->name;
        std::set<std::string_view> fields;
        for (auto const& field : one->fields)
        {
            EXPECT_TRUE(fields.insert(field.name).second) << field.name;
            EXPECT_FALSE(field.help.empty()) << field.name;
            EXPECT_TRUE(field.default_value.empty() || !field.is_required) << field.name;
        }
    }
    EXPECT_EQ(find_template("slack"), nullptr);
    EXPECT_EQ(find_template("bitbucket-webhook")->receives, edition::cloud);
    EXPECT_EQ(find_template("bitbucket-dc-webhook")->receives, edition::data_center);
}

// Those of the peer, then those that it lacks: links of these names are in use.
TEST(registry, has_every_template_that_is_promised)
{
    for (auto const* name :
         {"bitbucket-app-oauth",
          "bitbucket-user-token",
          "bitbucket-webhook",
          "chatgpt",
          "claude",
          "confluence-app-oauth",
          "confluence-user-token",
          "gemini",
          "generic-oauth",
          "github-app-jwt",
          "github-app-user",
          "github-user-pat",
          "github-webhook",
          "google-service-account",
          "google-user-oauth",
          "jira-app-oauth",
          "jira-user-token",
          "slack-bot-token",
          "slack-oauth",
          "slack-oauth-gov",
          "slack-socket-mode"})
        EXPECT_NE(find_template(name), nullptr) << name;
    for (auto const* name :
         {"bitbucket-access-token",
          "bitbucket-client-credentials",
          "bitbucket-dc-oauth",
          "bitbucket-dc-token",
          "bitbucket-dc-webhook",
          "console",
          "discord-webhook",
          "generic-webhook",
          "google-chat-webhook",
          "matrix",
          "mattermost-bot",
          "mattermost-webhook",
          "port",
          "rocket-chat-webhook",
          "s3",
          "teams-workflow",
          "zulip-bot"})
        EXPECT_NE(find_template(name), nullptr) << name;
}

TEST(registry, a_field_without_a_value_has_its_default)
{
    auto const& slack = *find_template("slack-bot-token");
    link_fields fields;
    EXPECT_EQ(value_of(fields, slack.fields, "api_url"), "https://slack.com/api/");
    EXPECT_EQ(value_of(fields, slack.fields, "bot_token"), "");
    EXPECT_EQ(value_of(fields, slack.fields, "nonsense"), "");
    fields["api_url"] = secret("https://slack-gov.com/api/");
    EXPECT_EQ(value_of(fields, slack.fields, "api_url"), "https://slack-gov.com/api/");
    fields["api_url"] = secret();
    EXPECT_EQ(value_of(fields, slack.fields, "api_url"), "https://slack.com/api/");
}

TEST(bitbucket_template, says_which_half_of_basic_is_missing)
{
    auto const& check = bitbucket::data_center_webhook.check;
    link_fields fields;
    EXPECT_TRUE(check(fields));  // a link with allow_unsigned
    fields["basic_user"] = secret("bitbucket");
    EXPECT_NE(check(fields).error().message.find("basic_password is missing"), std::string::npos);
    EXPECT_FALSE(bitbucket::has_basic(fields));
    fields["basic_password"] = secret("sesame-42");
    EXPECT_TRUE(check(fields));
    EXPECT_TRUE(bitbucket::has_basic(fields));
    EXPECT_FALSE(bitbucket::has_secret(fields));
    fields["basic_user"] = secret("bit:bucket");
    EXPECT_FALSE(check(fields));
    fields["basic_user"] = secret();
    auto const judged = check(fields);
    EXPECT_NE(judged.error().message.find("basic_user is missing"), std::string::npos);
    EXPECT_EQ(judged.error().message.find("sesame"), std::string::npos);
    fields["basic_user"] = secret("bitbucket");
    fields["webhook_secret"] = secret("both is fine too\n");
    EXPECT_FALSE(check(fields));
    fields["webhook_secret"] = secret("both-is-fine-too");
    EXPECT_TRUE(check(fields));
    EXPECT_TRUE(bitbucket::has_secret(fields));
}

TEST(bitbucket_template, judges_the_instance)
{
    link_fields fields;
    for (auto const* good : {"https://bitbucket.example.com", "http://bitbucket.local:7990/bitbucket"})
    {
        fields["instance"] = secret(good);
        EXPECT_TRUE(bitbucket::data_center_webhook.check(fields)) << good;
    }
    for (auto const* bad :
         {"bitbucket.example.com",
          "ftp://x",
          "https://a:b@x",
          "https://x?y",
          "https://",
          "http://10.0.0.1.example.com/"})
    {
        fields["instance"] = secret(bad);
        EXPECT_EQ(bitbucket::data_center_webhook.check(fields).error().code, errc::invalid) << bad;
    }
}

TEST(bitbucket_template, refuses_white_space_around_a_secret)
{
    link_fields fields;
    EXPECT_TRUE(bitbucket::cloud_webhook.check(fields));
    fields["webhook_secret"] = secret("It's a secret to all");
    EXPECT_TRUE(bitbucket::cloud_webhook.check(fields));
    fields["webhook_secret"] = secret("It's a secret\n");
    auto const judged = bitbucket::cloud_webhook.check(fields);
    EXPECT_EQ(judged.error().code, errc::invalid);
    EXPECT_EQ(judged.error().message.find("It's"), std::string::npos);
}

}  // namespace
}  // namespace linkspan
