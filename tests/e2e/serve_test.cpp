#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/sample_story.hpp"
#include "tests/support/served_program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>
#include <signal.h>

#include <future>

// `linkspan serve` as a process: start, signals, one for each profile.

namespace linkspan::test
{
namespace
{

constexpr char head[] = "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n";

struct serve : testing::Test
{
    program_profile profile;

    void SetUp() override { profile.write_config(head); }
};

TEST_F(serve, starts_without_links_and_stops_with_status_0)
{
    for (int const number : {SIGTERM, SIGINT})
    {
        served_program program(profile);
        EXPECT_EQ(get(program.public_url() + "/healthz").status, 200);
        EXPECT_EQ(get(program.admin_url() + "/readyz").status, 200);
        auto const mode = std::filesystem::status(profile.state() / "serve.json").permissions();
        EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        program.signal(number);
        EXPECT_EQ(program.wait(), 0);
        EXPECT_FALSE(std::filesystem::exists(profile.state() / "serve.json"));
    }
}

TEST_F(serve, is_refused_a_profile_that_is_served_already)
{
    served_program const first(profile);
    auto const second = profile.run({"serve"});
    EXPECT_EQ(second.code, 4);
    auto const pid = boost::json::parse(read_file(profile.state() / "serve.json")).at("pid").as_int64();
    EXPECT_NE(second.err.find("in use by process " + std::to_string(pid)), std::string::npos) << second.err;
}

TEST_F(serve, says_when_a_port_is_taken)
{
    served_program const first(profile);
    auto const port = first.public_url().substr(first.public_url().rfind(':'));
    program_profile other;
    other.write_config("[server]\nlisten = \"127.0.0.1" + port + "\"\nadmin_listen = \"127.0.0.1:0\"\n");
    auto const second = other.run({"serve"});
    EXPECT_EQ(second.code, 4);
    EXPECT_NE(second.err.find(port.substr(1)), std::string::npos) << second.err;
}

TEST_F(serve, refuses_a_configuration_with_a_fault)
{
    profile.write_config("[server]\nlisten = \"127.0.0.1:0\"\nlog_levle = \"info\"\n");
    auto const refused = profile.run({"serve"});
    EXPECT_EQ(refused.code, 2);
    EXPECT_NE(refused.err.find("config.toml:3"), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find("log_level"), std::string::npos) << refused.err;
}

TEST_F(serve, refuses_a_configuration_that_names_a_link_which_is_not_there)
{
    profile.write_config(
        std::string(head) +
        "[[destination]]\nname = \"d\"\nlink = \"nobody\"\n[[rule]]\ndestinations = [\"d\"]\n"
    );
    auto const refused = profile.run({"serve"});
    EXPECT_EQ(refused.code, 2);
    EXPECT_NE(refused.err.find("config.toml:4"), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find("nobody"), std::string::npos) << refused.err;
}

TEST_F(serve, refuses_to_start_without_the_key_that_sealed_its_links)
{
    profile.write("hook.secret", webhook_key);
    auto const secret_file = (profile.folder() / "hook.secret").string();
    ASSERT_EQ(
        profile
            .run(
                {"create-link",
                 "--template",
                 "bitbucket-webhook",
                 "--name",
                 "h",
                 "--kv",
                 "webhook_secret=@" + secret_file}
            )
            .code,
        0
    );
    std::filesystem::remove(profile.master_key());
    auto const refused = profile.run({"serve"});
    EXPECT_EQ(refused.code, 5);
    EXPECT_NE(refused.err.find("master.key"), std::string::npos) << refused.err;
    EXPECT_FALSE(std::filesystem::exists(profile.master_key())) << "no new webhook_key may take its place";
}

struct held_serve : serve
{
    slack_simulator slack;

    // A message is on its way, and Slack does not answer.
    void begin(served_program& program)
    {
        slack.script({slack_fault::held()});
        auto const step = step_of(edition::cloud, "opened", 3, *parse_time("2026-11-20T09:00:00Z"));
        ASSERT_EQ(
            exchange_with(
                delivery_to(program.public_url(), "h", edition::cloud, step.event_key, step.body, webhook_key)
            )
                .status,
            202
        );
        ASSERT_TRUE(slack.wait_for_held(1));
    }

    void SetUp() override
    {
        profile.write_config(
            std::string(head) +
            "grace_seconds = 20\n[[source]]\nname = \"c\"\nedition = \"cloud\"\nwebhook = \"h\"\n"
            "[[destination]]\nname = \"d\"\nlink = \"s\"\nchannel = \"C0000000001\"\n[[rule]]\ndestinations "
            "= [\"d\"]\n"
        );
        profile.write("hook.secret", webhook_key);
        profile.write("bot.token", "xoxb-test-1");
        auto const file = [&](char const* name) { return "=@" + (profile.folder() / name).string(); };
        profile.run(
            {"create-link",
             "--template",
             "bitbucket-webhook",
             "--name",
             "h",
             "--kv",
             "webhook_secret" + file("hook.secret")}
        );
        profile.run(
            {"create-link",
             "--template",
             "slack-bot-token",
             "--name",
             "s",
             "--kv",
             "bot_token" + file("bot.token"),
             "--kv",
             "api_url=" + slack.api_url()}
        );
    }
};

TEST_F(held_serve, finishes_what_is_in_flight_before_it_ends)
{
    served_program program(profile);
    begin(program);
    program.signal(SIGTERM);
    ASSERT_TRUE(eventually([&] { return get(program.public_url() + "/healthz").status == 0; }))
        << "it accepts no more";
    slack.release();
    EXPECT_EQ(program.wait(), 0);
    EXPECT_EQ(slack.messages().size(), 1u);
}

TEST_F(held_serve, is_cut_by_a_second_signal)
{
    served_program program(profile);
    begin(program);
    program.signal(SIGTERM);
    ASSERT_TRUE(eventually([&] { return get(program.public_url() + "/healthz").status == 0; }));
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait(), 128 + SIGTERM);
}

}  // namespace
}  // namespace linkspan::test
