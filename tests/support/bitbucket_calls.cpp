#include "tests/support/bitbucket_calls.hpp"

#include "links/bitbucket/cloud_rest.hpp"
#include "links/bitbucket/data_center_rest.hpp"
#include "tests/support/run_loop.hpp"

namespace linkspan::test
{
namespace
{

namespace cloud = bitbucket::cloud;
namespace center = bitbucket::data_center;
using bitbucket::api_access;
using bitbucket::commit_pair;
using bitbucket::pull_request_states;
using bitbucket::repository_place;

repository_place place()
{
    return {"acme", "wide web"};
}

commit_pair pair()
{
    return {"0ld", "n3w"};
}

template <class Start>
bitbucket_call one(std::string name, std::string target, Start start)
{
    auto ask = [start](boost::asio::io_context& loop, api_access api) -> bitbucket::api_outcome
    { return run(loop, start(std::move(api))); };
    return {std::move(name), std::move(target), true, std::move(ask)};
}

// Of one thing.
template <class Start>
bitbucket_call single(std::string name, std::string target, Start start)
{
    auto out = one(std::move(name), std::move(target), start);
    out.is_list = false;
    return out;
}

}  // namespace

std::vector<bitbucket_call> cloud_calls()
{
    std::string const at = "/2.0/repositories/acme/wide%20web/";
    std::string const trimmed = "?pagelen=100&fields={fields}";
    return {
        one("open pull requests",
            at + "pullrequests?state=OPEN&sort=-updated_on&pagelen=50&fields={fields}",
            [](api_access api)
            { return cloud::list_pull_requests(api, place(), pull_request_states::open, std::nullopt); }),
        one("changed pull requests",
            at + "pullrequests?state=OPEN&state=MERGED&state=DECLINED&state=SUPERSEDED"
                 "&q=updated_on%20%3E%202026-11-20T09%3A30%3A00.123Z&sort=-updated_on&pagelen=50&fields={"
                 "fields}",
            [](api_access api)
            {
                auto const since = parse_time("2026-11-20T09:30:00.123Z");
                return cloud::list_pull_requests(api, place(), pull_request_states::all, since);
            }),
        single(
            "a pull request",
            at + "pullrequests/7?fields={fields}",
            [](api_access api) { return cloud::get_pull_request(api, place(), 7); }
        ),
        one("comments",
            at + "pullrequests/7/comments" + trimmed,
            [](api_access api) { return cloud::list_comments(api, place(), 7); }),
        one("tasks",
            at + "pullrequests/7/tasks" + trimmed,
            [](api_access api) { return cloud::list_tasks(api, place(), 7); }),
        one("activity",
            at + "pullrequests/7/activity?pagelen=50&fields={fields}",
            [](api_access api) { return cloud::list_activity(api, place(), 7); }),
        one("commits of a pull request",
            at + "pullrequests/7/commits" + trimmed,
            [](api_access api) { return cloud::list_pull_request_commits(api, place(), 7); }),
        one("changed paths",
            at + "diffstat/n3w..0ld?topic=true&fields={fields}",
            [](api_access api) { return cloud::list_changed_paths(api, place(), pair()); }),
        one("changed paths of a fork",
            at + "diffstat/ada%2Ffork%3An3w..0ld?topic=true&fields={fields}",
            [](api_access api)
            {
                commit_pair commits("0ld", "ada/fork:n3w");
                return cloud::list_changed_paths(api, place(), std::move(commits));
            }),
        one("commits",
            at + "commits?include=n3w&exclude=0ld&pagelen=100&fields={fields}",
            [](api_access api) { return cloud::list_commits(api, place(), pair()); }),
        one("statuses",
            at + "commit/n3w/statuses" + trimmed,
            [](api_access api) { return cloud::list_statuses(api, place(), "n3w"); }),
        one("repositories",
            "/2.0/repositories/%7B0a1b%7D" + trimmed,
            [](api_access api) { return cloud::list_repositories(api, "{0a1b}"); }),
    };
}

std::vector<bitbucket_call> data_center_calls()
{
    std::string const at = "/rest/api/latest/projects/acme/repos/wide%20web/";
    return {
        one("open pull requests",
            at + "pull-requests?state=OPEN&order=NEWEST&limit=100",
            [](api_access api)
            { return center::list_pull_requests(api, place(), pull_request_states::open); }),
        one("all pull requests",
            at + "pull-requests?state=ALL&order=NEWEST&limit=100",
            [](api_access api)
            { return center::list_pull_requests(api, place(), pull_request_states::all); }),
        single(
            "a pull request",
            at + "pull-requests/7",
            [](api_access api) { return center::get_pull_request(api, place(), 7); }
        ),
        one("activities",
            at + "pull-requests/7/activities?limit=100",
            [](api_access api) { return center::list_activities(api, place(), 7); }),
        one("tasks",
            at + "pull-requests/7/blocker-comments?limit=100",
            [](api_access api) { return center::list_blocker_comments(api, place(), 7); }),
        one("changes of a pull request",
            at + "pull-requests/7/changes?withComments=false&limit=1000",
            [](api_access api) { return center::list_pull_request_changes(api, place(), 7, std::nullopt); }),
        one("changes in a pull request",
            at + "pull-requests/7/"
                 "changes?changeScope=RANGE&sinceId=0ld&untilId=n3w&withComments=false&limit=1000",
            [](api_access api) { return center::list_pull_request_changes(api, place(), 7, pair()); }),
        one("changes",
            at + "changes?since=0ld&until=n3w&limit=1000",
            [](api_access api) { return center::list_changes(api, place(), pair()); }),
        one("commits",
            at + "commits?since=0ld&until=n3w&limit=100",
            [](api_access api) { return center::list_commits(api, place(), pair()); }),
        one("builds",
            "/rest/build-status/latest/commits/n3w?limit=100",
            [](api_access api) { return center::list_builds(api, "n3w"); }),
        single(
            "a build",
            at + "commits/n3w/builds?key=TEST%20%26%20REP",
            [](api_access api) { return center::get_build(api, place(), "n3w", "TEST & REP"); }
        ),
        one("webhooks",
            at + "webhooks?statistics=true",
            [](api_access api) { return center::list_webhooks(api, place()); }),
        single(
            "webhook statistics",
            at + "webhooks/3/statistics",
            [](api_access api) { return center::get_webhook_statistics(api, place(), 3); }
        ),
        one("repositories",
            "/rest/api/latest/projects/~ada/repos?limit=100",
            [](api_access api) { return center::list_repositories(api, "~ada"); }),
    };
}

}  // namespace linkspan::test
