#include "store/flows.hpp"
#include "store/sealing.hpp"
#include "store/statement.hpp"

// How a rotation seals anew what an older key has sealed: a few rows in a transaction.

namespace linkspan
{
namespace
{

constexpr int tables = 3;

// A row on its way from one key to another.
struct sealed_row
{
    std::string link;
    std::string name;
    std::int64_t number = 0;
    std::string key_id;
    std::string first;                  // sealed
    std::optional<std::string> second;  // sealed
};

seal_place place_of(sealed_row const& row, std::string_view field)
{
    seal_place place;
    place.link = link_id(row.link);
    place.field = field;
    place.version = row.number;
    return place;
}

result<std::string> resealed(
    vault const& keys, std::string const& sealed, std::string const& key_id, seal_place const& place
)
{
    auto const plain = keys.open_sealed(sealed, key_id, place);
    if (!plain)
        return plain.error();
    return keys.seal(*plain, place);
}

void tell(reseal_cursor& cursor, error const& failure)
{
    if (cursor.unopened++ == 0)
        cursor.first_failure = failure.message;
}

std::vector<sealed_row> next_fields(transaction& tx, vault const& keys, reseal_cursor const& after, int rows)
{
    auto& statement = bound(
        tx,
        "SELECT link, name, version, key_id, sealed FROM link_field WHERE key_id <> ? AND (link, name) > (?, "
        "?) "
        "ORDER BY link, name LIMIT ?",
        keys.key_id(),
        after.link,
        after.name,
        rows
    );
    std::vector<sealed_row> out;
    while (statement.executeStep())
    {
        sealed_row row;
        row.link = text_at(statement, 0);
        row.name = text_at(statement, 1);
        row.number = number_at(statement, 2);
        row.key_id = text_at(statement, 3);
        row.first = text_at(statement, 4);
        out.push_back(std::move(row));
    }
    return out;
}

result<> put_field_row(transaction& tx, vault const& keys, sealed_row const& row, reseal_cursor& cursor)
{
    auto const sealed = resealed(keys, row.first, row.key_id, place_of(row, row.name));
    if (!sealed)
    {
        tell(cursor, sealed.error());
        return {};
    }
    bound(
        tx,
        "UPDATE link_field SET key_id = ?, sealed = ? WHERE link = ? AND name = ?",
        keys.key_id(),
        blob_view(*sealed),
        row.link,
        row.name
    )
        .exec();
    ++cursor.resealed;
    return {};
}

std::vector<sealed_row> next_tokens(transaction& tx, vault const& keys, reseal_cursor const& after, int rows)
{
    auto& statement = bound(
        tx,
        "SELECT link, generation, key_id, access_sealed, refresh_sealed FROM link_token WHERE key_id <> ? "
        "AND "
        "(link, generation) > (?, ?) ORDER BY link, generation LIMIT ?",
        keys.key_id(),
        after.link,
        after.number,
        rows
    );
    std::vector<sealed_row> out;
    while (statement.executeStep())
    {
        sealed_row row;
        row.link = text_at(statement, 0);
        row.number = number_at(statement, 1);
        row.key_id = text_at(statement, 2);
        row.first = text_at(statement, 3);
        row.second = optional_text_at(statement, 4);
        out.push_back(std::move(row));
    }
    return out;
}

result<> put_token_row(transaction& tx, vault const& keys, sealed_row const& row, reseal_cursor& cursor)
{
    auto const access = resealed(keys, row.first, row.key_id, place_of(row, access_token_field));
    if (!access)
    {
        tell(cursor, access.error());
        return {};
    }
    std::optional<std::string> refresh;
    if (row.second)
    {
        auto sealed = resealed(keys, *row.second, row.key_id, place_of(row, refresh_token_field));
        if (!sealed)
        {
            tell(cursor, sealed.error());
            return {};
        }
        refresh = std::move(*sealed);
    }
    std::optional<blob_view> refresh_bytes;
    if (refresh)
        refresh_bytes.emplace(*refresh);
    bound(
        tx,
        "UPDATE link_token SET key_id = ?, access_sealed = ?, refresh_sealed = ? WHERE link = ? AND "
        "generation "
        "= ?",
        keys.key_id(),
        blob_view(*access),
        refresh_bytes,
        row.link,
        row.number
    )
        .exec();
    ++cursor.resealed;
    return {};
}

std::vector<sealed_row> next_flows(transaction& tx, vault const& keys, reseal_cursor const& after, int rows)
{
    auto& statement = bound(
        tx,
        "SELECT link, id, verifier_key_id, verifier_sealed FROM flow WHERE verifier_key_id <> ? AND "
        "verifier_sealed IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
        keys.key_id(),
        after.number,
        rows
    );
    std::vector<sealed_row> out;
    while (statement.executeStep())
    {
        sealed_row row;
        row.link = text_at(statement, 0);
        row.number = number_at(statement, 1);
        row.key_id = text_at(statement, 2);
        row.first = text_at(statement, 3);
        out.push_back(std::move(row));
    }
    return out;
}

result<> put_flow_row(transaction& tx, vault const& keys, sealed_row const& row, reseal_cursor& cursor)
{
    auto const sealed = resealed(keys, row.first, row.key_id, place_of(row, flow_verifier_field));
    if (!sealed)
    {
        tell(cursor, sealed.error());
        return {};
    }
    bound(
        tx,
        "UPDATE flow SET verifier_key_id = ?, verifier_sealed = ? WHERE id = ?",
        keys.key_id(),
        blob_view(*sealed),
        row.number
    )
        .exec();
    ++cursor.resealed;
    return {};
}

using next_function = std::vector<sealed_row> (*)(transaction&, vault const&, reseal_cursor const&, int);
using put_function = result<> (*)(transaction&, vault const&, sealed_row const&, reseal_cursor&);

constexpr std::pair<next_function, put_function> steps[tables] = {
    {next_fields, put_field_row}, {next_tokens, put_token_row}, {next_flows, put_flow_row}};

}  // namespace

result<reseal_cursor> reseal_some(transaction& tx, vault const& keys, reseal_cursor after, int rows)
{
    return guarded(
        "seal values with the new key",
        [&]() -> result<reseal_cursor>
        {
            auto const [next, put] = steps[after.table];
            auto const found = next(tx, keys, after, rows);
            for (auto const& row : found)
            {
                if (auto const done = put(tx, keys, row, after); !done)
                    return done.error();
                after.link = row.link;
                after.name = row.name;
                after.number = row.number;
            }
            if (found.size() == static_cast<std::size_t>(rows))
                return after;
            after.link.clear();
            after.name.clear();
            after.number = 0;
            after.is_at_end = ++after.table == tables;
            return after;
        }
    );
}

}  // namespace linkspan
