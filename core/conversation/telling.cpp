#include "core/conversation/telling.hpp"

#include "core/base/utf8.hpp"
#include "core/conversation/headline.hpp"
#include "core/markup/suggestions.hpp"

#include <array>

namespace linkspan
{
namespace
{

struct phrase;

// One event on its way to a telling.
struct draft
{
    event const& happened;
    phrase const& row;
    headline line = {};
    telling told = {};

    template <class Detail>
    Detail const& detail() const
    {
        static Detail const missing = {};
        auto const* const found = std::get_if<Detail>(&happened.detail);
        return found == nullptr ? missing : *found;
    }

    headline& actor() { return line.person(happened.actor); }
    void quote(std::optional<std::string> const& text);
};

// How one kind is told: who writes the line, and the words that differ between kinds of one shape.
struct phrase
{
    event_kind kind;
    void (*tell)(draft&);
    std::string_view verb;        // " approved "
    std::string_view after = {};  // " as a draft"
    telling_mood mood = telling_mood::neutral;
};

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

// --- pull requests
// -----------------------------------------------------------------------------------------------

void add_pull_request(draft& d)
{
    auto const& about = d.happened.pull_request;
    if (about)
        d.line.link("#" + std::to_string(about->id), about->url);
    else
        d.line.words("a pull request");
}

void tell_pull_request(draft& d)
{
    d.actor().words(d.row.verb);
    add_pull_request(d);
    d.line.words(d.row.after);
}

std::string branch_text(branch_tip const& tip, branch_tip const& other)
{
    bool const elsewhere =
        !tip.repository.empty() && !other.repository.empty() && tip.repository != other.repository;
    return elsewhere ? tip.repository + ":" + tip.branch : tip.branch;
}

void tell_opened(draft& d)
{
    d.actor().words(d.row.verb);
    auto const& about = d.happened.pull_request;
    if (!about)
    {
        d.line.words("a pull request");
        return;
    }
    if (about->draft.value_or(false))
        d.line.words("draft ");
    auto const title = about->title ? " " + *about->title : std::string();
    d.line.link("#" + std::to_string(about->id) + title, about->url);
    if (about->source && about->target && !about->source->branch.empty() && !about->target->branch.empty())
    {
        d.line.words(" (").code(branch_text(*about->source, *about->target)).words(" -> ");
        d.line.code(about->target->branch).words(")");
    }
    d.quote(about->description);
}

void tell_title(draft& d)
{
    tell_pull_request(d);
    auto const& change = d.detail<text_change>();
    d.line.quoted_after(" from ", change.before).quoted_after(" to ", change.after);
}

void tell_description(draft& d)
{
    tell_pull_request(d);
    auto const& change = d.detail<text_change>();
    if (change.after)
        d.quote(change.after);
    else if (d.happened.pull_request)
        d.quote(d.happened.pull_request->description);
}

void tell_retargeted(draft& d)
{
    tell_pull_request(d);
    auto const& change = d.detail<text_change>();
    d.line.code_after(" from ", change.before).code_after(" to ", change.after);
}

void tell_reviewers(draft& d)
{
    auto const& change = d.detail<reviewers_change>();
    if (change.added.empty() && change.removed.empty())
        return tell_pull_request(d);
    d.actor();
    if (!change.added.empty())
    {
        d.line.words(" asked ").people(change.added).words(" to review ");
        add_pull_request(d);
    }
    if (change.removed.empty())
        return;
    d.line.words(change.added.empty() ? " took " : " and took ")
        .people(change.removed)
        .words(" off the reviewers");
    if (change.added.empty())
    {
        d.line.words(" of ");
        add_pull_request(d);
    }
}

void quote_commits(draft& d, std::vector<commit> const& commits)
{
    std::string list;
    std::size_t told = 0;
    for (auto const& one : commits)
    {
        if (told++ == commits_told_max)
        {
            list += "... and " + std::to_string(commits.size() - commits_told_max) + " more\n";
            break;
        }
        std::string_view const message = one.message ? std::string_view(*one.message) : std::string_view();
        std::string const subject = single_line(message.substr(0, message.find('\n')), title_bytes_max);
        list += single_line(std::string(short_hash(one.hash)) + " " + subject, title_bytes_max) + "\n";
    }
    d.quote(list);
}

// "pushed 2 commits to ", "force-pushed ": how a push is said depends on what is known of it.
std::string push_words(std::optional<bool> forced, std::size_t commits, bool truncated)
{
    if (forced.value_or(false))
        return " force-pushed ";
    if (commits == 0)
        return " pushed to ";
    return " pushed " + std::string(truncated ? "at least " : "") + count_of(commits, "commit") + " to ";
}

void tell_push(draft& d)
{
    auto const& push = d.detail<commits_push>();
    d.actor().words(push_words(push.forced, push.commits.size(), false));
    add_pull_request(d);
    quote_commits(d, push.commits);
}

void tell_review(draft& d)
{
    auto const& given = d.detail<review>();
    d.line.person(given.reviewer.name.empty() ? d.happened.actor : given.reviewer).words(d.row.verb);
    add_pull_request(d);
}

void tell_closing(draft& d)
{
    tell_pull_request(d);
    auto const& about = d.happened.pull_request;
    if (d.happened.kind == event_kind::pull_request_merged && about && about->target)
        d.line.code_after(" into ", about->target->branch);
    d.quote(d.detail<closing>().reason);
}

// --- comments and tasks
// ------------------------------------------------------------------------------------------

// " on src/a.cpp:42", " on #7", " on commit 1234abcd" and nothing where none of it is known.
void add_place(draft& d, comment_detail const& detail)
{
    auto const& said = detail.comment;
    auto const& about = d.happened.pull_request;
    if (said.anchor && !said.anchor->path.empty())
        d.line.words(" ").words(d.row.after).words(" ").link(anchor_text(*said.anchor), said.url);
    else if (about)
    {
        auto const& url = said.url ? said.url : about->url;
        d.line.words(" ").words(d.row.after).words(" ").link("#" + std::to_string(about->id), url);
    }
    else if (detail.commit && !detail.commit->empty())
    {
        d.line.words(" ").words(d.row.after).words(" commit ");
        d.line.link(short_hash(*detail.commit), said.url);
    }
}

void add_comment(draft& d, comment const& said)
{
    d.told.is_reply = said.parent.has_value();
    d.told.suggestions = said.suggestions;
    if (said.anchor && !said.anchor->path.empty())
        d.told.anchor = anchor_text(*said.anchor);
    if (!said.text)
        return;
    if (said.suggestions.empty())
        d.quote(said.text);
    else
        d.quote(without_suggestions(*said.text));
}

std::optional<person> const& speaker(draft const& d, comment const& said)
{
    return d.happened.actor ? d.happened.actor : said.author;
}

void tell_comment(draft& d)
{
    auto const& detail = d.detail<comment_detail>();
    d.line.person(speaker(d, detail.comment)).words(d.row.verb);
    add_place(d, detail);
    add_comment(d, detail.comment);
}

void tell_comment_added(draft& d)
{
    auto const& detail = d.detail<comment_detail>();
    if (detail.comment.suggestions.empty() && !detail.comment.parent)
        return tell_comment(d);
    d.line.person(speaker(d, detail.comment));
    if (!detail.comment.suggestions.empty())
    {
        phrase const suggests = {d.happened.kind, nullptr, {}, "in"};
        draft placed = {d.happened, suggests, std::move(d.line)};
        placed.line.words(" suggests a change");
        add_place(placed, detail);
        d.line = std::move(placed.line);
    }
    else
        d.line.words(" replied to ").link("a comment", detail.comment.url);
    add_comment(d, detail.comment);
}

void tell_comment_gone(draft& d)
{
    auto const& detail = d.detail<comment_detail>();
    d.actor().words(d.row.verb);
    add_place(d, detail);
    d.told.is_reply = detail.comment.parent.has_value();
}

void tell_reaction(draft& d)
{
    auto const& detail = d.detail<comment_detail>();
    d.actor().words(d.row.verb);
    d.line.quoted_after(" ", detail.reaction);
    add_place(d, detail);
    d.told.is_reply = true;
}

void tell_task(draft& d)
{
    tell_pull_request(d);
    auto const& about = d.detail<task_detail>().task;
    d.told.is_reply = about.comment.has_value();
    d.quote(about.text);
}

// --- builds, branches and tags
// -----------------------------------------------------------------------------------

void tell_build(draft& d)
{
    auto const& run = d.detail<build>();
    d.line.words("Build");
    auto const name = run.name && !single_line(*run.name, name_bytes_max).empty() ? *run.name : run.key;
    if (auto const line = single_line(name, name_bytes_max); !line.empty())
        d.line.words(" ").link(line, run.url);
    bool const fixed = d.happened.kind == event_kind::build_succeeded && run.previous == build_state::failed;
    d.line.words(fixed ? " is fixed" : d.row.verb);
    d.quote(run.description);
}

void tell_ref(draft& d)
{
    auto const& change = d.detail<ref_change>();
    d.actor().words(d.row.verb);
    if (change.name.empty())
        d.line.words("a ").words(d.row.after);
    else
        d.line.words(d.row.after).words(" ").code(change.name);
    quote_commits(d, change.commits);
}

void tell_branch_updated(draft& d)
{
    auto const& change = d.detail<ref_change>();
    d.actor().words(push_words(change.forced, change.commits.size(), change.truncated.value_or(false)));
    if (change.name.empty())
        d.line.words("a branch");
    else
        d.line.code(change.name);
    quote_commits(d, change.commits);
}

// --- repositories, projects, issues, pipelines
// -------------------------------------------------------------------

void add_repository(draft& d)
{
    auto const& about = d.happened.repository;
    if (about && !about->full_name.empty())
        d.line.link(about->full_name, about->url);
    else
        d.line.words("a repository");
}

void quote_lines(draft& d, std::vector<std::string> const& lines)
{
    std::string list;
    for (auto const& line : lines)
        list += single_line(line, title_bytes_max) + "\n";
    d.quote(list);
}

void tell_repository(draft& d)
{
    auto const& change = d.detail<repository_change>();
    d.actor().words(d.row.verb);
    add_repository(d);
    using enum event_kind;
    if (d.happened.kind == repository_renamed || d.happened.kind == repository_transferred)
        d.line.code_after(" from ", change.before).code_after(" to ", change.after);
    if (change.fork && !change.fork->full_name.empty())
        d.line.words(" to ").link(change.fork->full_name, change.fork->url);
    quote_lines(d, change.fields);
}

// Told without an actor: Bitbucket itself did it.
void tell_repository_itself(draft& d)
{
    d.line.words(d.row.verb);
    add_repository(d);
    d.line.words(d.row.after);
    quote_lines(d, d.detail<repository_change>().locations);
}

void tell_project(draft& d)
{
    auto const& change = d.detail<project_change>();
    d.actor().words(d.row.verb).code_after(" ", change.key);
    d.line.quoted_after(" from ", change.before).quoted_after(" to ", change.after);
}

void tell_issue(draft& d)
{
    auto const& about = d.detail<issue_detail>();
    d.actor().words(d.row.verb);
    d.line.words(about.id == 0 ? std::string("an issue") : "issue #" + std::to_string(about.id));
    d.line.quoted_after(" ", about.title);
    d.quote(about.comment);
}

void tell_pipeline(draft& d)
{
    auto const& run = d.detail<pipeline_run>();
    d.line.words("Pipeline");
    if (run.number)
        d.line.words(" #" + std::to_string(*run.number));
    d.line.words(d.row.verb).code_after(" on ", run.ref).code_after(": ", run.result);
}

void tell_ping(draft& d)
{
    d.line.words(d.row.verb);
}

// --- the table
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
    phrase{comment_added, tell_comment_added, " commented", "on"},
    phrase{comment_edited, tell_comment, " edited a comment", "on"},
    phrase{comment_deleted, tell_comment_gone, " deleted a comment", "on"},
    phrase{comment_resolved, tell_comment_gone, " resolved a thread", "on", good},
    phrase{comment_reopened, tell_comment_gone, " reopened a thread", "on"},
    phrase{comment_reaction_added, tell_reaction, " reacted to a comment", "on"},
    phrase{comment_reaction_removed, tell_reaction, " withdrew a reaction from a comment", "on"},
    phrase{task_added, tell_task, " added a task to "},
    phrase{task_edited, tell_task, " edited a task of "},
    phrase{task_resolved, tell_task, " resolved a task of ", {}, good},
    phrase{task_reopened, tell_task, " reopened a task of "},
    phrase{task_deleted, tell_task, " deleted a task of "},
    phrase{commit_commented, tell_comment, " commented", "on"},
    phrase{commit_comment_edited, tell_comment, " edited a comment", "on"},
    phrase{commit_comment_deleted, tell_comment_gone, " deleted a comment", "on"},
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
    phrase{repository_synchronized, tell_repository_itself, "A mirror has synchronized "},
    phrase{project_updated, tell_project, " updated the project"},
    phrase{issue_opened, tell_issue, " opened "},
    phrase{issue_updated, tell_issue, " updated "},
    phrase{issue_commented, tell_issue, " commented on "},
    phrase{pipeline_finished, tell_pipeline, " finished"},
    phrase{hook_pinged, tell_ping, "Bitbucket has tested the webhook"},
};

constexpr bool in_order()
{
    for (std::size_t i = 0; i < phrases.size(); ++i)
        if (static_cast<std::size_t>(phrases[i].kind) != i)
            return false;
    return phrases.size() == kind_names.size();
}
static_assert(in_order(), "phrases has one row for each kind, in the order of the enumeration");

}  // namespace

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
