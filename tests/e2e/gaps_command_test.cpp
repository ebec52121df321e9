#include "tests/support/command_profile.hpp"
#include "tests/support/watched_cloud.hpp"

#include <boost/json/array.hpp>

namespace linkspan::test
{
namespace
{

class gaps_command : public watched_cloud
{
protected:
    gaps_command() { settings.sources.front().repositories = {"acme/api"}; }

    // What the command says of the only repository, behind a day on which this was lost.
    boost::json::value told(std::vector<std::string> more = {})
    {
        stop();
        program_profile other;
        std::vector<std::string> arguments = {
            "--database", profile.paths().database.string(), "gaps", "--since", "2026-01-01", "--json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        auto const run = other.run(arguments);
        EXPECT_EQ(run.code, 0) << run.err;
        return run.json();
    }
};

TEST_F(gaps_command, shows_what_no_webhook_told)
{
    start();
    ASSERT_TRUE(becomes("watched_repository WHERE crawled_at IS NOT NULL", 1));
    auto const pull_request = cloud.open_pull_request("api", "Mend the gate");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("event", 2)) << "the branch, and the pull request";
    advance(seconds(1));
    cloud.add_comment("api", pull_request, "lost on the way");
    cloud.drop_pending();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 1, seconds(60)));
    auto const one = told().at("repositories").at(0);
    EXPECT_EQ(one.at("repository").as_string(), "acme/api");
    EXPECT_EQ(one.at("webhooks").as_string(), "silent");
    EXPECT_EQ(one.at("by_webhook").as_int64(), 2);
    EXPECT_EQ(one.at("by_catch_up").as_int64(), 1);
    EXPECT_EQ(one.at("missed").as_int64(), 1);
    EXPECT_EQ(one.at("last_missed_kind").as_string(), "comment.added");
    EXPECT_TRUE(one.at("fault").is_null());
    EXPECT_EQ(told({"--repository", "other/*"}).at("repositories").as_array().size(), 0u);
}

TEST_F(gaps_command, counts_nothing_as_missed_that_clocks_explain)
{
    cloud_ahead = -240'000;
    start();
    ASSERT_TRUE(becomes("watched_repository WHERE crawled_at IS NOT NULL", 1));
    pass_until(now() + seconds(300));
    auto const pull_request = cloud.open_pull_request("api", "Mend the gate");
    cloud.add_comment("api", pull_request, "first words");
    advance(milliseconds(200));
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("watch", 1));
    cloud.add_comment("api", pull_request, "found before its webhook comes");
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.added'", 2, seconds(1)));
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("inbox WHERE state = 0", 0));
    EXPECT_EQ(
        get(app->admin_url() + "/metrics").body.find("linkspan_missed_webhooks_total{by=\"watching\"} 1"),
        std::string::npos
    );
    auto const one = told().at("repositories").at(0);
    EXPECT_EQ(one.at("missed").as_int64(), 0);
    EXPECT_EQ(one.at("by_watching").as_int64(), 1);
}

TEST_F(gaps_command, names_the_fault_of_a_repository)
{
    cloud.script(cloud_call::pull_requests, {cloud_fault::status(503)});
    start();
    ASSERT_TRUE(becomes("watched_repository WHERE fault <> ''", 1));
    auto const one = told().at("repositories").at(0);
    EXPECT_EQ(one.at("webhooks").as_string(), "unknown");
    EXPECT_EQ(one.at("fault").as_string(), "unavailable");
}

TEST_F(gaps_command, and_the_state_of_the_link_name_a_scope_that_was_lost)
{
    cloud.script(cloud_call::pull_requests, {cloud_fault::missing_scope("pullrequest")});
    start();
    ASSERT_TRUE(becomes("watched_repository WHERE fault = 'forbidden'", 1));
    EXPECT_EQ(told().at("repositories").at(0).at("fault").as_string(), "forbidden");
    program_profile other;
    auto const run = other.run({"--database", profile.paths().database.string(), "list-links", "--json"});
    ASSERT_EQ(run.code, 0) << run.err;
    std::string detail;
    for (auto const& link : run.json().at("links").as_array())
        if (link.at("name").as_string() == "api")
            detail = std::string(link.at("state_detail").as_string());
    EXPECT_TRUE(detail.starts_with("the last question was refused: ")) << detail;
    EXPECT_NE(detail.find("pullrequest"), std::string::npos) << detail;
    EXPECT_EQ(detail.find("a-token"), std::string::npos);
}

}  // namespace
}  // namespace linkspan::test
