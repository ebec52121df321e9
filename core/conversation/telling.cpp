#include "core/conversation/telling.hpp"

#include "core/base/utf8.hpp"
#include "core/conversation/phrase.hpp"

#include <array>

namespace linkspan
{
namespace
{

// ---------------------------------------------------------------------------------------------------

using enum event_kind;
constexpr auto good = telling_mood::good;
constexpr auto bad = telling_mood::bad;

constexpr std::array phrases = {
    phrase{pull_request_opened, tell_opened, " opened "},
    phrase{pull_request_updated, tell_pull_request, " updated "},
    phrase{pull_request_title_changed, tell_title, " renamed "},
    phrase{pull_request_description_changed, tell_description, " changed the description of "},
    phrase{pull_request_retargeted, tell_retargeted, " retargeted "},
    phrase{pull_request_reviewers_changed, tell_reviewers, " changed the reviewers of "},
    phrase{pull_request_commits_pushed, tell_push, {}},
    phrase{pull_request_marked_draft, tell_pull_request, " marked ", " as a draft"},
    phrase{pull_request_marked_ready, tell_pull_request, " marked ", " as ready for review"},
    phrase{pull_request_approved, tell_review, " approved ", {}, good},
    phrase{pull_request_approval_withdrawn, tell_review, " withdrew the approval of "},
    phrase{pull_request_changes_requested, tell_review, " requested changes on ", {}, bad},
    phrase{pull_request_changes_request_withdrawn, tell_review, " withdrew the request for changes on "},
    phrase{pull_request_merged, tell_closing, " merged ", {}, good},
    phrase{pull_request_declined, tell_closing, " declined ", {}, bad},
    phrase{pull_request_reopened, tell_pull_request, " reopened "},
    phrase{pull_request_deleted, tell_pull_request, " deleted ", {}, bad},
    phrase{comment_added, tell_comment_added, " commented"},
    phrase{comment_edited, tell_comment, " edited a comment"},
    phrase{comment_deleted, tell_comment_gone, " deleted a comment"},
    phrase{comment_resolved, tell_comment_gone, " resolved a thread", {}, good},
    phrase{comment_reopened, tell_comment_gone, " reopened a thread"},
    phrase{comment_reaction_added, tell_reaction, " reacted to a comment"},
    phrase{comment_reaction_removed, tell_reaction, " withdrew a reaction from a comment"},
    phrase{task_added, tell_task, " added a task to "},
    phrase{task_edited, tell_task, " edited a task of "},
    phrase{task_resolved, tell_task, " resolved a task of ", {}, good},
    phrase{task_reopened, tell_task, " reopened a task of "},
    phrase{task_deleted, tell_task, " deleted a task of "},
    phrase{commit_commented, tell_comment, " commented"},
    phrase{commit_comment_edited, tell_comment, " edited a comment"},
    phrase{commit_comment_deleted, tell_comment_gone, " deleted a comment"},
    phrase{build_started, tell_build, " started"},
    phrase{build_succeeded, tell_build, " succeeded", {}, good},
    phrase{build_failed, tell_build, " failed", {}, bad},
    phrase{build_stopped, tell_build, " was stopped"},
    phrase{branch_created, tell_ref, " created ", "branch"},
    phrase{branch_updated, tell_branch_updated, {}},
    phrase{branch_deleted, tell_ref, " deleted ", "branch"},
    phrase{tag_created, tell_ref, " created ", "tag"},
    phrase{tag_updated, tell_ref, " moved ", "tag"},
    phrase{tag_deleted, tell_ref, " deleted ", "tag"},
    phrase{repository_created, tell_repository, " created "},
    phrase{repository_updated, tell_repository, " updated "},
    phrase{repository_renamed, tell_repository, " renamed "},
    phrase{repository_transferred, tell_repository, " transferred "},
    phrase{repository_forked, tell_repository, " forked "},
    phrase{repository_imported, tell_repository, " imported "},
    phrase{repository_deleted, tell_repository, " deleted ", {}, bad},
    phrase{repository_secret_detected, tell_repository_itself, "A secret was found in ", {}, bad},
    phrase{repository_synchronized, tell_repository_itself, " has synchronized "},
    phrase{project_updated, tell_project, " updated the project"},
    phrase{issue_opened, tell_issue, " opened "},
    phrase{issue_updated, tell_issue, " updated "},
    phrase{issue_commented, tell_issue, " commented on "},
    phrase{pipeline_finished, tell_pipeline, " finished"},
    phrase{hook_pinged, tell_ping, "Bitbucket has tested the webhook"},
};

constexpr bool phrases_are_in_order()
{
    for (std::size_t i = 0; i < phrases.size(); ++i)
        if (static_cast<std::size_t>(phrases[i].kind) != i)
            return false;
    return phrases.size() == kind_names.size();
}
static_assert(phrases_are_in_order(), "phrases has one row for each kind, in the order of the enumeration");

}  // namespace

void draft::quote(std::optional<std::string> const& text)
{
    if (!text)
        return;
    std::string_view whole = *text;
    while (!whole.empty() && (whole.back() == '\n' || whole.back() == '\r' || whole.back() == ' '))
        whole.remove_suffix(1);
    while (!whole.empty() && (whole.front() == '\n' || whole.front() == '\r'))
        whole.remove_prefix(1);
    if (whole.empty())
        return;
    auto const kept = utf8_prefix(whole, quote_bytes_max);
    told.quote = telling_quote{std::string(kept), kept.size() < whole.size()};
}

void draft::note(std::string_view text)
{
    if (auto line = single_line(text, title_bytes_max); !line.empty())
        told.notes.push_back(std::move(line));
}

telling tell(event const& happened)
{
    auto const& row = phrases[static_cast<std::size_t>(happened.kind)];
    draft d = {happened, row};
    row.tell(d);
    d.told.headline = d.line.take();
    d.told.mood = row.mood;
    return std::move(d.told);
}

std::string plain_text(std::vector<telling_span> const& headline)
{
    std::string text;
    for (auto const& span : headline)
        text += span.text;
    return text;
}

std::string anchor_text(inline_anchor const& anchor)
{
    std::string text = single_line(anchor.path, title_bytes_max);
    auto const last = anchor.to ? anchor.to : anchor.from;
    if (!anchor.side || !last)
        return text;
    auto const first = anchor.from.value_or(*last);
    text += ":" + std::to_string(first);
    if (first != *last)
        text += "-" + std::to_string(*last);
    return anchor.side == diff_side::before ? text + " (old)" : text;
}

}  // namespace linkspan
