#include "tests/support/own_deliveries.hpp"
#include "tests/support/running_app.hpp"

#include <gtest/gtest.h>

#include <algorithm>

// Deliveries of comments begin, move and end the watch of their pull request, by the real app.

namespace linkspan::test
{
namespace
{

constexpr char const* server = "https://bitbucket.example.com";
constexpr char const* nobody = "http://127.0.0.1:1";  // no look has an answer: webhooks alone are told

struct watch_arming_by_webhook : testing::Test
{
    test_profile profile;
    std::unique_ptr<running_app> app;
    std::vector<own_delivery> const ours = own_deliveries(edition::cloud);
    std::vector<own_delivery> const servers = own_deliveries(edition::data_center);

    // Half a second behind the comment that Cloud's deliveries tell of.
    void start(bool asks)
    {
        profile.add_link("bitbucket-webhook", "hook", {{"webhook_secret", webhook_key}});
        profile.add_link("bitbucket-dc-webhook", "server-hook", {{"webhook_secret", webhook_key}});
        auto settings = quick_config();
        add_source(settings, "hook", edition::cloud, "bitbucket.org");
        add_source(settings, "server-hook", edition::data_center, server);
        if (asks)
        {
            profile.add_link(
                "bitbucket-access-token",
                "asker",
                {{"token", "a token"}, {"workspace", "acme"}, {"api_url", nobody}}
            );
            profile.add_link(
                "bitbucket-dc-token", "server-asker", {{"token", "a token"}, {"base_url", nobody}}
            );
            settings.sources[0].api = "asker";
            settings.sources[1].api = "server-asker";
        }
        app = std::make_unique<running_app>(profile, settings, parse_time("2026-11-20T10:00:00.620Z"));
    }

    void send(std::string const& name, edition of = edition::cloud)
    {
        auto const& all = of == edition::cloud ? ours : servers;
        auto const found = std::ranges::find(all, name, &own_delivery::name);
        ASSERT_NE(found, all.end()) << name;
        auto const* link = of == edition::cloud ? "hook" : "server-hook";
        auto const sent =
            delivery_to(app->public_url(), link, of, found->event_key, found->body, webhook_key);
        ASSERT_EQ(exchange_with(sent).status, 202);
        ASSERT_TRUE(eventually([&] { return profile.count("inbox WHERE state = 0") == 0; }));
        ASSERT_EQ(profile.count("inbox WHERE state > 1"), 0);
    }

    // changed_at of the one watch, less its date; empty: there is none.
    std::string changed_at()
    {
        return profile.query(
            "SELECT strftime('%H:%M:%f', changed_at / 1000.0, 'unixepoch') FROM watch WHERE pull_request = 7"
        );
    }
};

TEST_F(watch_arming_by_webhook, begins_with_a_comment_and_moves_with_its_edit)
{
    start(true);
    send("pullrequest_created_2026");
    EXPECT_EQ(changed_at(), "");
    send("pullrequest_comment_created_2026");
    EXPECT_EQ(changed_at(), "10:00:00.120");
    EXPECT_EQ(
        profile.query("SELECT instance || ' ' || repository || ' ' || full_name FROM watch"),
        "bitbucket.org {b0b0cafe-4444-4555-8666-6a5f2f6a0f06} acme/api"
    );
    EXPECT_EQ(profile.query("SELECT comment FROM watched_comment"), "42");
    EXPECT_NE(get(app->admin_url() + "/metrics").body.find("\nlinkspan_watches 1\n"), std::string::npos);
    send("pullrequest_comment_created_2026");
    EXPECT_EQ(changed_at(), "10:00:00.120") << "it is no new event";
    (*app)->advance(seconds(1'205));
    send("pullrequest_comment_updated_2026");
    EXPECT_EQ(changed_at(), "10:20:00.120");
    EXPECT_EQ(profile.count("watched_comment"), 1);
}

TEST_F(watch_arming_by_webhook, an_edit_of_the_future_counts_as_one_of_now)
{
    start(true);
    send("pullrequest_comment_created_2026");
    send("pullrequest_comment_updated_2026");
    EXPECT_EQ(changed_at(), "10:00:00.620");
}

TEST_F(watch_arming_by_webhook, ends_with_the_comment)
{
    start(true);
    send("pullrequest_comment_created_2026");
    EXPECT_NE(changed_at(), "");
    send("pullrequest_comment_deleted_2026");
    EXPECT_EQ(changed_at(), "");
    EXPECT_EQ(profile.count("watched_comment"), 0);
}

TEST_F(watch_arming_by_webhook, ends_with_the_pull_request)
{
    start(true);
    send("pullrequest_comment_created_2026");
    EXPECT_NE(changed_at(), "");
    send("pullrequest_fulfilled_2026");
    EXPECT_EQ(changed_at(), "");
}

TEST_F(watch_arming_by_webhook, outlives_the_process)
{
    start(true);
    send("pullrequest_comment_created_2026");
    EXPECT_TRUE(app->stop());
    EXPECT_EQ(changed_at(), "10:00:00.120");
}

TEST_F(watch_arming_by_webhook, of_data_center_goes_the_same_way)
{
    start(true);
    send("comment_added_9", edition::data_center);
    EXPECT_EQ(profile.query("SELECT instance || ' ' || repository FROM watch"), std::string(server) + " 12");
    send("task_added_8", edition::data_center);
    EXPECT_EQ(profile.count("watch"), 1);
    EXPECT_EQ(profile.query("SELECT max(comment) FROM watched_comment"), "60") << "a task is a comment there";
    send("merged_9", edition::data_center);
    EXPECT_EQ(profile.count("watch"), 0);
}

TEST_F(watch_arming_by_webhook, nothing_is_watched_that_cannot_be_asked)
{
    start(false);
    send("pullrequest_comment_created_2026");
    send("comment_added_9", edition::data_center);
    EXPECT_EQ(profile.count("event WHERE kind = 'comment.added'"), 2);
    EXPECT_EQ(profile.count("watch"), 0);
    EXPECT_NE(get(app->admin_url() + "/metrics").body.find("\nlinkspan_watches 0\n"), std::string::npos);
}

}  // namespace
}  // namespace linkspan::test
