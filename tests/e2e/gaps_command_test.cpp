#include "tests/support/command_profile.hpp"
#include "tests/support/watched_center.hpp"
#include "tests/support/watched_cloud.hpp"

#include <boost/json/array.hpp>

namespace linkspan::test
{
namespace
{

constexpr auto json_text_end = boost::json::string::npos;

// A command of another profile that works on this one's database, with its key.
class other_profile : public program_profile
{
public:
    explicit other_profile(profile_paths const& of)
    {
        make_private_folder(master_key().parent_path()).value();
        std::filesystem::copy_file(of.master_key, master_key());
    }
};

class gaps_command : public watched_cloud
{
protected:
    gaps_command() { settings.sources.front().repositories = {"acme/api"}; }

    program_run run(std::vector<std::string> arguments)
    {
        stop();
        other_profile other(profile.paths());
        arguments.insert(arguments.begin(), {"--database", profile.paths().database.string()});
        return other.run(arguments);
    }

    boost::json::array failing_sources() { return told().at("failing_sources").as_array(); }

    std::string state_of_link()
    {
        auto const shown = run({"list-links", "--json"}).json();
        for (auto const& link : shown.at("links").as_array())
            if (link.at("name").as_string() == "api")
                return std::string(link.at("state_detail").as_string());
        return "there is no such link";
    }

    // What the command says of the only repository, behind a day on which this was lost.
    boost::json::value told(std::vector<std::string> more = {})
    {
        stop();
        other_profile other(profile.paths());
        other.write_config(
            "[[source]]\nname = \"cloud\"\nedition = \"cloud\"\nwebhook = \"hook\"\napi = \"api\"\n"
            "repositories = [\"acme/api\"]\n"
        );
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
    auto const counted = get(app->admin_url() + "/metrics").body;
    std::string const here = R"({instance="bitbucket.org",)";
    EXPECT_NE(counted.find(here + R"(origin="webhook",repository="acme/api"} 2)"), std::string::npos)
        << counted;
    EXPECT_NE(counted.find(here + R"(origin="catch_up",repository="acme/api"} 1)"), std::string::npos);
    EXPECT_NE(
        counted.find("linkspan_missed_webhook_lateness_seconds" + here + R"(repository="acme/api"})"),
        std::string::npos
    );
    auto const one = told().at("repositories").at(0);
    EXPECT_EQ(one.at("repository").as_string(), "acme/api");
    EXPECT_EQ(one.at("webhooks").as_string(), "silent");
    EXPECT_EQ(one.at("by_webhook").as_int64(), 2);
    EXPECT_EQ(one.at("by_catch_up").as_int64(), 1);
    EXPECT_EQ(one.at("missed").as_int64(), 1);
    EXPECT_EQ(one.at("last_missed_kind").as_string(), "comment.added");
    EXPECT_TRUE(one.at("fault").is_null());
    EXPECT_EQ(one.at("hook").as_string(), "unknown");
    EXPECT_NE(one.at("hook_why").as_string().find("Cloud's API tells nothing"), json_text_end);
    EXPECT_EQ(told({"--repository", "other/*"}).at("repositories").as_array().size(), 0u);
}

TEST(gaps_command_alone, says_what_it_cannot_know)
{
    program_profile profile;
    profile.write_config("[[source]]\nname = 3\n");
    auto run = profile.run({"gaps"});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_NE(run.err.find("has faults, and what they spoil is not known here"), run.err.npos) << run.err;
    EXPECT_NE(run.err.find("no repository is watched"), run.err.npos) << run.err;
    profile.write_config("");
    run = profile.run({"gaps", "--repository", "acme/none"});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err.find("has faults"), run.err.npos) << run.err;
    EXPECT_NE(run.err.find("No repository that matches \"acme/none\" is known"), run.err.npos) << run.err;
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
    EXPECT_TRUE(one.at("hook").is_null()) << "nothing was missed";
}

class gaps_of_data_center : public watched_center
{
protected:
    // Webhooks came, then Linkspan was away for so many, and caught up with them.
    void lose(int deliveries)
    {
        start();
        ASSERT_TRUE(becomes("watched_repository WHERE crawled_at IS NOT NULL", 1));
        advance(seconds(1));
        auto const pull_request = center.open_pull_request("api", "Mend the gate");
        center.deliver_pending();
        ASSERT_TRUE(becomes("event WHERE kind = 'pull_request.opened'", 1));
        stop();
        now_ += 60'000;
        for (int number = 1; number <= deliveries; ++number)
            center.add_comment("api", pull_request, "lost " + std::to_string(number));
        center.deliver_pending();
        now_ += 60'000;
        start();
        ASSERT_TRUE(becomes("event WHERE kind = 'comment.added'", deliveries));
        stop();
    }

