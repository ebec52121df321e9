#include "tests/support/command_profile.hpp"

#include <gtest/gtest.h>

#include <sstream>

// create-link with the options of an OAuth consumer, and list-links.

namespace linkspan::test
{
namespace
{

class create_link_command : public testing::Test
{
protected:
    std::string secret_of(std::string const& link)
    {
        return profile.run({"get-creds", link, "client_secret", "--reveal"}).out;
    }

    command_profile profile;
};

TEST_F(create_link_command, the_published_step_works_and_names_safer_forms)
{
    auto const made = profile.run(
        {"create-link",
         "--template",
         "bitbucket-app-oauth",
         "--client-id",
         "the key",
         "--client-secret",
         "the secret"}
    );
    EXPECT_EQ(made.code, 2) << "a key has no blanks";
    auto const fine = profile.run(
        {"create-link",
         "--template",
         "bitbucket-app-oauth",
         "--client-id",
         "key",
         "--client-secret",
         "canary-secret"}
    );
    EXPECT_EQ(fine.code, 0) << fine.err;
    EXPECT_TRUE(fine.out.starts_with("New link ID: ")) << fine.out;
    EXPECT_TRUE(contains(
        fine.err,
        "warning: client_secret stands on the command line, where the shell's history and other users may "
        "see it; safer: --client-secret (asks), --client-secret=@file, --client-secret=-"
    )) << fine.err;
    EXPECT_FALSE(contains(fine.out + fine.err, "canary"));
    auto const id = fine.out.substr(13, 16);
    EXPECT_EQ(secret_of(id), "canary-secret\n");
    EXPECT_TRUE(contains(fine.err, "Callback URL to register: http://localhost:14470/callback\n"))
        << fine.err;
    EXPECT_TRUE(contains(fine.err, "linkspan start-oauth " + id)) << fine.err;
    EXPECT_TRUE(contains(fine.err, "linkspan check-link " + id)) << fine.err;
    EXPECT_FALSE(contains(fine.err, "<public_url>/callback")) << fine.err;
}

TEST_F(create_link_command, the_callback_is_where_the_configuration_says)
{
    profile.write_config("[server]\nlisten = \"127.0.0.1:9000\"\n");
    auto const local = profile.run({"create-link", "--template", "bitbucket-app-oauth", "--name", "a"});
    EXPECT_TRUE(contains(local.err, "Callback URL to register: http://localhost:9000/callback\n"))
        << local.err;
    profile.write_config("[server]\npublic_url = \"https://linkspan.acme.example/\"\n");
    auto const out = profile.json({"create-link", "--template", "bitbucket-app-oauth", "--name", "b"});
    EXPECT_EQ(out.at("callback_url").as_string(), "https://linkspan.acme.example/callback");
    EXPECT_FALSE(profile.json({"create-link", "--template", "console"}).as_object().contains("callback_url"));
}

TEST_F(create_link_command, a_secret_comes_from_a_file_standard_input_or_a_person)
{
    auto const file = profile.write("secret", "of-a-file\n");
    profile.create({"--template", "bitbucket-app-oauth", "--name", "a", "--client-secret=@" + file.string()});
    EXPECT_EQ(secret_of("a"), "of-a-file\n");
    profile.create({"--template", "bitbucket-app-oauth", "--name", "b", "--client-secret=-"}, "of-input\n");
    EXPECT_EQ(secret_of("b"), "of-input\n");
    auto const typed = profile.run_on_terminal(
        {"create-link",
         "--template",
         "bitbucket-app-oauth",
         "--name",
         "c",
         "--client-secret",
         "--client-id",
         "key"},
        {{"client_secret (not shown): ", "typed\n"}}
    );
    EXPECT_EQ(typed.code, 0) << typed.err;
    EXPECT_FALSE(contains(typed.err, "typed")) << typed.err;
    EXPECT_EQ(secret_of("c"), "typed\n");
    auto const nobody = profile.run({"create-link", "--template", "bitbucket-app-oauth", "--client-secret"});
    EXPECT_EQ(nobody.code, 2);
    EXPECT_TRUE(contains(nobody.err, "give --client-secret=@file, or --client-secret=- for standard input"))
        << nobody.err;
}

TEST_F(create_link_command, what_does_not_fit_the_template_is_refused)
{
    struct
    {
        std::vector<std::string> arguments;
        int code;
        std::string says;
    } const cases[] = {
        {{"--template", "slack-bot-token", "--client-id", "x"},
         2,
         "--client-id does not fit: slack-bot-token has no field"},
        {{"--template", "slack-bot-token", "--scopes", "x"}, 2, "--scopes does not fit"},
        {{"--template", "console", "--kv", "x=1"}, 2, "console has no field x; it has: colour"},
        {{"--template", "bitbucket-app-oauth", "--client-id", "a", "--kv", "client_id=b"},
         2,
         "client_id is given twice"},
        {{"--template", "bitbucket-app-oauth", "--kv", "access_token=x"}, 2, "linkspan start-oauth gets it"},
        {{"--template", "bitbucket-client-credentials", "--kv", "access_token=x"},
         2,
         "Linkspan finds it out by itself"},
        {{"--template", "bitbucket-app-password"}, 2, "ended app passwords: no new ones since 2025-09-09"},
        {{"--template", "bitbucket_app_password"}, 2, "bitbucket-user-token"},
        {{"--template",
          "bitbucket-app-oauth",
          "--client-id",
          "k",
          "--client-secret=-",
          "--token-url",
          "ftp://x"},
         2,
         "token_url must begin with https://"},
    };
    for (auto const& one : cases)
    {
        auto arguments = one.arguments;
        arguments.insert(arguments.begin(), "create-link");
        auto const refused = profile.run(arguments, "secret");
        EXPECT_EQ(refused.code, one.code) << one.says << refused.err;
        EXPECT_TRUE(contains(refused.err, one.says)) << refused.err;
    }
    EXPECT_EQ(profile.json({"list-links"}).at("links").as_array().size(), 0U);
}

TEST_F(create_link_command, an_empty_option_is_one_that_is_not_set)
{
    profile.create(
        {"--template", "slack-bot-token", "--name", "slack", "--kv", "bot_token=-", "--kv", "api_url="},
        "xoxb-1"
    );
    auto const links = profile.json({"list-links"}).at("links");
    EXPECT_EQ(links.at(0).at("fields_set").as_array().size(), 1U);
}

TEST_F(create_link_command, a_list_ends_where_the_terminal_does_and_is_whole_in_a_pipe)
{
    auto const long_name = std::string(24, 'n');
    auto const id = profile.create(
        {"--template",
         "bitbucket-client-credentials",
         "--name",
         long_name,
         "--client-id",
         "k",
         "--client-secret=-"},
        "s"
    );
    profile.create(
        {"--template", "bitbucket-app-oauth", "--name", "cloud", "--client-id", "k", "--client-secret=-"}, "s"
    );
    profile.put_tokens(id, "a", "r", seconds(6000));
    profile.run({"get-creds", "cloud"});
    auto const list = profile.run({"list-links"});
    EXPECT_EQ(list.code, 0);
    EXPECT_TRUE(contains(list.out, "in 1 h 39 min")) << list.out;
    EXPECT_TRUE(contains(list.out, "ago") || contains(list.out, "now")) << list.out;
    EXPECT_TRUE(contains(list.out, "not authorized")) << list.out;
    EXPECT_TRUE(contains(list.out, "not authorized yet: linkspan start-oauth cloud\n")) << list.out;
    std::istringstream lines(profile.run_on_screen({"list-links", "--no-color"}, 120));
    for (std::string line; std::getline(lines, line) && !line.starts_with('\r');)
        EXPECT_LE(line.size(), 120U + 1) << line;
    auto const document = profile.json({"list-links"});
    EXPECT_EQ(document.at("links").at(0).at("name").as_string(), long_name) << "nothing is cut for programs";
    EXPECT_EQ(document.at("links").at(1).at("state").as_string(), "unauthorized");
    EXPECT_TRUE(document.at("links").at(0).at("expires_at").is_string());
    EXPECT_TRUE(document.at("master_key").at("origin").is_string());
}

}  // namespace
}  // namespace linkspan::test
