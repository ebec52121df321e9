#include "tests/support/run_program.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

class check_command : public testing::Test
{
protected:
    void create(std::vector<std::string> arguments, std::string_view input = "s3cret")
    {
        arguments.insert(arguments.begin(), "create-link");
        auto const made = profile.run(arguments, input);
        ASSERT_EQ(made.code, 0) << made.err;
    }

    void create_all()
    {
        create({"--template", "bitbucket-webhook", "--name", "cloud-hook", "--kv", "webhook_secret=-"});
        create({"--template", "bitbucket-dc-webhook", "--name", "dc-hook", "--kv", "webhook_secret=-"});
        create({"--template", "slack-bot-token", "--name", "slack", "--kv", "bot_token=-"}, "xoxb-1");
        create({"--template", "console", "--name", "here"});
        create(
            {"--template",
             "bitbucket-access-token",
             "--name",
             "cloud-api",
             "--kv",
             "workspace=acme",
             "--kv",
             "token=-"},
            "ATCTT-1"
        );
        create(
            {"--template",
             "bitbucket-dc-token",
             "--name",
             "dc-api",
             "--kv",
             "base_url=https://bitbucket.acme.example",
             "--kv",
             "token=-"},
            "dc-1"
        );
    }

    // Whether the findings have one of this kind that says this, at this line of config.toml (0: at none).
    testing::AssertionResult finds(
        std::string_view config, std::string_view kind, int line, std::string_view says
    )
    {
        profile.write_config(config);
        auto const judged = profile.run({"check", "--json"});
        auto const place = line == 0 ? std::string() : "config.toml:" + std::to_string(line);
        auto const findings = judged.json().at("findings").as_array();
        for (auto const& one : findings)
        {
            auto const& where = one.at("place");
            if (std::string_view(one.at("kind").as_string()) == kind &&
                (where.is_null() ? place.empty() : where.as_string().ends_with(place)) &&
                std::string_view(one.at("message").as_string()).find(says) != std::string_view::npos)
            {
                int const code = kind == "fault" ? 2 : 0;
                if (judged.code != code)
                    return testing::AssertionFailure() << "ends with " << judged.code;
                return testing::AssertionSuccess();
            }
        }
        return testing::AssertionFailure() << judged.out;
    }

    program_profile profile;
};

constexpr char const* whole = R"([[source]]
name = "cloud"
edition = "cloud"
webhook = "cloud-hook"
api = "cloud-api"
workspace = "acme"
[[source]]
name = "dc"
edition = "data_center"
instance = "https://bitbucket.acme.example"
webhook = "dc-hook"
api = "dc-api"
projects = ["CORE"]
[[destination]]
name = "team"
link = "slack"
channel = "#team"
[[destination]]
name = "terminal"
link = "here"
[[rule]]
repositories = ["acme/*"]
destinations = ["team", "terminal"]
)";

TEST_F(check_command, a_file_that_is_no_toml_is_the_only_news)
{
    profile.write_config("[server\n[[source]]\nname = \"cloud\"\n");
    auto const judged = profile.run({"check"});
    EXPECT_EQ(judged.code, 2);
    auto const said = judged.out + judged.err;
    EXPECT_NE(said.find("no valid TOML"), std::string::npos) << said;
    EXPECT_EQ(said.find("note: "), std::string::npos) << said;
}

TEST_F(check_command, a_whole_configuration_is_good)
{
    create_all();
    profile.write_config(whole);
    auto const judged = profile.run({"check"});
    EXPECT_EQ(judged.code, 0) << judged.out << judged.err;
    EXPECT_EQ(
        judged.out,
        "Source \"cloud\": link cloud-api is to ask for edits within ten minutes, tasks and what falls into "
        "an "
        "outage.\n"
        "  What its webhooks do not tell is caught up with every 15 minutes, and every hour where nothing "
        "had "
        "changed.\n"
        "Source \"dc\": link dc-api is to ask for builds, resolved tasks and threads and what falls into an "
        "outage.\n"
        "  What its webhooks do not tell is caught up with every 15 minutes, and every hour where nothing "
        "had "
        "changed.\n"
        "Master key: key file " +
            profile.master_key().string() +
            ".\nGood: 2 sources, 2 destinations, 1 rule; 0 faults, 0 warnings, 0 notes.\n"
    );
    auto const document = profile.run({"check", "--json"}).json();
    EXPECT_TRUE(document.at("ok").as_bool());
    EXPECT_EQ(document.at("config").as_string(), profile.config().string());
    EXPECT_EQ(document.at("findings").as_array().size(), 0u);
    ASSERT_EQ(document.at("sources").as_array().size(), 2u);
    EXPECT_EQ(document.at("sources").at(1).at("name").as_string(), "dc");
    EXPECT_EQ(document.at("sources").at(1).at("api").as_string(), "dc-api");
    EXPECT_EQ(document.at("sources").at(1).at("beat_seconds").as_int64(), 900);
    EXPECT_TRUE(document.at("sources").at(1).at("repositories").is_null()) << "serve has not listed them";
}

