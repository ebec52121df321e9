// The simulated Bitbucket Data Center answers our own client as the real one does, and each of its faults
// bites.
#include "core/bitbucket/signature.hpp"
#include "links/bitbucket/data_center_rest.hpp"
#include "links/net/hmac.hpp"
#include "tests/simulators/bitbucket_data_center.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/looks.hpp"
#include "tests/support/openapi.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/webhook_recorder.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <atomic>
#include <set>

namespace linkspan::test
{
namespace
{

using bitbucket::api_fault;
using bitbucket::pull_request_states;

class bitbucket_data_center_simulator : public testing::Test
{
protected:
    bitbucket_data_center_simulator()
    {
        center.add_token("token-0001");
        center.add_repository("api");
    }

    time_point now() const { return from_milliseconds(milliseconds_.load()); }
    void pass(milliseconds time) { milliseconds_ += time.count(); }

    bitbucket::api_access api(std::string const& with = "token-0001")
    {
        return {client, center.url(), bearer(with), milliseconds(10'000)};
    }

    bitbucket::repository_place place() const { return {"ACME", "api"}; }

    template <class T>
    T ask(boost::asio::awaitable<T> work)
    {
        return run(loop, std::move(work));
    }

    bitbucket::listing activities(std::int64_t pull_request = 1, std::string const& with = "token-0001")
    {
        return ask(bitbucket::data_center::list_activities(api(with), place(), pull_request));
    }

    template <class Change>
    void change_rules(Change change)
    {
        auto rules = center.rules();
        change(rules);
        center.set_rules(std::move(rules));
    }

    // The keys of what is sent, in order; all of it must be readable.
    words told()
    {
        words out;
        for (auto const& one : center.deliver_pending())
        {
            out.push_back(one.event_key);
            inbound delivery;
            delivery.edition = edition::data_center;
            delivery.event_key = one.event_key;
            delivery.body = one.body;
            auto const said = read_delivery(delivery);
            EXPECT_TRUE(said) << one.event_key << ": " << (said ? "" : said.error().message);
        }
        return out;
    }

    words kinds_told(looked_bridge& bridge)
    {
        words out;
        for (auto const& one : center.deliver_pending())
            for (auto& kind : kinds_of(bridge.webhook(one.event_key, one.body)))
                out.push_back(std::move(kind));
        return out;
    }

    words kinds_seen(looked_bridge& bridge)
    {
        auto const pull_request = ask(bitbucket::data_center::get_pull_request(api(), place(), 1));
        auto shown = activities();
        EXPECT_TRUE(pull_request.is_told() && shown.is_whole());
        boost::json::object const body{
            {"repository", pull_request.body.at_pointer("/toRef/repository")},
            {"pullRequest", pull_request.body},
            {"activities", shown.values},
            {"whole", boost::json::array{"activities"}},
            {"asked_at", to_milliseconds(now())},
            {"since", to_milliseconds(now() - std::chrono::hours(24))}};
        auto out = kinds_of(bridge.look(boost::json::serialize(body), to_rfc3339(now()).substr(11, 8)));
        std::ranges::sort(out);
        return out;
    }

private:
    std::atomic<std::int64_t> milliseconds_{to_milliseconds(parse_time("2026-11-20T09:00:00.123Z").value())};

protected:
    bitbucket_data_center center{[this] { return now(); }};
    boost::asio::io_context loop{1};
    http_client client{loop};
};

TEST_F(bitbucket_data_center_simulator, answers_every_call_of_our_client)
{
    namespace rest = bitbucket::data_center;
    auto const id = center.open_pull_request("api", "Limit requests", "ada", {"grace"});
    auto const before = center.state().repositories.at("api").branches.at("main");
    auto const tip = center.push_to("api", id, "README.md");
    auto const comment = center.add_comment("api", id, "Name the ten.");
    center.reply(comment, "I will.");
    center.resolve_task(center.add_task("api", id, "Test it"));
    center.set_build("api", tip, "unit", "SUCCESSFUL");
    auto const hook = center.add_hook("http://127.0.0.1:1");
    EXPECT_EQ(ask(rest::list_pull_requests(api(), place(), pull_request_states::open)).values.size(), 1u);
    auto const first = ask(rest::get_pull_request(api(), place(), id));
    ASSERT_TRUE(first.is_told()) << first.why.message;
    EXPECT_EQ(first.body.at_pointer("/fromRef/latestCommit").as_string(), tip);
    EXPECT_TRUE(ask(rest::get_pull_request(api(), place(), id, first.notes.etag)).is_unchanged);
    auto const shown = activities();
    ASSERT_EQ(shown.values.size(), 4u);  // opened, rescoped, a comment and a task
    EXPECT_EQ(shown.values[1].at_pointer("/comment/comments/0/text").as_string(), "I will.");
    auto const tasks = ask(rest::list_blocker_comments(api(), place(), id));
    ASSERT_EQ(tasks.values.size(), 1u);
    EXPECT_EQ(tasks.values[0].at("state").as_string(), "RESOLVED");
    auto const changes = ask(rest::list_pull_request_changes(api(), place(), id, std::nullopt));
    EXPECT_EQ(changes.values.size(), 2u);
    bitbucket::commit_pair const range(first.body.at_pointer("/toRef/latestCommit").as_string().c_str(), tip);
    EXPECT_EQ(ask(rest::list_pull_request_changes(api(), place(), id, range)).values.size(), 2u);
    EXPECT_EQ(ask(rest::list_changes(api(), place(), {before, tip})).values.size(), 2u);
    EXPECT_EQ(ask(rest::list_commits(api(), place(), {before, tip})).values.size(), 2u);
    EXPECT_EQ(ask(rest::list_builds(api(), tip)).values.size(), 1u);
    EXPECT_TRUE(ask(rest::get_build(api(), place(), tip, "unit")).is_told());
    EXPECT_EQ(ask(rest::list_webhooks(api(), place())).values.size(), 1u);
    EXPECT_TRUE(ask(rest::get_webhook_statistics(api(), place(), hook)).is_told());
    EXPECT_EQ(ask(rest::list_repositories(api(), "ACME")).values.size(), 1u);
    EXPECT_EQ(center.calls("activities"), 1u);
    EXPECT_EQ(center.calls("pull-requests"), 3u);
}

TEST_F(bitbucket_data_center_simulator, answers_as_the_specification_describes)
{
    auto const folder = specs();
    if (!folder || !std::filesystem::exists(*folder / "bitbucket-data-center.openapi.json"))
        GTEST_SKIP() << "LINKSPAN_SPECS is not set, or has no description of Bitbucket Data Center";
    openapi const spec(
        boost::json::parse(read_file(*folder / "bitbucket-data-center.openapi.json")), "/rest"
    );
    auto const id = center.open_pull_request("api", "Limit requests", "ada", {"grace"});
    auto const tip = center.push_to("api", id);
    auto const comment = center.add_comment("api", id, "Name the ten.");
    center.resolve_thread(comment);
    center.resolve_task(center.add_task("api", id, "Test it"));
    center.review("api", id, "grace", "APPROVED");
    center.set_build("api", tip, "unit", "SUCCESSFUL");
    center.merge("api", id);
    // The description leaves out what an activity is about, a pull request's author, who the author of a
    // commit is beside a name, and these.
    std::set<std::string> const of_real_answers = {
        "comment",
        "commentAction",
        "fromHash",
        "previousFromHash",
        "properties",
        "repositoryId",
        "type",
        "toString",
        "active",
        "author",
        "displayName",
        "id",
        "slug",
        "links"};
    std::string const at = "api/latest/projects/ACME/repos/api/";
    int judged = 0;
    for (auto const& path :
         {std::string("api/latest/projects/ACME/repos"),
          at + "pull-requests?state=ALL",
          at + "pull-requests/1",
          at + "pull-requests/1/activities",
          at + "pull-requests/1/blocker-comments",
          at + "changes?until=" + tip,
          at + "commits?until=" + tip,
          at + "commits/" + tip + "/builds?key=unit",
          "build-status/latest/commits/" + tip})
    {
        auto const answer = ask(bitbucket::ask_api(api(), center.url() + "rest/" + path));
        ASSERT_TRUE(answer.is_told()) << path << ": " << answer.why.message;
        auto const faults = spec.answer_faults("GET", "/rest/" + path, answer.body);
        ASSERT_TRUE(faults) << path;
        ++judged;
        for (auto const& fault : *faults)
        {
            auto const name = fault.substr(0, fault.find(": is not in the schema"));
            EXPECT_TRUE(of_real_answers.contains(name.substr(name.rfind('.') + 1))) << path << fault;
        }
    }
    EXPECT_EQ(judged, 9);
}

TEST_F(bitbucket_data_center_simulator, tells_what_people_do)
{
    webhook_recorder recorder;
    center.add_hook(recorder.url(), webhook_key);
    auto const id = center.open_pull_request("api", "Limit requests", "ada", {"grace"});
    EXPECT_EQ(told(), (words{"repo:refs_changed", "pr:opened"}));
    center.push_to("api", id);
    EXPECT_EQ(told(), (words{"repo:refs_changed", "pr:from_ref_updated"}));
    center.set_title("api", id, "Limit");
    center.set_description("api", id, "All.");
    center.add_reviewer("api", id, "lin");
    center.remove_reviewer("api", id, "lin");
    EXPECT_EQ(told(), (words{"pr:modified", "pr:modified", "pr:reviewer:updated", "pr:reviewer:updated"}));
    center.review("api", id, "grace", "APPROVED");
    center.review("api", id, "grace", "NEEDS_WORK");
    center.review("api", id, "grace", "UNAPPROVED");
    EXPECT_EQ(told(), (words{"pr:reviewer:approved", "pr:reviewer:needs_work", "pr:reviewer:unapproved"}));
    auto const comment = center.add_comment("api", id, "Name the ten.");
    auto const answer = center.reply(comment, "I will.");
    center.edit_comment(comment, "Name them.");
    EXPECT_FALSE(center.delete_comment(comment)) << "it has a reply";
    EXPECT_TRUE(center.delete_comment(answer));
    EXPECT_TRUE(center.delete_comment(comment));
    EXPECT_EQ(
        told(),
        (words{
            "pr:comment:added",
            "pr:comment:added",
            "pr:comment:edited",
            "pr:comment:deleted",
            "pr:comment:deleted"})
    );
    center.set_draft("api", id, true);
    EXPECT_EQ(told(), (words{"pr:modified"}));
    center.merge("api", id);
    center.decline("api", center.open_pull_request("api", "Another"));
    center.delete_pull_request("api", 2);
    EXPECT_EQ(
        told(),
        (words{
            "repo:refs_changed", "pr:merged", "repo:refs_changed", "pr:opened", "pr:declined", "pr:deleted"})
    );
    auto const last = recorder.requests().back();
    auto const claimed = bitbucket::parse_signature(find_header(last.headers, "X-Hub-Signature"));
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->bytes, hmac_sha256(secret(webhook_key), last.body));
    EXPECT_EQ(find_header(last.headers, "X-Event-Key"), "pr:deleted");
    EXPECT_FALSE(find_header(last.headers, "X-Request-Id").empty());
}

TEST_F(bitbucket_data_center_simulator, leaves_out_resolutions_and_builds_which_looks_find)
{
    webhook_recorder recorder;
    center.add_hook(recorder.url());
    looked_bridge bridge(edition::data_center);
    auto const id = center.open_pull_request("api", "Limit requests", "ada", {"grace"});
    auto const comment = center.add_comment("api", id, "Name the ten.");
    auto const task = center.add_task("api", id, "Test it");
    EXPECT_EQ(
        kinds_told(bridge), (words{"branch.created", "pull_request.opened", "comment.added", "task.added"})
    );
    EXPECT_EQ(kinds_seen(bridge), words());
    pass(std::chrono::minutes(5));
    center.resolve_thread(comment);
    center.resolve_task(task);
    center.set_build("api", center.state().repositories.at("api").branches.at("feature/1"), "unit", "FAILED");
    EXPECT_EQ(kinds_told(bridge), words());
    EXPECT_EQ(kinds_seen(bridge), (words{"comment.resolved", "task.resolved"}));
    EXPECT_EQ(kinds_seen(bridge), words());
    pass(std::chrono::minutes(5));
    center.edit_comment(comment, "Name them.");
    center.review("api", id, "grace", "APPROVED");
    center.push_to("api", id);
    center.drop_pending();
    EXPECT_EQ(
        kinds_seen(bridge), (words{"comment.edited", "pull_request.approved", "pull_request.commits_pushed"})
    );
    change_rules([](center_rules& rules) { rules.tells_resolutions = true; });
    center.reopen_thread(comment);
    center.reopen_task(task);
    EXPECT_EQ(kinds_told(bridge), (words{"comment.reopened", "task.reopened"}));
}

TEST_F(bitbucket_data_center_simulator, never_sends_again_and_silences_a_hook_after_five_failures)
{
    webhook_recorder recorder({500, 500, 500, 500, 500, 500, 202, 202});
    auto const hook = center.add_hook(recorder.url());
    auto const id = center.open_pull_request("api", "Limit requests");
    for (int i = 0; i < 3; ++i)
        center.set_title("api", id, "Title " + std::to_string(i));
    for (auto const& one : center.deliver_pending())
        EXPECT_EQ(one.fate, hook_fate::failed);
    EXPECT_EQ(recorder.requests().size(), 5u);
    EXPECT_EQ(center.silent_until(hook), now() + seconds(10));
    auto const fate = [&]
    {
        center.set_title("api", id, "Another");
        return center.deliver_pending().at(0).fate;
    };
    pass(seconds(9));
    EXPECT_EQ(fate(), hook_fate::skipped);
    pass(seconds(1));
    EXPECT_EQ(fate(), hook_fate::failed);
    EXPECT_EQ(center.silent_until(hook), now() + seconds(20));
    pass(seconds(20));
    EXPECT_EQ(fate(), hook_fate::accepted);
    EXPECT_EQ(center.silent_until(hook), std::nullopt);
    EXPECT_EQ(recorder.requests().size(), 7u);
    auto const hooks = ask(bitbucket::data_center::list_webhooks(api(), place()));
    EXPECT_EQ(hooks.values.at(0).at_pointer("/statistics/counts/failures").as_int64(), 6);
    change_rules([](center_rules& rules) { rules.failures_max = 1'000; });
    EXPECT_EQ(fate(), hook_fate::accepted);
}

TEST_F(bitbucket_data_center_simulator, silences_a_hook_for_ten_hours_at_most)
{
    webhook_recorder recorder({500});
    auto const hook = center.add_hook(recorder.url());
    auto const id = center.open_pull_request("api", "Limit requests");
    for (int i = 0; i < 30; ++i)
    {
        center.set_title("api", id, "Title " + std::to_string(i));
        center.deliver_pending();
        pass(std::chrono::hours(10));
    }
    EXPECT_EQ(center.silent_until(hook), now());
}

TEST_F(bitbucket_data_center_simulator, writes_dates_as_milliseconds_or_iso)
{
    center.open_pull_request("api", "Limit requests");
    auto const created = [&]
    { return ask(bitbucket::data_center::get_pull_request(api(), place(), 1)).body.at("createdDate"); };
    EXPECT_EQ(created(), to_milliseconds(now()));
    change_rules([](center_rules& rules) { rules.has_iso_dates = true; });
    EXPECT_EQ(created(), "2026-11-20T09:00:00.123Z");
    webhook_recorder recorder;
    center.add_hook(recorder.url());
    center.add_comment("api", 1, "Name the ten.");
    EXPECT_EQ(told(), words{"pr:comment:added"});
    EXPECT_NE(recorder.requests().back().body.find(R"("createdDate":"2026)"), std::string::npos);
}

TEST_F(bitbucket_data_center_simulator, refuses_what_is_wrong_or_not_permitted)
{
    center.open_pull_request("api", "Limit requests");
    EXPECT_EQ(activities(1, "another").fault, api_fault::unauthorized);
    EXPECT_EQ(activities(2).fault, api_fault::not_found);
    bitbucket::repository_place const web("ACME", "web");
    EXPECT_EQ(
        ask(bitbucket::data_center::list_pull_requests(api(), web, pull_request_states::all)).fault,
        api_fault::not_found
    );
    change_rules([](center_rules& rules) { rules.is_admin = false; });
    auto const hooks = ask(bitbucket::data_center::list_webhooks(api(), place()));
    EXPECT_EQ(hooks.fault, api_fault::forbidden);
    EXPECT_EQ(hooks.missing_scope, "REPO_ADMIN");
    center.script(
        {http_response(close_unanswered),
         http_response(close_unanswered),
         http_response(503),
         http_response(200, "<html>in</html>")}
    );
    EXPECT_EQ(activities().fault, api_fault::unheard);
    EXPECT_EQ(activities().fault, api_fault::unavailable);
    EXPECT_EQ(activities().fault, api_fault::not_json);
    EXPECT_EQ(activities().fault, api_fault::none);
}

TEST_F(bitbucket_data_center_simulator, pages_to_its_own_limit_and_empties_a_bucket)
{
    center.open_pull_request("api", "Limit requests");
    for (int i = 0; i < 5; ++i)
        center.add_comment("api", 1, "Comment " + std::to_string(i));
    change_rules(
        [](center_rules& rules)
        {
            rules.page_items_max = 2;
            rules.bucket_size = 5;
        }
    );
    auto const all = activities();
    EXPECT_TRUE(all.is_whole()) << all.why.message;
    EXPECT_EQ(all.values.size(), 6u);
    EXPECT_EQ(all.requests, 3);
    EXPECT_EQ(activities().fault, api_fault::rate_limited);
    EXPECT_EQ(center.refused_requests(), 1);
    pass(milliseconds(600));
    EXPECT_TRUE(activities().is_whole());
}

}  // namespace
}  // namespace linkspan::test
