#include "core/bitbucket/comment_text.hpp"
#include "core/bitbucket/content_stamp.hpp"
#include "core/bitbucket/data_center_parts.hpp"
#include "core/bitbucket/look.hpp"

#include <map>

namespace linkspan::data_center
{
namespace
{

// Recorded as a text; an object in the published document.
std::optional<std::string> read_path(json_reader const& in)
{
    if (!in.json("path").starts_with('{'))
        return in.text("path");
    auto name = in.text("path/name");
    auto const folder = in.text("path/parent");
    return name && folder && !folder->empty() ? *folder + "/" + *name : name;
}

std::optional<inline_anchor> read_anchor(json_reader const& in)
{
    auto path = read_path(in);
    if (!path)
        return std::nullopt;
    inline_anchor out;
    out.path = std::move(*path);
    if (auto const line = in.integer("line"))
    {
        // Lines of the old file are those of a REMOVED line, or of fileType FROM.
        bool const old_side = in.text("lineType") == "REMOVED" || in.text("fileType") == "FROM";
        out.side = old_side ? diff_side::before : diff_side::after;
        out.to = line;
        out.from = in.integer("multilineMarker/startLine").value_or(*line);
    }
    return out;
}

comment read_comment_of(json_reader const& in, std::optional<std::int64_t> parent, json_reader const& anchor)
{
    comment said;
    said.id = in.required_integer("id");
    said.parent = parent;
    said.text = in.text("text");
    said.author = read_person(in.child("author"));
    said.anchor = read_anchor(anchor);
    // Replies repeat what their root says of the thread.
    if (!said.parent)
        said.resolved = in.flag("threadResolved");
    said.created_at = in.moment("createdDate");
    said.updated_at = in.moment("updatedDate");
    read_comment_text(said);
    return said;
}

comment read_comment(json_reader const& body)
{
    auto const in = body.child("comment");
    return read_comment_of(in, body.integer("commentParentId"), in.child("anchor"));
}

// Servers with reactions show them in `properties`, by no published description: what has another shape is
// not known. Where there are properties without them, nobody has reacted.
std::optional<reaction_list> read_reactions(json_reader const& in)
{
    if (!in.json("properties").starts_with('{'))
        return std::nullopt;
    reaction_list out;
    if (!in.has("properties/reactions"))
        return out;
    if (!in.json("properties/reactions").starts_with('['))
        return std::nullopt;
    for (auto const& one : in.elements("properties/reactions"))
    {
        bool const has_shape = one.is_object() && one.json("emoticon").starts_with('{') &&
                               one.json("emoticon/shortcut").starts_with('"') &&
                               one.json("users").starts_with('[');
        if (!has_shape)
            return std::nullopt;
        auto const emoticon = one.text("emoticon/shortcut");
        for (auto const& user : one.elements("users"))
        {
            auto who = user.is_object() ? read_person(user) : std::nullopt;
            if (!who || who->id.empty() || out.size() == reactions_max)
                return std::nullopt;
            out.push_back({*emoticon, std::move(*who)});
        }
    }
    return out;
}

// A comment of a review that is not published: only its author sees it.
bool is_pending_comment(json_reader const& in)
{
    return in.word("state") == "PENDING" || in.flag("pending") == true;
}

bool is_pending(json_reader const& body)
{
    return is_pending_comment(body.child("comment"));
}

// Tasks are comments of severity BLOCKER since 7.2. Older bodies have no severity, and no tasks.
void read_task(json_reader const& in, told_comment& out)
{
    auto const severity = in.word("severity");
    out.is_task = severity ? std::optional(severity == "BLOCKER") : std::nullopt;
    auto const state = in.word("state");
    if (state == "RESOLVED")
        out.task = task_state::resolved;
    else if (state == "OPEN")
        out.task = task_state::open;
}

// Nothing where the comment is not to be seen yet.
told_comment* add_comment(json_reader const& body, comment_news news, reading& out)
{
    auto said = read_comment(body);
    if (!out.actor && news == comment_news::added)
        out.actor = said.author;
    if (is_pending(body))
        return nullptr;
    told_comment told;
    told.news = news;
    told.order = body.integer("comment/version");
    told.reactions = read_reactions(body.child("comment"));
    read_task(body.child("comment"), told);
    told.comment = std::move(said);
    return &out.comment.emplace(std::move(told));
}

}  // namespace

void read_comment_added(json_reader const& body, reading& out)
{
    if (auto* told = add_comment(body, comment_news::added, out))
        told->at = told->comment.created_at;
}

// An edit moves the text, or the state of a task or a thread; a state has a date of its own, or the
// delivery's.
void read_comment_edited(json_reader const& body, reading& out)
{
    auto* told = add_comment(body, comment_news::edited, out);
    if (told == nullptr)
        return;
    told->previous_text = body.text("previousComment");
    told->at = told->comment.updated_at;
    if (told->comment.text && told->previous_text != told->comment.text)
        return;
    auto decided = body.moment("comment/threadResolvedDate");
    if (told->is_task == true || !decided)
        decided = body.moment("comment/resolvedDate");
    if (decided)
        told->at = decided;
    else if (out.occurred_at && (!told->at || *told->at < *out.occurred_at))
        told->at = out.occurred_at;
}

void read_comment_deleted(json_reader const& body, reading& out)
{
    add_comment(body, comment_news::deleted, out);
}

namespace
{

// A thread as an activity holds it: the root, then its replies within it, or each by itself with its parent's
// id. False where there are too many.
bool read_thread(
    json_reader const& in,
    std::optional<std::int64_t> parent,
    json_reader const& anchor,
    std::vector<shown_comment>& out
)
{
    if (out.size() == shown_comments_max)
        return false;
    if (!is_pending_comment(in))
    {
        auto& shown = out.emplace_back();
        shown.comment = read_comment_of(in, parent ? parent : in.integer("parent/id"), anchor);
        require_positive_id(in, shown);
        shown.order = in.integer("version");
        shown.doer = shown.comment.author;
        shown.reactions = read_reactions(in);
        read_task(in, shown);
        bool const is_task = shown.is_task == true;
        shown.decided_at = in.moment(is_task ? "resolvedDate" : "threadResolvedDate");
        shown.decider = read_person(in.child(is_task ? "resolver" : "threadResolver"));
    }
    auto const id = in.integer("id");
    bool is_whole = true;
    for (auto const& reply : in.elements("comments"))
        is_whole = read_thread(reply, id, reply.child("anchor"), out) && is_whole;
    return is_whole;
}

// Whether the list was read to its end, and is not too long.
bool read_activities(json_reader const& body, std::vector<shown_comment>& out)
{
    bool is_whole = is_listed(body, "whole", "activities");
    for (auto const& activity : body.elements("activities"))
        if (activity.word("action") == "COMMENTED" && activity.has("comment"))
        {
            auto const in = activity.child("comment");
            auto const anchor = activity.child("commentAnchor");
            is_whole = read_thread(in, std::nullopt, anchor, out) && is_whole;
        }
    return is_whole;
}

// Tasks are comments, and the activities may show them, too: the later version is right. Whether the list was
// read to its end, and is not too long.
bool read_tasks(json_reader const& body, std::vector<shown_comment>& out)
{
    bool is_whole = is_listed(body, "whole", "tasks");
    std::map<std::int64_t, std::size_t> places;
    for (std::size_t at = 0; at < out.size(); ++at)
        places.emplace(out[at].comment.id, at);
    for (auto const& in : body.elements("tasks"))
    {
        std::vector<shown_comment> thread;
        is_whole = read_thread(in, std::nullopt, in.child("anchor"), thread) && is_whole;
        for (auto& one : thread)
        {
            // Of a list of tasks nobody else is one.
            if (!one.is_task && one.comment.id == in.integer("id"))
                one.is_task = true;
            auto const found = places.find(one.comment.id);
            if (found == places.end())
            {
                if (out.size() >= shown_comments_max)
                    return false;
                places.emplace(one.comment.id, out.size());
                out.push_back(std::move(one));
                continue;
            }
            auto& shown = out[found->second];
            if (one.order <= shown.order)
                continue;
            if (!one.comment.parent)
                one.comment.parent = shown.comment.parent;
            if (!one.comment.anchor)
                one.comment.anchor = shown.comment.anchor;
            shown = std::move(one);
        }
    }
    return is_whole;
}

// A pull request does not name who closed or reopened it: its activities do, the last first.
void read_closed(json_reader const& body, look& shown)
{
    shown.closed.commit = body.text("pullRequest/properties/mergeCommit/id");
    shown.moved_at = body.moment("pullRequest/closedDate");
    for (auto const& activity : body.elements("activities"))
    {
        auto const action = activity.word("action");
        if (action != "MERGED" && action != "DECLINED" && action != "REOPENED")
            continue;
        shown.moved_by = read_person(activity.child("user"));
        if (!shown.moved_at)
            shown.moved_at = activity.moment("createdDate");
        if (!shown.closed.commit && action == "MERGED")
            shown.closed.commit = activity.text("commit/id");
        return;
    }
}

}  // namespace

void read_look(json_reader const& body, reading& out)
{
    auto& shown = out.look.emplace();
    read_bounds(body, out);
    // A description of nothing is left out.
    if (shown.shows_fields && !out.pull_request->description)
        out.pull_request->description.emplace();
    read_closed(body, shown);
    shown.are_comments_whole = read_activities(body, shown.comments);
    shown.are_tasks_whole = read_tasks(body, shown.comments);
}

namespace
{

void add_commit_comment(json_reader const& body, event_kind kind, reading& out)
{
    claim one;
    one.kind = kind;
    one.identity = claim_identity::occurrence;
    comment_detail detail;
    detail.comment = read_comment(body);
    detail.commit = body.required_text("commit");
    one.stamp = std::to_string(detail.comment.id);
    one.at = detail.comment.created_at;
    if (kind == event_kind::commit_comment_edited)
    {
        detail.previous_text = body.text("previousComment");
        auto const version = body.integer("comment/version");
        one.stamp +=
            ":" + (version ? std::to_string(*version) : hash_of_content(detail.comment.text.value_or("")));
        one.at = detail.comment.updated_at;
    }
    else if (kind == event_kind::commit_comment_deleted)
        one.at.reset();
    one.detail = std::move(detail);
    if (!is_pending(body))
        out.claims.push_back(std::move(one));
}

}  // namespace

void read_commit_comment_added(json_reader const& body, reading& out)
{
    add_commit_comment(body, event_kind::commit_commented, out);
}

void read_commit_comment_edited(json_reader const& body, reading& out)
{
    add_commit_comment(body, event_kind::commit_comment_edited, out);
}

void read_commit_comment_deleted(json_reader const& body, reading& out)
{
    add_commit_comment(body, event_kind::commit_comment_deleted, out);
}

}  // namespace linkspan::data_center
