#include "store/grants.hpp"

#include "store/sealing.hpp"
#include "store/statement.hpp"

namespace linkspan
{
namespace
{

constexpr std::string_view access_place = access_token_field;
constexpr std::string_view refresh_place = refresh_token_field;

// What the store alone needs of a grant.
struct grant_row
{
    bool is_there = false;
    grant_state state = grant_state::none;
    std::int64_t generation = 0;
    std::int64_t last_generation = 0;
    std::int64_t consent = 0;
    int failures = 0;
    std::string lease;
};

grant_row read_row(transaction& tx, link_id const& id)
{
    auto& statement = bound(
        tx,
        "SELECT state, generation, last_generation, consent, failures, lease FROM link_grant WHERE link = ?",
        id.value
    );
    grant_row row;
    row.is_there = statement.executeStep();
    if (!row.is_there)
        return row;
    row.state = static_cast<grant_state>(number_at(statement, 0));
    row.generation = number_at(statement, 1);
    row.last_generation = number_at(statement, 2);
    row.consent = number_at(statement, 3);
    row.failures = static_cast<int>(number_at(statement, 4));
    row.lease = optional_text_at(statement, 5).value_or("");
    statement.reset();
    return row;
}

std::optional<time_point> optional_time_at(SQLite::Statement& statement, int column)
{
    if (statement.getColumn(column).isNull())
        return std::nullopt;
    return time_at(statement, column);
}

grant read_grant(SQLite::Statement& statement)
{
    grant out;
    out.state = static_cast<grant_state>(number_at(statement, 1));
    out.reason = optional_text_at(statement, 2).value_or("");
    out.generation = number_at(statement, 3);
    out.has_worked = !statement.getColumn(4).isNull();
    out.failures = static_cast<int>(number_at(statement, 5));
    out.last_failure = optional_text_at(statement, 6).value_or("");
    out.retry_at = optional_time_at(statement, 7);
    out.lease_until = optional_time_at(statement, 8);
    if (auto const obtained = optional_time_at(statement, 9))
        out.obtained_at = *obtained;
    out.expires_at = optional_time_at(statement, 10);
    out.scopes = optional_text_at(statement, 11).value_or("");
    out.has_refresh_token = number_at(statement, 12) != 0;
    out.last_used_at = optional_time_at(statement, 13);
    return out;
}

seal_place place_of(link_id const& id, std::string_view field, std::int64_t generation)
{
    seal_place place;
    place.link = id;
    place.field = field;
    place.version = generation;
    return place;
}

result<> insert_token(
    transaction& tx,
    vault const& keys,
    link_id const& id,
    std::int64_t generation,
    std::int64_t consent,
    token_set const& tokens
)
{
    auto const access = seal_for(tx, keys, tokens.access_token, place_of(id, access_place, generation));
    if (!access)
        return access.error();
    std::optional<std::string> refresh;
    if (!tokens.refresh_token.empty())
    {
        auto sealed = seal_for(tx, keys, tokens.refresh_token, place_of(id, refresh_place, generation));
        if (!sealed)
            return sealed.error();
        refresh = std::move(*sealed);
    }
    std::optional<blob_view> refresh_bytes;
    if (refresh)
        refresh_bytes.emplace(*refresh);
    bound(
        tx,
        "INSERT INTO link_token (link, generation, consent, key_id, access_sealed, refresh_sealed, "
        "token_type, "
        "scopes, obtained_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id.value,
        generation,
        consent,
        keys.key_id(),
        blob_view(*access),
        refresh_bytes,
        tokens.token_type,
        tokens.scopes,
        tokens.obtained_at,
        tokens.expires_at
    )
        .exec();
    return {};
}

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
        text_at(statement, 3), text_at(statement, 2), place_of(id, refresh_place, out.generation)
    );
    statement.reset();
    if (!opened)
        return opened.error();
    out.refresh_token = std::move(*opened);
    return out;
}

bool has_candidate(transaction& tx, link_id const& id)
{
    return bound(
               tx,
               "SELECT 1 FROM link_token WHERE link = ? AND refresh_sealed IS NOT NULL AND refused_at IS "
               "NULL",
               id.value
    )
        .executeStep();
}

