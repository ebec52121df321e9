#include "core/base/utf8.hpp"
#include "core/conversation/phrase.hpp"

namespace linkspan
{

void tell_build(draft& d)
{
    auto const& run = d.detail<build>();
    d.line.words("Build");
    auto const name = run.name && !single_line(*run.name, name_bytes_max).empty() ? *run.name : run.key;
    if (auto const line = single_line(name, name_bytes_max); !line.empty())
        d.line.words(" ").link(line, run.url);
    bool const fixed = d.happened.kind == event_kind::build_succeeded && run.previous == build_state::failed;
    d.line.words(fixed ? " is fixed" : d.row.verb);
    if (run.outdated.value_or(false))
        d.line.words(", of an earlier commit");
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
    quote_commits(d, change.commits, change.truncated.value_or(false));
}

void tell_branch_updated(draft& d)
{
    auto const& change = d.detail<ref_change>();
    d.actor().words(push_words(change.forced, change.commits.size(), change.truncated.value_or(false)));
    if (change.name.empty())
        d.line.words("a branch");
    else
        d.line.code(change.name);
    add_rewritten(d, change.forced, change.before, change.after);
    quote_commits(d, change.commits, change.truncated.value_or(false));
}

namespace
{

// --- repositories, projects, issues, pipelines

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

}  // namespace

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

std::string joined(std::vector<std::string> const& words)
{
    std::string out;
    for (auto const& word : words)
        out += (out.empty() ? "" : ", ") + word;
    return out;
}

// Told without an actor: Bitbucket itself did it.
void tell_repository_itself(draft& d)
{
    auto const& change = d.detail<repository_change>();
    auto const mirror = single_line(change.mirror.value_or(""), name_bytes_max);
    if (d.happened.kind == event_kind::repository_synchronized)
        d.line.words(mirror.empty() ? "A mirror" : "Mirror " + mirror);
    d.line.words(d.row.verb);
    add_repository(d);
    d.line.words(d.row.after);
    quote_lines(d, change.locations);
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
    d.line.link(about.id == 0 ? "an issue" : "issue #" + std::to_string(about.id), about.url);
    d.line.quoted_after(" ", about.title);
    d.quote(about.comment);
    if (d.happened.kind != event_kind::issue_updated)
        return;
    if (!about.fields.empty())
        d.note("Changed: " + joined(about.fields));
    if (about.state && !about.state->empty())
        d.note("State: " + *about.state);
}

void tell_pipeline(draft& d)
{
    auto const& run = d.detail<pipeline_run>();
    d.line.words("Pipeline");
    if (run.number)
        d.line.words(" #" + std::to_string(*run.number));
    d.line.words(d.row.verb).code_after(" on ", run.ref).code_after(": ", run.result);
    if (run.trigger && !run.trigger->empty())
        d.note("Trigger: " + *run.trigger);
}

void tell_ping(draft& d)
{
    d.line.words(d.row.verb);
}

}  // namespace linkspan
