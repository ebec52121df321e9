#pragma once
#include "links/bitbucket/pages.hpp"

// What is asked of Bitbucket Data Center's REST API to read along
// (developer.atlassian.com/server/bitbucket/rest, 9.2). api.base_url is that of the Bitbucket, without rest/.
// All of it needs REPO_READ, unless it says more. The server cuts a page to its own limit where that is less
// than ours.
namespace linkspan::bitbucket::data_center
{

inline constexpr int page_items = 100;
inline constexpr int changes_page_items = 1000;  // page.max.changes of a server as it is installed

// What api_outcome::missing_scope says where a webhook's state may not be read: it is unknown then.
inline constexpr std::string_view webhook_permission = "REPO_ADMIN";

// GET rest/api/latest/projects/{projectKey}/repos/{repositorySlug}/pull-requests?order=NEWEST. No parameter
// asks for those alone that changed: who looks for them reads page by page, until one is old enough.
boost::asio::awaitable<listing> list_pull_requests(
    api_access api, repository_place repository, pull_request_states states, list_limits limits = {}
);

// GET .../pull-requests/{pullRequestId}. etag: of the answer that is known; unchanged since, there is no
// body.
boost::asio::awaitable<api_answer> get_pull_request(
    api_access api, repository_place repository, std::int64_t pull_request, std::string etag = {}
);

// GET .../pull-requests/{pullRequestId}/activities, the last first: the only list of all comments.
boost::asio::awaitable<listing> list_activities(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits = {}
);

// GET .../pull-requests/{pullRequestId}/blocker-comments: the tasks, open and resolved (since 7.2).
boost::asio::awaitable<listing> list_blocker_comments(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits = {}
);

// GET .../pull-requests/{pullRequestId}/changes: the paths that it changes, or that changed in it between two
// commits (changeScope=RANGE).
boost::asio::awaitable<listing> list_pull_request_changes(
    api_access api,
    repository_place repository,
    std::int64_t pull_request,
    std::optional<commit_pair> range,
    list_limits limits = {}
);

// GET .../changes?since={before}&until={after}: the paths that differ between two commits.
boost::asio::awaitable<listing> list_changes(
    api_access api, repository_place repository, commit_pair commits, list_limits limits = {}
);

// GET .../commits?since={before}&until={after}, the newest first, without `before`.
boost::asio::awaitable<listing> list_commits(
    api_access api, repository_place repository, commit_pair commits, list_limits limits = {}
);

// GET rest/build-status/latest/commits/{commitId}: all builds of a commit, the last hundred at most, of
// whatever repository. Deprecated since 7.14, but what took its place, get_build(), has to know the key.
boost::asio::awaitable<listing> list_builds(api_access api, std::string commit, list_limits limits = {});

// GET .../commits/{commitId}/builds?key={key} (since 7.14).
boost::asio::awaitable<api_answer> get_build(
    api_access api, repository_place repository, std::string commit, std::string key
);

// GET .../webhooks?statistics=true: what is registered, and how its last deliveries went. Needs REPO_ADMIN:
// without it, the fault is forbidden and missing_scope is webhook_permission.
boost::asio::awaitable<listing> list_webhooks(
    api_access api, repository_place repository, list_limits limits = {}
);

// GET .../webhooks/{webhookId}/statistics. Needs REPO_ADMIN, as above.
boost::asio::awaitable<api_answer> get_webhook_statistics(
    api_access api, repository_place repository, std::int64_t webhook
);

// GET rest/api/latest/projects/{projectKey}/repos.
boost::asio::awaitable<listing> list_repositories(
    api_access api, std::string project, list_limits limits = {}
);

}  // namespace linkspan::bitbucket::data_center
