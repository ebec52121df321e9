#include "tests/support/key_kinds.hpp"

#include <algorithm>

namespace linkspan::test
{
namespace
{

using enum event_kind;
using kinds = std::vector<event_kind>;

kinds const refs = {branch_created, branch_updated, branch_deleted, tag_created, tag_updated, tag_deleted};
kinds const builds = {build_started, build_succeeded, build_failed, build_stopped};
kinds const compared = {
    pull_request_updated,
    pull_request_title_changed,
    pull_request_description_changed,
    pull_request_retargeted,
    pull_request_reviewers_changed,
    pull_request_commits_pushed,
    pull_request_marked_draft,
    pull_request_marked_ready};
constexpr std::string_view each_change = "one event for each entry of `changes`";
constexpr std::string_view what_changed = "what has changed since the last delivery";

std::vector<key_kinds> const rows = {
    {edition::cloud, "repo:push", refs, each_change},
    {edition::cloud, "repo:commit_status_created", builds},
    {edition::cloud, "repo:commit_status_updated", builds},
    {edition::cloud, "repo:commit_comment_created", {commit_commented}},
    {edition::cloud, "repo:created", {repository_created}},
    {edition::cloud, "repo:updated", {repository_updated, repository_renamed}},
    {edition::cloud, "repo:transfer", {repository_transferred}},
    {edition::cloud, "repo:fork", {repository_forked}},
    {edition::cloud, "repo:imported", {repository_imported}},
    {edition::cloud, "repo:deleted", {repository_deleted}},
    {edition::cloud, "project:updated", {project_updated}},
    {edition::cloud, "pullrequest:created", {pull_request_opened}},
    {edition::cloud, "pullrequest:updated", compared, what_changed},
    {edition::cloud, "pullrequest:push", {pull_request_updated, pull_request_commits_pushed}, what_changed},
    {edition::cloud, "pullrequest:approved", {pull_request_approved}},
    {edition::cloud, "pullrequest:unapproved", {pull_request_approval_withdrawn}},
    {edition::cloud, "pullrequest:changes_request_created", {pull_request_changes_requested}},
    {edition::cloud, "pullrequest:changes_request_removed", {pull_request_changes_request_withdrawn}},
    {edition::cloud, "pullrequest:fulfilled", {pull_request_merged}},
    {edition::cloud, "pullrequest:rejected", {pull_request_declined}},
    {edition::cloud, "pullrequest:comment_created", {comment_added}},
    {edition::cloud, "pullrequest:comment_updated", {comment_edited}},
    {edition::cloud, "pullrequest:comment_deleted", {comment_deleted}},
    {edition::cloud, "pullrequest:comment_resolved", {comment_resolved}},
    {edition::cloud, "pullrequest:comment_reopened", {comment_reopened}},
    {edition::cloud, "issue:created", {issue_opened}},
    {edition::cloud, "issue:updated", {issue_updated}},
    {edition::cloud, "issue:comment_created", {issue_commented}},
    {edition::cloud, "pipeline:span_created", {pipeline_finished}},
    {edition::data_center, "repo:refs_changed", refs, each_change},
    {edition::data_center, "repo:comment:added", {commit_commented}},
    {edition::data_center, "repo:comment:edited", {commit_comment_edited}},
    {edition::data_center, "repo:comment:deleted", {commit_comment_deleted}},
    {edition::data_center, "repo:modified", {repository_updated, repository_renamed, repository_transferred}},
    {edition::data_center, "repo:forked", {repository_forked}},
    {edition::data_center, "repo:secret_detected", {repository_secret_detected}},
    {edition::data_center, "mirror:repo_synchronized", {repository_synchronized}},
    {edition::data_center, "project:modified", {project_updated}},
    {edition::data_center, "proj:modified", {project_updated}},
    {edition::data_center, "pr:opened", {pull_request_opened}},
    {edition::data_center,
     "pr:modified",
     {pull_request_updated,
      pull_request_title_changed,
      pull_request_description_changed,
      pull_request_retargeted,
      pull_request_marked_draft,
      pull_request_marked_ready},
     what_changed},
    {edition::data_center, "pr:from_ref_updated", {pull_request_commits_pushed}},
    {edition::data_center,
     "pr:to_ref_updated",
     {pull_request_retargeted},
     "nothing, unless the target changed"},
    {edition::data_center, "pr:reviewer:updated", {pull_request_reviewers_changed}},
    {edition::data_center, "pr:reviewer:approved", {pull_request_approved}},
    {edition::data_center, "pr:reviewer:needs_work", {pull_request_changes_requested}},
    {edition::data_center, "pr:reviewer:changes_requested", {pull_request_changes_requested}},
    {edition::data_center,
     "pr:reviewer:unapproved",
     {pull_request_approval_withdrawn, pull_request_changes_request_withdrawn}},
    {edition::data_center, "pr:merged", {pull_request_merged}},
    {edition::data_center, "pr:declined", {pull_request_declined}},
    {edition::data_center, "pr:deleted", {pull_request_deleted}},
    {edition::data_center, "pr:comment:added", {comment_added, task_added}},
    {edition::data_center,
     "pr:comment:edited",
     {comment_edited,
      comment_resolved,
      comment_reopened,
      task_added,
      task_edited,
      task_resolved,
      task_reopened,
      task_deleted}},
    {edition::data_center, "pr:comment:deleted", {comment_deleted, task_deleted}},
    {edition::data_center, "diagnostics:ping", {}, "nothing: it is [answered](http.md#proof) and not stored"},
};

}  // namespace

std::vector<key_kinds> const& kinds_of_keys()
{
    return rows;
}

key_kinds const* kinds_of_key(edition on, std::string_view key)
{
    auto const found =
        std::ranges::find_if(rows, [&](key_kinds const& row) { return row.on == on && row.key == key; });
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace linkspan::test
