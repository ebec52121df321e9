#include "store/grant_rows.hpp"
#include "store/grants.hpp"
#include "store/sealing.hpp"

namespace linkspan
{
namespace
{

using namespace grants;

// A token whose refresh token may be tried.
struct candidate
{
    std::int64_t generation = 0;  // 0: there is none
    std::int64_t consent = 0;
    secret refresh_token;
};

// The token in use first, then what came too late, then what was before.
result<candidate> next_candidate(transaction& tx, vault const& keys, link_id const& id, std::int64_t in_use)
{
    auto& statement = bound(
        tx,
        "SELECT generation, consent, key_id, refresh_sealed FROM link_token WHERE link = ? AND "
        "refresh_sealed "
        "IS NOT NULL AND refused_at IS NULL ORDER BY generation = ? DESC, generation DESC LIMIT 1",
        id.value,
        in_use
    );
    candidate out;
    if (!statement.executeStep())
        return out;
    out.generation = number_at(statement, 0);
    out.consent = number_at(statement, 1);
    auto opened = keys.open_sealed(
        text_at(statement, 3), text_at(statement, 2), place_of(id, refresh_token_field, out.generation)
    );
    statement.reset();
    if (!opened)
        return opened.error();
    out.refresh_token = std::move(*opened);
    return out;
}

void release(transaction& tx, link_id const& id)
{
    bound(tx, "UPDATE link_grant SET lease = NULL, lease_until_at = NULL WHERE link = ?", id.value).exec();
}

// The state of the world when an answer came.
struct refresh_end
{
    grant_row row;
    bool is_ours = false;  // nobody has taken the lease over
};

result<> keep_granted(
    transaction& tx,
    vault const& keys,
    link_id const& id,
    refresh_turn const& turn,
    token_set tokens,
    refresh_end const& at
)
{
    if (turn.consent != at.row.consent)
        return {};  // a person has consented meanwhile: these may be another person's
    if (tokens.refresh_token.empty())
        tokens.refresh_token = turn.refresh_token;  // RFC 6749, 6: the old one goes on
    auto const generation = at.row.last_generation + 1;
    if (auto const kept = insert_token(tx, keys, id, generation, turn.consent, tokens); !kept)
        return kept;
    bool const is_first = at.row.state != grant_state::authorized || at.row.generation == 0;
    if (!at.is_ours && !is_first)
    {
        bound(tx, "UPDATE link_grant SET last_generation = ? WHERE link = ?", generation, id.value).exec();
        return {};
    }
    // What refreshed itself lives: nothing older is needed but what it came from.
    if (turn.generation == at.row.generation)
        bound(
            tx,
            "DELETE FROM link_token WHERE link = ? AND generation NOT IN (?, ?)",
            id.value,
            generation,
            turn.generation
        )
            .exec();
    put_in_use(tx, id, generation, turn.consent);
    return {};
}

void keep_refused(
    transaction& tx,
    link_id const& id,
    refresh_turn const& turn,
    std::string_view words,
    refresh_end const& at
)
{
    bound(
        tx,
        "UPDATE link_token SET refused_at = ? WHERE link = ? AND generation = ?",
        tx.now(),
        id.value,
        turn.generation
    )
        .exec();
    if (!at.is_ours)
        return;  // somebody else is at it, or has ended it
    release(tx, id);
    if (turn.generation == 0 || !has_candidate(tx, id))
        set_needs_reauth(tx, id, at.row.generation, words);
}

void keep_failed(
    transaction& tx, link_id const& id, token_answer const& answer, time_point retry_at, refresh_end const& at
)
{
    if (!at.is_ours)
        return;
    release(tx, id);
    bound(
        tx,
        "UPDATE link_grant SET failures = failures + 1, last_failure = ?, reason = coalesce(?, reason), "
        "unheard_since_at = coalesce(unheard_since_at, ?), retry_at = ? WHERE link = ?",
        answer.words,
        answer.fate == token_fate::misused ? std::optional<std::string_view>(answer.words) : std::nullopt,
        answer.fate == token_fate::unknown ? std::optional(tx.now()) : std::nullopt,
        retry_at,
        id.value
    )
        .exec();
}

}  // namespace

result<refresh_turn> begin_refresh(
    transaction& tx,
    vault const& keys,
    link_id const& id,
    std::string const& lease,
    bool needs_token,
    std::int64_t than
)
{
    return guarded(
        "begin a refresh of the link's token",
        [&]() -> result<refresh_turn>
        {
            if (!needs_token)
                make_row(tx, id);
            refresh_turn turn;
            auto state = find_grant(tx, id);
            if (!state)
                return state.error();
            turn.grant = std::move(*state);
            auto const row = read_row(tx, id);
            if (!row.is_there || (row.generation > than && row.generation != 0))
                return turn;
            if (is_leased(turn.grant, tx.now()))
            {
                turn.is = refresh_turn::kind::busy;
                return turn;
            }
            if (needs_token)
            {
                auto next = next_candidate(tx, keys, id, row.generation);
                if (!next)
                    return next.error();
                if (next->generation == 0)
                    return turn;
                turn.generation = next->generation;
                turn.refresh_token = std::move(next->refresh_token);
            }
            // A key that only opens, as in the middle of a rotation: the answer would be lost.
            auto const probe = place_of(id, refresh_token_field, row.last_generation + 1);
            if (auto const sealed = seal_for(tx, keys, secret(), probe); !sealed)
                return sealed.error();
            turn.consent = row.consent;
            turn.lease = lease;
            turn.is = refresh_turn::kind::ours;
            bound(
                tx,
                "UPDATE link_grant SET lease = ?, lease_until_at = ? WHERE link = ?",
                lease,
                tx.now() + lease_time,
                id.value
            )
                .exec();
            return turn;
        }
    );
}

result<grant> end_refresh(
    transaction& tx,
    vault const& keys,
    link_id const& id,
    refresh_turn const& turn,
    token_answer const& answer,
    time_point retry_at
)
{
    return guarded(
        "end a refresh of the link's token",
        [&]() -> result<grant>
        {
            refresh_end at;
            at.row = read_row(tx, id);
            if (!at.row.is_there)
                return error(errc::not_found, "link " + id.value + " was deleted, or its tokens were");
            at.is_ours = at.row.lease == turn.lease;
            switch (answer.fate)
            {
                case token_fate::granted:
                    if (auto const kept = keep_granted(tx, keys, id, turn, answer.tokens, at); !kept)
                        return kept.error();
                    break;
                case token_fate::refused:
                    keep_refused(tx, id, turn, answer.words, at);
                    break;
                case token_fate::misused:
                case token_fate::unavailable:
                case token_fate::unknown:
                    keep_failed(tx, id, answer, retry_at, at);
                    break;
            }
            return find_grant(tx, id);
        }
    );
}

}  // namespace linkspan