TEST_F(check_command, without_a_file_all_settings_are_defaults)
{
    auto const judged = profile.run({"check"});
    EXPECT_EQ(judged.code, 0);
    EXPECT_NE(judged.out.find("all settings are defaults"), std::string::npos) << judged.out;
    EXPECT_FALSE(std::filesystem::exists(profile.database())) << "check makes nothing";
}

TEST_F(check_command, a_file_that_is_named_must_exist)
{
    auto const missing = (profile.folder() / "typo.toml").string();
    for (auto const* command : {"check", "serve"})
    {
        auto const refused = profile.run({"--config", missing, command});
        EXPECT_EQ(refused.code, 3) << command;
        EXPECT_NE(refused.err.find("there is no " + missing), std::string::npos) << refused.err;
        EXPECT_EQ(refused.out, "");
    }
    profile.variables["LINKSPAN_CONFIG"] = missing;
    EXPECT_EQ(profile.run({"check"}).code, 3);
}

TEST_F(check_command, a_folder_that_others_may_write_to_is_a_fault)
{
    namespace fs = std::filesystem;
    create_all();
    profile.write_config(whole);
    fs::permissions(profile.database().parent_path(), fs::perms::others_write, fs::perm_options::add);
    auto const judged = profile.run({"check"});
    EXPECT_EQ(judged.code, 2) << judged.out;
    EXPECT_NE(judged.out.find("may be written by others; type: chmod go-w "), std::string::npos)
        << judged.out;
    EXPECT_EQ(profile.run({"serve"}).code, 2);
}

TEST_F(check_command, a_typo_is_told_with_file_line_and_the_nearest_key)
{
    profile.write_config("[server]\nlisten = \"127.0.0.1:0\"\nadmin_lisen = \"127.0.0.1:0\"\n");
    auto const judged = profile.run({"check"});
    EXPECT_EQ(judged.code, 2);
    EXPECT_NE(judged.out.find("config.toml:3: fault: "), std::string::npos) << judged.out;
    EXPECT_NE(judged.out.find("admin_listen"), std::string::npos) << judged.out;
    EXPECT_NE(judged.out.find("Not good: "), std::string::npos) << judged.out;
    EXPECT_NE(judged.err.find("linkspan: "), std::string::npos) << judged.err;
}

TEST_F(check_command, links_must_exist_and_fit)
{
    create_all();
    EXPECT_TRUE(finds(
        "[[source]]\nname = \"a\"\nedition = \"cloud\"\nwebhook = \"cloud-hok\"\n",
        "fault",
        1,
        "did you mean \"cloud-hook\"?"
    ));
    EXPECT_TRUE(finds(
        "[[source]]\nname = \"a\"\nedition = \"cloud\"\nwebhook = \"dc-hook\"\n",
        "fault",
        1,
        "it needs one of bitbucket-webhook"
    ));
    EXPECT_TRUE(finds(
        "[[source]]\nname = \"a\"\nedition = \"data_center\"\nwebhook = \"slack\"\n",
        "fault",
        1,
        "it needs one of bitbucket-dc-webhook"
    ));
    EXPECT_TRUE(finds(
        "\n[[destination]]\nname = \"a\"\nlink = \"nowhere-at-all-here\"\n",
        "fault",
        2,
        "linkspan create-link makes one"
    ));
    EXPECT_TRUE(finds("[[destination]]\nname = \"a\"\nlink = \"cloud-hook\"\n", "fault", 1, "only receives"));
    EXPECT_TRUE(finds("[[destination]]\nname = \"a\"\nlink = \"slack\"\n", "fault", 1, "needs a channel"));
    EXPECT_TRUE(
        finds("[[destination]]\nname = \"a\"\nlink = \"here\"\nchannel = \"#x\"\n", "note", 1, "does not use")
    );
}

TEST_F(check_command, a_faulty_edition_is_one_fault)
{
    create_all();
    for (auto const* edition : {"data-center", "server"})
    {
        profile.write_config(
            "[[source]]\nname = \"a\"\nedition = \"" + std::string(edition) + "\"\nwebhook = \"dc-hook\"\n"
        );
        auto const judged = profile.run({"check"});
        EXPECT_EQ(judged.code, 2);
        EXPECT_NE(judged.out.find(":3: fault: edition in [[source]] is "), std::string::npos) << judged.out;
        EXPECT_NE(judged.out.find("; 1 fault, "), std::string::npos) << judged.out;
    }
    EXPECT_TRUE(finds(
        "[[source]]\nname = \"a\"\nedition = \"server\"\nwebhook = \"slack\"\n",
        "fault",
        1,
        "it needs one of bitbucket-webhook or bitbucket-dc-webhook"
    ));
}

