#pragma once
#include "core/bitbucket/digest.hpp"

namespace linkspan::test
{

// Readings of pull request 7 of acme/api for tests of digest(): `second` is both when it happened and its
// order.

inline person const ada{"ada", "Ada", person_kind::user};
inline person const grace{"grace", "Grace", person_kind::user};
inline person const lin{"lin", "Lin", person_kind::user};

constexpr time_point at(std::int64_t second)
{
    return from_milliseconds(1'700'000'000'000 + second * 1000);
}

inline participant reviewer(person const& who, review_state state = review_state::pending)
{
    participant out;
    static_cast<person&>(out) = who;
    out.role = participant_role::reviewer;
    out.state = state;
    return out;
}

inline pull_request state_of(std::int64_t second)
{
    pull_request out;
    out.id = 7;
    out.title = "Limits";
    out.description = "Ten a second.";
    out.state = pull_request_state::open;
    out.draft = false;
    out.source = branch_tip{"acme/api", "feature/limits", "aaaaaaaaaaaa"};
    out.target = branch_tip{"acme/api", "main", "bbbbbbbbbbbb"};
    out.author = ada;
    out.participants = std::vector<participant>{reviewer(grace), reviewer(lin)};
    out.updated_at = at(second);
    return out;
}

inline reading said(pull_request state, std::int64_t second)
{
    reading out;
    out.actor = ada;
    repository where;
    where.id = "{repository}";
    where.full_name = "acme/api";
    out.repository = where;
    out.pull_request = std::move(state);
    out.occurred_at = at(second);
    out.order = to_milliseconds(at(second));
    return out;
}

inline reading with_claim(reading base, event_kind kind, claim_identity identity, event_detail detail = {})
{
    claim one;
    one.kind = kind;
    one.identity = identity;
    one.at = base.occurred_at;
    one.detail = std::move(detail);
    base.claims.push_back(std::move(one));
    return base;
}

inline reading update(pull_request state, std::int64_t second)
{
    state.updated_at = at(second);
    return with_claim(
        said(std::move(state), second), event_kind::pull_request_updated, claim_identity::update
    );
}

inline reading reviewed(event_kind kind, person const& who, std::int64_t second, pull_request state)
{
    review detail;
    detail.reviewer = who;
    auto out = with_claim(said(std::move(state), second), kind, claim_identity::reviewer, detail);
    out.actor = who;
    return out;
}

// One pull request: readings go in, events come out, the snapshot stays.
struct memory
{
    known_state known;
    digest_context context;

    memory()
    {
        context.instance = "bitbucket.org";
        context.received_at = at(1000);
    }

    std::vector<event> take(reading const& what)
    {
        auto done = digest(what, known, context);
        known.snapshot = std::move(done.snapshot);
        known.comment = std::move(done.comment);
        return std::move(done.events);
    }

    review_state review_of(person const& who) const
    {
        for (auto const& one : known.snapshot->state.participants.value())
            if (one.id == who.id)
                return one.state.value_or(review_state::pending);
        return review_state::pending;
    }
};

}  // namespace linkspan::test
