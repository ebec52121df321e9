#include "store/grants.hpp"

#include "store/grant_rows.hpp"
#include "store/sealing.hpp"

namespace linkspan
{
namespace
{

using namespace grants;

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
    out.unheard_since = optional_time_at(statement, 14);
    return out;
}

// Columns: generation, key_id, access_sealed, refresh_sealed, token_type, scopes, obtained_at, expires_at.
result<token_set> open_row(SQLite::Statement& statement, vault const& keys, link_id const& id)
{
    auto const generation = number_at(statement, 0);
    auto const key = text_at(statement, 1);
    token_set out;
    out.token_type = text_at(statement, 4);
    out.scopes = text_at(statement, 5);
    out.obtained_at = time_at(statement, 6);
    out.expires_at = optional_time_at(statement, 7);
    auto access = keys.open_sealed(text_at(statement, 2), key, place_of(id, access_token_field, generation));
    if (!access)
        return access.error();
    out.access_token = std::move(*access);
    auto const refresh = optional_text_at(statement, 3);
    if (!refresh)
        return out;
    auto opened = keys.open_sealed(*refresh, key, place_of(id, refresh_token_field, generation));
    if (!opened)
        return opened.error();
    out.refresh_token = std::move(*opened);
    return out;
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
            auto opened = open_row(statement, keys, id);
            statement.reset();
            return opened;
        }
    );
}

result<std::vector<token_set>> open_tokens(transaction& tx, vault const& keys, link_id const& id)
{
    return guarded(
        "read the link's tokens",
        [&]() -> result<std::vector<token_set>>
        {
            auto& statement = bound(
                tx,
                "SELECT t.generation, t.key_id, t.access_sealed, t.refresh_sealed, t.token_type, t.scopes, "
                "t.obtained_at, t.expires_at FROM link_grant g JOIN link_token t ON t.link = g.link WHERE "
                "g.link = ? ORDER BY t.generation = g.generation DESC, t.generation DESC",
                id.value
            );
            std::vector<token_set> all;
            while (statement.executeStep())
            {
                auto opened = open_row(statement, keys, id);
                if (!opened)
                {
                    statement.reset();
                    return opened.error();
                }
                all.push_back(std::move(*opened));
            }
            return all;
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

result<grant> mark_needs_reauth(
    transaction& tx, link_id const& id, std::int64_t generation, std::string_view why
)
{
    return guarded(
        "store that the link needs a person",
        [&]() -> result<grant>
        {
            if (read_row(tx, id).generation != generation)
                return find_grant(tx, id);
            bound(
                tx,
                "UPDATE link_token SET refused_at = ? WHERE link = ? AND generation <= ? AND refused_at IS "
                "NULL",
                tx.now(),
                id.value,
                generation
            )
                .exec();
            if (has_candidate(tx, id))
                bound(tx, "UPDATE link_grant SET generation = 0, retry_at = NULL WHERE link = ?", id.value)
                    .exec();
            else
                set_needs_reauth(tx, id, 0, why);
            return find_grant(tx, id);
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
                       "last_failure = NULL, retry_at = NULL, unheard_since_at = NULL, lease = NULL, "
                       "lease_until_at = NULL, since_at = ? "
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
                "UPDATE link_grant SET failures = 0, last_failure = NULL, retry_at = NULL, reason = CASE "
                "state "
                "WHEN 2 THEN reason END WHERE link = ?",
                id.value
            )
                .exec();
            return {};
        }
    );
}

}  // namespace linkspan
