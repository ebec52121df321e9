#include "core/bitbucket/digest.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

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
    void move_review(person const& who, review_state to, time_point at, event_detail detail);
    void absorb();
    void tell_claim(claim const& one);
    void tell_build(claim const& one);

    bool is_newer() const;
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

bool comparison::is_newer() const
{
    return !known_.snapshot || !known_.snapshot->order || !said_.order || *said_.order >= *known_.snapshot->order;
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
        compare_reviewers();
        compare_state();
    }
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
        emit_transition(event_kind::pull_request_title_changed, "title", at, change(before.title, after.title));
    if (before.description && after.description && *before.description != *after.description)
        emit_transition(
            event_kind::pull_request_description_changed,
            "description",
            at,
            change(before.description, after.description)
        );
    if (before.target && after.target && before.target->branch != after.target->branch)
        emit_transition(
            event_kind::pull_request_retargeted, "target", at, change(before.target->branch, after.target->branch)
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
    auto const before = known_.snapshot && known_.snapshot->state.source
                            ? std::optional<std::string>(known_.snapshot->state.source->commit)
                            : std::nullopt;
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
        pushed.cause = cause_of_push(after->repository, after->branch, after->commit);
}

void comparison::compare_reviewers()
{
    if (!known_.snapshot || !known_.snapshot->state.participants || !said_.pull_request->participants)
        return;
    auto const missing_in = [](std::vector<participant> const& all, std::vector<participant> const& from)
    {
        std::vector<person> out;
        for (auto const& one : all)
        {
            if (one.role != participant_role::reviewer)
                continue;
            auto const found = std::ranges::find(from, one.id, &participant::id);
            if (found == from.end() || found->role != participant_role::reviewer)
                out.push_back(one);
        }
        return out;
    };
    reviewers_change detail;
    detail.added = missing_in(*said_.pull_request->participants, *known_.snapshot->state.participants);
    detail.removed = missing_in(*known_.snapshot->state.participants, *said_.pull_request->participants);
    if (!detail.added.empty() || !detail.removed.empty())
        emit_transition(
            event_kind::pull_request_reviewers_changed, "reviewers", said_.pull_request->updated_at, std::move(detail)
        );
}

std::optional<event_kind> kind_of_state(pull_request_state state)
{
    switch (state)
    {
        case pull_request_state::open: return event_kind::pull_request_reopened;
        case pull_request_state::merged: return event_kind::pull_request_merged;
        case pull_request_state::declined: return event_kind::pull_request_declined;
        case pull_request_state::superseded: return std::nullopt;
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
    emit_transition(*kind, "state", told != nullptr ? told->at : said_.pull_request->updated_at, std::move(detail));
}

// The states of reviews: a claim speaks for one person; the list of participants for all others.
void comparison::compare_reviews()
{
    auto const* told = find_claim(claim_identity::reviewer);
    if (told != nullptr)
    {
        auto const to = told->kind == event_kind::pull_request_approved            ? review_state::approved
                        : told->kind == event_kind::pull_request_changes_requested ? review_state::changes_requested
                                                                                   : review_state::pending;
        move_review(std::get<review>(told->detail).reviewer, to, moment(told->at), told->detail);
    }
    if (!known_.snapshot || !known_.snapshot->state.participants || !said_.pull_request->participants || !is_newer())
        return;
    for (auto const& one : *said_.pull_request->participants)
    {
        if (told != nullptr && std::get<review>(told->detail).reviewer.id == one.id)
            continue;
        review detail;
        detail.reviewer = one;
        move_review(one, one.state, moment(said_.pull_request->updated_at), detail);
    }
}

void comparison::move_review(person const& who, review_state to, time_point at, event_detail detail)
{
    auto& last = next_.reviewed_at[who.id];
    if (to_milliseconds(at) < last)
        return;
    std::optional<review_state> before;
    if (known_.snapshot && known_.snapshot->state.participants)
    {
        auto const& all = *known_.snapshot->state.participants;
        auto const found = std::ranges::find(all, who.id, &participant::id);
        before = found == all.end() ? review_state::pending : found->state;
    }
    if (before == to)
        return;
    // Whoever is not in a list any more has withdrawn nothing that we know of.
    auto kind = event_kind::pull_request_approved;
    if (to == review_state::changes_requested)
        kind = event_kind::pull_request_changes_requested;
    else if (to == review_state::pending)
        kind = before == review_state::changes_requested ? event_kind::pull_request_changes_request_withdrawn
                                                         : event_kind::pull_request_approval_withdrawn;
    last = to_milliseconds(at);
    auto& told = emit_transition(kind, "review:" + who.id, at, std::move(detail));
    if (told.actor && told.actor->id != who.id)
        told.actor = who;
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
        take(state.title, said.title);
        take(state.description, said.description);
        take(state.draft, said.draft);
        take(state.source, said.source);
        take(state.target, said.target);
        take(state.author, said.author);
        take(state.participants, said.participants);
        take(state.comments, said.comments);
        take(state.tasks, said.tasks);
        take(state.created_at, said.created_at);
        take(state.updated_at, said.updated_at);
        take(state.url, said.url);
        if (find_claim(claim_identity::state) == nullptr)
            take(state.state, said.state);
        take(next_.order, said_.order);
    }
    // A review that an older delivery tells still counts for its person.
    auto const* told = find_claim(claim_identity::reviewer);
    if (told == nullptr)
        return;
    auto const& who = std::get<review>(told->detail).reviewer;
    if (!state.participants || next_.reviewed_at[who.id] != to_milliseconds(moment(told->at)))
        return;
    auto found = std::ranges::find(*state.participants, who.id, &participant::id);
    if (found == state.participants->end())
    {
        participant added;
        static_cast<person&>(added) = who;
        found = state.participants->insert(found, added);
    }
    found->state = told->kind == event_kind::pull_request_approved            ? review_state::approved
                   : told->kind == event_kind::pull_request_changes_requested ? review_state::changes_requested
                                                                              : review_state::pending;
}

void comparison::tell_claim(claim const& one)
{
    switch (one.identity)
    {
        case claim_identity::occurrence:
            if (std::holds_alternative<build>(one.detail))
                tell_build(one);
            else
                emit(one.kind, one.stamp, one.at, one.detail).cause = one.cause;
            break;
        case claim_identity::once: emit(one.kind, "", one.at, one.detail); break;
        case claim_identity::update:
            if (!known_.snapshot)
                emit(one.kind, said_.order ? std::to_string(*said_.order) : "first", one.at, one.detail);
            break;
        case claim_identity::state:
        case claim_identity::reviewer:
        case claim_identity::source: break;  // told by the comparison
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

}  // namespace

digested digest(reading const& said, known_state const& known, digest_context const& context)
{
    return comparison(said, known, context).run();
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
