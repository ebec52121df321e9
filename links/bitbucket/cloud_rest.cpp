#include "links/bitbucket/cloud_rest.hpp"

#include <array>

namespace linkspan::bitbucket::cloud
{
namespace
{

// Who somebody is; the rest of an account is links to pictures and pages.
constexpr std::array<std::string_view, 5> person_members = {
    "account_id", "uuid", "display_name", "nickname", "type"};

// Lists of people as a whole: of an empty one nobody knows whether a part of its elements shows it.
constexpr std::array<std::string_view, 25> pull_request_members = {
    "id",
    "title",
    "description",
    "state",
    "draft",
    "reason",
    "author.*",
    "closed_by.*",
    "source.branch.name",
    "source.commit.hash",
    "source.repository.full_name",
    "source.repository.uuid",
    "destination.branch.name",
    "destination.commit.hash",
    "destination.repository.full_name",
    "destination.repository.uuid",
    "merge_commit.hash",
    "reviewers",
    "participants",
    "comment_count",
    "task_count",
    "created_on",
    "updated_on",
    "links.html.href",
    "type"};

constexpr std::array<std::string_view, 11> comment_members = {
    "id",
    "content.raw",
    "user.*",
    "parent.id",
    "inline",
    "resolution",
    "created_on",
    "updated_on",
    "deleted",
    "pending",
    "links.html.href"};

constexpr std::array<std::string_view, 11> task_members = {
    "id",
    "state",
    "content.raw",
    "creator.*",
    "comment.id",
    "resolved_by.*",
    "resolved_on",
    "created_on",
    "updated_on",
    "pending",
    "links.html.href"};

constexpr std::array<std::string_view, 5> commit_members = {
    "hash", "date", "message", "author", "parents.hash"};

constexpr std::array<std::string_view, 5> path_members = {
    "status", "old.path", "new.path", "lines_added", "lines_removed"};

constexpr std::array<std::string_view, 9> status_members = {
    "key", "name", "description", "state", "url", "refname", "created_on", "updated_on", "links.commit.href"};

constexpr std::array<std::string_view, 7> repository_members = {
    "uuid", "full_name", "name", "project.key", "mainbranch.name", "updated_on", "links.html.href"};

constexpr std::array<std::string_view, 6> activity_members = {
    "pull_request.id",
    "update",
    "approval.date",
    "approval.user.*",
    "changes_requested.date",
    "changes_requested.user.*"};

void add_fields(std::string& out, std::string_view within, std::span<std::string_view const> members)
{
    for (auto const member : members)
        if (member.ends_with(".*"))
            add_fields(
                out, std::string(within) + std::string(member.substr(0, member.size() - 1)), person_members
            );
        else
            out.append(out.empty() ? "" : ",").append(within).append(member);
}

// `next` must be among them: a list without it ends after its first page, and nobody is told.
std::string page_fields(std::span<std::string_view const> members)
{
    std::string out = "next,size";
    add_fields(out, "values.", members);
    return out;
}

api_target repository_target(api_access const& api, repository_place const& repository)
{
    api_target out(api, "repositories/");
    out.segment(repository.owner).literal("/").segment(repository.slug);
    return out;
}

api_target pull_request_target(api_access const& api, repository_place const& repository, std::int64_t id)
{
    auto out = repository_target(api, repository);
    out.literal("/pullrequests/").segment(std::to_string(id));
    return out;
}

list_order order_of(api_target const& target, std::string identity, list_limits limits)
{
    return {target.url(), page_dialect::cloud, std::move(identity), std::move(limits)};
}

}  // namespace

boost::asio::awaitable<listing> list_pull_requests(
    api_access api,
    repository_place repository,
    pull_request_states states,
    std::optional<time_point> updated_after,
    list_limits limits
)
{
    auto target = repository_target(api, repository);
    target.literal("/pullrequests").query("state", "OPEN");
    if (states == pull_request_states::all)
        target.query("state", "MERGED").query("state", "DECLINED").query("state", "SUPERSEDED");
    if (updated_after)
        target.query("q", "updated_on > " + to_rfc3339(*updated_after));
    target.query("sort", "-updated_on").query("pagelen", pull_request_page_items);
    target.query("fields", page_fields(pull_request_members));
    return read_list(std::move(api), order_of(target, "/id", std::move(limits)));
}

boost::asio::awaitable<api_answer> get_pull_request(
    api_access api, repository_place repository, std::int64_t pull_request, std::string etag
)
{
    std::string fields;
    add_fields(fields, "", pull_request_members);
    auto target = pull_request_target(api, repository, pull_request);
    target.query("fields", fields);
    return ask_api(std::move(api), target.url(), std::move(etag));
}

boost::asio::awaitable<listing> list_comments(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits
)
{
    auto target = pull_request_target(api, repository, pull_request);
    target.literal("/comments").query("pagelen", page_items).query("fields", page_fields(comment_members));
    return read_list(std::move(api), order_of(target, "/id", std::move(limits)));
}

boost::asio::awaitable<listing> list_tasks(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits
)
{
    auto target = pull_request_target(api, repository, pull_request);
    target.literal("/tasks").query("pagelen", page_items).query("fields", page_fields(task_members));
    return read_list(std::move(api), order_of(target, "/id", std::move(limits)));
}

boost::asio::awaitable<listing> list_activity(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits
)
{
    auto fields = page_fields(activity_members);
    add_fields(fields, "values.comment.", comment_members);
    auto target = pull_request_target(api, repository, pull_request);
    target.literal("/activity").query("pagelen", pull_request_page_items).query("fields", fields);
    return read_list(std::move(api), order_of(target, "", std::move(limits)));
}

boost::asio::awaitable<listing> list_pull_request_commits(
    api_access api, repository_place repository, std::int64_t pull_request, list_limits limits
)
{
    auto target = pull_request_target(api, repository, pull_request);
    target.literal("/commits").query("pagelen", page_items).query("fields", page_fields(commit_members));
    return read_list(std::move(api), order_of(target, "/hash", std::move(limits)));
}

boost::asio::awaitable<listing> list_changed_paths(
    api_access api, repository_place repository, commit_pair commits, list_limits limits
)
{
    // Without pagelen: here the default is the largest, 500.
    auto target = repository_target(api, repository);
    auto const is_named = !commits.after.empty() && !commits.before.empty();
    target.literal("/diffstat/").segment(is_named ? commits.after + ".." + commits.before : std::string());
    target.query("topic", "true").query("fields", page_fields(path_members));
    auto order = order_of(target, "", std::move(limits));
    order.redirects = redirects_max;
    return read_list(std::move(api), std::move(order));
}

boost::asio::awaitable<listing> list_commits(
    api_access api, repository_place repository, commit_pair commits, list_limits limits
)
{
    auto target = repository_target(api, repository);
    target.literal("/commits").query("include", commits.after).query("exclude", commits.before);
    target.query("pagelen", page_items).query("fields", page_fields(commit_members));
    return read_list(std::move(api), order_of(target, "/hash", std::move(limits)));
}

boost::asio::awaitable<listing> list_statuses(
    api_access api, repository_place repository, std::string commit, list_limits limits
)
{
    auto target = repository_target(api, repository);
    target.literal("/commit/").segment(commit).literal("/statuses");
    target.query("pagelen", page_items).query("fields", page_fields(status_members));
    return read_list(std::move(api), order_of(target, "/key", std::move(limits)));
}

boost::asio::awaitable<listing> list_repositories(api_access api, std::string workspace, list_limits limits)
{
    api_target target(api, "repositories/");
    target.segment(workspace).query("pagelen", page_items);
    target.query("fields", page_fields(repository_members));
    return read_list(std::move(api), order_of(target, "/uuid", std::move(limits)));
}

}  // namespace linkspan::bitbucket::cloud
