#include "tests/support/recorded.hpp"

#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

// Real deliveries go in over HTTP, signed; all that this version knows come out.

namespace linkspan::test
{
namespace
{

// The recorded request headers beside a body, less what no longer fits it.
std::vector<http_header> recorded_headers(std::filesystem::path const& body)
{
    std::vector<http_header> out;
    auto file = body;
    file.replace_extension(".headers.json");
    if (!std::filesystem::exists(file))
        return out;
    auto const recorded = boost::json::parse(read_file(file));
    for (auto const& [name, value] : recorded.as_object())
        if (name != "content-length" && name != "host" && name != "connection" && name != "accept-encoding")
            out.push_back({name, std::string(value.as_string())});
    return out;
}

TEST(recorded, deliveries_go_all_the_way)
{
    if (!payloads())
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries here";
    slack_simulator slack;
    test_profile profile;
    profile.add_link("bitbucket-webhook", "cloud", {{"webhook_secret", webhook_key}});
    profile.add_link("bitbucket-dc-webhook", "data_center", {{"webhook_secret", webhook_key}});
    profile.add_link(
        "slack-bot-token", "slack", {{"bot_token", "xoxb-test-1"}, {"api_url", slack.api_url()}}
    );
    auto settings = quick_config();
    add_source(settings, "cloud", edition::cloud, "bitbucket.org");
    add_source(settings, "data_center", edition::data_center, "https://bitbucket.example.com");
    add_destination(settings, "all", "slack", "C0000000001");
    add_rule(settings, "all").kinds = {"**"};
    running_app app(profile, settings);

    auto const listed = genuine_recordings_in(*payloads());
    ASSERT_FALSE(listed.empty());
    EXPECT_EQ(listed.size(), genuine_recordings_listed_in(*payloads()));
    std::size_t sent = 0;
    for (auto const& one : listed)
    {
        auto const body = read_file(*payloads() / one.file);  // throws where INDEX.md lists what is not there
        bool const is_cloud = one.edition == edition::cloud;
        auto request = delivery_to(
            app.public_url(),
            is_cloud ? "cloud" : "data_center",
            one.edition,
            one.event_key,
            body,
            webhook_key
        );
        // Key, signature and delivery id are ours (the recordings of one repository may share an id); the
        // rest is theirs.
        for (auto& header : recorded_headers(*payloads() / one.file))
            if (find_header(request.headers, header.name).empty())
                request.headers.push_back(std::move(header));
        auto const status = exchange_with(request).status;
        EXPECT_EQ(status, one.event_key == "diagnostics:ping" ? 200 : 202) << one.file;
        ++sent;
    }
    ASSERT_TRUE(eventually([&] { return profile.count("inbox WHERE state = 0") == 0; }));
    EXPECT_EQ(profile.count("inbox WHERE state > 1"), 0) << profile.query(
        "SELECT group_concat(event_key || ' ' || reason, char(10)) FROM inbox WHERE state > 1"
    );
    ASSERT_TRUE(eventually([&] { return profile.count("delivery WHERE state = 0") == 0; }, seconds(60)));
    EXPECT_EQ(profile.count("delivery WHERE state = 2"), 0)
        << profile.query("SELECT reason FROM delivery WHERE state = 2");
    EXPECT_EQ(slack.messages().size(), static_cast<std::size_t>(profile.count("delivery WHERE state = 1")));
    EXPECT_GT(slack.messages().size(), 40u);
    std::printf(
        "report: recorded deliveries over HTTP: %zu of %zu, %zu messages at Slack\n",
        sent,
        listed.size(),
        slack.messages().size()
    );
}

}  // namespace
}  // namespace linkspan::test