void make_row(transaction& tx, link_id const& id)
{
    bound(
        tx,
        "INSERT INTO link_grant (link, state, since_at, generation, last_generation, consent) VALUES (?, 0, "
        "?, "
        "0, 0, 0) ON CONFLICT DO NOTHING",
        id.value,
        tx.now()
    )
        .exec();
}

void put_in_use(transaction& tx, link_id const& id, std::int64_t generation, std::int64_t consent)
{
    bound(
        tx,
        "UPDATE link_grant SET since_at = CASE state WHEN 1 THEN since_at ELSE ?2 END, state = 1, reason = "
        "NULL, generation = ?3, last_generation = ?3, consent = ?4, worked_at = NULL, failures = 0, "
        "last_failure = NULL, retry_at = NULL, lease = NULL, lease_until_at = NULL WHERE link = ?1",
        id.value,
        tx.now(),
        generation,
        consent
    )
        .exec();
}

void set_needs_reauth(transaction& tx, link_id const& id, std::int64_t generation, std::string_view why)
{
    bound(
        tx,
        "UPDATE link_grant SET state = 2, reason = ?, since_at = ?, generation = ?, retry_at = NULL WHERE "
        "link = ?",
        why,
        tx.now(),
        generation,
        id.value
    )
        .exec();
}

void release(transaction& tx, link_id const& id)
{
    bound(tx, "UPDATE link_grant SET lease = NULL, lease_until_at = NULL WHERE link = ?", id.value).exec();
}

// The state of the world when an answer came.
struct ending
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
    ending const& at
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
    transaction& tx, link_id const& id, refresh_turn const& turn, std::string_view words, ending const& at
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
    transaction& tx, link_id const& id, std::string_view words, time_point retry_at, ending const& at
)
{
    if (!at.is_ours)
        return;
    release(tx, id);
    bound(
        tx,
        "UPDATE link_grant SET failures = failures + 1, last_failure = ?, retry_at = ? WHERE link = ?",
        words,
        retry_at,
        id.value
    )
        .exec();
}

}  // namespace

result<grant> find_grant(transaction& tx, link_id const& id)
{
    return guarded(
        "read the state of the link's tokens",
        [&]() -> result<grant>
        {
            auto& statement = bound(tx, "SELECT * FROM link_grant_now WHERE link = ?", id.value);
            if (!statement.executeStep())
                return grant();
            auto found = read_grant(statement);
            statement.reset();
            return found;
        }
    );
}

result<std::vector<link_grant_row>> list_grants(transaction& tx)
{
    return guarded(
        "read the states of the links' tokens",
        [&]() -> result<std::vector<link_grant_row>>
        {
            std::vector<link_grant_row> rows;
            auto& statement = tx.prepare("SELECT * FROM link_grant_now");
            while (statement.executeStep())
            {
                link_grant_row row;
                row.link = link_id(text_at(statement, 0));
                row.grant = read_grant(statement);
                rows.push_back(std::move(row));
            }
            return rows;
        }
    );
}

result<std::size_t> count_needing_reauth(transaction& tx)
{
    return guarded(
        "count the links that need a person",
        [&]() -> result<std::size_t>
        {
            auto& statement = tx.prepare("SELECT count(*) FROM link_grant WHERE state = 2");
            statement.executeStep();
            return static_cast<std::size_t>(number_at(statement, 0));
        }
    );
}

