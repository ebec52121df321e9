#include "core/bitbucket/comparison.hpp"
#include "core/bitbucket/content_stamp.hpp"

#include <algorithm>
#include <utility>

namespace linkspan
{

participant const* find_in(std::optional<std::vector<participant>> const& all, std::string_view id)
{
    if (!all || id.empty())
        return nullptr;
    auto const found = std::ranges::find(*all, id, &participant::id);
    return found == all->end() ? nullptr : &*found;
}

// Of which moment the delivery's list of participants is.
std::int64_t comparison::participants_at() const
{
    auto const shown = to_milliseconds(moment(std::nullopt));
    auto const* told = find_claim(claim_identity::reviewer);
    return told == nullptr ? shown : std::max(shown, to_milliseconds(moment(told->at)));
}

bool comparison::shows_participants() const
{
    if (!said_.pull_request->participants)
        return false;
    if (!known_.snapshot || !known_.snapshot->state.participants)
        return true;
    // When a look was asked for proves nothing: its answer may lack whom a later version asks.
    bool const is_earlier_version =
        known_.snapshot->order && said_.order && *said_.order < *known_.snapshot->order;
    if (said_.look && is_earlier_version)
        return false;
    auto const& known_at = known_.snapshot->participants_at;
    if (known_at && participants_at() < *known_at)
        return false;
    // Who is asked is of the moment of the other fields.
    return (known_at && said_.is_list_whole) || is_newer();
}

// Whether a look may not show yet what a person said last, or took back.
bool comparison::is_lagging_review(std::string const& id) const
{
    if (!said_.look || !known_.snapshot || id.empty())
        return false;
    auto const& known = *known_.snapshot;
    auto const moved = known.reviewed_at.find(id);
    std::optional<std::int64_t> at;
    if (moved != known.reviewed_at.end())
        at = moved->second;
    else if (auto const* one = find_in(known.state.participants, id);
             one != nullptr && one->state.value_or(review_state::pending) != review_state::pending)
        at = known.participants_at;
    return at && from_milliseconds(*at) + list_lag >= said_.look->asked_at;
}

void comparison::compare_reviewers()
{
    if (!known_.snapshot || !known_.snapshot->state.participants)
        return tell_reviewers();
    if (!shows_participants())
        return;
    using list = std::optional<std::vector<participant>>;
    auto const missing_in = [](list const& all, list const& from)
    {
        std::vector<person> out;
        for (auto const& one : *all)
        {
            if (one.role != participant_role::reviewer || one.id.empty())
                continue;
            auto const* found = find_in(from, one.id);
            if (found == nullptr || found->role != participant_role::reviewer)
                out.push_back(one);
        }
        return out;
    };
    reviewers_change detail;
    detail.added = missing_in(said_.pull_request->participants, known_.snapshot->state.participants);
    // A list of those who are asked proves nothing against one of everybody.
    if (said_.is_list_whole || !known_.snapshot->participants_at)
        detail.removed = missing_in(known_.snapshot->state.participants, said_.pull_request->participants);
    if (!detail.added.empty() || !detail.removed.empty())
        emit_transition(
            event_kind::pull_request_reviewers_changed,
            "reviewers",
            said_.pull_request->updated_at,
            std::move(detail)
        );
}

// Where no list is known to compare with, the delivery's own word counts.
void comparison::tell_reviewers()
{
    if (!said_.reviewers || (said_.reviewers->added.empty() && said_.reviewers->removed.empty()))
        return;
    auto const at = said_.pull_request->updated_at;
    if (said_.pull_request->participants)
    {
        emit_transition(event_kind::pull_request_reviewers_changed, "reviewers", at, *said_.reviewers);
        return;
    }
    // Without a list nothing moves that could tell a repetition.
    std::string content = std::to_string(said_.order.value_or(0));
    for (auto const& [people, sign] :
         {std::pair(&said_.reviewers->added, " +"), std::pair(&said_.reviewers->removed, " -")})
        for (auto const& one : *people)
            content.append(sign).append(one.id);
    emit(
        event_kind::pull_request_reviewers_changed,
        "reviewers:" + stamp_of_content(content, said_),
        at,
        *said_.reviewers
    );
}

namespace
{

// What the events of one reading may take together.
constexpr std::size_t events_bytes_max = 4'000'000;

}  // namespace

std::size_t events_told_of(pull_request const& shown, std::size_t most)
{
    constexpr std::size_t person_bytes = 200;
    auto const bytes = (shown.description ? shown.description->size() : 0) +
                       (shown.participants ? shown.participants->size() : 0) * person_bytes;
    return std::clamp<std::size_t>(events_bytes_max / std::max<std::size_t>(bytes, 1), 1, most);
}

// The states of reviews: a claim speaks for one person; the list of participants for all others, and for
// that one, too, where the claim is of an earlier moment than what is known.
void comparison::compare_reviews()
{
    auto const* told = find_claim(claim_identity::reviewer);
    bool const is_settled = told != nullptr && move_claimed_review(*told);
    if (!known_.snapshot || !known_.snapshot->participants_at || !said_.is_list_whole ||
        !shows_participants())
        return;
    auto const last = out_.events.size() + events_told_of(*said_.pull_request, reviews_told_max);
    for (auto const& one : *said_.pull_request->participants)
    {
        if (out_.events.size() == last)
            break;
        bool const is_claimed = is_settled && std::get<review>(told->detail).reviewer.id == one.id;
        auto const* before = find_in(known_.snapshot->state.participants, one.id);
        // A review of which one side is not known has not moved.
        if (is_claimed || one.id.empty() || !one.state || (before != nullptr && !before->state) ||
            is_lagging_review(one.id))
            continue;
        auto kind = event_kind::pull_request_approved;
        if (one.state == review_state::changes_requested)
            kind = event_kind::pull_request_changes_requested;
        else if (one.state == review_state::pending)
        {
            kind = before != nullptr && before->state == review_state::changes_requested
                       ? event_kind::pull_request_changes_request_withdrawn
                       : event_kind::pull_request_approval_withdrawn;
        }
        move_review(one, *one.state, from_milliseconds(participants_at()), kind);
    }
}

// False: what is known of this person is of a later moment, and says another thing.
bool comparison::move_claimed_review(claim const& told)
{
    auto const& who = std::get<review>(told.detail).reviewer;
    auto const* before = known_.snapshot ? find_in(known_.snapshot->state.participants, who.id) : nullptr;
    auto to = review_state::pending;
    if (told.kind == event_kind::pull_request_approved)
        to = review_state::approved;
    else if (told.kind == event_kind::pull_request_changes_requested)
        to = review_state::changes_requested;
    // Who withdraws an approval by asking for changes has withdrawn no request.
    else if (before != nullptr && told.kind == event_kind::pull_request_approval_withdrawn && before->state == review_state::changes_requested)
        return true;
    else if (before != nullptr && told.kind == event_kind::pull_request_changes_request_withdrawn && before->state == review_state::approved)
        return true;
    // What a later delivery showed at first sight was told by none: it is told by its own, whenever that
    // comes.
    if (before != nullptr && before->state == to && to != review_state::pending &&
        !next_.revisions.contains("review:" + who.id) && !next_.reviewed_at.contains(who.id))
    {
        review detail;
        detail.reviewer = who;
        emit_transition(told.kind, "review:" + who.id, moment(told.at), std::move(detail));
        next_.reviewed_at[who.id] = to_milliseconds(moment(told.at));
    }
    else if (!move_review(who, to, moment(told.at), told.kind))
        return before != nullptr && before->state == to;
    participant settled;
    static_cast<person&>(settled) = who;
    settled.state = to;
    reviewed_ = std::move(settled);
    return true;
}

// False: what is known of this person is of a later moment.
bool comparison::move_review(person const& who, review_state to, time_point at, event_kind kind)
{
    auto const when = to_milliseconds(at);
    auto const moved = next_.reviewed_at.find(who.id);
    bool const moved_before = moved != next_.reviewed_at.end();
    if (moved_before && when < moved->second)
        return false;
    std::optional<review_state> before;
    if (known_.snapshot && known_.snapshot->state.participants)
    {
        if (known_.snapshot->participants_at && when < *known_.snapshot->participants_at)
            return false;
        // A deleted account has no id, and is found in no list.
        if (!who.id.empty())
        {
            auto const* found = find_in(known_.snapshot->state.participants, who.id);
            if (found != nullptr)
                before = found->state;
            else if (known_.snapshot->participants_at)
                before = review_state::pending;
        }
    }
    // Without a list, nothing but the moment tells a repetition.
    if (before == to || (!before && moved_before && when == moved->second))
        return true;
    next_.reviewed_at[who.id] = when;
    review detail;
    detail.reviewer = who;
    auto& told = emit_transition(kind, "review:" + who.id, at, std::move(detail));
    // What a look finds given was given by the reviewer; others may have withdrawn it.
    bool const is_given = said_.look && to != review_state::pending;
    if (is_given || (told.actor && told.actor->id != who.id))
        told.actor = who;
    return true;
}

// Takes those who are asked, and of everybody else what is known.
void comparison::absorb_asked()
{
    bool const is_whole_known = known_.snapshot && known_.snapshot->participants_at;
    auto known = std::exchange(next_.state.participants, said_.pull_request->participants);
    for (auto& one : known ? *known : std::vector<participant>())
    {
        auto& list = *next_.state.participants;
        auto const asked = one.id.empty() ? list.end() : std::ranges::find(list, one.id, &participant::id);
        if (asked != list.end())
            asked->state = one.state ? one.state : asked->state;
        else if (is_whole_known || one.state)
        {
            if (!is_whole_known)
                one.role = participant_role::participant;
            list.push_back(std::move(one));
        }
    }
}

// A review that was told by itself outlives an older list; one that an older delivery tells still counts for
// its person.
void comparison::absorb_participants()
{
    auto& state = next_.state;
    bool const is_shown = shows_participants();
    if (is_shown && !said_.is_list_whole)
        absorb_asked();
    else if (is_shown)
    {
        auto const shown_at = participants_at();
        auto const is_later = [&](std::string const& id)
        {
            auto const moved = next_.reviewed_at.find(id);
            bool const is_moved = !id.empty() && moved != next_.reviewed_at.end();
            return (is_moved && moved->second > shown_at) || is_lagging_review(id);
        };
        auto list = *said_.pull_request->participants;
        for (auto& one : list)
            if (auto const* known = find_in(state.participants, one.id);
                known != nullptr && (!one.state || is_later(one.id)))
                one.state = known->state;
        // Who is not in the list is asked no more; only what they said later stays.
        if (state.participants)
            for (auto const& known : *state.participants)
                if (is_later(known.id) && std::ranges::find(list, known.id, &participant::id) == list.end())
                {
                    list.push_back(known);
                    list.back().role = participant_role::participant;
                }
        state.participants = std::move(list);
        // A webhook of the last minute may tell what the answer lacks.
        next_.participants_at =
            said_.look
                ? std::max(shown_at - milliseconds(list_lag).count(), next_.participants_at.value_or(0))
                : shown_at;
    }
    if (!reviewed_ || !state.participants || reviewed_->id.empty())
        return;
    auto const found = std::ranges::find(*state.participants, reviewed_->id, &participant::id);
    if (found == state.participants->end())
        state.participants->push_back(*reviewed_);
    else
        found->state = reviewed_->state;
}

}  // namespace linkspan
