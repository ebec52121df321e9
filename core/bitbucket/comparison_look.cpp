#include "core/bitbucket/comparison.hpp"

#include <algorithm>
#include <set>
#include <utility>

// What a look shows and no delivery told (events.md, Identity and order): each move has the key that its
// delivery would have.
namespace linkspan
{
namespace
{

// One look holds the store's one writer: an event takes it 0.2 ms.
constexpr std::size_t look_events_max = 200;

}  // namespace

// A pull request that was opened since the repository is watched: its opening is told by then. Of what
// happened to it a delivery of something else may have been the first to show: that, too, was told by none.
void comparison::tell_life_so_far()
{
    auto const& shown = *said_.pull_request;
    if (!shows_fields() || !shown.created_at || *shown.created_at < said_.look->since)
        return;
    auto const last = out_.events.size() + events_told_of(shown, reviews_told_max);
    if (shown.participants)
        for (auto const& one : *shown.participants)
            if (out_.events.size() < last)
                tell_untold_review(one);
    auto const is_closed = shown.state && *shown.state != pull_request_state::open;
    bool const is_as_known = !known_.snapshot || known_.snapshot->state.state == shown.state;
    if (auto const kind = is_closed && is_as_known ? kind_of_state(*shown.state) : std::nullopt)
        if (!next_.revisions.contains("state"))
            tell_state(*kind);
}

void comparison::tell_untold_review(participant const& one)
{
    bool const is_approved = one.state == review_state::approved;
    bool const is_given = is_approved || one.state == review_state::changes_requested;
    if (one.id.empty() || !is_given || next_.revisions.contains("review:" + one.id))
        return;
    if (known_.snapshot)
    {
        auto const* known = find_in(known_.snapshot->state.participants, one.id);
        if (known == nullptr || known->state != one.state)
            return;
    }
    auto const at = said_.look->asked_at;
    review detail;
    detail.reviewer = one;
    auto& told = emit_transition(
        is_approved ? event_kind::pull_request_approved : event_kind::pull_request_changes_requested,
        "review:" + one.id,
        at,
        std::move(detail)
    );
    told.actor = one;
    next_.reviewed_at[one.id] = to_milliseconds(at);
}

void comparison::compare_look()
{
    tell_life_so_far();
    // What is left is as it was known: the same look tells it when it is digested again.
    auto const last = out_.events.size() + events_told_of(*shown_pull_request(), look_events_max);
    for (auto const& shown : said_.look->comments)
        if (out_.events.size() < last)
            compare_shown(shown);
        else
            out_.has_more = true;
    tell_gone(last);
    told_ = nullptr;
}

void comparison::compare_shown(shown_comment shown)
{
    auto const found = known_.comments.find(id_of_state(shown));
    auto const* known = found == known_.comments.end() ? nullptr : &found->second;
    // A list may deny for a while what is there; what the service says to be deleted stays so.
    bool const is_back = known != nullptr && known->deleted && known->absent_at && !shown.is_deleted &&
                         from_milliseconds(*known->absent_at) < said_.look->asked_at;
    if (known != nullptr && known->deleted && !is_back)
        return;
    take_comment(shown, known);
    next_comment_->id = id_of_state(shown);
    if (is_back)
    {
        next_comment_->deleted = false;
        next_comment_->absent_at.reset();
    }
    if (shown.is_deleted)
    {
        // Made and deleted between two looks: nobody could see it.
        if (known != nullptr)
        {
            shown.news = comment_news::deleted;
            shown.at = shown.comment.updated_at;
            shown.doer.reset();
            if (!shown.comment.text || shown.comment.text->empty())
                shown.comment.text = known->text;
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
    {
        auto const told_before = out_.events.size();
        tell_new(shown);
        tell_reactions(shown, out_.events.size() != told_before);
    }
    else
    {
        tell_moves(shown);
        tell_reactions(shown, false);
    }
    if (known == nullptr || *next_comment_ != *known)
        out_.comments.push_back(std::move(*next_comment_));
}

// What was made before the watch is told by no event.
void comparison::tell_added(shown_comment& shown)
{
    bool const is_told = next_comment_->is_added;
    next_comment_->is_added = true;
    if (is_told || !shown.comment.created_at || *shown.comment.created_at < said_.look->since)
        return;
    auto const task = task_now();
    shown.news = comment_news::added;
    emit(
        task ? event_kind::task_added : event_kind::comment_added,
        std::to_string(shown.comment.id),
        shown.comment.created_at,
        detail_of_comment(task.has_value())
    );
}

void comparison::tell_new(shown_comment& shown)
{
    auto const told_before = out_.events.size();
    auto const task = task_now();
    tell_added(shown);
    if (out_.events.size() != told_before)
    {
        shown.doer = shown.decider;
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
    auto const asked_at = said_.look->asked_at;
    auto const task = task_now();
    auto const author = shown.doer;
    // Its own delivery may have been lost, while that of an edit came.
    tell_added(shown);
    shown.news = comment_news::edited;
    shown.doer = task == task_state::resolved ? shown.decider : std::nullopt;
    shown.at = shown.decided_at ? *shown.decided_at : asked_at;
    if (is_newer_comment())
        move_task(task);
    if (shown.comment.resolved && !task)
        tell_resolution(shown, known_comment_->resolved);
    shown.doer = author;
    tell_shown_edit(shown);
    shown.at = shown.decided_at && shown.comment.resolved == true ? *shown.decided_at : asked_at;
    absorb_comment();
}

void comparison::tell_shown_edit(shown_comment& shown)
{
    auto const before = told_text();
    if (!is_newer_comment() || !before || !shown.comment.text || *before == *shown.comment.text)
        return;
    bool const as_task = task_now().has_value();
    shown.at = shown.comment.updated_at;
    emit(
        as_task ? event_kind::task_edited : event_kind::comment_edited,
        stamp_of_edit(),
        shown.at,
        detail_of_comment(as_task)
    );
}

// That a thread is open moves nothing where nothing is known of it, nor where it was resolved so lately that
// the answer may not have it yet. What was decided before the watch is told by no event.
void comparison::tell_resolution(shown_comment& shown, std::optional<bool> known)
{
    auto const& seen = *said_.look;
    bool const to = *shown.comment.resolved;
    auto const& moved_at = next_comment_->resolved_at;
    bool const is_lagging = !to && moved_at && from_milliseconds(*moved_at) + list_lag >= seen.asked_at;
    if (is_lagging)
        shown.comment.resolved = known;
    if (is_lagging || (!to && !known) || (!known && shown.decided_at && *shown.decided_at < seen.since))
        return;
    shown.at = to && shown.decided_at ? *shown.decided_at : seen.asked_at;
    shown.doer = to ? shown.decider : std::nullopt;
    move_resolution(to, to ? comment_news::resolved : comment_news::reopened);
}

// Nothing but looks tells them. What is seen for the first time announces nothing, unless its comment is news
// itself.
void comparison::tell_reactions(shown_comment& shown, bool is_new)
{
    if (!shown.reactions)
        return;
    auto const before = std::exchange(next_comment_->reactions, shown.reactions);
    if (!before && !is_new)
        return;
    auto const known = before.value_or(reaction_list());
    auto const has = [](reaction_list const& all, reaction const& wanted)
    { return std::ranges::any_of(all, [&](reaction const& one) { return one.is_same(wanted); }); };
    for (auto const& one : *shown.reactions)
        if (!has(known, one))
            tell_reaction(event_kind::comment_reaction_added, one, shown);
    for (auto const& one : known)
        if (!has(*shown.reactions, one))
            tell_reaction(event_kind::comment_reaction_removed, one, shown);
}

// Nobody but the person withdraws it. When it happened is not told.
void comparison::tell_reaction(event_kind kind, reaction const& one, shown_comment& shown)
{
    auto const revision = ++next_comment_->revisions["reaction"];
    shown.doer = one.who;
    comment_detail detail;
    detail.comment = shown.comment;
    detail.reaction = one.emoticon;
    emit(
        kind,
        "reaction:" + std::to_string(shown.comment.id) + ":" + std::to_string(revision),
        said_.look->asked_at,
        std::move(detail)
    );
}

void comparison::tell_gone(std::size_t last)
{
    auto const& seen = *said_.look;
    if (!known_.are_comments_all)
        return;
    auto const last_written = out_.comments.size() + look_events_max;
    std::set<std::int64_t> shown;
    for (auto const& one : seen.comments)
        shown.insert(id_of_state(one));
    for (auto const& [id, known] : known_.comments)
    {
        bool const is_whole = id < 0 ? seen.are_tasks_whole : seen.are_comments_whole;
        bool const is_old =
            !known.created_at || from_milliseconds(*known.created_at) + list_lag < seen.asked_at;
        if (out_.events.size() >= last || out_.comments.size() >= last_written)
            return;
        if (!known.deleted && is_whole && is_old && !shown.contains(id))
            tell_absence(id, known);
    }
}

// One list may be wrong. What the next whole one, asked for later than lists lag, does not show either is
// gone since the first.
void comparison::tell_absence(std::int64_t id, comment_snapshot const& known)
{
    auto const asked_at = said_.look->asked_at;
    told_comment gone;
    gone.news = comment_news::deleted;
    gone.comment.id = id < 0 ? -id : id;
    gone.comment.text = known.text;
    if (known.created_at)
        gone.comment.created_at = from_milliseconds(*known.created_at);
    gone.task = known.task;
    gone.is_task = known.task.has_value();
    take_comment(gone, &known);
    auto& next = *next_comment_;
    next.id = id;
    next.absent_at = known.absent_at ? *known.absent_at : to_milliseconds(asked_at);
    if (known.absent_at && from_milliseconds(*known.absent_at) + list_lag <= asked_at)
    {
        bool const as_task = known.task.has_value();
        emit(
            as_task ? event_kind::task_deleted : event_kind::comment_deleted,
            std::to_string(gone.comment.id),
            from_milliseconds(*known.absent_at),
            detail_of_comment(as_task)
        );
        next.deleted = true;
        next.absent_at = to_milliseconds(asked_at);
    }
    if (next != known)
        out_.comments.push_back(std::move(next));
    told_ = nullptr;
}

}  // namespace linkspan
