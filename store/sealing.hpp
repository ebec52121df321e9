#pragma once
#include "store/database.hpp"
#include "store/vault.hpp"

#include <optional>
#include <string>

namespace linkspan
{

// Which master key seals now, for every process that writes.
struct sealing_key
{
    std::string key_id;
    std::string origin;  // where it was read last: "key file /home/ada/.local/share/linkspan/master.key"
};
result<std::optional<sealing_key>> find_sealing_key(transaction& tx);

// Seals for the database, with the key that the database names and no other; the first one ever is named by
// this. errc::conflict: the keys are older than the last rotation, or foreign: read the key file again.
result<std::string> seal_for(
    transaction& tx, vault const& keys, secret const& plain, seal_place const& place
);

}  // namespace linkspan
