#include "links/registry.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/run_program.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace linkspan::test
{
namespace
{

constexpr std::string_view link_canary = "canary-4f9c1d7e";
constexpr std::string_view token = "xoxb-canary-4f9c1d7e";

class link_command : public testing::Test
{
protected:
    std::string create(std::vector<std::string> arguments, std::string_view input = {})
    {
        arguments.insert(arguments.begin(), "create-link");
        auto const made = profile.run(arguments, input);
        EXPECT_EQ(made.code, 0) << made.err;
        constexpr std::string_view head = "New link ID: ";
        EXPECT_TRUE(made.out.starts_with(head)) << made.out;
        EXPECT_EQ(made.out.size(), head.size() + 17);
        return made.out.substr(head.size(), 16);
    }

    static unsigned mode_of(std::filesystem::path const& file)
    {
        struct stat status = {};
        EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
        return status.st_mode & 0777U;
    }

    // Every byte of every file of the profile, the test's own input aside.
    void expect_nowhere(std::string_view text)
    {
        for (auto const& file : std::filesystem::recursive_directory_iterator(profile.folder() / "data"))
        {
            auto const content = file.is_regular_file() ? read_file(file.path()) : std::string();
            EXPECT_EQ(content.find(text), std::string::npos) << file.path();
        }
    }

    program_profile profile;
};

TEST_F(link_command, templates_are_listed_and_explained)
{
    auto const all = profile.run({"link-templates"});
    EXPECT_EQ(all.code, 0);
    for (auto const* name : {"bitbucket-webhook", "bitbucket-dc-webhook", "slack-bot-token", "console"})
        EXPECT_NE(all.out.find(name), std::string::npos) << name;
    std::istringstream lines(all.out);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 100U) << line;
    auto const one = profile.run({"link-templates", "slack-bot-token"});
    EXPECT_NE(one.out.find("bot_token (required, secret)"), std::string::npos) << one.out;
    EXPECT_NE(one.out.find("chat:write"), std::string::npos);
    auto const document = profile.run({"--json", "link-templates"}).json();
    std::vector<std::string> names;
    for (auto const& kind : document.at("templates").as_array())
        names.emplace_back(kind.at("name").as_string());
    EXPECT_EQ(names.size(), link_templates().size());
    EXPECT_TRUE(std::ranges::is_sorted(names));
    auto const wrong = profile.run({"link-templates", "slack-bot-tokn"});
    EXPECT_EQ(wrong.code, 3);
    EXPECT_NE(wrong.err.find("did you mean \"slack-bot-token\"?"), std::string::npos) << wrong.err;
    EXPECT_EQ(wrong.out, "");
    auto const half = profile.run({"create-link", "--template", "slack"});
    EXPECT_EQ(half.code, 3);
    EXPECT_NE(half.err.find("there are: "), std::string::npos) << half.err;
    EXPECT_NE(half.err.find("slack-bot-token"), std::string::npos) << half.err;
    EXPECT_FALSE(std::filesystem::exists(profile.database())) << "showing templates makes nothing";
}

TEST_F(link_command, a_link_is_made_listed_shown_and_deleted)
{
    auto const secret_file = profile.write("secret", std::string(link_canary) + "\n");
    auto const id = create(
        {"--template",
         "bitbucket-webhook",
         "--name",
         "api",
         "--kv",
         "webhook_secret=@" + secret_file.string()}
    );
    auto const list = profile.run({"list-links"});
    EXPECT_EQ(list.code, 0);
    EXPECT_NE(list.out.find(id + "  api   bitbucket-webhook  -        -          ready"), std::string::npos)
        << list.out;
    EXPECT_NE(
        list.out.find("The master key lives in: key file " + profile.master_key().string()), std::string::npos
    ) << list.out;
    auto const document = profile.run({"list-links", "--json"}).json();
    EXPECT_EQ(document.at("links").at(0).at("id").as_string(), id);
    EXPECT_EQ(document.at("links").at(0).at("fields_set").at(0).as_string(), "webhook_secret");
    for (auto const& name : {id, std::string("api")})
    {
        auto const shown = profile.run({"get-link", name, "--json"}).json();
        EXPECT_EQ(shown.at("id").as_string(), id);
        EXPECT_TRUE(shown.at("fields").at("webhook_secret").at("set").as_bool());
        EXPECT_TRUE(shown.at("fields").at("webhook_secret").at("secret").as_bool());
        EXPECT_FALSE(shown.at("fields").at("webhook_secret").as_object().contains("value"));
    }
    auto const deleted = profile.run({"delete-link", "api", "--yes"});
    EXPECT_EQ(deleted.code, 0) << deleted.err;
    EXPECT_EQ(profile.run({"get-link", "api"}).code, 3);
    EXPECT_EQ(profile.run({"delete-link", "api", "--yes"}).code, 3);
}

TEST_F(link_command, files_are_private)
{
    create({"--template", "bitbucket-webhook", "--kv", "webhook_secret=-"}, "s3cret\n");
    EXPECT_EQ(mode_of(profile.database().parent_path()), 0700u);
    EXPECT_EQ(mode_of(profile.database()), 0600u);
    EXPECT_EQ(mode_of(profile.database().string() + "-wal"), 0600u);
    EXPECT_EQ(mode_of(profile.master_key()), 0600u);
}

TEST_F(link_command, a_link_without_secrets_needs_no_key)
{
    create({"--template", "console"});
    EXPECT_FALSE(std::filesystem::exists(profile.master_key()));
}

TEST_F(link_command, next_steps_stand_on_standard_error)
{
    profile.write_config("[server]\npublic_url = \"https://linkspan.example.com\"\n");
    auto const made = profile.run({"create-link", "--template", "bitbucket-webhook", "--name", "api"});
    auto const id = made.out.substr(13, 16);
    EXPECT_NE(made.err.find("Webhook URL: https://linkspan.example.com/webhook/" + id), std::string::npos)
        << made.err;
    EXPECT_NE(made.err.find("linkspan set-creds api --kv webhook_secret"), std::string::npos) << made.err;
    EXPECT_NE(made.err.find("webhook = \"api\""), std::string::npos) << made.err;
    EXPECT_EQ(made.err.find("<public_url>"), std::string::npos) << made.err;
    auto const document =
        profile.run({"create-link", "--template", "bitbucket-webhook", "--allow-unsigned", "--json"}).json();
    EXPECT_EQ(
        document.at("webhook_url").as_string(),
        "https://linkspan.example.com/webhook/" + std::string(document.at("id").as_string())
    );
}

TEST_F(link_command, next_steps_name_the_callback_url_that_holds_alone)
{
    for (auto const* name :
         {"bitbucket-app-oauth", "bitbucket-dc-oauth", "google-user-oauth", "github-app-user"})
    {
        auto const made = profile.run({"create-link", "--template", name});
        EXPECT_NE(made.err.find("http://localhost:14470/callback\n"), std::string::npos) << made.err;
        EXPECT_EQ(made.err.find("without a public_url"), std::string::npos) << made.err;
    }
}

TEST_F(link_command, a_state_that_is_cut_is_told_in_full_below)
{
    auto const made = profile.run(
        {"create-link",
         "--template",
         "bitbucket-app-oauth",
         "--kv",
         "client_id=k",
         "--kv",
         "client_secret=s",
         "--name",
         "a-name-of-twenty-four-ch"}
    );
    ASSERT_EQ(made.code, 0) << made.err;
    std::string const whole = "not authorized yet: linkspan start-oauth a-name-of-twenty-four-ch";
    auto const list = profile.run({"list-links"});
    EXPECT_NE(list.out.find(whole + "\n"), std::string::npos) << list.out;
    EXPECT_EQ(list.err, "");
    auto const seen = profile.run_on_screen({"list-links"}, 100);
    EXPECT_EQ(seen.find("  " + whole), std::string::npos) << seen;
    EXPECT_NE(seen.find("Link a-name-of-twenty-four-ch is " + whole), std::string::npos) << seen;
}

TEST_F(link_command, what_cannot_be_made_is_refused_and_makes_nothing)
{
    struct
    {
        std::vector<std::string> arguments;
        int code;
        std::string says;
    } const cases[] = {
        {{"--template", "bitbucket-webhok"}, 3, "did you mean \"bitbucket-webhook\"?"},
        {{"--template", "console", "--name", "a b"}, 2, "cannot be the name of a link"},
        {{"--template", "console", "--name", "-x"}, 2, ""},
        {{"--template", "console", "--allow-unsigned"},
         2,
         "--allow-unsigned is for links that receive webhooks"},
        {{"--template", "slack-bot-token", "--kv", "bot_tokn=1"}, 2, "did you mean \"bot_token\"?"},
        {{"--template", "slack-bot-token", "--kv", "bot_token=1"}, 2, "begins with xoxb-"},
        {{"--template", "slack-bot-token", "--kv", "bot_token="}, 2, "bot_token is empty"},
        {{"--template", "slack-bot-token", "--kv", "bot_token=a", "--kv", "bot_token=b"}, 2, "given twice"},
        {{"--template", "slack-bot-token", "--kv", "bot_token=-", "--kv", "api_url=-"}, 2, "only one field"},
        {{"--template", "slack-bot-token", "--kv", "bot_token=@/nowhere"},
         3,
         "/nowhere: cannot be read: there is no such file"},
        {{"--template", "slack-bot-token", "--kv", "bot_token=@/tmp"},
         2,
         "/tmp: cannot be read: it is a folder"},
        {{"--template", "slack-bot-token", "--kv", "bot_token=@/dev/zero"}, 2, "/dev/zero: holds more than "},
        {{"--template", "slack-bot-token", "--kv", "bot_token"}, 2, "there is no terminal to ask at"},
        {{}, 2, "--template is required"},
    };
    for (auto const& one : cases)
    {
        auto arguments = one.arguments;
        arguments.insert(arguments.begin(), "create-link");
        auto const refused = profile.run(arguments, "");
        EXPECT_EQ(refused.code, one.code) << one.says << refused.err;
        EXPECT_NE(refused.err.find(one.says), std::string::npos) << refused.err;
        EXPECT_EQ(refused.out, "");
    }
    EXPECT_EQ(profile.run({"list-links", "--json"}).json().at("links").as_array().size(), 0u);
    create({"--template", "console", "--name", "here"});
    EXPECT_EQ(profile.run({"create-link", "--template", "console", "--name", "here"}).code, 4);
}

TEST_F(link_command, secrets_are_never_shown)
{
    auto const made = profile.run(
        {"create-link",
         "--template",
         "slack-bot-token",
         "--name",
         "slack",
         "--kv",
         "bot_token=" + std::string(token)}
    );
    EXPECT_EQ(made.code, 0);
    EXPECT_NE(made.err.find("warning: bot_token stands on the command line"), std::string::npos) << made.err;
    auto const wrong =
        profile.run({"set-creds", "slack", "--kv", "bot_token=nothing-" + std::string(link_canary)});
    EXPECT_EQ(wrong.code, 2);
    auto const json =
        profile.run({"set-creds", "slack", "--json", "--kv", "bot_token=nothing-" + std::string(link_canary)}
        );
    EXPECT_EQ(json.code, 2);
    for (auto const& run :
         {made,
          wrong,
          json,
          profile.run({"get-link", "slack"}),
          profile.run({"get-link", "slack", "--json"}),
          profile.run({"list-links"}),
          profile.run({"list-links", "--json"}),
          profile.run({"check"}),
          profile.run({"check", "--json"})})
    {
        EXPECT_EQ(run.out.find(link_canary), std::string::npos) << run.out;
        EXPECT_EQ(run.err.find(link_canary), std::string::npos) << run.err;
    }
    expect_nowhere(link_canary);
    profile.write("data/planted", "x" + std::string(link_canary));
    EXPECT_NE(read_file(profile.folder() / "data" / "planted").find(link_canary), std::string::npos);
}

TEST_F(link_command, what_is_no_secret_is_shown)
{
    create(
        {"--template",
         "bitbucket-dc-webhook",
         "--name",
         "dc",
         "--kv",
         "instance=https://bitbucket.acme.example"}
    );
    auto const shown = profile.run({"get-link", "dc"});
    EXPECT_NE(shown.out.find("instance         https://bitbucket.acme.example"), std::string::npos)
        << shown.out;
    EXPECT_NE(shown.out.find("webhook_secret   not set"), std::string::npos) << shown.out;
}

TEST_F(link_command, fields_are_merged)
{
    create(
        {"--template",
         "bitbucket-dc-webhook",
         "--name",
         "dc",
         "--kv",
         "instance=https://bitbucket.acme.example"}
    );
    EXPECT_EQ(profile.run({"set-creds", "dc", "--kv", "webhook_secret=-"}, "s3cret").code, 0);
    auto const fields = profile.run({"get-link", "dc", "--json"}).json().at("fields");
    EXPECT_TRUE(fields.at("webhook_secret").at("set").as_bool());
    EXPECT_EQ(fields.at("instance").at("value").as_string(), "https://bitbucket.acme.example");
    auto const half = profile.run({"set-creds", "dc", "--kv", "basic_user=bot"});
    EXPECT_EQ(half.code, 2);
    EXPECT_NE(half.err.find("basic_password is missing"), std::string::npos) << half.err;
    EXPECT_FALSE(
        profile.run({"get-link", "dc", "--json"}).json().at("fields").at("basic_user").at("set").as_bool()
    );
    auto const cleared = profile.run({"set-creds", "dc", "--kv", "instance="});
    EXPECT_EQ(cleared.code, 0) << "optional fields can be cleared";
    EXPECT_EQ(cleared.out, "Unset instance of link dc\n");
    EXPECT_FALSE(
        profile.run({"get-link", "dc", "--json"}).json().at("fields").at("instance").at("set").as_bool()
    );
}

TEST_F(link_command, a_line_end_of_a_file_is_no_part_of_the_value)
{
    for (auto const* end : {"", "\n", "\r\n"})
    {
        auto const file = profile.write("token", std::string(token) + end);
        EXPECT_EQ(
            profile
                .run({"create-link", "--template", "slack-bot-token", "--kv", "bot_token=@" + file.string()})
                .code,
            0
        ) << "the template refuses white space";
    }
    auto const file = profile.write("token", std::string(token) + "\n\n");
    EXPECT_EQ(
        profile.run({"create-link", "--template", "slack-bot-token", "--kv", "bot_token=@" + file.string()})
            .code,
        2
    );
}

TEST_F(link_command, set_creds_without_a_terminal_or_a_need_says_what_to_type)
{
    create({"--template", "slack-bot-token", "--name", "slack"});
    create({"--template", "console", "--name", "here"});
    auto const asked = profile.run({"set-creds", "slack"});
    EXPECT_EQ(asked.code, 2);
    EXPECT_NE(asked.err.find("--kv bot_token=@file"), std::string::npos) << asked.err;
    auto const none = profile.run({"set-creds", "here"});
    EXPECT_EQ(none.code, 2);
    EXPECT_NE(none.err.find("nothing is missing"), std::string::npos) << none.err;
    auto const near = profile.run({"set-creds", "slac", "--kv", "bot_token=-"});
    EXPECT_EQ(near.code, 3);
    EXPECT_NE(near.err.find("did you mean \"slack\"?"), std::string::npos) << near.err;
    program_profile empty;
    EXPECT_EQ(empty.run({"set-creds", "slack", "--kv", "bot_token=-"}).code, 3);
    EXPECT_FALSE(std::filesystem::exists(empty.database()));
}

TEST_F(link_command, set_creds_asks_on_a_terminal_without_showing)
{
    create({"--template", "slack-bot-token", "--name", "slack"});
    auto const asked = profile.run_on_terminal(
        {"set-creds", "slack"}, {{"bot_token (not shown): ", std::string(token) + "\n"}}
    );
    EXPECT_EQ(asked.code, 0) << asked.err;
    EXPECT_EQ(asked.err.find(link_canary), std::string::npos) << asked.err;
    EXPECT_TRUE(
        profile.run({"get-link", "slack", "--json"}).json().at("fields").at("bot_token").at("set").as_bool()
    );
    auto const ended =
        profile.run_on_terminal({"set-creds", "slack", "--kv", "bot_token"}, {{"not shown): ", "\x04"}});
    EXPECT_EQ(ended.code, 9) << ended.err;
}

TEST_F(link_command, delete_asks_on_a_terminal)
{
    create({"--template", "console", "--name", "here"});
    EXPECT_EQ(profile.run({"delete-link", "here"}).code, 2) << "nobody to ask";
    auto const no = profile.run_on_terminal({"delete-link", "here"}, {{"[y/N] ", "n\n"}});
    EXPECT_EQ(no.code, 9) << no.err;
    EXPECT_EQ(profile.run({"get-link", "here"}).code, 0);
    auto const yes = profile.run_on_terminal({"delete-link", "here"}, {{"[y/N] ", "y\n"}});
    EXPECT_EQ(yes.code, 0) << yes.err;
    EXPECT_EQ(profile.run({"get-link", "here"}).code, 3);
}

TEST_F(link_command, a_link_that_the_configuration_uses_is_kept)
{
    create({"--template", "console", "--name", "here"});
    profile.write_config("[[destination]]\nname = \"terminal\"\nlink = \"here\"\n");
    auto const refused = profile.run({"delete-link", "here"});
    EXPECT_EQ(refused.code, 4);
    EXPECT_NE(refused.err.find("destination \"terminal\" (config.toml:1)"), std::string::npos) << refused.err;
    EXPECT_EQ(profile.run({"delete-link", "here", "--yes"}).code, 0);
}

// --- the master key
// ---------------------------------------------------------------------------------------------------

class master_key : public link_command
{
protected:
    master_key()
    {
        id = create(
            {"--template", "bitbucket-webhook", "--name", "api", "--kv", "webhook_secret=-"}, "s3cret"
        );
    }

    std::string id;
};

TEST_F(master_key, missing_is_told_and_never_replaced)
{
    std::filesystem::rename(profile.master_key(), profile.folder() / "kept.key");
    for (auto const& arguments :
         {std::vector<std::string>{"get-link", "api"},
          {"set-creds", "api", "--kv", "webhook_secret=-"},
          {"create-link", "--template", "bitbucket-webhook", "--kv", "webhook_secret=-"},
          {"send-sample", "api"}})
    {
        auto const failed = profile.run(arguments, "other");
        EXPECT_EQ(failed.code, 3) << arguments[0] << failed.err;
        EXPECT_NE(failed.err.find("restore it from your backup"), std::string::npos) << failed.err;
    }
    EXPECT_FALSE(std::filesystem::exists(profile.master_key()));
    auto const judged = profile.run({"check"});
    EXPECT_EQ(judged.code, 2);
    EXPECT_NE(judged.out.find("fault: the master key"), std::string::npos) << judged.out;
    auto const list = profile.run({"list-links"});
    EXPECT_EQ(list.code, 0) << "lists need no key";
    EXPECT_NE(list.out.find("master.key (missing)"), std::string::npos) << list.out;
    EXPECT_EQ(
        profile.run({"--key-file", (profile.folder() / "kept.key").string(), "get-link", "api"}).code, 0
    );
}

TEST_F(master_key, wrong_is_told_and_seals_nothing_beside_the_rest)
{
    program_profile other;
    other.run({"create-link", "--template", "bitbucket-webhook", "--kv", "webhook_secret=-"}, "x");
    profile.variables["LINKSPAN_KEY_FILE"] = other.master_key().string();
    for (auto const& arguments :
         {std::vector<std::string>{"get-link", "api"},
          {"create-link", "--template", "bitbucket-webhook", "--kv", "webhook_secret=-"}})
    {
        auto const failed = profile.run(arguments, "other");
        EXPECT_EQ(failed.code, 5) << arguments[0] << failed.err;
        EXPECT_NE(failed.err.find("restore the right key file"), std::string::npos) << failed.err;
    }
    auto const mended = profile.run({"set-creds", "api", "--kv", "webhook_secret=-"}, "new");
    EXPECT_EQ(mended.code, 0) << mended.err;
    EXPECT_NE(mended.err.find("warning: "), std::string::npos) << "replacing what did not open is said";
    EXPECT_EQ(profile.run({"get-link", "api"}).code, 0);
}

TEST_F(master_key, that_others_may_read_is_refused)
{
    std::filesystem::permissions(profile.master_key(), std::filesystem::perms(0644));
    auto const failed = profile.run({"get-link", "api"});
    EXPECT_EQ(failed.code, 5);
    EXPECT_NE(failed.err.find("chmod 600"), std::string::npos) << failed.err;
}

TEST_F(master_key, that_is_none_is_refused)
{
    write_file(profile.master_key(), "hello\n");
    EXPECT_EQ(profile.run({"get-link", "api"}).code, 2);
}

}  // namespace
}  // namespace linkspan::test
