#include "store/portable.hpp"

#include "store/sealing.hpp"
#include "store/statement.hpp"
#include "store/uses.hpp"

namespace linkspan
{
namespace
{

void read_facts(transaction& tx, portable_link& into)
{
    auto& statement = bound(
        tx, "SELECT name, value FROM link_fact WHERE link = ? AND name <> ?", into.row.id.value, question_fact
    );
    while (statement.executeStep())
        into.facts.emplace(text_at(statement, 0), text_at(statement, 1));
}

void read_grant(transaction& tx, portable_link& into)
{
    auto& statement = bound(
        tx,
        "SELECT state, reason, since_at, generation, last_generation, consent, worked_at FROM link_grant "
        "WHERE "
        "link = ?",
        into.row.id.value
    );
    if (!statement.executeStep())
        return;
    auto& grant = into.grant.emplace();
    grant.state = number_at(statement, 0);
    grant.reason = optional_text_at(statement, 1);
    grant.since = time_at(statement, 2);
    grant.generation = number_at(statement, 3);
    grant.last_generation = number_at(statement, 4);
    grant.consent = number_at(statement, 5);
    grant.worked_at = optional_time_at(statement, 6);
    statement.reset();
}

result<> read_tokens(transaction& tx, vault const& keys, portable_link& into)
{
    auto& statement = bound(
        tx,
        "SELECT generation, consent, key_id, access_sealed, refresh_sealed, token_type, scopes, obtained_at, "
        "expires_at, refused_at FROM link_token WHERE link = ? ORDER BY generation",
        into.row.id.value
    );
    while (statement.executeStep())
    {
        portable_token token;
        token.generation = number_at(statement, 0);
        token.consent = number_at(statement, 1);
        auto const key_id = text_at(statement, 2);
        auto access = keys.open_sealed(
            text_at(statement, 3), key_id, token_place(into.row.id, access_token_field, token.generation)
        );
        if (!access)
            return access.error();
        token.access_token = std::move(*access);
        if (auto const sealed = optional_text_at(statement, 4))
        {
            auto refresh = keys.open_sealed(
                *sealed, key_id, token_place(into.row.id, refresh_token_field, token.generation)
            );
            if (!refresh)
                return refresh.error();
            token.refresh_token = std::move(*refresh);
        }
        token.token_type = text_at(statement, 5);
        token.scopes = text_at(statement, 6);
        token.obtained_at = time_at(statement, 7);
        token.expires_at = optional_time_at(statement, 8);
        token.refused_at = optional_time_at(statement, 9);
        into.tokens.push_back(std::move(token));
    }
    return {};
}

// The highest generation that a link of this id ever had here.
std::int64_t last_generation_of(transaction& tx, link_id const& id)
{
    auto& statement = bound(tx, "SELECT last_generation FROM link_grant WHERE link = ?", id.value);
    auto const last = statement.executeStep() ? number_at(statement, 0) : 0;
    statement.reset();
    return last;
}

// 0 stays: it stands for none.
std::int64_t shifted(std::int64_t generation, std::int64_t by)
{
    return generation == 0 ? 0 : generation + by;
}

void put_grant(transaction& tx, portable_link const& link, std::int64_t shift)
{
    if (!link.grant)
        return;
    auto const& grant = *link.grant;
    bound(
        tx,
        "INSERT INTO link_grant (link, state, reason, since_at, generation, last_generation, consent, "
        "worked_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        link.row.id.value,
        grant.state,
        grant.reason,
        grant.since,
        shifted(grant.generation, shift),
        grant.last_generation + shift,
        shifted(grant.consent, shift),
        grant.worked_at
    )
        .exec();
}

result<> put_token(
    transaction& tx, vault const& keys, link_id const& id, portable_token const& token, std::int64_t shift
)
{
    auto const generation = token.generation + shift;
    auto const access =
        seal_for(tx, keys, token.access_token, token_place(id, access_token_field, generation));
    if (!access)
        return access.error();
    std::optional<std::string> refresh;
    if (!token.refresh_token.empty())
    {
        auto sealed =
            seal_for(tx, keys, token.refresh_token, token_place(id, refresh_token_field, generation));
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
        "scopes, obtained_at, expires_at, refused_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id.value,
        generation,
        shifted(token.consent, shift),
        keys.key_id(),
        blob_view(*access),
        refresh_bytes,
        token.token_type,
        token.scopes,
        token.obtained_at,
        token.expires_at,
        token.refused_at
    )
        .exec();
    return {};
}

result<> put_all(transaction& tx, vault const& keys, portable_link const& link)
{
    auto const in_the_way = links_in_the_way(tx, link.row);
    if (!in_the_way)
        return in_the_way.error();
    auto const shift = last_generation_of(tx, link.row.id);
    for (auto const& row : *in_the_way)
        if (auto const gone = delete_link(tx, row.id); !gone)
            return gone;
    if (auto const made = insert_link(tx, link.row); !made)
        return made;
    bound(tx, "UPDATE link SET created_at = ? WHERE id = ?", link.row.created_at, link.row.id.value).exec();
    for (auto const& [name, value] : link.fields)
        if (auto const put = put_field(tx, keys, link.row.id, name, value); !put)
            return put;
    for (auto const& [name, value] : link.facts)
        bound(
            tx,
            "INSERT INTO link_fact (link, name, value, updated_at) VALUES (?, ?, ?, ?)",
            link.row.id.value,
            name,
            value,
            tx.now()
        )
            .exec();
    put_grant(tx, link, shift);
    for (auto const& token : link.tokens)
        if (auto const put = put_token(tx, keys, link.row.id, token, shift); !put)
            return put;
    return {};
}

}  // namespace

result<portable_link> take_link(transaction& tx, vault const& keys, link_row const& row)
{
    return guarded(
        "read the whole link",
        [&]() -> result<portable_link>
        {
            portable_link out;
            out.row = row;
            auto fields = open_fields(tx, keys, row.id);
            if (!fields)
                return fields.error();
            out.fields = std::move(*fields);
            read_facts(tx, out);
            read_grant(tx, out);
            if (auto const read = read_tokens(tx, keys, out); !read)
                return read.error();
            return out;
        }
    );
}

result<std::vector<link_row>> links_in_the_way(transaction& tx, link_row const& row)
{
    return guarded(
        "look for links in the way",
        [&]() -> result<std::vector<link_row>>
        {
            std::vector<std::string> ids;
            auto& statement = bound(
                tx,
                "SELECT id FROM link WHERE id = ?1 OR name = ?1 OR id = ?2 OR name = ?2 ORDER BY id",
                row.id.value,
                row.name
            );
            while (statement.executeStep())
                ids.push_back(text_at(statement, 0));
            std::vector<link_row> out;
            for (auto const& id : ids)
            {
                auto found = find_link(tx, id);
                if (!found)
                    return found.error();
                out.push_back(std::move(*found));
            }
            return out;
        }
    );
}

result<> put_link(transaction& tx, vault const& keys, portable_link const& link)
{
    return guarded("store the whole link", [&]() -> result<> { return put_all(tx, keys, link); });
}

}  // namespace linkspan
