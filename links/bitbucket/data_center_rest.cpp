#include "links/bitbucket/data_center_rest.hpp"

namespace linkspan::bitbucket::data_center
{
namespace
{

api_target project_target(api_access const& api, std::string_view project)
{
    api_target out(api, "rest/api/latest/projects/");
    out.segment(project).literal("/repos");
    return out;
}

api_target repository_target(api_access const& api, repository_place const& repository)
{
    auto out = project_target(api, repository.owner);
    out.literal("/").segment(repository.slug);
    return out;
}

api_target pull_request_target(api_access const& api, repository_place const& repository, std::int64_t id)
{
    auto out = repository_target(api, repository);
    out.literal("/pull-requests/").segment(std::to_string(id));
    return out;
}

list_order order_of(api_target const& target, std::string identity, list_limits limits)
{
    return {target.url(), page_dialect::data_center, std::move(identity), std::move(limits)};
}

void name_permission(api_outcome& of)
{
    if (of.fault == api_fault::forbidden && of.missing_scope.empty())
        of.missing_scope = webhook_permission;
}

boost::asio::awaitable<listing> read_webhooks(api_access api, list_order wanted)
{
    auto out = co_await read_list(std::move(api), std::move(wanted));
    name_permission(out);
    co_return out;
}

boost::asio::awaitable<api_answer> ask_webhook(api_access api, std::string url)
{
    auto out = co_await ask_api(std::move(api), std::move(url));
    name_permission(out);
    co_return out;
}

}  // namespace

boost::asio::awaitable<listing> list_pull_requests(
    api_access api, repository_place repository, pull_request_states states, list_limits limits
)
{
    auto target = repository_target(api, repository);
    target.literal("/pull-requests").query("state", states == pull_request_states::all ? "ALL" : "OPEN");
    target.query("order", "NEWEST").query("limit", page_items);
    return read_list(std::move(api), order_of(target, "/id", std::move(limits)));
}

boost::asio::awaitable<api_answer> get_pull_request(
    api_access api, repository_place repository, std::int64_t pull_request, std::string etag
)
{
    auto const target = pull_request_target(api, repository, pull_request);
    return ask_api(std::move(api), target.url(), std::move(etag));
}

boost::asio::awaitable<listing> list_activities(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits
)
{
    auto target = pull_request_target(api, repository, pull_request);
    target.literal("/activities").query("limit", page_items);
    return read_list(std::move(api), order_of(target, "/id", std::move(limits)));
}

boost::asio::awaitable<listing> list_blocker_comments(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits
)
{
    auto target = pull_request_target(api, repository, pull_request);
    target.literal("/blocker-comments").query("limit", page_items);
    return read_list(std::move(api), order_of(target, "/id", std::move(limits)));
}

boost::asio::awaitable<listing> list_pull_request_changes(
    api_access api,
    repository_place repository,
    std::int64_t pull_request,
    std::optional<commit_pair> range,
    list_limits limits
)
{
    auto target = pull_request_target(api, repository, pull_request);
    target.literal("/changes");
    if (range)
        target.query("changeScope", "RANGE").query("sinceId", range->before).query("untilId", range->after);
    target.query("withComments", "false").query("limit", changes_page_items);
    return read_list(std::move(api), order_of(target, "", std::move(limits)));
}

boost::asio::awaitable<listing> list_changes(
    api_access api, repository_place repository, commit_pair commits, list_limits limits
)
{
    auto target = repository_target(api, repository);
    target.literal("/changes").query("since", commits.before).query("until", commits.after);
    target.query("limit", changes_page_items);
    return read_list(std::move(api), order_of(target, "", std::move(limits)));
}

boost::asio::awaitable<listing> list_commits(
    api_access api, repository_place repository, commit_pair commits, list_limits limits
)
{
    auto target = repository_target(api, repository);
    target.literal("/commits").query("since", commits.before).query("until", commits.after);
    target.query("limit", page_items);
    return read_list(std::move(api), order_of(target, "/id", std::move(limits)));
}

boost::asio::awaitable<listing> list_builds(api_access api, std::string commit, list_limits limits)
{
    api_target target(api, "rest/build-status/latest/commits/");
    target.segment(commit).query("limit", page_items);
    // Two repositories may each have a build of this key.
    return read_list(std::move(api), order_of(target, "", std::move(limits)));
}

boost::asio::awaitable<api_answer> get_build(
    api_access api, repository_place repository, std::string commit, std::string key
)
{
    auto target = repository_target(api, repository);
    target.literal("/commits/").segment(commit).literal("/builds").query("key", key);
    return ask_api(std::move(api), target.url());
}

boost::asio::awaitable<listing> list_webhooks(api_access api, repository_place repository, list_limits limits)
{
    auto target = repository_target(api, repository);
    target.literal("/webhooks").query("statistics", "true");
    auto order = order_of(target, "/id", std::move(limits));
    return read_webhooks(std::move(api), std::move(order));
}

boost::asio::awaitable<api_answer> get_webhook_statistics(
    api_access api, repository_place repository, std::int64_t webhook
)
{
    auto target = repository_target(api, repository);
    target.literal("/webhooks/").segment(std::to_string(webhook)).literal("/statistics");
    return ask_webhook(std::move(api), target.url());
}

boost::asio::awaitable<listing> list_repositories(api_access api, std::string project, list_limits limits)
{
    auto target = project_target(api, project);
    target.query("limit", page_items);
    return read_list(std::move(api), order_of(target, "/id", std::move(limits)));
}

}  // namespace linkspan::bitbucket::data_center
