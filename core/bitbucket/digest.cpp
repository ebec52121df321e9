#include "core/bitbucket/digest.hpp"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <algorithm>

namespace linkspan
{
namespace
{

constexpr std::size_t short_hash_length = 12;  // to which Cloud cuts hashes in pull requests

participant const* find_in(std::optional<std::vector<participant>> const& all, std::string_view id)
{
    if (!all || id.empty())
        return nullptr;
    auto const found = std::ranges::find(*all, id, &participant::id);
    return found == all->end() ? nullptr : &*found;
}

// Turns one reading into events. Each step compares, emits, and moves `next_`.
class comparison
{
public:
    comparison(reading const& said, known_state const& known, digest_context const& context)
        : said_(said), known_(known), context_(context)
    {
    }

    digested run();

private:
    void compare_pull_request();
    void compare_fields();
    void compare_state();
    void compare_source();
    void compare_reviewers();
    void compare_reviews();
    void move_claimed_review(claim const& told);
    bool move_review(person const& who, review_state to, time_point at, event_kind kind);
    void absorb();
    void absorb_participants();
    void tell_claim(claim const& one);
    void tell_build(claim const& one);
    void tell_ref_change(claim const& one);

    bool is_newer() const;
    bool shows_participants() const;
    std::int64_t participants_at() const;
    claim const* find_claim(claim_identity identity) const;
    time_point moment(std::optional<time_point> at) const
    {
        return at ? *at : said_.occurred_at.value_or(context_.received_at);
    }
    event& emit(event_kind kind, std::string const& stamp, std::optional<time_point> at, event_detail detail);
    event& emit_transition(
        event_kind kind, std::string const& field, std::optional<time_point> at, event_detail detail
    );

