#pragma once
#include "store/database.hpp"
#include "store/vault.hpp"

#include <map>
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

// What tokens are bound to besides fields, which are bound to their own name and version. A flow's verifier:
// flow_verifier_field of flows.hpp and the flow's id.
inline constexpr std::string_view access_token_field = "token.access_token";
inline constexpr std::string_view refresh_token_field = "token.refresh_token";
seal_place token_place(link_id const& id, std::string_view field, std::int64_t generation);

// Seals for the database, with the key that the database names and no other; the first one ever is named by
// this, and so is another one while nothing at all is sealed. errc::conflict: the keys are older than the
// last rotation, or foreign: read the key file again.
result<std::string> seal_for(
    transaction& tx, vault const& keys, secret const& plain, seal_place const& place
);

// Names the key and its origin, as the daemon does when it starts: commands then know where it is. Where
// another one is named, or has sealed what is there, that stays as it is.
result<> name_sealing_key(transaction& tx, vault const& keys);

// Names another key, whatever was named before: a rotation.
result<> change_sealing_key(transaction& tx, std::string const& key_id, std::string const& origin);

// How many rows each key has sealed.
result<std::map<std::string, std::int64_t>> count_sealed(transaction& tx);

// Seals the next rows that another key has sealed anew, at most `rows` of them, from `after` on in the order
// of their places. A value that does not open is left as it is and counted.
struct reseal_cursor
{
    int table = 0;
    std::string link;
    std::string name;         // of a field
    std::int64_t number = 0;  // generation of a token, id of a flow
    std::int64_t resealed = 0;
    std::int64_t unopened = 0;
    std::string first_failure;  // why the first of them did not open: names link and field
    bool is_at_end = false;

    reseal_cursor() = default;
};
result<reseal_cursor> reseal_some(transaction& tx, vault const& keys, reseal_cursor after, int rows);

}  // namespace linkspan
