#include "tests/support/bodies.hpp"
#include "tests/support/running_app.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

// A push to the branch of a pull request comes as two deliveries, in either order.

namespace linkspan::test
{
namespace
{

std::string actor_member()
{
    return R"("actor":{"type":"user","account_id":"712020:ada","display_name":"Ada Example"},)";
}

std::string repository_member()
{
    return R"("repository":{"uuid":"{r}","full_name":"acme/api"})";
}

std::string pull_request_body(std::string const& commit, std::string const& updated)
{
    return "{" + actor_member() + repository_member() +
           R"(,"pullrequest":{"id":7,"title":"Limits","state":"OPEN","source":)" +
           R"({"branch":{"name":"feature/limits"},"commit":{"hash":")" + commit +
           R"("},"repository":{"full_name":"acme/api"}},"destination":{"branch":{"name":"main"},"commit":{"hash":)" +
           R"("bbbbbbbbbbbb"}},"participants":[],"reviewers":[],"created_on":"2026-11-20T09:00:00Z","updated_on":")" +
           updated + R"("}})";
}

std::string push(std::string const& forced = "false")
{
    return "{" + actor_member() + repository_member() + R"(,"push":{"changes":[{"forced":)" + forced +
           R"(,"old":{"type":"branch","name":"feature/limits",)" +
           R"("target":{"hash":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}},"new":{"type":"branch","name":)" +
           R"("feature/limits","target":{"hash":"dddddddddddddddddddddddddddddddddddddddd"}},"commits":[]}]}})";
}

struct push_told_once : testing::Test
{
    test_profile profile;
    config settings = quick_config();
    std::unique_ptr<running_app> app;

    void SetUp() override
    {
        profile.add_link("bitbucket-webhook", "hook", {{"webhook_secret", webhook_key}});
        profile.add_link("console", "screen", {});
        add_source(settings, "hook", edition::cloud, "bitbucket.org");
        add_destination(settings, "screen", "screen");
        add_rule(settings, "screen");
        settings.rules.front().kinds = {"**"};
        app = std::make_unique<running_app>(profile, settings, parse_time("2026-11-20T09:30:00Z"));
        send("pullrequest:created", pull_request_body("aaaaaaaaaaaa", "2026-11-20T09:00:00Z"));
        EXPECT_TRUE(eventually([&] { return count("opened") == 1; }));
    }

    void send(std::string const& event_key, std::string body)
    {
        auto const sent =
            delivery_to(app->public_url(), "hook", edition::cloud, event_key, std::move(body), webhook_key);
        EXPECT_EQ(exchange_with(sent).status, 202);
        EXPECT_TRUE(eventually([&] { return profile.count("inbox WHERE state = 0") == 0; }));
    }

    std::size_t count(std::string_view words) const
    {
        auto const text = app->printed();
        std::size_t found = 0;
        for (auto where = text.find(words); where != text.npos; where = text.find(words, where + 1))
            ++found;
        return found;
    }

    bool all_is_sent() { return profile.count("delivery WHERE state = 0") == 0; }
};

TEST_F(push_told_once, the_branch_waits_for_its_pull_request_and_gives_way)
{
    send("repo:push", push());
    EXPECT_EQ(count("pushed"), 0u) << "it waits";
    send("pullrequest:updated", pull_request_body("dddddddddddd", "2026-11-20T09:31:00Z"));
    EXPECT_TRUE(eventually([&] { return all_is_sent() && count("pushed") == 1; })) << app->printed();
    (*app)->advance(seconds(60));
    EXPECT_EQ(get(app->admin_url() + "/readyz").status, 200);
    EXPECT_EQ(count("pushed"), 1u) << app->printed();
    EXPECT_EQ(profile.count("delivery WHERE state = 3"), 1);
    EXPECT_EQ(profile.query("SELECT count(DISTINCT cause) FROM event WHERE cause IS NOT NULL"), "1");
}

// Nothing that comes could take its place.
TEST_F(push_told_once, a_destination_of_branches_alone_does_not_wait)
{
    app.reset();
    settings.rules.front().kinds = {"branch.*"};
    app = std::make_unique<running_app>(profile, settings, parse_time("2026-11-20T09:30:00Z"));
    send("repo:push", push());
    EXPECT_TRUE(eventually([&] { return count("pushed") == 1; })) << app->printed();
}

TEST_F(push_told_once, what_only_the_branch_knows_is_told_of_the_pull_request)
{
    send("repo:push", push("true"));
    send("pullrequest:updated", pull_request_body("dddddddddddd", "2026-11-20T09:31:00Z"));
    EXPECT_TRUE(eventually([&] { return count("force-pushed #7 from aaaaaaaaaaaa to dddddddddddd") == 1; }))
        << app->printed();
}

TEST_F(push_told_once, the_branch_is_not_told_behind_its_pull_request)
{
    send("pullrequest:updated", pull_request_body("dddddddddddd", "2026-11-20T09:31:00Z"));
    EXPECT_TRUE(eventually([&] { return count("pushed") == 1; }));
    send("repo:push", push());
    EXPECT_TRUE(all_is_sent());
    EXPECT_EQ(count("pushed"), 1u) << app->printed();
    EXPECT_EQ(profile.count("event WHERE kind = 'branch.updated'"), 1) << "it is an event all the same";
}

TEST_F(push_told_once, a_branch_whose_pull_request_stays_silent_is_told_after_ten_seconds)
{
    send("repo:push", push());
    (*app)->advance(seconds(9));
    EXPECT_EQ(get(app->admin_url() + "/readyz").status, 200);
    EXPECT_EQ(count("pushed"), 0u);
    (*app)->advance(seconds(1));
    EXPECT_TRUE(eventually([&] { return count("pushed") == 1; })) << app->printed();
    send("pullrequest:updated", pull_request_body("dddddddddddd", "2026-11-20T09:31:00Z"));
    EXPECT_TRUE(all_is_sent());
    EXPECT_EQ(count("pushed"), 1u) << "and not a second time: " << app->printed();
}

}  // namespace
}  // namespace linkspan::test