    reading const& said_;
    known_state const& known_;
    digest_context const& context_;
    pull_request_snapshot next_;
    std::optional<participant> reviewed_;  // whose review a claim settled
    digested out_;
};

event& comparison::emit(
    event_kind kind, std::string const& stamp, std::optional<time_point> at, event_detail detail
)
{
    event& out = out_.events.emplace_back();
    out.kind = kind;
    out.origin = context_.origin;
    out.edition = context_.edition;
    out.instance = context_.instance;
    out.received_at = context_.received_at;
    out.occurred_at = moment(at);
    out.actor = said_.actor;
    out.repository = said_.repository;
    out.pull_request = said_.pull_request;
    out.raw = context_.raw;
    out.detail = std::move(detail);
    out.key = context_.instance + ":" + std::string(name_of(kind)) + ":" +
              (said_.repository ? said_.repository->id : std::string("-"));
    if (said_.pull_request)
        out.key += ":" + std::to_string(said_.pull_request->id);
    if (!stamp.empty())
        out.key += ":" + stamp;
    return out;
}

event& comparison::emit_transition(
    event_kind kind, std::string const& field, std::optional<time_point> at, event_detail detail
)
{
    auto const revision = ++next_.revisions[field];
    return emit(kind, field + ":" + std::to_string(revision), at, std::move(detail));
}

// The fields of a pull request are ordered by version; Data Center repeats one while only reviews and
// comments move.
bool comparison::is_newer() const
{
    if (!known_.snapshot)
        return true;
    auto const& known = *known_.snapshot;
    if (known.order && said_.order && *said_.order != *known.order)
        return *said_.order > *known.order;
    return !known.fields_at || !said_.occurred_at || to_milliseconds(*said_.occurred_at) >= *known.fields_at;
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
    return !known_.snapshot || !known_.snapshot->participants_at ||
           participants_at() >= *known_.snapshot->participants_at;
}

claim const* comparison::find_claim(claim_identity identity) const
{
    auto const found = std::ranges::find(said_.claims, identity, &claim::identity);
    return found == said_.claims.end() ? nullptr : &*found;
}

digested comparison::run()
{
    if (known_.snapshot)
        next_ = *known_.snapshot;
    if (said_.pull_request)
        compare_pull_request();
    for (auto const& one : said_.claims)
        tell_claim(one);
    if (said_.pull_request)
    {
        absorb();
        out_.snapshot = std::move(next_);
    }
    return std::move(out_);
}

// Every body carries the whole pull request, so whichever delivery shows a move first tells it.
void comparison::compare_pull_request()
{
    if (is_newer())
    {
        compare_fields();
        compare_source();
        compare_state();
    }
    compare_reviewers();
    compare_reviews();
}

void comparison::compare_fields()
{
    if (!known_.snapshot)
        return;
    auto const& before = known_.snapshot->state;
    auto const& after = *said_.pull_request;
    auto const at = after.updated_at;
    auto const change = [](std::optional<std::string> from, std::optional<std::string> to)
    {
        text_change detail;
        detail.before = std::move(from);
        detail.after = std::move(to);
        return detail;
    };
    if (before.title && after.title && *before.title != *after.title)
        emit_transition(
            event_kind::pull_request_title_changed, "title", at, change(before.title, after.title)
        );
    if (before.description && after.description && *before.description != *after.description)
        emit_transition(
            event_kind::pull_request_description_changed,
            "description",
            at,
            change(before.description, after.description)
        );
    if (before.target && after.target && before.target->branch != after.target->branch)
        emit_transition(
            event_kind::pull_request_retargeted,
            "target",
            at,
            change(before.target->branch, after.target->branch)
        );
    if (before.draft && after.draft && *before.draft != *after.draft)
        emit_transition(
            *after.draft ? event_kind::pull_request_marked_draft : event_kind::pull_request_marked_ready,
            "draft",
            at,
            std::monostate()
        );
}

void comparison::compare_source()
{
    auto const* told = find_claim(claim_identity::source);
    auto const& after = said_.pull_request->source;
    if (!after || after->commit.empty() || (!known_.snapshot && told == nullptr))
        return;
    std::optional<std::string> before;
    if (known_.snapshot && known_.snapshot->state.source && !known_.snapshot->state.source->commit.empty())
        before = known_.snapshot->state.source->commit;
    if (before && (*before == after->commit || same_commit(*before, after->commit)))
        return;
    commits_push detail;
    if (told != nullptr)
        detail = std::get<commits_push>(told->detail);
    else if (!before)
        return;
    if (!detail.before)
        detail.before = before;
    detail.after = after->commit;
    // The recorded opening of a fork's pull request repeats one hash.
    if (detail.before && same_commit(*detail.before, *detail.after))
        return;
    auto& pushed = emit_transition(
        event_kind::pull_request_commits_pushed, "source", said_.pull_request->updated_at, std::move(detail)
    );
    if (!after->repository.empty())
        pushed.cause = cause_of_push(context_.instance, after->repository, after->branch, after->commit);
}

void comparison::compare_reviewers()
{
    if (!known_.snapshot || !known_.snapshot->state.participants || !shows_participants())
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
    detail.removed = missing_in(known_.snapshot->state.participants, said_.pull_request->participants);
    if (!detail.added.empty() || !detail.removed.empty())
        emit_transition(
            event_kind::pull_request_reviewers_changed,
            "reviewers",
            said_.pull_request->updated_at,
            std::move(detail)
        );
}

std::optional<event_kind> kind_of_state(pull_request_state state)
{
    switch (state)
    {
        case pull_request_state::open:
            return event_kind::pull_request_reopened;
        case pull_request_state::merged:
            return event_kind::pull_request_merged;
        case pull_request_state::declined:
            return event_kind::pull_request_declined;
        case pull_request_state::superseded:
            return std::nullopt;
    }
    return std::nullopt;
}

void comparison::compare_state()
{
    auto const* told = find_claim(claim_identity::state);
    std::optional<pull_request_state> after = said_.pull_request->state;
    if (told != nullptr)
        after = told->kind == event_kind::pull_request_merged ? pull_request_state::merged
                                                              : pull_request_state::declined;
    if (!after || (!known_.snapshot && told == nullptr))
        return;
    if (known_.snapshot && known_.snapshot->state.state == after)
        return;
    next_.state.state = after;
    auto const kind = kind_of_state(*after);
    if (!kind)
        return;
    // A reopened pull request carries no detail of its own.
    event_detail detail;
    if (told != nullptr)
        detail = told->detail;
    else if (kind != event_kind::pull_request_reopened)
        detail = closing();
    emit_transition(
        *kind, "state", told != nullptr ? told->at : said_.pull_request->updated_at, std::move(detail)
    );
}

// The states of reviews: a claim speaks for one person; the list of participants for all others.
void comparison::compare_reviews()
{
    auto const* told = find_claim(claim_identity::reviewer);
    if (told != nullptr)
        move_claimed_review(*told);
    if (!known_.snapshot || !known_.snapshot->state.participants || !shows_participants())
        return;
    for (auto const& one : *said_.pull_request->participants)
    {
        bool const is_claimed = told != nullptr && std::get<review>(told->detail).reviewer.id == one.id;
        if (is_claimed || one.id.empty())
            continue;
        auto kind = event_kind::pull_request_approved;
        if (one.state == review_state::changes_requested)
            kind = event_kind::pull_request_changes_requested;
        else if (one.state == review_state::pending)
        {
            auto const* before = find_in(known_.snapshot->state.participants, one.id);
            kind = before != nullptr && before->state == review_state::changes_requested
                       ? event_kind::pull_request_changes_request_withdrawn
                       : event_kind::pull_request_approval_withdrawn;
        }
        move_review(one, one.state, from_milliseconds(participants_at()), kind);
    }
}

void comparison::move_claimed_review(claim const& told)
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
        return;
    else if (before != nullptr && told.kind == event_kind::pull_request_changes_request_withdrawn && before->state == review_state::approved)
        return;
    if (!move_review(who, to, moment(told.at), told.kind))
        return;
    participant settled;
    static_cast<person&>(settled) = who;
    settled.state = to;
    reviewed_ = std::move(settled);
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
        auto const* found = find_in(known_.snapshot->state.participants, who.id);
        before = found == nullptr ? review_state::pending : found->state;
    }
    // Without a list, nothing but the moment tells a repetition.
    if (before == to || (!before && moved_before && when == moved->second))
        return true;
    next_.reviewed_at[who.id] = when;
    review detail;
    detail.reviewer = who;
    auto& told = emit_transition(kind, "review:" + who.id, at, std::move(detail));
    if (told.actor && told.actor->id != who.id)
        told.actor = who;
    return true;
}

