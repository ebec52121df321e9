#pragma once
#include "core/base/ids.hpp"
#include "core/base/secret.hpp"
#include "store/database.hpp"
#include "store/vault.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// A configured connection to one outside service, without its credentials.
struct link_row
{
    link_id id;
    std::optional<std::string> name;
    std::string template_name;
    bool allow_unsigned = false;  // its webhooks may come without a signature
    time_point created_at;
    time_point updated_at;                 // of the link or any of its fields
    std::vector<std::string> field_names;  // those that are set
};

// errc::conflict when the id or the name is taken (a name may not be another link's id either).
result<> insert_link(transaction& tx, link_row const& row);

result<std::vector<link_row>> list_links(transaction& tx);

// By id, else by name. errc::not_found.
result<link_row> find_link(transaction& tx, std::string_view id_or_name);

// Gives the link another name; nothing: none any more. errc::conflict as insert_link(), errc::not_found.
result<> name_link(transaction& tx, link_id const& id, std::optional<std::string> const& name);

result<> delete_link(transaction& tx, link_id const& id);

// Sets a field, under a version that no field of the link ever had.
result<> put_field(
    transaction& tx, vault const& keys, link_id const& id, std::string_view field, secret const& value
);

// Unsets a field. Whether it was set.
result<bool> remove_field(transaction& tx, link_id const& id, std::string_view field);

// Every field of a link, opened. errc::unauthorized as vault::open_sealed().
result<std::map<std::string, secret, std::less<>>> open_fields(
    transaction& tx, vault const& keys, link_id const& id
);

// Whether anything in the database is sealed: then a missing key file must not be replaced by a new one.
result<bool> has_sealed_fields(transaction& tx);

}  // namespace linkspan
