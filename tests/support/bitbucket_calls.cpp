#include "tests/support/bitbucket_calls.hpp"

#include "links/bitbucket/cloud_rest.hpp"
#include "links/bitbucket/data_center_rest.hpp"
#include "tests/support/run_loop.hpp"

namespace linkspan::test
{
namespace
{

using bitbucket::api_access;
using bitbucket::commit_pair;
using bitbucket::pull_request_states;
using bitbucket::repository_place;

repository_place wide_web()
{
    return {"acme", "wide web"};
}

commit_pair two_commits()
{
    return {"0ld", "n3w"};
}

template <class Start>
bitbucket_call list_call(std::string name, std::string target, Start start)
{
    auto ask = [start](boost::asio::io_context& loop, api_access api) -> bitbucket::api_outcome
    { return run(loop, start(std::move(api))); };
    return {std::move(name), std::move(target), true, std::move(ask)};
}

// Of one thing.
template <class Start>
bitbucket_call answer_call(std::string name, std::string target, Start start)
{
    auto out = list_call(std::move(name), std::move(target), start);
    out.is_list = false;
    return out;
}

}  // namespace

std::vector<bitbucket_call> cloud_calls()
{
    std::string const at = "/2.0/repositories/acme/wide%20web/";
    std::string const trimmed = "?pagelen=100&fields={fields}";
    return {
        list_call(
            "open pull requests",
            at + "pullrequests?state=OPEN&sort=-updated_on&pagelen=50&fields={fields}",
            [](api_access api) {
                return bitbucket::cloud::list_pull_requests(
                    api, wide_web(), pull_request_states::open, std::nullopt
                );
            }
        ),
        list_call(
            "changed pull requests",
            at + "pullrequests?state=OPEN&state=MERGED&state=DECLINED&state=SUPERSEDED"
                 "&q=updated_on%20%3E%202026-11-20T09%3A30%3A00.123Z&sort=-updated_on&pagelen=50&fields={"
                 "fields}",
            [](api_access api)
            {
                auto const since = parse_time("2026-11-20T09:30:00.123Z");
                return bitbucket::cloud::list_pull_requests(api, wide_web(), pull_request_states::all, since);
            }
        ),
        answer_call(
            "a pull request",
            at + "pullrequests/7?fields={fields}",
            [](api_access api) { return bitbucket::cloud::get_pull_request(api, wide_web(), 7); }
        ),
        list_call(
            "comments",
            at + "pullrequests/7/comments" + trimmed,
            [](api_access api) { return bitbucket::cloud::list_comments(api, wide_web(), 7); }
        ),
        list_call(
            "tasks",
            at + "pullrequests/7/tasks" + trimmed,
            [](api_access api) { return bitbucket::cloud::list_tasks(api, wide_web(), 7); }
        ),
        list_call(
            "activity",
            at + "pullrequests/7/activity?pagelen=50&fields={fields}",
            [](api_access api) { return bitbucket::cloud::list_activity(api, wide_web(), 7); }
        ),
        list_call(
            "commits of a pull request",
            at + "pullrequests/7/commits" + trimmed,
            [](api_access api) { return bitbucket::cloud::list_pull_request_commits(api, wide_web(), 7); }
        ),
        list_call(
            "changed paths",
            at + "diffstat/n3w..0ld?topic=true&fields={fields}",
            [](api_access api)
            { return bitbucket::cloud::list_changed_paths(api, wide_web(), two_commits()); }
        ),
        list_call(
            "changed paths of a fork",
            at + "diffstat/ada%2Ffork%3An3w..0ld?topic=true&fields={fields}",
            [](api_access api)
            {
                commit_pair commits("0ld", "ada/fork:n3w");
                return bitbucket::cloud::list_changed_paths(api, wide_web(), std::move(commits));
            }
        ),
        list_call(
            "commits",
            at + "commits?include=n3w&exclude=0ld&pagelen=100&fields={fields}",
            [](api_access api) { return bitbucket::cloud::list_commits(api, wide_web(), two_commits()); }
        ),
        list_call(
            "statuses",
            at + "commit/n3w/statuses" + trimmed,
            [](api_access api) { return bitbucket::cloud::list_statuses(api, wide_web(), "n3w"); }
        ),
        list_call(
            "repositories",
            "/2.0/repositories/%7B0a1b%7D" + trimmed,
            [](api_access api) { return bitbucket::cloud::list_repositories(api, "{0a1b}"); }
        ),
    };
}

std::vector<bitbucket_call> data_center_calls()
{
    std::string const at = "/rest/api/latest/projects/acme/repos/wide%20web/";
    return {
        list_call(
            "open pull requests",
            at + "pull-requests?state=OPEN&order=NEWEST&limit=100",
            [](api_access api)
            { return bitbucket::data_center::list_pull_requests(api, wide_web(), pull_request_states::open); }
        ),
        list_call(
            "all pull requests",
            at + "pull-requests?state=ALL&order=NEWEST&limit=100",
            [](api_access api)
            { return bitbucket::data_center::list_pull_requests(api, wide_web(), pull_request_states::all); }
        ),
        answer_call(
            "a pull request",
            at + "pull-requests/7",
            [](api_access api) { return bitbucket::data_center::get_pull_request(api, wide_web(), 7); }
        ),
        list_call(
            "activities",
            at + "pull-requests/7/activities?limit=100",
            [](api_access api) { return bitbucket::data_center::list_activities(api, wide_web(), 7); }
        ),
        list_call(
            "tasks",
            at + "pull-requests/7/blocker-comments?limit=100",
            [](api_access api) { return bitbucket::data_center::list_blocker_comments(api, wide_web(), 7); }
        ),
        list_call(
            "changes of a pull request",
            at + "pull-requests/7/changes?withComments=false&limit=1000",
            [](api_access api)
            { return bitbucket::data_center::list_pull_request_changes(api, wide_web(), 7, std::nullopt); }
        ),
        list_call(
            "changes in a pull request",
            at + "pull-requests/7/"
                 "changes?changeScope=RANGE&sinceId=0ld&untilId=n3w&withComments=false&limit=1000",
            [](api_access api)
            { return bitbucket::data_center::list_pull_request_changes(api, wide_web(), 7, two_commits()); }
        ),
        list_call(
            "changes",
            at + "changes?since=0ld&until=n3w&limit=1000",
            [](api_access api)
            { return bitbucket::data_center::list_changes(api, wide_web(), two_commits()); }
        ),
        list_call(
            "commits",
            at + "commits?since=0ld&until=n3w&limit=100",
            [](api_access api)
            { return bitbucket::data_center::list_commits(api, wide_web(), two_commits()); }
        ),
        list_call(
            "builds",
            "/rest/build-status/latest/commits/n3w?limit=100",
            [](api_access api) { return bitbucket::data_center::list_builds(api, "n3w"); }
        ),
        answer_call(
            "a build",
            at + "commits/n3w/builds?key=TEST%20%26%20REP",
            [](api_access api)
            { return bitbucket::data_center::get_build(api, wide_web(), "n3w", "TEST & REP"); }
        ),
        list_call(
            "webhooks",
            at + "webhooks?statistics=true",
            [](api_access api) { return bitbucket::data_center::list_webhooks(api, wide_web()); }
        ),
        answer_call(
            "webhook statistics",
            at + "webhooks/3/statistics",
            [](api_access api) { return bitbucket::data_center::get_webhook_statistics(api, wide_web(), 3); }
        ),
        list_call(
            "repositories",
            "/rest/api/latest/projects/~ada/repos?limit=100",
            [](api_access api) { return bitbucket::data_center::list_repositories(api, "~ada"); }
        ),
    };
}

}  // namespace linkspan::test
