#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "links/link.hpp"

#include <string>

namespace linkspan
{

// The link that a command is about, and the database that it stands in.
struct found_link
{
    command_store database;
    link_row row;
    link_template const* kind = nullptr;
};

// By id or name. errc::not_found names the nearest. find_link_of: errc::invalid where this version has not
// its template, so that kind is never null.
result<found_link> find_link_of(profile_paths const& paths, std::string const& id_or_name);
result<found_link> find_any_link_of(profile_paths const& paths, std::string const& id_or_name);

// Its fields, opened. No key is needed where it has none.
result<link_fields> open_fields_of(found_link& of, profile_paths const& paths);

}  // namespace linkspan
