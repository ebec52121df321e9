#include "tests/support/command_profile.hpp"

#include <gtest/gtest.h>

// Links that are made in steps: what is given is judged, and what is missing is told.

namespace linkspan::test
{
namespace
{

std::vector<std::string> texts(boost::json::value const& list)
{
    std::vector<std::string> out;
    for (auto const& one : list.as_array())
        out.emplace_back(one.as_string());
    return out;
}

using words = std::vector<std::string>;

class missing_fields_command : public testing::Test
{
protected:
    // A link of a person's API token that has its e-mail address alone.
    std::string half_a_link()
    {
        return profile.create(
            {"--template", "bitbucket-user-token", "--name", "api", "--kv", "email=ada@acme.example"}
        );
    }

    command_profile profile;
};

TEST_F(missing_fields_command, what_is_given_is_judged_whatever_else_is_missing)
{
    struct
    {
        words arguments;
        std::string says;
    } const cases[] = {
        {{"bitbucket-user-token", "--kv", "api_token=ATBBcanary0123456789ABCDEF0123"},
         "api_token looks like an app password: Bitbucket ended those on 2026-07-28"},
        {{"bitbucket-access-token", "--kv", "token=abcdefghij0123456789"}, "(bitbucket-user-token)"},
        {{"bitbucket-user-token", "--kv", "email=ada"}, "email must be the e-mail address"},
        {{"bitbucket-app-oauth", "--client-id", "k", "--token-url", "ftp://x"},
         "token_url must begin with https://"},
        {{"bitbucket-app-oauth", "--auth-url", "http://acme.example/"}, "auth_url must begin with https://"},
        {{"slack-oauth", "--auth-url", "ftp://x"}, "auth_url must begin with https://"},
        {{"generic-oauth", "--token-url", "ftp://x"}, "token_url must begin with https://"},
        {{"generic-oauth", "--kv", "pkce=maybe"}, "pkce must be yes or no"},
        {{"slack-socket-mode", "--kv", "bot_token=xapp-1"}, "bot_token must be one of Slack's tokens"},
        {{"github-app-jwt", "--kv", "private_key=no PEM"}, "private_key"},
        {{"s3", "--kv", "access_key_id=A/B"}, "access_key_id must be the key's id"},
        {{"jira-user-token", "--kv", "base_url=ftp://x"}, "base_url must begin with https://"},
    };
    for (auto const& one : cases)
    {
        words arguments{"create-link", "--template"};
        arguments.insert(arguments.end(), one.arguments.begin(), one.arguments.end());
        auto const refused = profile.run(arguments);
        EXPECT_EQ(refused.code, 2) << one.says << refused.err;
        EXPECT_TRUE(contains(refused.err, one.says)) << refused.err;
        EXPECT_FALSE(contains(refused.err, "canary")) << refused.err;
    }
    EXPECT_EQ(profile.json({"list-links"}).at("links").as_array().size(), 0U);
}

TEST_F(missing_fields_command, an_app_password_gets_into_no_link)
{
    half_a_link();
    for (auto const* command : {"set-creds", "update-link"})
        for (auto const* value : {"ATBBcanary0123456789ABCDEF0123", "canaryabcd0123456789"})
        {
            auto const refused = profile.run({command, "api", "--kv", "api_token=-"}, value);
            EXPECT_EQ(refused.code, 2) << command << refused.err;
            EXPECT_TRUE(contains(refused.err, "2026-07-28")) << refused.err;
            EXPECT_TRUE(contains(refused.err, "(bitbucket-access-token)")) << refused.err;
            EXPECT_FALSE(contains(refused.err, "canary")) << refused.err;
        }
    EXPECT_EQ(profile.run({"set-creds", "api", "--partial", "--kv", "api_token=-"}, "ATBBcanary01").code, 2);
    EXPECT_FALSE(profile.link("api").at("fields").at("api_token").at("set").as_bool());
}

TEST_F(missing_fields_command, create_link_names_what_is_missing_and_what_sets_it)
{
    auto const made = profile.run(
        {"create-link", "--template", "slack-socket-mode", "--name", "slack", "--kv", "app_token=-"}, "xapp-1"
    );
    EXPECT_EQ(made.code, 0) << made.err;
    EXPECT_TRUE(contains(made.err, "linkspan set-creds slack    (asks for what is missing: bot_token)"))
        << made.err;
    auto const jira =
        profile.run({"create-link", "--template", "jira-user-token", "--name", "jira", "--json"});
    EXPECT_EQ(texts(jira.json().at("missing_fields")), (words{"base_url", "email", "api_token"}));
    EXPECT_TRUE(contains(
        jira.err,
        "warning: link jira has no base_url and no email and no api_token yet; linkspan set-creds jira asks "
        "for them, or takes --kv base_url=... --kv email=... --kv api_token=@file"
    )) << jira.err;
    EXPECT_EQ(profile.link("jira").at("state").as_string(), "missing");
    EXPECT_EQ(profile.link("jira").at("state_detail").as_string(), "base_url, email, api_token");
    EXPECT_TRUE(contains(profile.run({"get-link", "slack"}).out, "missing: bot_token"));
    EXPECT_TRUE(contains(profile.run({"list-links"}).out, "missing: bot_token"));

    auto const whole = profile.run({"create-link", "--template", "console", "--name", "here", "--json"});
    EXPECT_EQ(texts(whole.json().at("missing_fields")), words{});
    EXPECT_EQ(whole.err, "");
}

TEST_F(missing_fields_command, set_creds_that_leaves_one_missing_is_an_error_and_sets_nothing)
{
    half_a_link();
    auto const refused = profile.run({"set-creds", "api", "--kv", "email=grace@acme.example"});
    EXPECT_EQ(refused.code, 2);
    EXPECT_EQ(refused.out, "");
    EXPECT_TRUE(contains(
        refused.err,
        "nothing is set: link api has no api_token yet; linkspan set-creds api asks for it, or takes --kv "
        "api_token=@file; --partial sets the rest later"
    )) << refused.err;
    auto const email = [&] { return profile.link("api").at("fields").at("email").at("value").as_string(); };
    EXPECT_EQ(email(), "ada@acme.example");

    auto const part =
        profile.run({"set-creds", "api", "--partial", "--json", "--kv", "email=grace@acme.example"});
    EXPECT_EQ(part.code, 0) << part.err;
    EXPECT_EQ(texts(part.json().at("missing_fields")), words{"api_token"});
    EXPECT_TRUE(contains(part.err, "warning: link api has no api_token yet")) << part.err;
    EXPECT_EQ(email(), "grace@acme.example");

    auto const whole = profile.run({"set-creds", "api", "--json", "--kv", "api_token=-"}, "ATATTcanary01");
    EXPECT_EQ(whole.code, 0) << whole.err;
    EXPECT_EQ(texts(whole.json().at("missing_fields")), words{});
    EXPECT_EQ(whole.err, "");
    EXPECT_EQ(profile.link("api").at("state").as_string(), "ready");
    EXPECT_EQ(profile.run({"set-creds", "api", "--kv", "email=ada@acme.example"}).code, 0)
        << "one field of a whole link";
}

TEST_F(missing_fields_command, set_creds_asks_for_all_of_them)
{
    profile.create({"--template", "bitbucket-user-token", "--name", "api"});
    auto const asked = profile.run_on_terminal(
        {"set-creds", "api"}, {{"email: ", "ada@acme.example\n"}, {"not shown): ", "ATATTcanary01\n"}}
    );
    EXPECT_EQ(asked.code, 0) << asked.err;
    EXPECT_EQ(profile.link("api").at("state").as_string(), "ready");
}

TEST_F(missing_fields_command, update_link_and_unset_creds_name_what_is_missing)
{
    half_a_link();
    auto const updated =
        profile.run({"update-link", "api", "--name", "cloud", "--kv", "email=g@acme.example"});
    EXPECT_EQ(updated.code, 0);
    EXPECT_TRUE(contains(updated.err, "link cloud has no api_token yet; linkspan set-creds cloud"))
        << updated.err;
    EXPECT_EQ(
        texts(profile.json({"update-link", "cloud", "--name", "api"}).at("missing_fields")),
        words{"api_token"}
    );
    auto const unset = profile.run({"unset-creds", "api", "email"});
    EXPECT_EQ(unset.code, 0);
    EXPECT_TRUE(contains(unset.err, "link api has no email and no api_token yet")) << unset.err;
    profile.create({"--template", "slack-bot-token", "--name", "slack", "--kv", "bot_token=-"}, "xoxb-1");
    EXPECT_EQ(
        texts(profile.json({"unset-creds", "slack", "bot_token"}).at("missing_fields")), words{"bot_token"}
    );
}

TEST_F(missing_fields_command, what_is_cleared_is_not_told_as_set)
{
    profile.create({"--template", "slack-bot-token", "--name", "slack", "--kv", "bot_token=-"}, "xoxb-1");
    profile.run({"set-creds", "slack", "--kv", "signing_secret=-"}, "s");
    auto const changed = profile.run(
        {"set-creds", "slack", "--kv", "signing_secret=", "--kv", "api_url=https://slack-gov.com/api/"}
    );
    EXPECT_EQ(changed.out, "Set api_url of link slack\nUnset signing_secret of link slack\n") << changed.err;
    auto const told = profile.json({"update-link", "slack", "--kv", "api_url="});
    EXPECT_EQ(texts(told.at("fields_set")), words{});
    EXPECT_EQ(texts(told.at("fields_unset")), words{"api_url"});
    EXPECT_FALSE(profile.link("slack").at("fields").at("api_url").at("set").as_bool());
}

TEST_F(missing_fields_command, a_database_that_is_not_there_is_told)
{
    auto const other = (profile.folder() / "other.db").string();
    profile.variables["LINKSPAN_DATABASE"] = other;
    auto const none = profile.run({"list-links"});
    profile.variables.erase("LINKSPAN_DATABASE");
    EXPECT_EQ(none.code, 0);
    EXPECT_TRUE(contains(none.err, "There are no links yet, and no database " + other)) << none.err;
    half_a_link();
    profile.run({"delete-link", "api", "--yes"});
    EXPECT_TRUE(contains(profile.run({"list-links"}).err, "There are no links yet. "));
}

TEST_F(missing_fields_command, the_published_steps_work_one_by_one)
{
    auto const id =
        profile.create({"--template", "bitbucket-app-oauth", "--client-id", "k", "--client-secret", "s"});
    auto const set = profile.run({"set-creds", id, "--kv", "webhook_secret=a secret"});
    EXPECT_EQ(set.code, 0) << set.err;
    EXPECT_FALSE(contains(set.err, " has no ")) << set.err;
    EXPECT_EQ(profile.link(id).at("state").as_string(), "unauthorized") << "start-oauth is what is left";
}

}  // namespace
}  // namespace linkspan::test