// Moves the snapshot to what the reading shows. Members that it leaves out stay as they were.
void comparison::absorb()
{
    auto const& said = *said_.pull_request;
    auto& state = next_.state;
    state.id = said.id;
    if (is_newer())
    {
        auto const take = [](auto& into, auto const& from)
        {
            if (from)
                into = from;
        };
        auto const take_tip = [](std::optional<branch_tip>& into, std::optional<branch_tip> const& from)
        {
            if (!from)
                return;
            auto const commit = into && into->branch == from->branch ? into->commit : std::string();
            into = from;
            if (into->commit.empty())
                into->commit = commit;
        };
        take(state.title, said.title);
        take(state.description, said.description);
        take(state.draft, said.draft);
        take_tip(state.source, said.source);
        take_tip(state.target, said.target);
        take(state.author, said.author);
        take(state.comments, said.comments);
        take(state.tasks, said.tasks);
        take(state.created_at, said.created_at);
        take(state.updated_at, said.updated_at);
        take(state.url, said.url);
        if (find_claim(claim_identity::state) == nullptr)
            take(state.state, said.state);
        take(next_.order, said_.order);
        if (said_.occurred_at)
            next_.fields_at = to_milliseconds(*said_.occurred_at);
    }
    absorb_participants();
}

// A review that was told by itself outlives an older list; one that an older delivery tells still counts for
// its person.
void comparison::absorb_participants()
{
    auto& state = next_.state;
    if (shows_participants())
    {
        auto const shown_at = participants_at();
        auto const is_later = [&](std::string const& id)
        {
            auto const moved = next_.reviewed_at.find(id);
            return !id.empty() && moved != next_.reviewed_at.end() && moved->second > shown_at;
        };
        auto list = said_.pull_request->participants;
        for (auto& one : *list)
            if (auto const* known = find_in(state.participants, one.id); known != nullptr && is_later(one.id))
                one.state = known->state;
        if (state.participants)
            for (auto const& known : *state.participants)
                if (is_later(known.id) && find_in(list, known.id) == nullptr)
                    list->push_back(known);
        state.participants = std::move(list);
        next_.participants_at = shown_at;
    }
    if (!reviewed_ || !state.participants || reviewed_->id.empty())
        return;
    auto const found = std::ranges::find(*state.participants, reviewed_->id, &participant::id);
    if (found == state.participants->end())
        state.participants->push_back(*reviewed_);
    else
        found->state = reviewed_->state;
}

