#include "core/bitbucket/cloud_readers.hpp"
#include "core/bitbucket/comment_text.hpp"
#include "core/bitbucket/look.hpp"

namespace linkspan::cloud
{
namespace
{

// `to` is a line of the new file, `from` of the old one; start_to and start_from begin a range.
std::optional<inline_anchor> read_anchor(json_reader const& in)
{
    auto path = in.text("path");
    if (!path)
        return std::nullopt;
    inline_anchor out;
    out.path = std::move(*path);
    if (auto const to = in.integer("to"))
    {
        out.side = diff_side::after;
        out.to = to;
        out.from = in.integer("start_to").value_or(*to);
    }
    else if (auto const from = in.integer("from"))
    {
        out.side = diff_side::before;
        out.to = from;
        out.from = in.integer("start_from").value_or(*from);
    }
    return out;
}

comment read_comment(json_reader const& in)
{
    comment out;
    out.id = in.required_integer("id");
    out.parent = in.integer("parent/id");
    out.text = in.text("content/raw");
    out.author = read_person(in.child("user"));
    out.anchor = read_anchor(in.child("inline"));
    out.created_at = in.moment("created_on");
    out.updated_at = in.moment("updated_on");
    out.url = in.text("links/html/href");
    read_comment_text(out);
    return out;
}

// Reported: a resolved thread whose `resolution` is an empty object. The thread's root alone carries it; a
// body without it says nothing.
std::optional<bool> read_resolved(json_reader const& in, comment_news news, bool is_root)
{
    if (!is_root)
        return std::nullopt;
    if (news == comment_news::reopened)
        return false;
    if (news == comment_news::resolved || in.has("resolution"))
        return true;
    return std::nullopt;
}

std::optional<time_point> moment_of(told_comment const& told, json_reader const& in, reading const& out)
{
    switch (told.news)
    {
        case comment_news::added:
            return told.comment.created_at;
        case comment_news::edited:
        case comment_news::deleted:
            return told.comment.updated_at;
        case comment_news::resolved:
            if (auto const at = in.moment("resolution/created_on"))
                return at;
            break;
        case comment_news::reopened:
            break;
    }
    return out.pull_request->updated_at;
}

// Who did it, where the body has no actor. Others may delete a comment or reopen its thread.
std::optional<person> doer_of(told_comment const& told, json_reader const& in)
{
    if (told.news == comment_news::added || told.news == comment_news::edited)
        return told.comment.author;
    if (told.news == comment_news::resolved)
        return read_person(in.child("resolution/user"));
    return std::nullopt;
}

}  // namespace

void read_comment_news(json_reader const& body, comment_news news, reading& out)
{
    auto const in = body.child("comment");
    told_comment told;
    told.news = news;
    told.comment = read_comment(in);
    if (!out.actor)
        out.actor = doer_of(told, in);
    // Unpublished review comments are seen by their author alone.
    if (in.flag("pending") == true)
        return;
    // Deleted before its delivery was made: a deletion tells the rest.
    bool const is_text = news == comment_news::added || news == comment_news::edited;
    if (is_text && in.flag("deleted") == true)
        return;
    told.comment.resolved = read_resolved(in, news, !told.comment.parent);
    told.at = moment_of(told, in, out);
    if (told.comment.updated_at)
        told.order = to_milliseconds(*told.comment.updated_at);
    out.comment = std::move(told);
}

namespace
{

// A list shows `resolution` of each root: null where its thread is open. Left out, it is not known.
std::optional<bool> shown_resolution(json_reader const& in, bool is_root)
{
    if (!is_root || !in.mentions("resolution"))
        return std::nullopt;
    return in.has("resolution");
}

shown_comment read_shown_comment(json_reader const& in)
{
    shown_comment out;
    out.comment = read_comment(in);
    require_positive_id(in, out);
    out.comment.resolved = shown_resolution(in, !out.comment.parent);
    out.is_deleted = in.flag("deleted") == true;
    out.doer = out.comment.author;
    out.decided_at = in.moment("resolution/created_on");
    out.decider = read_person(in.child("resolution/user"));
    if (out.comment.updated_at)
        out.order = to_milliseconds(*out.comment.updated_at);
    return out;
}

shown_comment read_shown_task(json_reader const& in)
{
    shown_comment out;
    out.has_own_id = true;
    out.comment.id = in.required_integer("id");
    require_positive_id(in, out);
    out.comment.text = in.text("content/raw");
    out.comment.author = read_person(in.child("creator"));
    out.comment.parent = in.integer("comment/id");
    out.comment.created_at = in.moment("created_on");
    out.comment.updated_at = in.moment("updated_on");
    out.comment.url = in.text("links/html/href");
    out.is_task = true;
    auto const state = in.word("state");
    if (state == "RESOLVED")
        out.task = task_state::resolved;
    else if (state == "UNRESOLVED")
        out.task = task_state::open;
    out.doer = out.comment.author;
    out.decided_at = in.moment("resolved_on");
    out.decider = read_person(in.child("resolved_by"));
    if (out.comment.updated_at)
        out.order = to_milliseconds(*out.comment.updated_at);
    return out;
}

// Whether the list was read to its end, and is not too long.
bool read_shown(
    json_reader const& body,
    std::string_view list,
    shown_comment (*read)(json_reader const& in),
    std::vector<shown_comment>& out
)
{
    for (auto const& in : body.elements(list))
    {
        if (out.size() == shown_comments_max)
            return false;
        // Unpublished review comments are seen by their author alone.
        if (in.flag("pending") != true)
            out.push_back(read(in));
    }
    return is_listed(body, "whole", list);
}

}  // namespace

void read_look(json_reader const& body, reading& out)
{
    auto& shown = out.look.emplace();
    read_bounds(body, out);
    auto const of = body.child("pullrequest");
    shown.closed = read_closed(of);
    shown.moved_by = read_person(of.child("closed_by"));
    shown.are_comments_whole = read_shown(body, "comments", read_shown_comment, shown.comments);
    shown.are_tasks_whole = read_shown(body, "tasks", read_shown_task, shown.comments);
}

void read_commit_comment(json_reader const& body, reading& out)
{
    auto const in = body.child("comment");
    comment_detail detail;
    detail.comment = read_comment(in);
    detail.commit = body.text("commit/hash");
    if (!detail.commit)
        detail.commit = in.text("commit/hash");
    if (!detail.commit)
        body.fail("commit/hash", "is missing");
    if (!out.actor)
        out.actor = detail.comment.author;
    if (in.flag("pending") == true || in.flag("deleted") == true)
        return;
    auto& one =
        add_claim(out, event_kind::commit_commented, claim_identity::occurrence, detail.comment.created_at);
    one.stamp = std::to_string(detail.comment.id);
    one.detail = std::move(detail);
}

}  // namespace linkspan::cloud
