#include "core/base/utf8.hpp"
#include "core/conversation/phrase.hpp"

namespace linkspan
{

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

namespace
{

std::string branch_text(branch_tip const& tip, branch_tip const& other)
{
    bool const elsewhere =
        !tip.repository.empty() && !other.repository.empty() && tip.repository != other.repository;
    return elsewhere ? tip.repository + ":" + tip.branch : tip.branch;
}

}  // namespace

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

void quote_commits(draft& d, std::vector<commit> const& commits, bool truncated)
{
    std::string list;
    std::size_t told = 0;
    for (auto const& one : commits)
    {
        if (told == commits_told_max)
            break;
        ++told;
        std::string_view const message = one.message ? std::string_view(*one.message) : std::string_view();
        std::string const subject = single_line(message.substr(0, message.find('\n')), title_bytes_max);
        list += single_line(std::string(short_hash(one.hash)) + " " + subject, title_bytes_max) + "\n";
    }
    if (told < commits.size())
        list += "... and " + std::string(truncated ? "at least " : "") +
                std::to_string(commits.size() - told) + " more\n";
    else if (truncated)
        list += "... and more\n";
    d.quote(list);
}

void add_rewritten(
    draft& d,
    std::optional<bool> forced,
    std::optional<std::string> const& before,
    std::optional<std::string> const& after
)
{
    if (!forced.value_or(false) || !before || !after || before->empty() || after->empty())
        return;
    d.line.words(" from ").code(short_hash(*before)).words(" to ").code(short_hash(*after));
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
    bool const truncated = push.truncated.value_or(false);
    d.actor().words(push_words(push.forced, push.commits.size(), truncated));
    add_pull_request(d);
    add_rewritten(d, push.forced, push.before, push.after);
    quote_commits(d, push.commits, truncated);
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

}  // namespace linkspan
