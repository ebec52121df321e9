#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace linkspan
{

// What happened. A kind is one enumerator here and one row of kind_names; its published name is the row's.
enum class event_kind
{
    pull_request_opened,
    pull_request_updated,
    pull_request_title_changed,
    pull_request_description_changed,
    pull_request_retargeted,
    pull_request_reviewers_changed,
    pull_request_commits_pushed,
    pull_request_marked_draft,
    pull_request_marked_ready,
    pull_request_approved,
    pull_request_approval_withdrawn,
    pull_request_changes_requested,
    pull_request_changes_request_withdrawn,
    pull_request_merged,
    pull_request_declined,
    pull_request_reopened,
    pull_request_deleted,
    comment_added,
    comment_edited,
    comment_deleted,
    comment_resolved,
    comment_reopened,
    comment_reaction_added,
    comment_reaction_removed,
    task_added,
    task_edited,
    task_resolved,
    task_reopened,
    task_deleted,
    commit_commented,
    commit_comment_edited,
    commit_comment_deleted,
    build_started,
    build_succeeded,
    build_failed,
    build_stopped,
    branch_created,
    branch_updated,
    branch_deleted,
    tag_created,
    tag_updated,
    tag_deleted,
    repository_created,
    repository_updated,
    repository_renamed,
    repository_transferred,
    repository_forked,
    repository_imported,
    repository_deleted,
    repository_secret_detected,
    repository_synchronized,
    project_updated,
    issue_opened,
    issue_updated,
    issue_commented,
    pipeline_finished,
    hook_pinged,
};

struct event_kind_name
{
    event_kind kind;
    std::string_view name;  // "pull_request.opened"
};

// Every kind, in the order of the enumeration.
inline constexpr std::array kind_names = {
    event_kind_name{event_kind::pull_request_opened, "pull_request.opened"},
    event_kind_name{event_kind::pull_request_updated, "pull_request.updated"},
    event_kind_name{event_kind::pull_request_title_changed, "pull_request.title_changed"},
    event_kind_name{event_kind::pull_request_description_changed, "pull_request.description_changed"},
    event_kind_name{event_kind::pull_request_retargeted, "pull_request.retargeted"},
    event_kind_name{event_kind::pull_request_reviewers_changed, "pull_request.reviewers_changed"},
    event_kind_name{event_kind::pull_request_commits_pushed, "pull_request.commits_pushed"},
    event_kind_name{event_kind::pull_request_marked_draft, "pull_request.marked_draft"},
    event_kind_name{event_kind::pull_request_marked_ready, "pull_request.marked_ready"},
    event_kind_name{event_kind::pull_request_approved, "pull_request.approved"},
    event_kind_name{event_kind::pull_request_approval_withdrawn, "pull_request.approval_withdrawn"},
    event_kind_name{event_kind::pull_request_changes_requested, "pull_request.changes_requested"},
    event_kind_name{
        event_kind::pull_request_changes_request_withdrawn, "pull_request.changes_request_withdrawn"},
    event_kind_name{event_kind::pull_request_merged, "pull_request.merged"},
    event_kind_name{event_kind::pull_request_declined, "pull_request.declined"},
    event_kind_name{event_kind::pull_request_reopened, "pull_request.reopened"},
    event_kind_name{event_kind::pull_request_deleted, "pull_request.deleted"},
    event_kind_name{event_kind::comment_added, "comment.added"},
    event_kind_name{event_kind::comment_edited, "comment.edited"},
    event_kind_name{event_kind::comment_deleted, "comment.deleted"},
    event_kind_name{event_kind::comment_resolved, "comment.resolved"},
    event_kind_name{event_kind::comment_reopened, "comment.reopened"},
    event_kind_name{event_kind::comment_reaction_added, "comment.reaction_added"},
    event_kind_name{event_kind::comment_reaction_removed, "comment.reaction_removed"},
    event_kind_name{event_kind::task_added, "task.added"},
    event_kind_name{event_kind::task_edited, "task.edited"},
    event_kind_name{event_kind::task_resolved, "task.resolved"},
    event_kind_name{event_kind::task_reopened, "task.reopened"},
    event_kind_name{event_kind::task_deleted, "task.deleted"},
    event_kind_name{event_kind::commit_commented, "commit.commented"},
    event_kind_name{event_kind::commit_comment_edited, "commit.comment_edited"},
    event_kind_name{event_kind::commit_comment_deleted, "commit.comment_deleted"},
    event_kind_name{event_kind::build_started, "build.started"},
    event_kind_name{event_kind::build_succeeded, "build.succeeded"},
    event_kind_name{event_kind::build_failed, "build.failed"},
    event_kind_name{event_kind::build_stopped, "build.stopped"},
    event_kind_name{event_kind::branch_created, "branch.created"},
    event_kind_name{event_kind::branch_updated, "branch.updated"},
    event_kind_name{event_kind::branch_deleted, "branch.deleted"},
    event_kind_name{event_kind::tag_created, "tag.created"},
    event_kind_name{event_kind::tag_updated, "tag.updated"},
    event_kind_name{event_kind::tag_deleted, "tag.deleted"},
    event_kind_name{event_kind::repository_created, "repository.created"},
    event_kind_name{event_kind::repository_updated, "repository.updated"},
    event_kind_name{event_kind::repository_renamed, "repository.renamed"},
    event_kind_name{event_kind::repository_transferred, "repository.transferred"},
    event_kind_name{event_kind::repository_forked, "repository.forked"},
    event_kind_name{event_kind::repository_imported, "repository.imported"},
    event_kind_name{event_kind::repository_deleted, "repository.deleted"},
    event_kind_name{event_kind::repository_secret_detected, "repository.secret_detected"},
    event_kind_name{event_kind::repository_synchronized, "repository.synchronized"},
    event_kind_name{event_kind::project_updated, "project.updated"},
    event_kind_name{event_kind::issue_opened, "issue.opened"},
    event_kind_name{event_kind::issue_updated, "issue.updated"},
    event_kind_name{event_kind::issue_commented, "issue.commented"},
    event_kind_name{event_kind::pipeline_finished, "pipeline.finished"},
    event_kind_name{event_kind::hook_pinged, "hook.pinged"},
};

std::string_view name_of(event_kind kind) noexcept;
std::optional<event_kind> kind_named(std::string_view name) noexcept;

}  // namespace linkspan
