#include "tests/support/enriched_world.hpp"
#include "tests/support/watched_center.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

// The same beside a simulated Data Center.

namespace linkspan::test
{
namespace
{

struct enriching_data_center : enriched<watched_center>
{
    void begin()
    {
        start();
        ASSERT_TRUE(becomes("watched_repository WHERE crawled_at IS NOT NULL", 1));
    }

    std::int64_t open_pull_request()
    {
        advance(seconds(1));
        auto const id = center.open_pull_request("api", "Mend the gate");
        center.deliver_pending();
        return id;
    }
};

TEST_F(enriching_data_center, a_rule_takes_what_changes_one_of_its_paths)
{
    begin();
    auto const id = open_pull_request();
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1));
    center.set_title("api", id, "Mend the gate soon");
    center.deliver_pending();
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 2));
    EXPECT_EQ(center.calls("changes"), 1u) << "of one pair";
    center.push_to("api", id, "docs/gate.md");
    center.deliver_pending();
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 3));
    EXPECT_EQ(center.calls("changes"), 2u);
}

TEST_F(enriching_data_center, a_rule_does_not_take_what_changes_none_of_its_paths)
{
    settings.rules.front().paths = {"docs/**"};
    begin();
    open_pull_request();
    ASSERT_TRUE(becomes("delivery WHERE state = 4", 1));
    EXPECT_EQ(text_of("reason", 4), "rule 1: paths: none of 1 changed files matches docs/**");
}

TEST_F(enriching_data_center, a_push_is_asked_about_between_its_commits)
{
    settings.rules.front().kinds = {"branch.updated"};
    settings.rules.front().paths = {"docs/**"};
    begin();
    auto const id = open_pull_request();
    center.push_to("api", id, "docs/gate.md");
    center.deliver_pending();
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 1", 1, seconds(2)));
    center.push_to("api", id, "src/gate.cpp");
    center.deliver_pending();
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 4", 1, seconds(2)));
}

TEST_F(enriching_data_center, an_answer_that_is_late_is_waited_for_ten_seconds)
{
    begin();
    door.close();
    center.set_before_answer(
        [this](std::string const& resource)
        {
            if (resource == "changes")
                door.pass();
        }
    );
    open_pull_request();
    ASSERT_TRUE(becomes("delivery WHERE needs IS NOT NULL", 1));
    advance(enrichment_wait - milliseconds(1));
    EXPECT_EQ(get(app->admin_url() + "/readyz").status, 200);
    EXPECT_EQ(profile.count("delivery WHERE state = 0"), 1);
    advance(milliseconds(1));
    ASSERT_TRUE(becomes("delivery WHERE state = 4", 1));
}

TEST_F(enriching_data_center, what_is_refused_is_decided_and_says_so)
{
    begin();
    center.script(std::vector<http_response>(10, http_response(401, "<html>sign in</html>")));
    open_pull_request();
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 4", 1, seconds(1)));
    EXPECT_LE(now() - story_day(), enrichment_wait + seconds(1));
    auto const reason = text_of("reason", 4);
    EXPECT_NE(reason.find("401"), std::string::npos) << reason;
}

// A push of two branches whose common commit is too long to be told twice: so that the list is cut.
TEST_F(enriching_data_center, a_push_has_the_commits_that_its_delivery_cut_off)
{
    settings.rules.front().kinds = {"branch.updated"};
    settings.rules.front().paths.clear();
    begin();
    auto const id = open_pull_request();
    auto const first = center.state().repositories.at("api").pull_requests.at(id).source_hash;
    auto const second = center.push_to("api", id, "src/a.cpp");
    auto const third = center.push_to("api", id, "src/b.cpp");
    center.drop_pending();
    namespace json = boost::json;
    auto const change = [&](std::string const& branch, std::string const& from)
    {
        json::object const ref{{"id", "refs/heads/" + branch}, {"displayId", branch}, {"type", "BRANCH"}};
        return json::object{
            {"ref", ref},
            {"refId", "refs/heads/" + branch},
            {"fromHash", from},
            {"toHash", third},
            {"type", "UPDATE"}};
    };
    auto const commit = [](std::string const& hash, std::string const& parent, std::string const& message)
    {
        json::array const parents{json::object{{"id", parent}}};
        return json::object{{"id", hash}, {"message", message}, {"parents", parents}};
    };
    json::object const project{{"key", "ACME"}};
    json::object body{{"eventKey", "repo:refs_changed"}, {"date", "2026-11-20T09:30:00+0000"}};
    body["actor"] = json::object{{"name", "ada"}, {"id", 1}, {"displayName", "Ada"}};
    body["repository"] = json::object{{"slug", "api"}, {"id", 1}, {"name", "api"}, {"project", project}};
    body["changes"] = json::array{change("one", first), change("two", second)};
    body["commits"] =
        json::array{commit(third, second, std::string(1'100'000, 'm')), commit(second, first, "before it")};
    auto sent = delivery_to(
        app->public_url(),
        "hook",
        edition::data_center,
        "repo:refs_changed",
        json::serialize(body),
        webhook_key
    );
    ASSERT_EQ(exchange_with(std::move(sent)).status, 202);
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 1", 2, seconds(2)));
    EXPECT_EQ(center.calls("commits"), 2u);
    EXPECT_NE(app->printed().find("pushed 2 commits to "), std::string::npos) << app->printed();
    EXPECT_NE(app->printed().find("pushed 1 commit to "), std::string::npos) << app->printed();
}

}  // namespace
}  // namespace linkspan::test