TEST_F(check_command, a_data_center_source_needs_its_instance)
{
    create_all();
    auto const source =
        std::string("[[source]]\nname = \"a\"\nedition = \"data_center\"\nwebhook = \"dc-hook\"\n");
    EXPECT_TRUE(finds(source, "fault", 1, "does not say which Bitbucket it is"));
    profile.run({"set-creds", "dc-hook", "--kv", "instance=https://bitbucket.acme.example"});
    profile.write_config(source);
    EXPECT_EQ(profile.run({"check"}).code, 0) << "the link may say it";
}

TEST_F(check_command, fields_must_be_there)
{
    create({"--template", "slack-bot-token", "--name", "slack"});
    create({"--template", "bitbucket-webhook", "--name", "hook"});
    create({"--template", "bitbucket-webhook", "--name", "open", "--allow-unsigned"});
    EXPECT_TRUE(finds(
        "[[destination]]\nname = \"a\"\nlink = \"slack\"\nchannel = \"#x\"\n",
        "fault",
        1,
        "has no bot_token; type: linkspan set-creds slack --kv bot_token"
    ));
    EXPECT_TRUE(finds(
        "[[source]]\nname = \"a\"\nedition = \"cloud\"\nwebhook = \"hook\"\n",
        "fault",
        1,
        "has no webhook_secret"
    ));
    EXPECT_TRUE(finds(
        "[[source]]\nname = \"a\"\nedition = \"cloud\"\nwebhook = \"open\"\n",
        "warning",
        1,
        "takes unsigned deliveries"
    ));
}

TEST_F(check_command, a_webhook_link_belongs_to_one_source)
{
    create_all();
    EXPECT_TRUE(finds(
        "[[source]]\nname = \"a\"\nedition = \"cloud\"\nwebhook = \"cloud-hook\"\n"
        "[[source]]\nname = \"b\"\nedition = \"cloud\"\nwebhook = \"cloud-hook\"\n",
        "fault",
        5,
        "uses the webhook link of source \"a\""
    ));
}

TEST_F(check_command, what_reaches_nothing_is_told)
{
    create_all();
    auto const destination = std::string("[[destination]]\nname = \"a\"\nlink = \"here\"\n");
    EXPECT_TRUE(finds(destination, "note", 1, "no rule sends anything to destination \"a\""));
    EXPECT_TRUE(finds(destination, "note", 0, "there is no [[rule]]"));
    EXPECT_TRUE(finds(destination, "note", 0, "there is no [[source]]"));
    EXPECT_TRUE(finds(destination, "note", 0, "link slack (slack-bot-token) is not used"));
    EXPECT_TRUE(finds(
        destination + "[[rule]]\nrepositories = [\"**\"]\ndestinations = [\"a\"]\n",
        "warning",
        4,
        "there is no [[source]]"
    ));
}

TEST_F(check_command, rules_that_take_nothing_are_told)
{
    create_all();
    auto const destination = std::string("[[destination]]\nname = \"a\"\nlink = \"here\"\n");
    auto const stops = destination +
                       "[[rule]]\nname = \"acme\"\nrepositories = [\"acme/*\"]\nstop = true\n"
                       "destinations = [\"a\"]\n";
    std::string const told =
        "rule \"api\" takes nothing: rule \"acme\" above it takes all that it would, and stops";
    EXPECT_TRUE(finds(
        stops + "[[rule]]\nname = \"api\"\nrepositories = [\"acme/api\"]\ndestinations = [\"a\"]\n",
        "warning",
        9,
        told
    ));
    EXPECT_FALSE(finds(
        stops + "[[rule]]\nname = \"api\"\nrepositories = [\"*/api\"]\ndestinations = [\"a\"]\n",
        "warning",
        9,
        told
    ));
    EXPECT_TRUE(finds(
        destination +
            "[[rule]]\nname = \"tags\"\nkinds = [\"tag.*\"]\ntitles = [\"x\"]\ndestinations = [\"a\"]\n",
        "warning",
        4,
        "rule \"tags\" takes nothing: titles asks about pull requests, and none of its kinds has one"
    ));
    // Each doubt has its cases in tests/unit/doubts_test.cpp.
    EXPECT_TRUE(finds(
        destination + "[[rule]]\nname = \"main\"\nbranches = [\"refs/heads/main\"]\ndestinations = [\"a\"]\n",
        "warning",
        4,
        "rule \"main\" has in branches the pattern \"refs/heads/main\", but events name branches and tags "
        "without "
        "\"refs/heads/\"; write \"main\""
    ));
    EXPECT_TRUE(finds(
        destination + "[[rule]]\nname = \"all\"\nexcept_repositories = [\"**\"]\ndestinations = [\"a\"]\n",
        "warning",
        4,
        "rule \"all\" takes nothing: except_repositories leaves no repository"
    ));
    EXPECT_TRUE(finds(
        "[[team]]\nname = \"platform\"\nmembers = [\"42\"]\n",
        "note",
        1,
        "no rule names the team \"platform\""
    ));
}

}  // namespace
}  // namespace linkspan::test
