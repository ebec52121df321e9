#include "store/grant_rows.hpp"

#include "store/sealing.hpp"

namespace linkspan::grants
{

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
    auto const access = seal_for(tx, keys, tokens.access_token, place_of(id, access_token_field, generation));
    if (!access)
        return access.error();
    std::optional<std::string> refresh;
    if (!tokens.refresh_token.empty())
    {
        auto sealed = seal_for(tx, keys, tokens.refresh_token, place_of(id, refresh_token_field, generation));
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
        "last_failure = NULL, retry_at = NULL, unheard_since_at = NULL, lease = NULL, lease_until_at = NULL "
        "WHERE link = ?1",
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

}  // namespace linkspan::grants
