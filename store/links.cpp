#include "store/links.hpp"

#include "store/sealing.hpp"
#include "store/statement.hpp"

#include <unordered_map>

namespace linkspan
{
namespace
{

link_row read_link(SQLite::Statement& statement)
{
    link_row row;
    row.id = link_id(text_at(statement, 0));
    row.name = optional_text_at(statement, 1);
    row.template_name = text_at(statement, 2);
    row.allow_unsigned = number_at(statement, 3) != 0;
    row.created_at = time_at(statement, 4);
    row.updated_at = time_at(statement, 5);
    return row;
}

// Ids and names are one space: commands take either.
bool is_taken(transaction& tx, std::string_view id_or_name)
{
    return bound(tx, "SELECT 1 FROM link WHERE id = ?1 OR name = ?1", id_or_name).executeStep();
}

void read_field_names(transaction& tx, link_row& row)
{
    auto& statement = bound(tx, "SELECT name FROM link_field WHERE link = ? ORDER BY name", row.id.value);
    while (statement.executeStep())
        row.field_names.push_back(text_at(statement, 0));
}

// Of all links at once: ten thousand of them are ten thousand queries otherwise.
void read_field_names(transaction& tx, std::vector<link_row>& rows)
{
    std::unordered_map<std::string_view, link_row*> places;
    places.reserve(rows.size());
    for (auto& row : rows)
        places.emplace(row.id.value, &row);
    auto& statement = tx.prepare("SELECT link, name FROM link_field ORDER BY link, name");
    while (statement.executeStep())
        if (auto const place = places.find(text_at(statement, 0)); place != places.end())
            place->second->field_names.push_back(text_at(statement, 1));
}

}  // namespace

result<> insert_link(transaction& tx, link_row const& row)
{
    return guarded(
        "store the link",
        [&]() -> result<>
        {
            if (row.name && is_taken(tx, *row.name))
                return error(errc::conflict, "a link named " + *row.name + " exists; choose another name");
            if (is_taken(tx, row.id.value))
                return error(errc::conflict, "a link with the id or name " + row.id.value + " exists");
            bound(
                tx,
                "INSERT INTO link (id, name, template, allow_unsigned, created_at, updated_at) VALUES (?, ?, "
                "?, ?, ?, ?)",
                row.id.value,
                row.name,
                row.template_name,
                row.allow_unsigned,
                tx.now(),
                tx.now()
            )
                .exec();
            return {};
        }
    );
}

result<std::vector<link_row>> list_links(transaction& tx)
{
    return guarded(
        "list the links",
        [&]() -> result<std::vector<link_row>>
        {
            std::vector<link_row> rows;
            auto& statement = tx.prepare(
                "SELECT id, name, template, allow_unsigned, created_at, updated_at FROM link ORDER BY "
                "created_at, id"
            );
            while (statement.executeStep())
                rows.push_back(read_link(statement));
            read_field_names(tx, rows);
            return rows;
        }
    );
}

result<link_row> find_link(transaction& tx, std::string_view id_or_name)
{
    return guarded(
        "find the link",
        [&]() -> result<link_row>
        {
            auto& statement = bound(
                tx,
                "SELECT id, name, template, allow_unsigned, created_at, updated_at FROM link "
                "WHERE id = ?1 OR name = ?1 ORDER BY id <> ?1 LIMIT 1",
                id_or_name
            );
            if (!statement.executeStep())
                return error(
                    errc::not_found,
                    "there is no link " + std::string(id_or_name) + "; linkspan list-links shows them"
                );
            auto row = read_link(statement);
            read_field_names(tx, row);
            return row;
        }
    );
}

result<> name_link(transaction& tx, link_id const& id, std::optional<std::string> const& name)
{
    return guarded(
        "name the link",
        [&]() -> result<>
        {
            auto& holder =
                bound(tx, "SELECT 1 FROM link WHERE id <> ?1 AND (id = ?2 OR name = ?2)", id.value, name);
            bool const is_held = holder.executeStep();
            holder.reset();
            if (is_held || name == id.value)
                return error(
                    errc::conflict, "a link with the id or name " + *name + " exists; choose another name"
                );
            if (bound(tx, "UPDATE link SET name = ?, updated_at = ? WHERE id = ?", name, tx.now(), id.value)
                    .exec() == 0)
                return error(errc::not_found, "there is no link " + id.value);
            return {};
        }
    );
}

result<> delete_link(transaction& tx, link_id const& id)
{
    return guarded(
        "delete the link",
        [&]() -> result<>
        {
            if (bound(tx, "DELETE FROM link WHERE id = ?", id.value).exec() == 0)
                return error(errc::not_found, "there is no link " + id.value);
            return {};
        }
    );
}

result<> put_field(
    transaction& tx, vault const& keys, link_id const& id, std::string_view field, secret const& value
)
{
    return guarded(
        "store a field of the link",
        [&]() -> result<>
        {
            auto& last = bound(tx, "SELECT last_version FROM link WHERE id = ?", id.value);
            if (!last.executeStep())
                return error(errc::not_found, "there is no link " + id.value);
            seal_place place;
            place.link = id;
            place.field = field;
            place.version = number_at(last, 0) + 1;
            last.reset();
            auto const sealed = seal_for(tx, keys, value, place);
            if (!sealed)
                return sealed.error();
            bound(
                tx,
                "INSERT INTO link_field (link, name, version, key_id, sealed, updated_at) VALUES (?, ?, ?, "
                "?, ?, ?) "
                "ON CONFLICT (link, name) DO UPDATE SET version = excluded.version, key_id = "
                "excluded.key_id, "
                "sealed = excluded.sealed, updated_at = excluded.updated_at",
                id.value,
                field,
                place.version,
                std::string_view(keys.key_id()),
                blob_view(*sealed),
                tx.now()
            )
                .exec();
            bound(
                tx,
                "UPDATE link SET last_version = ?, updated_at = ? WHERE id = ?",
                place.version,
                tx.now(),
                id.value
            )
                .exec();
            return {};
        }
    );
}

result<bool> remove_field(transaction& tx, link_id const& id, std::string_view field)
{
    return guarded(
        "unset a field of the link",
        [&]() -> result<bool>
        {
            if (bound(tx, "DELETE FROM link_field WHERE link = ? AND name = ?", id.value, field).exec() == 0)
                return false;
            bound(tx, "UPDATE link SET updated_at = ? WHERE id = ?", tx.now(), id.value).exec();
            return true;
        }
    );
}

result<std::map<std::string, secret, std::less<>>> open_fields(
    transaction& tx, vault const& keys, link_id const& id
)
{
    using fields = std::map<std::string, secret, std::less<>>;
    return guarded(
        "read the fields of the link",
        [&]() -> result<fields>
        {
            fields out;
            auto& statement =
                bound(tx, "SELECT name, version, key_id, sealed FROM link_field WHERE link = ?", id.value);
            while (statement.executeStep())
            {
                auto const name = text_at(statement, 0);
                seal_place place;
                place.link = id;
                place.field = name;
                place.version = number_at(statement, 1);
                auto opened = keys.open_sealed(text_at(statement, 3), text_at(statement, 2), place);
                if (!opened)
                {
                    statement.reset();
                    return opened.error();
                }
                out.emplace(name, std::move(*opened));
            }
            return out;
        }
    );
}

result<bool> has_sealed_fields(transaction& tx)
{
    return guarded(
        "look for sealed values",
        [&]() -> result<bool>
        {
            return tx
                .prepare(
                    "SELECT 1 WHERE EXISTS (SELECT 1 FROM link_field) OR EXISTS (SELECT 1 FROM link_token) "
                    "OR EXISTS (SELECT 1 FROM flow WHERE verifier_sealed IS NOT NULL)"
                )
                .executeStep();
        }
    );
}

}  // namespace linkspan
