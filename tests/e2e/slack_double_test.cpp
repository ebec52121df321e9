#include "tests/support/slack_double.hpp"

#include "tests/support/environment.hpp"
#include "tests/support/recorded.hpp"
#include "tests/support/running_app.hpp"

#include <gtest/gtest.h>

// Messages come out at a Slack Web API that others wrote.

namespace linkspan::test
{
namespace
{

TEST(slack_double, keeps_what_recorded_deliveries_make)
{
    if (!payloads())
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries here";
    if (!slack_double::is_installed())
        GTEST_SKIP() << "LINKSPAN_EMULATE is not set: ./dev test installs the Slack double";
    slack_double slack;
    auto const channel = slack.channel_id("builds");
    test_profile profile;
    profile.add_link("bitbucket-webhook", "cloud", {{"webhook_secret", webhook_key}});
    profile.add_link("bitbucket-dc-webhook", "data_center", {{"webhook_secret", webhook_key}});
    profile.add_link(
        "slack-bot-token", "slack", {{"bot_token", slack.token()}, {"api_url", slack.api_url()}}
    );
    auto settings = quick_config();
    add_source(settings, "cloud", edition::cloud, "bitbucket.org");
    add_source(settings, "data_center", edition::data_center, "https://bitbucket.example.com");
    add_destination(settings, "all", "slack", channel);
    add_rule(settings, "all");
    running_app app(profile, settings);
    for (auto const& one : genuine_recordings_in(*payloads()))
    {
        auto const* link = one.edition == edition::cloud ? "cloud" : "data_center";
        exchange_with(delivery_to(
            app.public_url(), link, one.edition, one.event_key, read_file(*payloads() / one.file), webhook_key
        ));
    }
    ASSERT_TRUE(eventually([&] { return profile.count("inbox WHERE state = 0") == 0; }));
    ASSERT_TRUE(eventually([&] { return profile.count("delivery WHERE state = 0") == 0; }, seconds(60)));
    auto const sent = static_cast<std::size_t>(profile.count("delivery WHERE state = 1"));
    EXPECT_GT(sent, 20u);
    EXPECT_EQ(slack.count_messages(channel), sent);
    EXPECT_EQ(profile.count("delivery WHERE state = 2"), 0);
    std::printf("report: messages at the Slack double: %zu of %zu\n", slack.count_messages(channel), sent);
}

}  // namespace
}  // namespace linkspan::test
