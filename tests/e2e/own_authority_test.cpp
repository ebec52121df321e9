#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/sample_story.hpp"
#include "tests/support/tls_proxy.hpp"

#include <gtest/gtest.h>

// Services behind a proxy that opens TLS, with a certificate of an authority that only the configuration
// names.

namespace linkspan::test
{
namespace
{

constexpr char api_url[] = "https://slack.example/api/";

std::uint16_t port_of(slack_simulator const& slack)
{
    auto const url = slack.api_url();
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

struct own_authority : testing::Test
{
    slack_simulator slack;
    tls_proxy proxy{{{"slack.example", port_of(slack)}}};
};

struct served_own_authority : own_authority
{
    test_profile profile;

    std::unique_ptr<running_app> start(std::string const& ca_bundle)
    {
        profile.add_link("bitbucket-webhook", "hook", {{"webhook_secret", webhook_key}});
        profile.add_link("slack-bot-token", "slack", {{"bot_token", "xoxb-test-1"}, {"api_url", api_url}});
        auto settings = quick_config();
        settings.server.proxy = proxy.proxy_url();
        settings.server.ca_bundle = ca_bundle;
        add_source(settings, "hook", edition::cloud, "bitbucket.org");
        add_destination(settings, "builds", "slack", "C0000000001");
        add_rule(settings, "builds");
        return std::make_unique<running_app>(profile, settings);
    }

    static void open_pull_request(running_app const& app)
    {
        auto const now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
        auto const step = step_of(edition::cloud, "opened", 1, now);
        auto const sent = exchange_with(
            delivery_to(app.public_url(), "hook", edition::cloud, step.event_key, step.body, webhook_key)
        );
        ASSERT_EQ(sent.status, 202);
    }
};

TEST_F(served_own_authority, messages_arrive)
{
    auto const app = start(proxy.ca_file().string());
    open_pull_request(*app);
    ASSERT_TRUE(slack.wait_for_messages(1));
    EXPECT_EQ(proxy.connected(), std::vector<std::string>{"slack.example"});
}

TEST_F(served_own_authority, without_it_nothing_is_sent_and_the_reason_is_kept)
{
    auto const app = start("");
    open_pull_request(*app);
    ASSERT_TRUE(eventually([&] { return profile.count("delivery_attempt WHERE outcome IS NOT NULL") >= 1; }));
    auto const why = profile.query("SELECT detail FROM delivery_attempt WHERE outcome IS NOT NULL");
    EXPECT_NE(why.find("if that authority is your own, name it as ca_bundle"), std::string::npos) << why;
    EXPECT_EQ(slack.calls(), 0u);
    EXPECT_TRUE(proxy.connected().empty());
}

TEST_F(own_authority, commands_know_it_too)
{
    program_profile profile;
    auto const made = profile.run(
        {"create-link",
         "--template",
         "slack-bot-token",
         "--name",
         "slack",
         "--kv",
         "bot_token=xoxb-test-1",
         "--kv",
         std::string("api_url=") + api_url}
    );
    ASSERT_EQ(made.code, 0) << made.err;
    auto const server = "[server]\nproxy = \"" + proxy.proxy_url() + "\"\n";
    profile.write_config(server);
    auto const refused = profile.run({"check-link", "slack"});
    EXPECT_NE(refused.code, 0);
    EXPECT_NE((refused.out + refused.err).find("name it as ca_bundle"), std::string::npos)
        << refused.out << refused.err;
    EXPECT_TRUE(proxy.connected().empty());
    profile.write_config(server + "ca_bundle = \"" + proxy.ca_file().string() + "\"\n");
    auto const checked = profile.run({"check-link", "slack"});
    EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
    EXPECT_EQ(proxy.connected(), std::vector<std::string>{"slack.example"});
}

}  // namespace
}  // namespace linkspan::test
