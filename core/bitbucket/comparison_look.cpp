#include "core/bitbucket/comparison.hpp"

#include <set>

// What a look shows and no delivery told (events.md, Identity and order): each move has the key that its
// delivery would have.
namespace linkspan
{
namespace
{

// How long a list may miss what was made meanwhile: its pages come from other machines, and the known moment
// is by our own clock.
constexpr seconds list_lag{60};

std::int64_t id_of_state(shown_comment const& shown)
{
    return shown.has_own_id ? -shown.comment.id : shown.comment.id;
}

}  // namespace

void comparison::compare_look()
{
    for (auto const& shown : said_.look->comments)
        compare_shown(shown);
    tell_gone();
    told_ = nullptr;
}

void comparison::compare_shown(shown_comment shown)
{
    auto const found = known_.comments.find(id_of_state(shown));
    auto const* known = found == known_.comments.end() ? nullptr : &found->second;
    if (known != nullptr && known->deleted)
        return;
    take_comment(shown, known);
    next_comment_->id = id_of_state(shown);
    if (shown.is_deleted)
    {
        // Made and deleted between two looks: nobody could see it.
        if (known != nullptr)
        {
            shown.news = comment_news::deleted;
            shown.at = shown.comment.updated_at;
            shown.doer.reset();
            bool const as_task = known->task.has_value();
            emit(
                as_task ? event_kind::task_deleted : event_kind::comment_deleted,
                std::to_string(shown.comment.id),
                shown.at,
                detail_of_comment(as_task)
            );
        }
        next_comment_->deleted = true;
    }
    else if (known == nullptr)
        tell_new(shown);
    else
        tell_moves(shown);
    if (known == nullptr || *next_comment_ != *known)
        out_.comments.push_back(std::move(*next_comment_));
}

void comparison::tell_new(shown_comment& shown)
{
    shown.news = comment_news::added;
    shown.at = shown.comment.created_at;
    auto const task = task_now();
    if (shown.at && *shown.at >= said_.look->since)
    {
        emit(
            task ? event_kind::task_added : event_kind::comment_added,
            std::to_string(shown.comment.id),
            shown.at,
            detail_of_comment(task.has_value())
        );
        shown.doer.reset();
        shown.at = shown.decided_at ? *shown.decided_at : said_.look->asked_at;
        if (task == task_state::resolved)
            emit_comment_move(event_kind::task_resolved, "task");
        else if (!task && shown.comment.resolved == true)
            move_resolution(true, comment_news::resolved);
    }
    shown.at = said_.look->asked_at;
    absorb_comment();
}

// A list says how things stand: only what differs from what is known has moved. Where it is as old as a
// delivery that came meanwhile, the delivery is right.
void comparison::tell_moves(shown_comment& shown)
{
    auto const& known = *known_comment_;
    auto const asked_at = said_.look->asked_at;
    auto const task = task_now();
    auto const author = shown.doer;
    shown.doer.reset();
    shown.news = comment_news::edited;
    shown.at = shown.decided_at ? *shown.decided_at : asked_at;
    bool const is_newer = is_newer_comment();
    if (is_newer)
        move_task(task);
    if (shown.comment.resolved && !task)
    {
        bool const to = *shown.comment.resolved;
        shown.at = to && shown.decided_at ? *shown.decided_at : asked_at;
        move_resolution(to, to ? comment_news::resolved : comment_news::reopened);
    }
    bool const is_edited = is_newer && known.text && shown.comment.text && *known.text != *shown.comment.text;
    if (is_edited)
    {
        shown.doer = author;
        shown.at = shown.comment.updated_at;
        emit(
            task ? event_kind::task_edited : event_kind::comment_edited,
            stamp_of_edit(),
            shown.at,
            detail_of_comment(task.has_value())
        );
    }
    shown.at = asked_at;
    absorb_comment();
}

void comparison::tell_gone()
{
    auto const& seen = *said_.look;
    std::set<std::int64_t> shown;
    for (auto const& one : seen.comments)
        shown.insert(id_of_state(one));
    for (auto const& [id, known] : known_.comments)
    {
        bool const is_whole = id < 0 ? seen.are_tasks_whole : seen.are_comments_whole;
        bool const is_old =
            !known.created_at || from_milliseconds(*known.created_at) + list_lag < seen.asked_at;
        if (known.deleted || !is_whole || !is_old || shown.contains(id))
            continue;
        told_comment gone;
        gone.news = comment_news::deleted;
        gone.comment.id = id < 0 ? -id : id;
        gone.comment.text = known.text;
        gone.task = known.task;
        gone.is_task = known.task.has_value();
        take_comment(gone, &known);
        next_comment_->id = id;
        next_comment_->deleted = true;
        emit(
            known.task ? event_kind::task_deleted : event_kind::comment_deleted,
            std::to_string(gone.comment.id),
            seen.asked_at,
            detail_of_comment(known.task.has_value())
        );
        out_.comments.push_back(std::move(*next_comment_));
    }
}

}  // namespace linkspan
