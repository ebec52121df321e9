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
    link_template const* kind = nullptr;  // never null
};

// By id or name. errc::not_found names the nearest; errc::invalid where this version has not its template.
result<found_link> find_link_of(profile_paths const& paths, std::string const& id_or_name);

// Its fields, opened. No key is needed where it has none.
result<link_fields> open_fields_of(found_link& of, profile_paths const& paths);

}  // namespace linkspan
