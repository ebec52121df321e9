// The simulated Bitbucket Cloud answers as the real one does, and each of its faults bites our own client.
#include "tests/simulators/bitbucket_cloud_query.hpp"
#include "tests/support/cloud_fixture.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/openapi.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>

namespace linkspan::test
{
namespace
{

using bitbucket::api_fault;
using bitbucket::pull_request_states;

std::string text_in(boost::json::value const& of, std::string_view pointer)
{
    boost::system::error_code failure;
    auto const* const found = of.find_pointer(pointer, failure);
    return found == nullptr ? std::string("(left out)") : boost::json::serialize(*found);
}

class bitbucket_cloud_simulator : public cloud_fixture
{
protected:
    bitbucket::listing pull_requests(
        pull_request_states states = pull_request_states::open, std::optional<time_point> since = std::nullopt
    )
    {
        return ask(bitbucket::cloud::list_pull_requests(api(), place(), states, since));
    }

    api_fault fault_of_comments(cloud_fault fault)
    {
        cloud.script(cloud_call::comments, {std::move(fault)});
        return comments_of(1).fault;
    }
};

TEST_F(bitbucket_cloud_simulator, shows_what_people_did_to_a_pull_request)
{
    auto const id = cloud.open_pull_request("api", "Limit requests", "ada", {"grace"});
    auto const first = cloud.add_comment("api", id, "Name the ten.", "grace", cloud_anchor{"a.cpp", 42});
    pass(seconds(60));
    auto const answer = cloud.reply(first, "I will.");
    auto const third = cloud.add_comment("api", id, "Never mind.", "lin");
    pass(seconds(60));
    cloud.edit_comment(first, "Name the ten, please.");
    cloud.resolve_thread(first);
    cloud.delete_comment(third);
    auto const task = cloud.add_task("api", id, "Name it", "grace", first);
    cloud.add_task("api", id, "Test it");
    cloud.resolve_task(task);
    cloud.approve("api", id, "grace");
    cloud.set_draft("api", id, true);

    auto const comments = comments_of(id);
    ASSERT_TRUE(comments.is_whole()) << comments.why.message;
    ASSERT_EQ(comments.values.size(), 3u);
    EXPECT_EQ(text_in(comments.values[0], "/content/raw"), R"("Name the ten, please.")");
    EXPECT_EQ(text_in(comments.values[0], "/inline/to"), "42");
    EXPECT_EQ(text_in(comments.values[0], "/updated_on"), R"("2026-11-20T09:02:00.123934+00:00")");
    EXPECT_EQ(text_in(comments.values[0], "/resolution/created_on"), R"("2026-11-20T09:02:00.123934+00:00")");
    EXPECT_EQ(text_in(comments.values[1], "/parent/id"), std::to_string(first));
    EXPECT_EQ(text_in(comments.values[1], "/id"), std::to_string(answer));
    EXPECT_EQ(text_in(comments.values[1], "/resolution"), "(left out)");
    EXPECT_EQ(text_in(comments.values[2], "/deleted"), "true");
    EXPECT_EQ(text_in(comments.values[2], "/content/raw"), R"("")");

    auto const tasks = ask(bitbucket::cloud::list_tasks(api(), place(), id));
    ASSERT_EQ(tasks.values.size(), 2u);
    EXPECT_EQ(text_in(tasks.values[0], "/state"), R"("RESOLVED")");
    EXPECT_EQ(text_in(tasks.values[0], "/comment/id"), std::to_string(first));
    EXPECT_EQ(text_in(tasks.values[1], "/state"), R"("UNRESOLVED")");

    auto const whole = ask(bitbucket::cloud::get_pull_request(api(), place(), id));
    ASSERT_TRUE(whole.is_told()) << whole.why.message;
    EXPECT_EQ(text_in(whole.body, "/comment_count"), "2");
    EXPECT_EQ(text_in(whole.body, "/task_count"), "1");
    EXPECT_EQ(text_in(whole.body, "/draft"), "true");
    EXPECT_EQ(text_in(whole.body, "/reviewers/0/nickname"), R"("grace")");
    EXPECT_EQ(text_in(whole.body, "/participants/0/state"), R"("approved")");

    auto const activity = ask(bitbucket::cloud::list_activity(api(), place(), id));
    EXPECT_EQ(activity.values.size(), 6u);  // two updates, three comments, one approval
    EXPECT_EQ(text_in(activity.values[0], "/update/state"), R"("OPEN")");
    EXPECT_EQ(text_in(activity.values[1], "/approval/user/nickname"), R"("grace")");
}

TEST_F(bitbucket_cloud_simulator, knows_commits_and_what_they_change)
{
    auto const id = cloud.open_pull_request("api", "Limit requests");
    auto const before = cloud.state().repositories.at("api").branches.at("main");
    cloud.push_to("api", id, "b.cpp");
    auto const tip = cloud.push_to("api", id, "README.md");
    cloud.set_build("api", tip, "unit", "INPROGRESS");
    cloud.set_build("api", tip, "unit", "FAILED");
    EXPECT_EQ(ask(bitbucket::cloud::list_pull_request_commits(api(), place(), id)).values.size(), 3u);
    EXPECT_EQ(ask(bitbucket::cloud::list_commits(api(), place(), {tip, before})).values.size(), 0u);
    auto const fresh = ask(bitbucket::cloud::list_commits(api(), place(), {before, tip}));
    ASSERT_EQ(fresh.values.size(), 3u);
    EXPECT_EQ(text_in(fresh.values[0], "/hash"), "\"" + tip + "\"");
    auto const statuses = ask(bitbucket::cloud::list_statuses(api(), place(), tip));
    ASSERT_EQ(statuses.values.size(), 1u);
    EXPECT_EQ(text_in(statuses.values[0], "/state"), R"("FAILED")");

    change_rules([](cloud_rules& rules) { rules.redirects_diffstat = true; });
    auto const cut = tip.substr(0, 12);
    auto const paths = ask(bitbucket::cloud::list_changed_paths(api(), place(), {before, "acme/api:" + cut}));
    ASSERT_TRUE(paths.is_whole()) << paths.why.message;
    ASSERT_EQ(paths.values.size(), 3u);
    EXPECT_EQ(text_in(paths.values[0], "/new/path"), R"("README.md")");
    EXPECT_EQ(text_in(paths.values[0], "/status"), R"("modified")");
    EXPECT_EQ(text_in(paths.values[1], "/status"), R"("added")");
    EXPECT_EQ(cloud.calls(cloud_call::diffstat), 2u);
}

TEST_F(bitbucket_cloud_simulator, answers_as_the_specification_describes)
{
    auto const folder = specs();
    if (!folder || !std::filesystem::exists(*folder / "bitbucket-cloud.openapi.json"))
        GTEST_SKIP() << "LINKSPAN_SPECS is not set, or has no description of Bitbucket Cloud";
    openapi const spec(
        boost::json::parse(read_file(*folder / "bitbucket-cloud.openapi.json")), "/2.0", {"pagelen", "fields"}
    );
    auto const id = cloud.open_pull_request("api", "Limit requests", "ada", {"grace"});
    auto const first = cloud.add_comment("api", id, "Name the ten.", "grace", cloud_anchor{"a.cpp", 42});
    cloud.reply(first, "I will.");
    cloud.resolve_thread(first);
    cloud.resolve_task(cloud.add_task("api", id, "Name it", "grace", first));
    cloud.approve("api", id, "grace");
    auto const tip = cloud.push_to("api", id);
    cloud.set_build("api", tip, "unit", "SUCCESSFUL");
    cloud.merge("api", id);
    // The description has these neither in accounts nor in what it closes; real answers do.
    std::set<std::string> const of_real_answers = {
        "account_id", "nickname", "description", "type", "links", "self", "html", "commit"};
    std::string const at = "repositories/acme/api";
    std::string const all =
        at + "/pullrequests?state=MERGED&fields=%2Bvalues.reviewers,%2Bvalues.participants";
    int judged = 0;
    for (auto const& path :
         {std::string("repositories/acme"),
          at,
          all,
          at + "/pullrequests/1",
          at + "/pullrequests/1/comments",
          at + "/pullrequests/1/tasks",
          at + "/commits",
          at + "/diffstat/" + tip,
          at + "/commit/" + tip + "/statuses"})
    {
        auto const answer = get(path);
        ASSERT_TRUE(answer.is_told()) << path << ": " << answer.why.message;
        auto const faults = spec.answer_faults("GET", "/2.0/" + path, answer.body);
        ASSERT_TRUE(faults) << path;
        ++judged;
        for (auto const& fault : *faults)
        {
            auto const name = fault.substr(0, fault.find(": is not in the schema"));
            EXPECT_TRUE(of_real_answers.contains(name.substr(name.rfind('.') + 1))) << path << fault;
        }
    }
    EXPECT_EQ(judged, 9);
    auto const planted =
        boost::json::parse(R"({"pagelen":"10","values":[{"id":"1","state":"DONE","idd":1}]})");
    auto const found = spec.answer_faults("GET", "/2.0/" + at + "/pullrequests/1/tasks", planted);
    EXPECT_EQ(
        found,
        (std::vector<std::string>{
            ".pagelen: is no integer",
            ".values.0.id: is no integer",
            ".values.0.state: is no word of the schema",
            ".values.0.idd: is not in the schema"})
    );
}

TEST_F(bitbucket_cloud_simulator, trims_answers_to_the_fields_that_are_named)
{
    auto const trimmed = [](std::string_view fields)
    {
        auto const whole = boost::json::parse(
            R"({"size":2,"values":[{"id":1,"user":{"uuid":"u","nick":"n"},"reviewers":[],"merge":null}]})"
        );
        return boost::json::serialize(simulated_cloud::trimmed(whole, fields, {"values.reviewers"}));
    };
    EXPECT_EQ(trimmed("values.id"), R"({"values":[{"id":1}]})");
    EXPECT_EQ(trimmed("size,values.user.uuid"), R"({"size":2,"values":[{"user":{"uuid":"u"}}]})");
    EXPECT_EQ(
        trimmed("values.*.nick,values.merge.hash"),
        R"({"values":[{"id":1,"user":{"nick":"n"},"reviewers":[],"merge":null}]})"
    );
    EXPECT_EQ(trimmed(""), R"({"size":2,"values":[{"id":1,"user":{"uuid":"u","nick":"n"},"merge":null}]})");
    EXPECT_EQ(
        trimmed("+values.reviewers,-values.user"),
        R"({"size":2,"values":[{"id":1,"reviewers":[],"merge":null}]})"
    );
    EXPECT_EQ(trimmed("values.reviewers"), R"({"values":[{"reviewers":[]}]})");

    cloud.open_pull_request("api", "Limit requests", "ada", {"grace"});
    std::string const at = "repositories/acme/api/pullrequests";
    EXPECT_EQ(text_in(get(at).body, "/values/0/reviewers"), "(left out)");
    EXPECT_EQ(
        text_in(get(at + "?fields=%2Bvalues.reviewers").body, "/values/0/reviewers/0/nickname"), "\"grace\""
    );
    EXPECT_EQ(text_in(get(at + "/1").body, "/reviewers/0/nickname"), "\"grace\"");
}

TEST_F(bitbucket_cloud_simulator, pages_are_of_fifty_pull_requests_at_most_and_their_next_is_opaque)
{
    for (int i = 0; i < 60; ++i)
        cloud.open_pull_request("api", "Change " + std::to_string(i));
    auto const all = pull_requests();
    EXPECT_TRUE(all.is_whole()) << all.why.message;
    EXPECT_EQ(all.values.size(), 60u);
    EXPECT_EQ(all.requests, 2);
    std::string const at = "repositories/acme/api/pullrequests";
    EXPECT_EQ(get(at + "?pagelen=50").status, 200);
    EXPECT_EQ(get(at + "?pagelen=51").status, 400);
    EXPECT_EQ(get(at + "/1/activity?pagelen=51").status, 400);
    EXPECT_EQ(get(at + "/1/comments?pagelen=100").status, 200);
    EXPECT_EQ(get(at + "/1/comments?pagelen=101").status, 400);
    EXPECT_EQ(get(at + "?page=2").status, 400);
    auto const first = get(at);
    EXPECT_EQ(first.body.at("values").as_array().size(), 10u);
    EXPECT_TRUE(first.body.at("next").as_string().starts_with(cloud.api_url() + at + "?page="));
}

TEST_F(bitbucket_cloud_simulator, filters_by_state_and_change_the_last_changed_first)
{
    cloud.open_pull_request("api", "One");
    pass(seconds(60));
    cloud.open_pull_request("api", "Two");
    auto const since = now();
    pass(seconds(60));
    cloud.set_title("api", 1, "One, really");
    cloud.decline("api", 2);
    EXPECT_EQ(pull_requests().values.size(), 1u);
    auto const all = pull_requests(pull_request_states::all, since);
    ASSERT_EQ(all.values.size(), 2u);
    pass(seconds(60));
    cloud.set_title("api", 1, "One");
    EXPECT_EQ(text_in(pull_requests(pull_request_states::all, since).values.at(0), "/id"), "1");
    EXPECT_EQ(pull_requests(pull_request_states::all, now()).values.size(), 1u);
    EXPECT_EQ(pull_requests(pull_request_states::all, now() + milliseconds(1)).values.size(), 0u);
    EXPECT_EQ(get("repositories/acme/api/pullrequests?q=updated%20later").status, 400);
}

TEST_F(bitbucket_cloud_simulator, pages_shift_while_they_are_read)
{
    for (int i = 0; i < 60; ++i)
        cloud.open_pull_request("api", "Change " + std::to_string(i));
    pass(seconds(1));
    cloud.set_before_next_page([this] { cloud.set_title("api", 60, "To the front"); });
    EXPECT_EQ(pull_requests().fault, api_fault::shifted);
    cloud.set_before_next_page(nullptr);
    EXPECT_EQ(pull_requests().fault, api_fault::none);
}

TEST_F(bitbucket_cloud_simulator, says_whether_a_thing_changed)
{
    cloud.open_pull_request("api", "One");
    auto const first = ask(bitbucket::cloud::get_pull_request(api(), place(), 1));
    ASSERT_FALSE(first.notes.etag.empty());
    EXPECT_TRUE(ask(bitbucket::cloud::get_pull_request(api(), place(), 1, first.notes.etag)).is_unchanged);
    cloud.set_title("api", 1, "Two");
    EXPECT_FALSE(ask(bitbucket::cloud::get_pull_request(api(), place(), 1, first.notes.etag)).is_unchanged);
    EXPECT_EQ(first.notes.date, std::chrono::floor<seconds>(now()));
}

TEST_F(bitbucket_cloud_simulator, refuses_wrong_credentials_and_what_is_not_there)
{
    cloud.open_pull_request("api", "One");
    EXPECT_EQ(comments_of(1).fault, api_fault::none);
    EXPECT_EQ(comments_of(1, "another").fault, api_fault::unauthorized);
    EXPECT_EQ(comments_of(2).fault, api_fault::not_found);
    EXPECT_EQ(get("repositories/acme/web/pullrequests").fault, api_fault::not_found);
    EXPECT_EQ(get("repositories/other/api/pullrequests").fault, api_fault::not_found);
    EXPECT_EQ(get("workspaces").fault, api_fault::gone);
    EXPECT_NE(get("repositories").announcement_url, "");
    cloud.rename_repository("api", "web");
    auto const moved = comments_of(1);
    EXPECT_EQ(moved.fault, api_fault::moved);
    EXPECT_NE(moved.moved_to.find("/2.0/repositories/acme/web/pullrequests/1/comments"), std::string::npos);
    EXPECT_EQ(get("repositories/acme/web/pullrequests/1").status, 200);
    cloud.delete_repository("web");
    EXPECT_EQ(get("repositories/acme/web/pullrequests/1").status, 404);
    cloud.remove_credentials();
    EXPECT_EQ(comments_of(1).fault, api_fault::unauthorized);
}

TEST_F(bitbucket_cloud_simulator, counts_the_requests_of_each_credential_within_an_hour)
{
    cloud.open_pull_request("api", "One");
    cloud.add_token("token-0002");
    change_rules([](cloud_rules& rules) { rules.requests_per_hour = 5; });
    for (int i = 0; i < 5; ++i)
    {
        EXPECT_EQ(comments_of(1).fault, api_fault::none);
        pass(std::chrono::minutes(10));
    }
    auto const refused = comments_of(1);
    EXPECT_EQ(refused.fault, api_fault::rate_limited);
    EXPECT_FALSE(refused.notes.rate_limit);
    EXPECT_FALSE(refused.notes.retry_after);
    EXPECT_EQ(comments_of(1, "token-0002").fault, api_fault::none);
    pass(std::chrono::minutes(10));
    EXPECT_EQ(comments_of(1).fault, api_fault::none);
    EXPECT_EQ(comments_of(1).fault, api_fault::rate_limited);
    EXPECT_EQ(cloud.usage_of(token).in_last_hour, 5);
    EXPECT_EQ(cloud.usage_of(token).most_in_an_hour, 5);
    EXPECT_EQ(cloud.usage_of(token).refused, 2);
    EXPECT_EQ(cloud.usage_of("token-0002").in_last_hour, 1);
    EXPECT_EQ(cloud.calls(cloud_call::comments), 9u);
    pass(std::chrono::hours(1));
    EXPECT_EQ(cloud.usage_of(token).in_last_hour, 0);
}

TEST_F(bitbucket_cloud_simulator, tells_the_limit_where_it_is_told_to)
{
    cloud.open_pull_request("api", "One");
    change_rules(
        [](cloud_rules& rules)
        {
            rules.requests_per_hour = 10;
            rules.tells_limit = true;
            rules.retry_after = "60";
        }
    );
    for (int i = 0; i < 8; ++i)
        EXPECT_EQ(comments_of(1).notes.near_limit, false) << i;
    auto const near = comments_of(1);
    EXPECT_EQ(near.notes.near_limit, true);
    EXPECT_EQ(near.notes.rate_limit, 10);
    comments_of(1);
    auto const refused = comments_of(1);
    EXPECT_EQ(refused.fault, api_fault::rate_limited);
    EXPECT_EQ(refused.notes.retry_after, seconds(60));
    EXPECT_EQ(refused.notes.rate_limit, 10);
}

TEST_F(bitbucket_cloud_simulator, meets_each_scripted_fault_once)
{
    cloud.open_pull_request("api", "One");
    for (int i = 0; i < 101; ++i)
        cloud.add_comment("api", 1, "Comment");
    EXPECT_EQ(fault_of_comments(cloud_fault::html()), api_fault::not_json);
    EXPECT_EQ(fault_of_comments(cloud_fault::half()), api_fault::not_json);
    // Where a connection that was kept is cut, the client asks once more.
    cloud.script(cloud_call::comments, {cloud_fault::cut()});
    EXPECT_EQ(fault_of_comments(cloud_fault::cut()), api_fault::unheard);
    cloud.unscript();
    EXPECT_EQ(fault_of_comments(cloud_fault::status(503)), api_fault::unavailable);
    EXPECT_EQ(fault_of_comments(cloud_fault::rate_limit("30")), api_fault::rate_limited);
    EXPECT_EQ(fault_of_comments(cloud_fault::foreign_next("http://127.0.0.2:1")), api_fault::foreign_host);
    EXPECT_EQ(fault_of_comments(cloud_fault::redirect("http://127.0.0.2:1/x")), api_fault::foreign_host);
    cloud.script(cloud_call::comments, {cloud_fault::missing_scope("read:pullrequest:bitbucket")});
    auto const scopeless = comments_of(1);
    EXPECT_EQ(scopeless.fault, api_fault::forbidden);
    EXPECT_EQ(scopeless.missing_scope, "read:pullrequest:bitbucket");
    EXPECT_EQ(comments_of(1).fault, api_fault::none);
    EXPECT_EQ(fault_of_comments(cloud_fault::endless()), api_fault::endless);
    cloud.unscript();
    EXPECT_EQ(comments_of(1).fault, api_fault::none);
}

TEST_F(bitbucket_cloud_simulator, cuts_hashes_in_pull_requests_and_shows_some_things_late)
{
    auto const id = cloud.open_pull_request("api", "One");
    auto const shown = [&](std::string_view pointer)
    { return text_in(ask(bitbucket::cloud::get_pull_request(api(), place(), id)).body, pointer); };
    EXPECT_EQ(shown("/source/commit/hash").size(), 14u);
    change_rules([](cloud_rules& rules) { rules.has_short_hashes = false; });
    EXPECT_EQ(shown("/source/commit/hash").size(), 42u);

    change_rules([](cloud_rules& rules) { rules.task_count_lag = seconds(90); });
    cloud.add_task("api", id, "Test it");
    EXPECT_EQ(shown("/task_count"), "0");
    pass(seconds(90));
    EXPECT_EQ(shown("/task_count"), "1");

    change_rules([](cloud_rules& rules) { rules.list_lag = seconds(60); });
    cloud.add_comment("api", id, "Name the ten.");
    EXPECT_TRUE(comments_of(id).values.empty());
    pass(seconds(60));
    EXPECT_EQ(comments_of(id).values.size(), 1u);
}

}  // namespace
}  // namespace linkspan::test
