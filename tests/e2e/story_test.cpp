#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/sample_story.hpp"

#include <gtest/gtest.h>

// The first walk through the whole house: signed deliveries in, a conversation out.

namespace linkspan::test
{
namespace
{

// How often a text stands in another.
std::size_t occurrences(std::string_view text, std::string_view wanted)
{
    std::size_t count = 0;
    for (auto at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1))
        ++count;
    return count;
}

void expect_in_order(std::string_view text, std::vector<std::string> const& wanted)
{
    std::size_t at = 0;
    for (auto const& one : wanted)
    {
        auto const found = text.find(one, at);
        EXPECT_NE(found, text.npos) << one << " is missing behind what stands before it, in:\n" << text;
        if (found != text.npos)
            at = found + one.size();
    }
}

struct story : testing::TestWithParam<edition>
{
    test_profile profile;
    config settings = quick_config();

    void SetUp() override
    {
        auto const kind = GetParam();
        profile.add_link(
            kind == edition::cloud ? "bitbucket-webhook" : "bitbucket-dc-webhook",
            "hook",
            {{"webhook_secret", webhook_key}}
        );
        profile.add_link("console", "screen", {});
        add_source(
            settings, "hook", kind, kind == edition::cloud ? "bitbucket.org" : "https://bitbucket.example.com"
        );
        add_destination(settings, "screen", "screen");
        add_rule(settings, "screen");
    }
};

TEST_P(story, is_told_on_the_console_in_order_and_once)
{
    running_app app(profile, settings);
    auto const steps = story_of(GetParam(), 7, story_day());
    ASSERT_GT(steps.size(), 8u);
    for (auto const& step : steps)
    {
        // Somebody watches: what metrics read must not change what digest reads.
        EXPECT_EQ(get(app.admin_url() + "/metrics").status, 200);
        auto const request =
            delivery_to(app.public_url(), "hook", GetParam(), step.event_key, step.body, webhook_key);
        EXPECT_EQ(exchange_with(request).status, 202) << step.name;
        EXPECT_EQ(exchange_with(request).status, 202) << step.name << " again, with the same delivery id";
        // A second hook on the same repository sends it under an id of its own.
        EXPECT_EQ(
            exchange_with(
                delivery_to(app.public_url(), "hook", GetParam(), step.event_key, step.body, webhook_key)
            )
                .status,
            202
        );
    }
    ASSERT_TRUE(eventually([&] { return occurrences(app.printed(), "merged") > 0; })) << app.printed();
    ASSERT_TRUE(eventually([&] { return profile.count("delivery WHERE state = 0") == 0; }));

    std::vector<std::string> wanted = {
        "opened", "commented", "suggest", "replied", "requested changes", "pushed"};
    if (GetParam() == edition::cloud)
        wanted.insert(wanted.end(), {"failed", "fixed"});
    wanted.insert(wanted.end(), {"approved", "merged"});
    expect_in_order(app.printed(), wanted);
    EXPECT_EQ(occurrences(app.printed(), "opened"), 1u) << app.printed();
    EXPECT_EQ(occurrences(app.printed(), "merged"), 1u) << app.printed();
    EXPECT_EQ(profile.count("inbox WHERE state > 1"), 0);
    // The last delivery came twice: its repetition is digested behind the message.
    ASSERT_TRUE(eventually([&] { return profile.count("inbox WHERE state = 0") == 0; }));
    EXPECT_EQ(profile.count("inbox WHERE attempts <> 1"), 0) << "each row is digested once";
    EXPECT_TRUE(app.stop());
}

INSTANTIATE_TEST_SUITE_P(
    editions,
    story,
    testing::Values(edition::cloud, edition::data_center),
    [](testing::TestParamInfo<edition> const& one)
    { return std::string(one.param == edition::cloud ? "cloud" : "data_center"); }
);

TEST(slack, gets_one_message_for_each_event)
{
    slack_simulator slack;
    test_profile profile;
    profile.add_link("bitbucket-webhook", "hook", {{"webhook_secret", webhook_key}});
    profile.add_link(
        "slack-bot-token", "slack", {{"bot_token", "xoxb-test-1"}, {"api_url", slack.api_url()}}
    );
    auto settings = quick_config();
    add_source(settings, "hook", edition::cloud, "bitbucket.org");
    add_destination(settings, "builds", "slack", "C0000000001");
    add_rule(settings, "builds");
    running_app app(profile, settings);
    for (auto const& step : story_of(edition::cloud, 8, story_day()))
        EXPECT_EQ(
            exchange_with(
                delivery_to(app.public_url(), "hook", edition::cloud, step.event_key, step.body, webhook_key)
            )
                .status,
            202
        );
    ASSERT_TRUE(eventually(
        [&] {
            return profile.count("delivery WHERE state = 1") >= 9 &&
                   profile.count("inbox WHERE state = 0") == 0;
        }
    ));
    ASSERT_TRUE(eventually([&] { return profile.count("delivery WHERE state = 0") == 0; }));
    EXPECT_EQ(slack.messages().size(), static_cast<std::size_t>(profile.count("delivery")));
    EXPECT_NE(slack.messages().front().text.find("opened"), std::string::npos);
    EXPECT_NE(slack.messages().back().text.find("merged"), std::string::npos);
    EXPECT_EQ(
        profile.query("SELECT reference FROM delivery ORDER BY id LIMIT 1"), slack.messages().front().ts
    );
}

}  // namespace
}  // namespace linkspan::test
