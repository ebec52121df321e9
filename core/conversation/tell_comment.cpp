#include "core/base/utf8.hpp"
#include "core/conversation/phrase.hpp"
#include "core/markup/suggestions.hpp"

namespace linkspan
{
namespace
{

// "src/a.cpp:42", "#7" or "commit 1234abcd", and nothing where none of it is known.
void add_place(draft& d, comment_detail const& detail, std::string_view preposition)
{
    auto const& said = detail.comment;
    auto const& about = d.happened.pull_request;
    if (said.anchor && !said.anchor->path.empty())
        d.line.words(preposition).link(anchor_text(*said.anchor), said.url);
    else if (about)
    {
        auto const& url = said.url ? said.url : about->url;
        d.line.words(preposition).link("#" + std::to_string(about->id), url);
    }
    else if (detail.commit && !detail.commit->empty())
    {
        d.line.words(preposition).words("commit ");
        d.line.link(short_hash(*detail.commit), said.url);
    }
}

// "line 42", "lines 40-42"; nothing where the comment's own place, which is told anyway, says the same.
std::string lines_of(suggestion const& one, std::optional<inline_anchor> const& anchor)
{
    auto const last = one.to ? one.to : one.from;
    if (!last)
        return {};
    auto const first = one.from.value_or(*last);
    if (anchor && (anchor->to ? anchor->to : anchor->from) == last &&
        (anchor->from ? anchor->from : anchor->to) == first)
        return {};
    if (first == *last)
        return "line " + std::to_string(*last);
    return "lines " + std::to_string(first) + "-" + std::to_string(*last);
}

void note_attachments(draft& d, std::vector<attachment> const& attachments)
{
    std::string names;
    std::size_t told = 0;
    for (auto const& one : attachments)
    {
        if (told == attachments_told_max)
            break;
        auto const name = single_line(one.name, name_bytes_max);
        names += (told++ == 0 ? "" : ", ") + (name.empty() ? std::string("a file") : name);
    }
    if (told < attachments.size())
        names += " and " + std::to_string(attachments.size() - told) + " more";
    if (!names.empty())
        d.note("Attached: " + names);
}

void add_comment(draft& d, comment const& said)
{
    d.told.is_reply = said.parent.has_value();
    for (auto const& one : said.suggestions)
        d.told.suggestions.push_back({one.text, lines_of(one, said.anchor)});
    note_attachments(d, said.attachments);
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

}  // namespace

void tell_comment(draft& d)
{
    auto const& detail = d.detail<comment_detail>();
    d.line.person(speaker(d, detail.comment)).words(d.row.verb);
    add_place(d, detail, " on ");
    add_comment(d, detail.comment);
    if (detail.previous_text && !detail.previous_text->empty() && detail.previous_text != detail.comment.text)
        d.note("Before: " + *detail.previous_text);
}

void tell_comment_added(draft& d)
{
    auto const& detail = d.detail<comment_detail>();
    if (detail.comment.suggestions.empty() && !detail.comment.parent)
        return tell_comment(d);
    d.line.person(speaker(d, detail.comment));
    if (!detail.comment.suggestions.empty())
    {
        d.line.words(" suggests a change");
        add_place(d, detail, " in ");
    }
    else
        d.line.words(" replied to ").link("a comment", detail.comment.url);
    add_comment(d, detail.comment);
}

void tell_comment_gone(draft& d)
{
    auto const& detail = d.detail<comment_detail>();
    d.actor().words(d.row.verb);
    add_place(d, detail, " on ");
    d.told.is_reply = detail.comment.parent.has_value();
}

void tell_reaction(draft& d)
{
    auto const& detail = d.detail<comment_detail>();
    d.actor().words(d.row.verb);
    d.line.quoted_after(" ", detail.reaction);
    add_place(d, detail, " on ");
    d.told.is_reply = true;
}

void tell_task(draft& d)
{
    tell_pull_request(d);
    auto const& about = d.detail<task_detail>().task;
    d.told.is_reply = about.comment.has_value();
    d.quote(about.text);
}

}  // namespace linkspan