    program_run gaps(std::vector<std::string> const& more, bool is_poll_only = false)
    {
        other_profile other(profile.paths());
        other.write_config(
            "[[source]]\nname = \"dc\"\nedition = \"data_center\"\ninstance = \"" +
            settings.sources.front().instance + "\"\nwebhook = \"hook\"\napi = \"api\"\n" +
            (is_poll_only ? "projects = [\"ACME\"]\npoll_only = true\n" : "")
        );
        std::vector<std::string> arguments = {
            "--database", profile.paths().database.string(), "gaps", "--since", "2026-01-01"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        auto run = other.run(arguments);
        EXPECT_EQ(run.code, 0) << run.err;
        return run;
    }

    boost::json::value told(std::vector<std::string> more = {}, bool is_poll_only = false)
    {
        more.emplace_back("--json");
        return gaps(more, is_poll_only).json().at("repositories").at(0);
    }

    static std::string text(boost::json::value const& of, char const* member)
    {
        auto const& found = of.at(member);
        return found.is_string() ? std::string(found.as_string()) : "no text";
    }
};

TEST_F(gaps_of_data_center, infers_the_circuit_breaker_from_failures)
{
    lose(5);
    ASSERT_TRUE(center.silent_until(hook));
    auto const asked_before = center.calls("webhooks");
    auto const one = told();
    EXPECT_EQ(text(one, "webhooks"), "silent");
    EXPECT_EQ(text(one, "hook"), "skipped");
    EXPECT_NE(text(one, "hook_why").find("5 deliveries failed"), std::string::npos) << one;
    EXPECT_EQ(center.calls("webhooks") - asked_before, 1u);
    EXPECT_EQ(
        profile.query("SELECT sum(count) FROM link_use WHERE action = 'ask' AND actor LIKE '%gaps%'"), "1"
    );
    auto const said = gaps({}).err;
    EXPECT_NE(said.find("ACME/api: its webhook is skipped: 5 deliveries failed"), std::string::npos) << said;
}

TEST_F(gaps_of_data_center, fewer_failures_do_not_open_it)
{
    lose(4);
    EXPECT_EQ(text(told(), "hook"), "failing");
}

TEST_F(gaps_of_data_center, names_the_permission_that_would_tell)
{
    lose(5);
    auto rules = center.rules();
    rules.is_admin = false;
    center.set_rules(rules);
    auto const one = told();
    EXPECT_EQ(text(one, "hook"), "unknown");
    EXPECT_EQ(
        text(one, "hook_why"), "reading webhooks needs the permission REPO_ADMIN, which link api has not"
    );
}

TEST_F(gaps_of_data_center, sees_a_hook_that_is_switched_off_or_gone)
{
    lose(1);
    center.set_active(hook, false);
    EXPECT_EQ(text(told(), "hook"), "inactive");
    center.remove_hook(hook);
    center.add_hook("https://ci.example.com/webhook/other");
    auto const one = told();
    EXPECT_EQ(text(one, "hook"), "missing");
    EXPECT_NE(text(one, "hook_why").find("calls this link"), std::string::npos);
}

TEST_F(gaps_of_data_center, asks_nothing_where_it_is_told_so_or_nothing_is_suspect)
{
    lose(5);
    auto const before = center.calls("webhooks");
    auto const one = told({"--only-store"});
    EXPECT_EQ(text(one, "hook"), "unknown");
    EXPECT_EQ(text(one, "hook_why"), "not asked");
    auto const polled = told({}, true);
    EXPECT_EQ(text(polled, "webhooks"), "unused") << "there is no hook to be silent";
    EXPECT_EQ(polled.at("missed").as_int64(), 0);
    EXPECT_TRUE(polled.at("last_missed_at").is_null());
    EXPECT_EQ(center.calls("webhooks"), before);
}

TEST_F(gaps_of_data_center, says_why_nobody_can_ask)
{
    lose(1);
    profile.execute("DELETE FROM link WHERE name = 'api'");
    EXPECT_EQ(
        text(told(), "hook_why"), "the api link of source \"dc\" cannot be used; linkspan check says why"
    );
}

TEST_F(gaps_of_data_center, names_no_lost_scope_where_watching_needs_none)
{
    lose(5);
    auto rules = center.rules();
    rules.is_admin = false;
    center.set_rules(rules);
    told();
    EXPECT_EQ(profile.count("link_use WHERE action = 'ask' AND actor LIKE '%gaps%' AND is_failure = 1"), 0);
}

TEST_F(gaps_of_data_center, a_server_that_does_not_answer_leaves_the_hook_unknown)
{
    lose(5);
    center.script({http_response(503, "{}")});
    auto const one = told();
    EXPECT_EQ(text(one, "hook"), "unknown");
    EXPECT_NE(text(one, "hook_why").find("503"), std::string::npos) << one;
}

TEST_F(gaps_command, and_the_state_of_the_link_name_a_scope_that_was_lost)
{
    cloud.script(cloud_call::pull_requests, {cloud_fault::missing_scope("pullrequest")});
    start();
    ASSERT_TRUE(becomes("watched_repository WHERE fault = 'forbidden'", 1));
    auto const one = told().at("repositories").at(0);
    EXPECT_EQ(one.at("fault").as_string(), "forbidden");
    EXPECT_TRUE(one.at("fault_do").as_string().starts_with("linkspan check-link api ")) << one;
    auto const detail = state_of_link();
    EXPECT_TRUE(detail.starts_with("the last question failed: ")) << detail;
    EXPECT_TRUE(detail.ends_with("; linkspan check-link api")) << detail;
    EXPECT_NE(detail.find("pullrequest"), std::string::npos) << detail;
    EXPECT_EQ(detail.find("a-token"), std::string::npos);
    profile.execute("CREATE TABLE kept AS SELECT * FROM link_fact");
    auto const checked = run({"check-link", "api"});
    EXPECT_EQ(checked.code, 0) << checked.out;
    EXPECT_EQ(state_of_link(), "");
    profile.execute("INSERT OR REPLACE INTO link_fact SELECT * FROM kept");
    EXPECT_NE(state_of_link(), "");
    EXPECT_EQ(run({"update-link", "api", "--name", "api"}).code, 0);
    EXPECT_NE(state_of_link(), "") << "a name answers nothing";
    EXPECT_EQ(run({"set-creds", "api", "--kv", "token=a-token"}).code, 0);
    EXPECT_EQ(state_of_link(), "");
}

TEST_F(gaps_command, and_the_state_of_the_link_name_an_api_that_is_html)
{
    cloud.script(cloud_call::pull_requests, {cloud_fault::html(), cloud_fault::rate_limit(std::nullopt)});
    start();
    ASSERT_TRUE(becomes("watched_repository WHERE fault = 'not_json'", 1));
    EXPECT_TRUE(
        told().at("repositories").at(0).at("fault_do").as_string().starts_with("look at the URL of link api")
    );
    EXPECT_EQ(profile.count("link_use WHERE action = 'ask' AND is_failure = 1"), 1);
    EXPECT_TRUE(state_of_link().starts_with("the last question failed: "));
    auto const shown = failing_sources();
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0].at("source").as_string(), "cloud");
    EXPECT_EQ(shown[0].at("link").as_string(), "api");
    auto const calls = cloud.calls();
    start();
    ASSERT_TRUE(eventually([&] { return cloud.calls() > calls; }));
    stop();
    EXPECT_TRUE(state_of_link().starts_with("the last question failed: "))
        << "a refusal for spending heals nothing";
    start();
    ASSERT_TRUE(becomes_in_time("watched_repository WHERE fault = ''", 1, std::chrono::minutes(2)));
    stop();
    EXPECT_EQ(state_of_link(), "");
    EXPECT_TRUE(failing_sources().empty());
}

TEST_F(gaps_command, alone_names_one_pull_request_that_is_broken)
{
    start();
    ASSERT_TRUE(becomes("watched_repository WHERE crawled_at IS NOT NULL", 1));
    cloud.open_pull_request("api", "Mend the gate");
    cloud.drop_pending();
    cloud.script(cloud_call::comments, std::vector<cloud_fault>(50, cloud_fault::status(500)));
    ASSERT_TRUE(becomes_in_time("watched_repository WHERE fault = 'unavailable'", 1, std::chrono::minutes(2))
    );
    stop();
    EXPECT_GT(profile.count("link_use WHERE action = 'ask' AND is_failure = 1"), 0);
    EXPECT_EQ(state_of_link(), "");
}

}  // namespace
}  // namespace linkspan::test
