#pragma once
#include "links/bitbucket/pages.hpp"

// What is asked of Bitbucket Cloud's REST API 2.0 to read along
// (developer.atlassian.com/cloud/bitbucket/rest; the published OpenAPI document has each path). Every answer
// is trimmed with `fields` to what events are made of; what an answer leaves out is not known, it is not
// empty. api.base_url is that of 2.0: https://api.bitbucket.org/2.0/. Scopes: see cloud_needs in fields.hpp.
namespace linkspan::bitbucket::cloud
{

// The largest pages that are allowed; for pull requests and their activity more than 50 is an error.
inline constexpr int page_items = 100;
inline constexpr int pull_request_page_items = 50;

// GET repositories/{workspace}/{repo_slug}/pullrequests, the last updated first, with reviewers and
// participants, which the list leaves out unless they are asked for. updated_after: those alone that changed
// later than it. One that changes while the list is read moves to its front: it comes twice, or was there
// before and is found by the next list that begins before began_at.
boost::asio::awaitable<listing> list_pull_requests(
    api_access api,
    repository_place repository,
    pull_request_states states,
    std::optional<time_point> updated_after,
    list_limits limits = {}
);

// GET .../pullrequests/{pull_request_id}. etag: of the answer that is known; unchanged since, there is no
// body.
boost::asio::awaitable<api_answer> get_pull_request(
    api_access api, repository_place repository, std::int64_t pull_request, std::string etag = {}
);

// GET .../pullrequests/{pull_request_id}/comments: all of them, replies and those on lines too, the oldest
// first. Deleted ones stay, with deleted: true; unpublished ones have pending: true.
boost::asio::awaitable<listing> list_comments(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits = {}
);

// GET .../pullrequests/{pull_request_id}/tasks.
boost::asio::awaitable<listing> list_tasks(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits = {}
);

// GET .../pullrequests/{pull_request_id}/activity, the last first: updates, approvals, requests for changes
// and comments.
boost::asio::awaitable<listing> list_activity(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits = {}
);

// GET .../pullrequests/{pull_request_id}/commits. Empty once the source branch is gone.
boost::asio::awaitable<listing> list_pull_request_commits(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits = {}
);

// GET .../diffstat/{after}..{before}?topic=true: the paths that `after` changes since it left `before`, as a
// pull request shows them. A redirect is followed, on the same host. In after, a fork's commit is
// "workspace/slug:hash".
boost::asio::awaitable<listing> list_changed_paths(
    api_access api, repository_place repository, commit_pair commits, list_limits limits = {}
);

// GET .../commits?include={after}&exclude={before}, the newest first: a push has at most five of them.
boost::asio::awaitable<listing> list_commits(
    api_access api, repository_place repository, commit_pair commits, list_limits limits = {}
);

// GET .../commit/{commit}/statuses.
boost::asio::awaitable<listing> list_statuses(
    api_access api, repository_place repository, std::string commit, list_limits limits = {}
);

// GET repositories/{workspace}. Lists across workspaces have ended (410), and are not asked.
boost::asio::awaitable<listing> list_repositories(
    api_access api, std::string workspace, list_limits limits = {}
);

}  // namespace linkspan::bitbucket::cloud