result<token_set> open_token(transaction& tx, vault const& keys, link_id const& id)
{
    return guarded(
        "read the link's token",
        [&]() -> result<token_set>
        {
            auto& statement = bound(
                tx,
                "SELECT t.generation, t.key_id, t.access_sealed, t.refresh_sealed, t.token_type, t.scopes, "
                "t.obtained_at, t.expires_at FROM link_grant g JOIN link_token t ON t.link = g.link AND "
                "t.generation = g.generation WHERE g.link = ?",
                id.value
            );
            if (!statement.executeStep())
                return error(
                    errc::not_found, "link " + id.value + " has no token; linkspan start-oauth gets one"
                );
            auto const generation = number_at(statement, 0);
            auto const key = text_at(statement, 1);
            auto const refresh = optional_text_at(statement, 3);
            token_set out;
            out.token_type = text_at(statement, 4);
            out.scopes = text_at(statement, 5);
            out.obtained_at = time_at(statement, 6);
            out.expires_at = optional_time_at(statement, 7);
            auto access =
                keys.open_sealed(text_at(statement, 2), key, place_of(id, access_place, generation));
            statement.reset();
            if (!access)
                return access.error();
            out.access_token = std::move(*access);
            if (refresh)
            {
                auto opened = keys.open_sealed(*refresh, key, place_of(id, refresh_place, generation));
                if (!opened)
                    return opened.error();
                out.refresh_token = std::move(*opened);
            }
            return out;
        }
    );
}

result<std::int64_t> put_consent(
    transaction& tx, vault const& keys, link_id const& id, token_set const& tokens
)
{
    return guarded(
        "store the link's tokens",
        [&]() -> result<std::int64_t>
        {
            make_row(tx, id);
            auto const generation = read_row(tx, id).last_generation + 1;
            bound(tx, "DELETE FROM link_token WHERE link = ?", id.value).exec();
            if (auto const kept = insert_token(tx, keys, id, generation, generation, tokens); !kept)
                return kept.error();
            put_in_use(tx, id, generation, generation);
            // A destination that is held for want of a token looks again.
            bound(tx, "UPDATE link SET updated_at = ? WHERE id = ?", tx.now(), id.value).exec();
            return generation;
        }
    );
}

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
            auto const until = turn.grant.lease_until;
            if (until && *until > tx.now() && *until <= tx.now() + lease_time)
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
            ending at;
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
                    keep_failed(tx, id, answer.words, retry_at, at);
                    break;
            }
            return find_grant(tx, id);
        }
    );
}

result<> mark_worked(transaction& tx, link_id const& id, std::int64_t generation)
{
    return guarded(
        "store that the link's token works",
        [&]() -> result<>
        {
            auto const changed =
                bound(
                    tx,
                    "UPDATE link_grant SET worked_at = ? WHERE link = ? AND generation = ? AND "
                    "worked_at IS NULL",
                    tx.now(),
                    id.value,
                    generation
                )
                    .exec();
            if (changed != 0)
                bound(tx, "DELETE FROM link_token WHERE link = ? AND generation < ?", id.value, generation)
                    .exec();
            return {};
        }
    );
}

result<> mark_needs_reauth(transaction& tx, link_id const& id, std::int64_t generation, std::string_view why)
{
    return guarded(
        "store that the link needs a person",
        [&]() -> result<>
        {
            if (read_row(tx, id).generation == generation)
                set_needs_reauth(tx, id, 0, why);
            return {};
        }
    );
}

result<bool> forget_tokens(transaction& tx, link_id const& id)
{
    return guarded(
        "forget the link's tokens",
        [&]() -> result<bool>
        {
            bound(tx, "DELETE FROM link_token WHERE link = ?", id.value).exec();
            // The generations go on, so that no seal's place is used twice; a new consent, so that what is
            // still on its way does not come back.
            return bound(
                       tx,
                       "UPDATE link_grant SET state = 0, reason = NULL, generation = 0, last_generation = "
                       "last_generation + 1, consent = last_generation + 1, worked_at = NULL, failures = 0, "
                       "last_failure = NULL, retry_at = NULL, lease = NULL, lease_until_at = NULL, since_at "
                       "= ? "
                       "WHERE link = ?",
                       tx.now(),
                       id.value
                   )
                       .exec() != 0;
        }
    );
}

result<> look_again(transaction& tx, link_id const& id)
{
    return guarded(
        "end the link's back-off",
        [&]() -> result<>
        {
            bound(
                tx,
                "UPDATE link_grant SET failures = 0, last_failure = NULL, retry_at = NULL WHERE link = ?",
                id.value
            )
                .exec();
            return {};
        }
    );
}

}  // namespace linkspan
