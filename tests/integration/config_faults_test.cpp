#include "cmd/linkspan/config.hpp"
#include "tests/support/config_texts.hpp"
#include "tests/support/environment.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace linkspan
{
namespace
{

constexpr std::string_view source = "[[source]]\nname = \"a\"\nedition = \"cloud\"\nwebhook = \"hook\"\n";
constexpr std::string_view destination = "[[destination]]\nname = \"reviews\"\nlink = \"slack\"\n";

std::string with(std::string_view first, std::string_view second)
{
    return std::string(first) + std::string(second);
}

struct fault_case
{
    std::string text;
    std::string said;
};
void PrintTo(fault_case const& one, std::ostream* out)
{
    *out << one.said;
}

class config_fault_texts : public testing::TestWithParam<fault_case>
{
};

TEST_P(config_fault_texts, name_the_place_the_fault_and_the_next_step)
{
    EXPECT_EQ(test::faults_of(GetParam().text), GetParam().said.empty() ? "" : GetParam().said + "\n")
        << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    unknown,
    config_fault_texts,
    testing::Values(
        fault_case{
            "[server]\nlisen = \"127.0.0.1:1\"\n",
            "config.toml:2: unknown key \"lisen\" in [server]; did you mean \"listen\"?"},
        fault_case{
            "[sever]\nlisten = \"127.0.0.1:1\"\n",
            "config.toml:1: unknown table [sever]; did you mean \"server\"?"},
        fault_case{
            "\n[[sources]]\nname = \"a\"\n",
            "config.toml:2: unknown table [[sources]]; did you mean \"source\"?"},
        fault_case{
            "[zebra-crossings]\n",
            "config.toml:1: unknown table [zebra-crossings]; there are: server, source, destination, team, "
            "rule"},
        fault_case{
            with(destination, "zebra-crossings = 1\n"),
            "config.toml:4: unknown key \"zebra-crossings\" in [[destination]]; there are: name, link, "
            "channel"},
        fault_case{
            "listen = \"127.0.0.1:1\"\n",
            "config.toml:1: \"listen\" stands outside of every table; write it below [server]"},
        fault_case{
            "zebra = 1\n",
            "config.toml:1: \"zebra\" stands outside of every table; there are: [server], [[source]], "
            "[[destination]], "
            "[[team]], [[rule]]"},
        fault_case{
            "[server.limits]\nx = 1\n",
            "config.toml:1: unknown key \"limits\" in [server]; there are: listen, admin_listen, public_url, "
            "allow_http_public_url, cloud_body_bytes_max, data_center_body_bytes_max, in_flight_bytes_max, "
            "connections_max, "
            "grace_seconds, "
            "request_timeout_seconds, retry_seconds, attempts_max, hold_seconds, catch_up_seconds, "
            "quiet_catch_up_seconds, proxy, ca_bundle, "
            "log_level, "
            "log_format"},
        fault_case{
            "[source]\nname = \"a\"\n",
            "config.toml:1: \"source\": expected a list of tables, found a table; write [[source]] and its "
            "keys below"},
        fault_case{
            "[[server]]\n",
            "config.toml:1: \"server\": expected one table, found a list of tables; write [server] and its "
            "keys below"},
        fault_case{
            "rule = [1]\n",
            "config.toml:1: [[rule]]: expected a table, found a number; write [[rule]] and its keys below"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    types_and_ranges,
    config_fault_texts,
    testing::Values(
        fault_case{
            "[server]\n\nrequest_timeout_seconds = \"30\"\n",
            "config.toml:3: request_timeout_seconds in [server]: expected a number of seconds, found a "
            "string; write "
            "for example request_timeout_seconds = 30"},
        fault_case{
            "[server]\ngrace_seconds = 0.5\n",
            "config.toml:2: grace_seconds in [server]: expected a number of seconds, found a number with a "
            "fraction; "
            "write for example grace_seconds = 10"},
        fault_case{
            "[server]\nlisten = true\n",
            "config.toml:2: listen in [server]: expected a string, found a boolean; write for example listen "
            "= "
            "\"127.0.0.1:14470\""},
        fault_case{
            "[server]\nlisten = 2020-01-01\n",
            "config.toml:2: listen in [server]: expected a string, found a date or time; write for example "
            "listen = "
            "\"127.0.0.1:14470\""},
        fault_case{
            "[server]\nconnections_max = {}\n",
            "config.toml:2: connections_max in [server]: expected a number, found a table; write for example "
            "connections_max = 1024"},
        fault_case{
            "[server]\nretry_seconds = 5\n",
            "config.toml:2: retry_seconds in [server]: expected a list of numbers of seconds, found a "
            "number; write for "
            "example retry_seconds = [5, 30, 120, 600, 1800, 3600, 7200, 14400]"},
        fault_case{
            "[server]\nretry_seconds = [\n5,\n\"x\"]\n",
            "config.toml:4: retry_seconds in [server]: expected a list of numbers of seconds, found a string "
            "in it; "
            "write for example retry_seconds = [5, 30, 120, 600, 1800, 3600, 7200, 14400]"},
        fault_case{
            "[server]\nlog_level = [\"info\"]\n",
            "config.toml:2: log_level in [server]: expected a string, found a list; write for example "
            "log_level = "
            "\"info\""},
        fault_case{
            "[server]\nconnections_max = 0\n",
            "config.toml:2: connections_max in [server] is 0, but must be from 1 to 65536"},
        fault_case{
            "[server]\nattempts_max = -9223372036854775808\n",
            "config.toml:2: attempts_max in [server] is -9223372036854775808, but must be from 1 to 1000"},
        fault_case{
            "[server]\nretry_seconds = [1,\n86401]\n",
            "config.toml:3: retry_seconds in [server] is 86401, but must be from 1 to 86400"},
        fault_case{
            "[server]\nretry_seconds = []\n",
            "config.toml:2: retry_seconds in [server] is empty; write for example retry_seconds = [5, 30, "
            "120, 600, "
            "1800, 3600, 7200, 14400]"},
        fault_case{
            "[server]\nin_flight_bytes_max = 1048576\n",
            "config.toml:2: in_flight_bytes_max in [server] is 1048576, less than one delivery may have "
            "(16777216); "
            "make it at least as large"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    values,
    config_fault_texts,
    testing::Values(
        fault_case{
            "[server]\nlog_level = \"inf\"\n",
            "config.toml:2: log_level in [server] is \"inf\"; did you mean \"info\"?"},
        fault_case{
            "[server]\nlog_format = \"xml\"\n",
            "config.toml:2: log_format in [server] is \"xml\"; there are: text, json"},
        fault_case{
            "[server]\nlisten = \"localhost:80\"\n",
            "config.toml:2: listen in [server] must have an IP address, not a name; write 127.0.0.1 instead "
            "of "
            "localhost"},
        fault_case{
            "[server]\nlisten = \"127.0.0.1:14471\"\n",
            "config.toml:2: listen (127.0.0.1:14471) and admin_listen (127.0.0.1:14471) need the same port; "
            "give one of "
            "them another port"},
        fault_case{
            "[server]\npublic_url = \"ftp://example.org\"\n",
            "config.toml:2: public_url in [server] must be a URL such as \"https://linkspan.example.com\", "
            "without a "
            "path"},
        fault_case{
            "[server]\npublic_url = \"http://linkspan.example.org\"\n",
            "config.toml:2: public_url is plain http: whoever is on the way can read and change the sign-in "
            "of a "
            "person; write https://, or allow_http_public_url = true in [server]"},
        fault_case{
            "[server]\nallow_http_public_url = 1\n",
            "config.toml:2: allow_http_public_url in [server]: expected a boolean, found a number; write for "
            "example allow_http_public_url = false"},
        fault_case{
            "[server]\npublic_url = \"https://example.org/hooks\"\n",
            "config.toml:2: public_url in [server] must not have a path; write a URL such as "
            "\"https://linkspan.example.com\", without a path"},
        fault_case{
            "[server]\npublic_url = \"https://example.org?a=canary\"\n",
            "config.toml:2: public_url in [server] must not have a \"?\" or a \"#\"; write a URL such as "
            "\"https://linkspan.example.com\", without a path"},
        fault_case{
            "[server]\npublic_url = \"https://me:canary@example.org\"\n",
            "config.toml:2: public_url in [server] must not hold a user or a password; credentials belong "
            "into a link, "
            "not into this file: linkspan set-creds"},
        fault_case{
            "[server]\nproxy = \"canary:canary@proxy\"\n",
            "config.toml:2: proxy in [server] must be a URL such as \"http://127.0.0.1:3128\" or "
            "\"socks5h://127.0.0.1:1080\""},
        fault_case{
            "[server]\nproxy = \"http://a\\nb\"\n",
            "config.toml:2: proxy in [server] has a line break or another control character"},
        fault_case{
            "[server]\nproxy = \"http://" + std::string(600, 'a') + "\"\n",
            "config.toml:2: proxy in [server] is longer than 512 bytes"},
        fault_case{
            "[server]\nca_bundle = \"ca.pem\"\n",
            "config.toml:2: ca_bundle in [server] must be an absolute path, such as "
            "\"/etc/ssl/certs/acme-ca.pem\""},
        fault_case{
            "[server]\nca_bundle = \"/nowhere/ca.pem\"\n",
            "config.toml:2: ca_bundle in [server] names \"/nowhere/ca.pem\", which is no file that can be "
            "seen "
            "from here"},
        fault_case{
            "[server]\nca_bundle = \"/\"\n",
            "config.toml:2: ca_bundle in [server] names \"/\", which is no file that can be seen from here"}
    )
);

TEST(config_faults, a_ca_bundle_is_a_file_of_certificates)
{
    test::temporary_folder const folder;
    auto const file = folder.path() / "ca.pem";
    auto const said = [&] { return test::faults_of("[server]\nca_bundle = \"" + file.string() + "\"\n"); };
    test::write_file(file, "x");
    EXPECT_NE(said().find("which holds no certificate (\"-----BEGIN CERTIFICATE-----\")"), std::string::npos)
        << said();
    test::write_file(file, "Acme\n-----BEGIN TRUSTED CERTIFICATE-----\n");
    EXPECT_EQ(said(), "");
    test::write_file(file, std::string((16U << 20U) + 1, '\n') + "-----BEGIN CERTIFICATE-----\n");
    EXPECT_NE(said().find("which is larger than 16777216 bytes"), std::string::npos) << said();
    std::filesystem::permissions(file, std::filesystem::perms::none);
    if (::access(file.c_str(), R_OK) == 0)
        return;  // root may read everything
    EXPECT_NE(said().find("which this user may not read"), std::string::npos) << said();
}

INSTANTIATE_TEST_SUITE_P(
    sources_and_destinations,
    config_fault_texts,
    testing::Values(
        fault_case{
            "[[source]]\nname = \"a\"\nedition = \"clod\"\nwebhook = \"hook\"\n",
            "config.toml:3: edition in [[source]] is \"clod\"; did you mean \"cloud\"?"},
        fault_case{
            "\n[[source]]\nname = \"a\"\nedition = \"cloud\"\n",
            "config.toml:2: [[source]] has no \"webhook\" (the link that receives its webhooks, by id or "
            "name); write "
            "for example webhook = \"bitbucket-webhook\", or poll_only = true where no webhook can reach "
            "Linkspan"},
        fault_case{
            with(source, "instance = \"https://bitbucket.org\"\n"),
            "config.toml:5: instance in [[source]] must be \"bitbucket.org\" for the edition \"cloud\"; "
            "remove the line, "
            "or write edition = \"data_center\""},
        fault_case{
            "[[source]]\nname = \"a\"\nedition = \"data_center\"\nwebhook = \"hook\"\ninstance = "
            "\"git.example.com\"\n",
            "config.toml:5: instance in [[source]] must be the base URL of a Data Center, such as "
            "\"https://bitbucket.example.com\""},
        fault_case{
            with(source, source),
            "config.toml:6: a second source is named \"a\" (the first: line 2); give it another name"},
        fault_case{
            with(destination, destination),
            "config.toml:5: a second destination is named \"reviews\" (the first: line 2); give it another "
            "name"},
        fault_case{
            "[[destination]]\nname = \"\"\nlink = \" slack\"\n",
            "config.toml:2: name in [[destination]] is empty\n"
            "config.toml:3: link in [[destination]] begins or ends with a space"},
        fault_case{
            "[[destination]]\nname = \"" + std::string(65, 'n') + "\"\nlink = \"slack\"\n",
            "config.toml:2: name in [[destination]] is longer than 64 bytes"},
        fault_case{
            "[[destination]]\n",
            "config.toml:1: [[destination]] has no \"name\" (how rules call it; unique among destinations); "
            "write for "
            "example name = \"reviews\"\n"
            "config.toml:1: [[destination]] has no \"link\" (the link that sends, by id or name); write for "
            "example link "
            "= \"slack\""}
    )
);

INSTANTIATE_TEST_SUITE_P(
    rules,
    config_fault_texts,
    testing::Values(
        fault_case{
            with(destination, "[[rule]]\n"),
            "config.toml:4: [[rule]] has no \"destinations\" (names of destinations); write for example "
            "destinations = "
            "[\"reviews\"]"},
        fault_case{
            with(destination, "[[rule]]\ndestinations = []\n"),
            "config.toml:5: destinations in [[rule]] is empty; write for example destinations = "
            "[\"reviews\"]"},
        fault_case{
            with(destination, "[[rule]]\ndestinations = [\n\"reviews\",\n\"revews\"]\n"),
            "config.toml:7: destinations in [[rule]] names \"revews\", which is no destination; did you mean "
            "\"reviews\"?"},
        fault_case{
            with(destination, "[[rule]]\ndestinations = [\"x\"]\n"),
            "config.toml:5: destinations in [[rule]] names \"x\", which is no destination; there are: "
            "reviews"},
        fault_case{
            "[[rule]]\ndestinations = [\"x\"]\n",
            "config.toml:2: destinations in [[rule]] names \"x\", which is no destination; add a "
            "[[destination]]"},
        fault_case{
            with(
                destination,
                "[[rule]]\ndestinations = [\"reviews\"]\nkinds = [\"pull_request.*\", \"coment.added\"]\n"
            ),
            "config.toml:6: kinds in [[rule]] has a pattern that matches nothing: no kind of event matches "
            "\"coment.added\"; did you mean \"comment.added\"?"},
        fault_case{
            with(destination, "[[rule]]\ndestinations = [\"reviews\"]\nrepositories = [\"*\"]\n"),
            "config.toml:6: repositories in [[rule]] has the pattern \"*\", which matches no repository, as "
            "they are "
            "named owner/slug; write for example \"acme/*\" or \"**\""},
        fault_case{
            with(
                destination,
                "[[rule]]\ndestinations = [\"reviews\"]\nbranches = [\"\"]\nkinds = [\"\"]\nrepositories = "
                "[\"\"]\n"
            ),
            "config.toml:6: branches in [[rule]] has an empty pattern, which matches nothing; remove it, or "
            "write \"**\" "
            "for everything\n"
            "config.toml:7: kinds in [[rule]] has an empty pattern, which matches nothing; remove it, or "
            "write \"**\" "
            "for everything\n"
            "config.toml:8: repositories in [[rule]] has an empty pattern, which matches nothing; remove it, "
            "or write "
            "\"**\" for everything"},
        fault_case{
            with(
                destination,
                "[[rule]]\nname = \"a\"\ndestinations = [\"reviews\"]\n[[rule]]\nname = \"a\"\n"
                "destinations = [\"reviews\"]\n"
            ),
            "config.toml:8: a second rule is named \"a\" (the first: line 5); give it another name"}
    )
);

TEST(config_faults, are_told_at_once_in_the_order_of_lines)
{
    EXPECT_EQ(
        test::faults_of("[[rule]]\ndestinations = [\"x\"]\n[server]\nlisen = 1\ngrace_seconds = "
                        "301\n[[source]]\nnane = \"a\"\n"
                        "edition = \"cloud\"\nwebhook = \"hook\"\n[servers]\n"),
        "config.toml:2: destinations in [[rule]] names \"x\", which is no destination; add a "
        "[[destination]]\n"
        "config.toml:4: unknown key \"lisen\" in [server]; did you mean \"listen\"?\n"
        "config.toml:5: grace_seconds in [server] is 301, but must be from 0 to 300\n"
        "config.toml:6: [[source]] has no \"name\" (how messages and logs call it; unique among sources); "
        "write for "
        "example name = \"bitbucket\"\n"
        "config.toml:7: unknown key \"nane\" in [[source]]; did you mean \"name\"?\n"
        "config.toml:10: unknown table [servers]; did you mean \"server\"?\n"
    );
}

TEST(config_faults, of_syntax_have_the_line)
{
    EXPECT_TRUE(test::faults_of("[server]\nlisten 5\n").starts_with("config.toml:2: no valid TOML: "))
        << test::faults_of("[server]\nlisten 5\n");
    EXPECT_TRUE(test::faults_of("[server]\n\nlisten = \"a\"\nlisten = \"b\"\n")
                    .starts_with("config.toml:4: no valid TOML: "));
    EXPECT_NE(
        test::faults_of("[server]\nlisten = \"a\"\nlisten = \"b\"\n").find("'listen'"), std::string::npos
    );
    EXPECT_TRUE(
        test::faults_of("[server]\nlisten = \"a\n").ends_with("; mend it, nothing below it was read\n")
    );
}

TEST(config_faults, send_credentials_into_a_link)
{
    for (auto const* key :
         {"bot_token", "webhook_secret", "Password", "api-key", "client_credentials", "apiKey"})
    {
        EXPECT_EQ(
            test::faults_of(with(destination, std::string(key) + " = \"canary-7\"\n")),
            "config.toml:4: unknown key \"" + std::string(key) +
                "\" in [[destination]]; credentials belong into a link, not into this file: linkspan "
                "set-creds\n"
        );
        EXPECT_EQ(
            test::faults_of(std::string(key) + " = \"canary-7\"\n"),
            "config.toml:1: \"" + std::string(key) +
                "\" stands outside of every table; credentials belong into a link, not into this file: "
                "linkspan "
                "set-creds\n"
        );
    }
}

TEST(config_faults, never_repeat_a_value_that_may_be_secret)
{
    for (auto const& value :
         {"\"canary7712345678901234567890\"",
          "canary7712345678901234567890",
          "[\"canary7712345678901234567890\"]",
          "{a = \"canary7712345678901234567890\"}",
          "7712345678901234567890",
          "0x7712345678901234567890",
          "7712345678901234567890.5e999",
          "\"canary7712345678901234567890",
          "'''canary7712345678901234567890\n",
          "\"\\canary7712345678901234567890\"",
          "7712345678901234567890canary"})
        for (auto const* key :
             {"token", "listen", "public_url", "proxy", "grace_seconds", "unknown_one", "log_level.a"})
        {
            auto const said = test::faults_of("[server]\n" + std::string(key) + " = " + value + "\n");
            EXPECT_NE(said, "") << key << value;
            EXPECT_EQ(said.find("7712345"), std::string::npos) << said;
        }
}

TEST(config_faults, are_at_most_a_hundred_and_say_so)
{
    std::string text = "[server]\n";
    for (int i = 0; i < 5000; ++i)
        text += "k" + std::to_string(i) + " = 1\n";
    auto const all = parse_config(text, "config.toml").problems.faults;
    ASSERT_EQ(all.size(), config_faults_max + 1);
    EXPECT_EQ(all.back().place, "config.toml");
    EXPECT_EQ(all.back().message, "has more faults than these; mend these first");
}

}  // namespace
}  // namespace linkspan
