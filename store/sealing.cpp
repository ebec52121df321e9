#include "store/sealing.hpp"

#include "store/statement.hpp"

namespace linkspan
{

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

result<std::string> seal_for(transaction& tx, vault const& keys, secret const& plain, seal_place const& place)
{
    auto const current = find_sealing_key(tx);
    if (!current)
        return current.error();
    if (*current && (*current)->key_id != keys.key_id())
        return error(
            errc::conflict,
            "the database is sealed with the master key " + (*current)->key_id + " (" + (*current)->origin +
                "), not with " + keys.key_id() + " (" + keys.origin() +
                "): give the right one with --key-file, or restore it from your backup"
        );
    if (!*current)
    {
        auto const named = guarded(
            "name the sealing key",
            [&]() -> result<>
            {
                bound(
                    tx,
                    "INSERT INTO sealing_key (only_row, key_id, origin, since_at) VALUES (1, ?, ?, ?)",
                    keys.key_id(),
                    keys.origin(),
                    tx.now()
                )
                    .exec();
                return {};
            }
        );
        if (!named)
            return named.error();
    }
    return keys.seal(plain, place);
}

}  // namespace linkspan
