#include "cmd/linkspan/config.hpp"

#include "tests/support/config_texts.hpp"
#include "tests/support/environment.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace linkspan
{
namespace
{

TEST(config, without_text_is_all_defaults)
{
    auto const read = test::good_config("");
    EXPECT_EQ(read.server, server_config());
    EXPECT_TRUE(read.sources.empty() && read.destinations.empty() && read.rules.empty());
    EXPECT_EQ(read.file, "config.toml");
}

TEST(config, reads_every_key_of_the_server)
{
    auto const read = test::good_config(
        "[server]\nlisten = \"0.0.0.0:1\"\nadmin_listen = \"[0:0::1]:2\"\npublic_url = "
        "\"HTTPS://Example.org:8443/\"\n"
        "allow_http_public_url = true\n"
        "cloud_body_bytes_max = 1024\ndata_center_body_bytes_max = 2048\nin_flight_bytes_max = 1048576\n"
        "connections_max = 3\ngrace_seconds = 0\nrequest_timeout_seconds = 4\nretry_seconds = [1, 2]\n"
        "attempts_max = 5\nhold_seconds = 6\ncatch_up_seconds = 61\nquiet_catch_up_seconds = 62\nproxy = "
        "\"socks5h://user:pw@127.0.0.1:1080\"\nlog_level = "
        "\"debug\"\n"
        "log_format = \"json\"\n"
    );
    server_config expected;
    expected.listen = {"0.0.0.0", 1};
    expected.admin_listen = {"::1", 2};
    expected.public_url = "https://example.org:8443";
    expected.allow_http_public_url = true;
    expected.cloud_body_bytes_max = 1024;
    expected.data_center_body_bytes_max = 2048;
    expected.in_flight_bytes_max = 1048576;
    expected.connections_max = 3;
    expected.grace_seconds = 0;
    expected.request_timeout_seconds = 4;
    expected.retry_seconds = {1, 2};
    expected.attempts_max = 5;
    expected.hold_seconds = 6;
    expected.catch_up_seconds = 61;
    expected.quiet_catch_up_seconds = 62;
    expected.proxy = "socks5h://user:pw@127.0.0.1:1080";
    expected.log_level = "debug";
    expected.log_format = "json";
    EXPECT_EQ(read.server, expected);
}

TEST(config, reads_sources_destinations_and_rules_in_their_order)
{
    auto const read = test::good_config(
        "[[source]]\nname = \"cloud\"\nedition = \"cloud\"\nwebhook = \"hook\"\n"
        "[[source]]\nname = \"dc\"\nedition = \"data_center\"\nwebhook = \"dc-hook\"\n"
        "instance = \"https://Git.Example.com/bitbucket//\"\n"
        "[[source]]\nname = \"dc2\"\nedition = \"data_center\"\nwebhook = \"dc-hook\"\n"
        "[[destination]]\nname = \"reviews\"\nlink = \"slack\"\nchannel = \"#reviews\"\n"
        "[[rule]]\nrepositories = [\"acme/*\", \"**\"]\nkinds = [\"comment.*\"]\nbranches = [\"main\"]\n"
        "destinations = [\"reviews\"]\n"
        "[[rule]]\nname = \"second\"\ndestinations = [\"reviews\"]\n"
        "[[rule]]\ndestinations = [\"reviews\"]\n"
    );
    ASSERT_EQ(read.sources.size(), 3u);
    source_config cloud;
    cloud.name = "cloud";
    cloud.instance = "bitbucket.org";
    cloud.webhook = "hook";
    cloud.line = 1;
    EXPECT_EQ(read.sources[0], cloud);
    source_config data_center;
    data_center.name = "dc";
    data_center.edition = edition::data_center;
    data_center.instance = "https://git.example.com/bitbucket";
    data_center.webhook = "dc-hook";
    data_center.line = 5;
    EXPECT_EQ(read.sources[1], data_center);
    EXPECT_EQ(read.sources[2].instance, "");
    ASSERT_EQ(read.destinations.size(), 1u);
    EXPECT_EQ(read.destinations[0], (destination_config{"reviews", "slack", "#reviews", 14}));
    ASSERT_EQ(read.rules.size(), 3u);
    EXPECT_EQ(read.rules[0].name, "rule 1");
    EXPECT_EQ(read.rules[0].repositories, (std::vector<std::string>{"acme/*", "**"}));
    EXPECT_EQ(read.rules[0].kinds, std::vector<std::string>{"comment.*"});
    EXPECT_EQ(read.rules[0].branches, std::vector<std::string>{"main"});
    EXPECT_EQ(read.rules[0].destinations, std::vector<std::string>{"reviews"});
    EXPECT_EQ(read.rules[1].name, "second");
    EXPECT_EQ(read.rules[2].name, "rule 3");
    EXPECT_EQ(read.rule_lines, (std::vector<int>{18, 23, 26}));
}

TEST(config, reads_what_a_source_asks_for)
{
    auto const read = test::good_config(
        "[[source]]\nname = \"cloud\"\nedition = \"cloud\"\nwebhook = \"hook\"\napi = \"api\"\n"
        "workspace = \"acme\"\nrepositories = [\"{0c1d}/api\", \"other/web.site\"]\n"
        "[[source]]\nname = \"dc\"\nedition = \"data_center\"\ninstance = \"https://git.example.com/\"\n"
        "api = \"dc-api\"\nprojects = [\"CORE\", \"~ada\"]\nrepositories = [\"WEB/site\"]\npoll_only = true\n"
        "[[source]]\nname = \"hooks\"\nedition = \"data_center\"\nwebhook = \"dc-hook\"\napi = \"\"\n"
        "workspace = \"\"\nprojects = []\nrepositories = []\npoll_only = false\n"
    );
    using strings = std::vector<std::string>;
    ASSERT_EQ(read.sources.size(), 3u);
    EXPECT_EQ(read.sources[0].api, "api");
    EXPECT_EQ(read.sources[0].workspace, "acme");
    EXPECT_EQ(read.sources[0].repositories, (strings{"{0c1d}/api", "other/web.site"}));
    EXPECT_FALSE(read.sources[0].poll_only);
    EXPECT_EQ(read.sources[1].webhook, "");
    EXPECT_EQ(read.sources[1].instance, "https://git.example.com");
    EXPECT_EQ(read.sources[1].projects, (strings{"CORE", "~ada"}));
    EXPECT_EQ(read.sources[1].repositories, strings{"WEB/site"});
    EXPECT_TRUE(read.sources[1].poll_only);
    EXPECT_EQ(read.sources[2].api, "");
    EXPECT_TRUE(read.sources[2].repositories.empty());
}

TEST(config, reads_every_condition_of_a_rule)
{
    auto const read = test::good_config(
        "[[destination]]\nname = \"reviews\"\nlink = \"slack\"\n"
        "[[team]]\nname = \"platform\"\nmembers = [\"557058:a\", \"{1b2c}\", \"42\"]\n"
        "[[rule]]\ndestinations = [\"reviews\"]\n"
        "except_repositories = [\"acme/a\"]\nprojects = [\"acme\"]\nexcept_projects = [\"~*\"]\n"
        "except_kinds = [\"task.*\"]\nexcept_branches = [\"b\"]\nsource_branches = [\"c\"]\n"
        "except_source_branches = [\"d\"]\nauthors = [\"@platform\"]\nexcept_authors = [\"557058:*\"]\n"
        "actors = [\"1\"]\nexcept_actors = [\"2\"]\nreviewers = [\"3\"]\nexcept_reviewers = [\"4\"]\n"
        "bots = \"none\"\ndrafts = \"only\"\ntitles = [\"Fix *\"]\nexcept_titles = [\"WIP*\"]\nstop = true\n"
        "paths = [\"src/**\", \"*.md\"]\n"
        "[[rule]]\ndestinations = [\"reviews\"]\nbots = \"any\"\n"
    );
    using strings = std::vector<std::string>;
    ASSERT_EQ(read.teams.size(), 1u);
    EXPECT_EQ(read.teams[0].name, "platform");
    EXPECT_EQ(read.teams[0].members, (strings{"557058:a", "{1b2c}", "42"}));
    EXPECT_EQ(read.team_lines, std::vector<int>{4});
    ASSERT_EQ(read.rules.size(), 2u);
    auto const& rule = read.rules[0];
    EXPECT_EQ(rule.except_repositories, strings{"acme/a"});
    EXPECT_EQ(rule.projects, strings{"acme"});
    EXPECT_EQ(rule.except_projects, strings{"~*"});
    EXPECT_EQ(rule.except_kinds, strings{"task.*"});
    EXPECT_EQ(rule.except_branches, strings{"b"});
    EXPECT_EQ(rule.source_branches, strings{"c"});
    EXPECT_EQ(rule.except_source_branches, strings{"d"});
    EXPECT_EQ(rule.authors, strings{"@platform"});
    EXPECT_EQ(rule.except_authors, strings{"557058:*"});
    EXPECT_EQ(rule.actors, strings{"1"});
    EXPECT_EQ(rule.except_actors, strings{"2"});
    EXPECT_EQ(rule.reviewers, strings{"3"});
    EXPECT_EQ(rule.except_reviewers, strings{"4"});
    EXPECT_EQ(rule.bots, choice::none);
    EXPECT_EQ(rule.drafts, choice::only);
    EXPECT_EQ(rule.titles, strings{"Fix *"});
    EXPECT_EQ(rule.except_titles, strings{"WIP*"});
    EXPECT_EQ(rule.paths, (strings{"src/**", "*.md"}));
    EXPECT_TRUE(rule.stop);
    EXPECT_EQ(read.rules[1].bots, choice::any);
    EXPECT_EQ(read.rules[1].drafts, choice::any);
    EXPECT_FALSE(read.rules[1].stop);
}

TEST(config, makes_the_schedule_of_retries)
{
    auto const by_default = schedule_of(server_config());
    EXPECT_EQ(by_default.waits, retry_schedule().waits);
    EXPECT_EQ(by_default.attempts_max, retry_schedule().attempts_max);
    EXPECT_EQ(by_default.hold_wait, retry_schedule().hold_wait);
    auto const read =
        test::good_config("[server]\nretry_seconds = [7]\nattempts_max = 3\nhold_seconds = 9\n");
    auto const schedule = schedule_of(read.server);
    EXPECT_EQ(schedule.waits, std::vector<milliseconds>{seconds(7)});
    EXPECT_EQ(schedule.attempts_max, 3);
    EXPECT_EQ(schedule.hold_wait, seconds(9));
}

TEST(config_file, that_is_missing_is_all_defaults)
{
    test::temporary_folder const folder;
    for (auto const* name : {"config.toml", "no/such/folder/config.toml"})
    {
        auto const loaded = load_config(folder.path() / name);
        EXPECT_EQ(to_text(loaded.problems), "");
        EXPECT_EQ(loaded.config.server, server_config());
        EXPECT_TRUE(loaded.config.file.empty());
    }
}

TEST(config_file, is_read_and_named_in_full)
{
    test::temporary_folder const folder;
    auto const file = folder.path() / "config.toml";
    test::write_file(file, "[server]\nconnections_max = 7\nlisen = 1\n");
    auto const loaded = load_config(file);
    EXPECT_EQ(loaded.config.server.connections_max, 7);
    EXPECT_EQ(loaded.config.file, file);
    EXPECT_EQ(
        to_text(loaded.problems),
        file.string() + ":3: unknown key \"lisen\" in [server]; did you mean \"listen\"?\n"
    );
}

TEST(config_file, is_whole_or_says_how_much_is_wrong)
{
    test::temporary_folder const folder;
    auto const file = folder.path() / "config.toml";
    test::write_file(file, "[server]\nconnections_max = 7\n");
    EXPECT_EQ(load_whole_config(file).value().server.connections_max, 7);
    test::write_file(file, "[server]\nlisen = 1\n");
    auto const one = load_whole_config(file);
    ASSERT_FALSE(one);
    EXPECT_EQ(one.error().code, errc::invalid);
    auto const first = file.string() + ":2: unknown key \"lisen\" in [server]; did you mean \"listen\"?";
    EXPECT_EQ(one.error().message, first);
    test::write_file(file, "[server]\nlisen = 1\nx = 1\ny = 1\n");
    EXPECT_EQ(
        load_whole_config(file).error().message,
        first + "; and 2 more: linkspan --config " + file.string() + " check"
    );
}

TEST(config_file, that_cannot_be_read_is_a_fault)
{
    test::temporary_folder const folder;
    EXPECT_EQ(
        to_text(load_config(folder.path()).problems),
        folder.path().string() +
            ": cannot be read: it is no file; give one with --config or LINKSPAN_CONFIG\n"
    );
    EXPECT_EQ(
        to_text(load_config("/dev/null").problems),
        "/dev/null: cannot be read: it is no file; give one with --config or LINKSPAN_CONFIG\n"
    );
    test::write_file(folder.path() / "a", "");
    EXPECT_EQ(
        load_config(folder.path() / "a" / "config.toml").problems.faults.size(), 0u
    );  // ENOTDIR: there is none
    std::filesystem::create_symlink("loop", folder.path() / "loop");
    EXPECT_EQ(load_config(folder.path() / "loop").problems.faults.size(), 1u);
    test::write_file(folder.path() / "large", std::string(config_bytes_max + 5, '\n'));
    EXPECT_EQ(
        to_text(load_config(folder.path() / "large").problems),
        (folder.path() / "large").string() + ": holds more than 1048576 bytes; is it the right one?\n"
    );
    auto const closed = folder.path() / "closed";
    test::write_file(closed, "");
    std::filesystem::permissions(closed, std::filesystem::perms::none);
    if (std::ifstream(closed).is_open())
        return;  // root reads everything
    EXPECT_EQ(
        to_text(load_config(closed).problems), closed.string() + ": cannot be read: permission denied\n"
    );
}

}  // namespace
}  // namespace linkspan
