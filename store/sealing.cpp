#include "store/sealing.hpp"

#include "core/base/text.hpp"
#include "store/statement.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

// Every column that holds something sealed is in one of these tables, with key_id beside it.
constexpr char const* any_sealed_with =
    "SELECT key_id FROM link_field UNION SELECT key_id FROM link_token UNION SELECT verifier_key_id FROM "
    "flow "
    "WHERE verifier_sealed IS NOT NULL";

result<std::vector<std::string>> keys_in_use(transaction& tx)
{
    return guarded(
        "look for sealed values",
        [&]() -> result<std::vector<std::string>>
        {
            std::vector<std::string> out;
            auto& statement = tx.prepare(any_sealed_with);
            while (statement.executeStep())
                out.push_back(text_at(statement, 0));
            return out;
        }
    );
}

error foreign_key(std::string const& sealed_with, vault const& keys)
{
    return error(
        errc::conflict,
        "the database is sealed with the master key " + sealed_with + ", but " + keys.origin() + " holds " +
            joined(keys.key_ids(), " and ") +
            ": restore the right key file from your backup, or give it with --key-file; where it is lost, "
            "delete the links that it sealed"
    );
}

// Whether this key may seal. Where none is named yet, it must be one that has sealed what there is.
result<> admit(transaction& tx, vault const& keys, std::optional<sealing_key> const& named)
{
    if (named && named->key_id == keys.key_id())
        return {};
    auto const used = keys_in_use(tx);
    if (!used)
        return used.error();
    if (used->empty() && (!named || !named->origin.starts_with("systemd credential")))
        return change_sealing_key(tx, keys.key_id(), keys.origin());
    if (named)
        return foreign_key(named->key_id + " (" + named->origin + ")", keys);
    for (auto const& id : *used)
        if (id == keys.key_id())
            return change_sealing_key(tx, keys.key_id(), keys.origin());
    return foreign_key(joined(*used, " and "), keys);
}

}  // namespace

result<std::optional<sealing_key>> find_sealing_key(transaction& tx)
{
    return guarded(
        "look for the sealing key",
        [&]() -> result<std::optional<sealing_key>>
        {
            auto& statement = tx.prepare("SELECT key_id, origin FROM sealing_key");
            if (!statement.executeStep())
                return std::optional<sealing_key>();
            sealing_key found;
            found.key_id = text_at(statement, 0);
            found.origin = text_at(statement, 1);
            statement.reset();
            return std::optional<sealing_key>(std::move(found));
        }
    );
}

seal_place token_place(link_id const& id, std::string_view field, std::int64_t generation)
{
    seal_place place;
    place.link = id;
    place.field = field;
    place.version = generation;
    return place;
}

result<std::string> seal_for(transaction& tx, vault const& keys, secret const& plain, seal_place const& place)
{
    auto const named = find_sealing_key(tx);
    if (!named)
        return named.error();
    if (auto const admitted = admit(tx, keys, *named); !admitted)
        return admitted.error();
    return keys.seal(plain, place);
}

result<> name_sealing_key(transaction& tx, vault const& keys)
{
    auto const named = find_sealing_key(tx);
    if (!named)
        return named.error();
    auto const used = keys_in_use(tx);
    if (!used)
        return used.error();
    bool const is_same = *named && (*named)->key_id == keys.key_id();
    if (is_same && (*named)->origin == keys.origin())
        return {};
    bool const has_sealed_what_is_there = std::ranges::find(*used, keys.key_id()) != used->end();
    if (is_same || used->empty() || (!*named && has_sealed_what_is_there))
        return change_sealing_key(tx, keys.key_id(), keys.origin());
    return {};
}

result<> change_sealing_key(transaction& tx, std::string const& key_id, std::string const& origin)
{
    return guarded(
        "name the sealing key",
        [&]() -> result<>
        {
            bound(
                tx,
                "INSERT INTO sealing_key (only_row, key_id, origin, since_at) VALUES (1, ?, ?, ?) "
                "ON CONFLICT (only_row) DO UPDATE SET since_at = CASE WHEN key_id = excluded.key_id THEN "
                "since_at ELSE excluded.since_at END, key_id = excluded.key_id, origin = excluded.origin",
                key_id,
                origin,
                tx.now()
            )
                .exec();
            return {};
        }
    );
}

result<std::map<std::string, std::int64_t>> count_sealed(transaction& tx)
{
    using counts = std::map<std::string, std::int64_t>;
    return guarded(
        "count what each key has sealed",
        [&]() -> result<counts>
        {
            counts out;
            auto& statement = tx.prepare(
                "SELECT key_id, count(*) FROM (SELECT key_id FROM link_field UNION ALL SELECT key_id FROM "
                "link_token UNION ALL SELECT verifier_key_id FROM flow WHERE verifier_sealed IS NOT NULL) "
                "GROUP "
                "BY key_id"
            );
            while (statement.executeStep())
                out.emplace(text_at(statement, 0), number_at(statement, 1));
            return out;
        }
    );
}

}  // namespace linkspan
