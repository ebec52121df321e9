#include "core/bitbucket/comparison.hpp"
#include "core/bitbucket/content_stamp.hpp"

namespace linkspan
{
namespace
{

struct kinds_of_news
{
    event_kind comment;
    event_kind task;
};

kinds_of_news kinds_of(comment_news news)
{
    switch (news)
    {
        case comment_news::added:
            return {event_kind::comment_added, event_kind::task_added};
        case comment_news::edited:
            return {event_kind::comment_edited, event_kind::task_edited};
        case comment_news::deleted:
            return {event_kind::comment_deleted, event_kind::task_deleted};
        case comment_news::resolved:
            return {event_kind::comment_resolved, event_kind::task_resolved};
        case comment_news::reopened:
            return {event_kind::comment_reopened, event_kind::task_reopened};
    }
    return {event_kind::comment_edited, event_kind::task_edited};
}

// What moved a task from one state to another; nothing where it did not move. A comment that is made a task
// is one that was added.
std::optional<event_kind> kind_of_move(std::optional<task_state> before, std::optional<task_state> after)
{
    if (before == after)
        return std::nullopt;
    if (!after)
        return event_kind::task_deleted;
    if (*after == task_state::resolved)
        return event_kind::task_resolved;
    return before ? event_kind::task_reopened : event_kind::task_added;
}

}  // namespace

event_detail comparison::detail_of_comment(bool as_task) const
{
    auto const& told = *told_;
    if (!as_task)
    {
        comment_detail detail;
        detail.comment = told.comment;
        detail.previous_text = told.previous_text;
        if (!detail.previous_text && told.news == comment_news::edited && known_comment_ != nullptr &&
            is_newer_comment())
            detail.previous_text = told_text();
        return detail;
    }
    task_detail detail;
    detail.task.id = told.comment.id;
    detail.task.text = told.comment.text;
    detail.task.state = told.task;
    detail.task.creator = told.comment.author;
    detail.task.comment = told.comment.parent;
    return detail;
}

// What the delivery leaves out is as it is known; nobody has said of a new task that it is resolved. Nothing:
// it is no task.
std::optional<task_state> comparison::task_now() const
{
    auto const& told = *told_;
    auto const* known = known_comment_ != nullptr && known_comment_->task ? &*known_comment_->task : nullptr;
    if (!told.is_task.value_or(known != nullptr))
        return std::nullopt;
    if (told.task)
        return told.task;
    return known != nullptr ? *known : task_state::open;
}

void comparison::take_comment(told_comment const& told, comment_snapshot const* known)
{
    told_ = &told;
    known_comment_ = known;
    next_comment_ = known != nullptr ? *known : comment_snapshot();
    next_comment_->id = told.comment.id;
    if (!next_comment_->created_at && told.comment.created_at)
        next_comment_->created_at = to_milliseconds(*told.comment.created_at);
    if (!next_comment_->deleted)
        next_comment_->absent_at.reset();
}

// The known text; or that before it, where the known one was told by no event.
std::optional<std::string> comparison::told_text() const
{
    if (known_comment_ == nullptr)
        return std::nullopt;
    return known_comment_->told_text ? known_comment_->told_text : known_comment_->text;
}

// A comment's text and task are ordered by its version; its thread's resolution by the moment of the news.
void comparison::compare_comment()
{
    auto const& told = *said_.comment;
    take_comment(told, known_.comment ? &*known_.comment : nullptr);
    auto const id = std::to_string(told.comment.id);
    bool const as_task = task_now().has_value();
    auto const kinds = kinds_of(told.news);
    switch (told.news)
    {
        case comment_news::added:
        case comment_news::deleted:
            emit(as_task ? kinds.task : kinds.comment, id, told.at, detail_of_comment(as_task));
            if (told.news == comment_news::added)
            {
                next_comment_->is_added = true;
                if (!next_comment_->reactions)
                    next_comment_->reactions = told.reactions;
            }
            else
            {
                next_comment_->deleted = true;
                next_comment_->absent_at.reset();
            }
            break;
        case comment_news::edited:
            compare_edit();
            break;
        case comment_news::resolved:
        case comment_news::reopened:
            move_resolution(told.news == comment_news::resolved, told.news);
            break;
    }
    absorb_comment();
}

// An edit may move the text, the task and the thread, several at once. What a delivery of an edit does not
// show is told as an edit all the same.
void comparison::compare_edit()
{
    auto const& told = *told_;
    auto const told_before = out_.events.size();
    auto const* known = known_comment_;
    bool const newer = is_newer_comment();
    auto const task = task_now();
    auto const before = told.previous_text ? told.previous_text : newer ? told_text() : std::nullopt;
    bool const same_text = before && told.comment.text && *before == *told.comment.text;
    if (newer && known)
        move_task(task);
    else if (!known && same_text && task == task_state::resolved)
        emit_comment_move(event_kind::task_resolved, "task");
    bool const was_told = known && known->resolved;
    if (told.comment.resolved && (was_told || (*told.comment.resolved && same_text && !task)))
        move_resolution(
            *told.comment.resolved, *told.comment.resolved ? comment_news::resolved : comment_news::reopened
        );
    // A look has told what came of it, and in which version it was asked for does not matter.
    if (known && known->seen_order && told.order && *told.order <= *known->seen_order)
        return;
    bool const moved = out_.events.size() != told_before;
    bool const was_quiet = known && known->quiet_order && told.order == known->quiet_order;
    // Without text and version nothing tells an edit from its repetition.
    bool const is_empty = !told.comment.text && (moved || (known && !told.order));
    if (was_quiet || (same_text && (known || moved)) || is_empty || was_told_without_version())
    {
        if (told.order && !same_text)
            next_comment_->quiet_order = told.order;
        return;
    }
    auto const kinds = kinds_of(comment_news::edited);
    emit(task ? kinds.task : kinds.comment, stamp_of_edit(), told.at, detail_of_comment(task.has_value()));
    if (next_comment_->text == told.comment.text)
        next_comment_->told_text.reset();
}

void comparison::move_task(std::optional<task_state> to)
{
    if (auto const kind = kind_of_move(known_comment_->task, to))
        emit_comment_move(*kind, "task");
}

std::string comparison::stamp_of_edit() const
{
    auto const& told = *told_;
    return std::to_string(told.comment.id) + ":" +
           (told.order ? std::to_string(*told.order) : hash_of_content(told.comment.text.value_or("")));
}

// Each edit counts one: the next after the known one, with the text that is known, was told by a delivery
// without its version.
bool comparison::was_told_without_version() const
{
    auto const* known = known_comment_;
    auto const& told = *told_;
    return known && known->order && told.order && *told.order == *known->order + 1 && told.comment.text &&
           known->text == told.comment.text && !known->told_text;
}

void comparison::move_resolution(bool to, comment_news news)
{
    auto const when = to_milliseconds(moment(told_->at));
    auto const* known = known_comment_;
    if (known && known->resolved == to)
        return;
    if (known && known->resolved_at && when < *known->resolved_at)
        return;
    next_comment_->resolved = to;
    next_comment_->resolved_at = when;
    emit_comment_move(kinds_of(news).comment, "resolution");
}

void comparison::emit_comment_move(event_kind kind, std::string const& field)
{
    auto const& told = *told_;
    auto const revision = ++next_comment_->revisions[field];
    bool const about_task = kind == event_kind::task_added || kind == event_kind::task_resolved ||
                            kind == event_kind::task_reopened || kind == event_kind::task_deleted;
    auto& moved = emit(
        kind,
        field + ":" + std::to_string(told.comment.id) + ":" + std::to_string(revision),
        told.at,
        detail_of_comment(about_task)
    );
    // The text is told by an edit of its own.
    if (auto* detail = std::get_if<comment_detail>(&moved.detail))
        detail->previous_text.reset();
}

bool comparison::is_newer_comment() const
{
    auto const* known = known_comment_;
    auto const& told = *told_;
    return !known || !known->order || !told.order || *told.order >= *known->order;
}

// Of a text that comes with news of something else no event tells: its own delivery may follow, else a look
// tells it.
void comparison::absorb_text()
{
    auto const& told = *told_;
    auto& next = *next_comment_;
    bool const is_aside = told.news == comment_news::resolved || told.news == comment_news::reopened ||
                          told.previous_text == told.comment.text;
    if (!said_.look && is_aside && next.text && !next.told_text)
        next.told_text = next.text;
    else if (said_.look || !is_aside)
        next.told_text.reset();
    if (said_.look && told.order && (known_comment_ == nullptr || known_comment_->text))
        next.seen_order = told.order;
    next.text = told.comment.text;
    if (next.told_text == next.text)
        next.told_text.reset();
}

void comparison::absorb_comment()
{
    auto const& told = *told_;
    auto& next = *next_comment_;
    if (is_newer_comment())
    {
        if (told.comment.text)
            absorb_text();
        // News of a thread's resolution say nothing of a task.
        if (told.news != comment_news::resolved && told.news != comment_news::reopened)
            next.task = task_now();
        if (told.order)
            next.order = told.order;
    }
    // A look that shows what is known says nothing of when it was decided.
    if (said_.look && next.resolved == told.comment.resolved)
        return;
    auto const when = to_milliseconds(moment(told.at));
    if (told.comment.resolved && (!next.resolved_at || when >= *next.resolved_at) &&
        told.news != comment_news::resolved && told.news != comment_news::reopened)
    {
        next.resolved = told.comment.resolved;
        next.resolved_at = when;
    }
}

}  // namespace linkspan