void comparison::tell_claim(claim const& one)
{
    switch (one.identity)
    {
        case claim_identity::occurrence:
            if (std::holds_alternative<build>(one.detail))
                tell_build(one);
            else if (std::holds_alternative<ref_change>(one.detail))
                tell_ref_change(one);
            else
                emit(one.kind, one.stamp, one.at, one.detail);
            break;
        case claim_identity::once:
            emit(one.kind, "", one.at, one.detail);
            break;
        case claim_identity::update:
            if (!known_.snapshot)
                emit(one.kind, said_.order ? std::to_string(*said_.order) : "first", one.at, one.detail);
            break;
        case claim_identity::state:
        case claim_identity::reviewer:
        case claim_identity::source:
            break;  // told by the comparison
    }
}

void comparison::tell_build(claim const& one)
{
    auto detail = std::get<build>(one.detail);
    detail.previous = known_.previous_build;
    for (auto const& head : known_.heads)
        detail.pull_requests.push_back(head.id);
    if (!detail.branch && !known_.heads.empty() && known_.heads.front().source)
        detail.branch = known_.heads.front().source->branch;
    auto& told = emit(one.kind, one.stamp, one.at, std::move(detail));
    if (known_.heads.size() == 1)
        told.pull_request = known_.heads.front();
}

void comparison::tell_ref_change(claim const& one)
{
    auto& told = emit(one.kind, one.stamp, one.at, one.detail);
    auto const& change = std::get<ref_change>(one.detail);
    bool const branch = one.kind == event_kind::branch_created || one.kind == event_kind::branch_updated;
    if (branch && change.after && said_.repository)
        told.cause =
            cause_of_push(context_.instance, said_.repository->full_name, change.name, *change.after);
}

}  // namespace

digested digest(reading const& said, known_state const& known, digest_context const& context)
{
    return comparison(said, known, context).run();
}

std::string cause_of_push(
    std::string_view instance, std::string_view repository, std::string_view branch, std::string_view commit
)
{
    // Any fixed namespace serves, as long as it never changes: the id is stored.
    static constexpr boost::uuids::uuid space = {
        {0x6c, 0x69, 0x6e, 0x6b, 0x73, 0x70, 0x41, 0x6e, 0x9f, 0x70, 0x75, 0x73, 0x68, 0x00, 0x00, 0x01}};
    std::string name(instance);
    for (auto const part : {repository, branch, commit.substr(0, short_hash_length)})
    {
        name += '\n';
        name += part;
    }
    return to_string(boost::uuids::name_generator_sha1(space)(name));
}

build const* build_of(reading const& said)
{
    for (auto const& one : said.claims)
        if (auto const* status = std::get_if<build>(&one.detail))
            return status;
    return nullptr;
}

std::string build_scope(build const& status, std::vector<pull_request> const& heads)
{
    if (status.branch)
        return *status.branch;
    if (!heads.empty() && heads.front().source)
        return heads.front().source->branch;
    return status.commit;
}

}  // namespace linkspan
