#pragma once
#include "store/links.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// A link with everything that is known of it, its credentials open: for an export and for an import.

struct portable_token
{
    std::int64_t generation = 0;
    std::int64_t consent = 0;
    secret access_token;
    secret refresh_token;  // empty: there is none
    std::string token_type;
    std::string scopes;
    time_point obtained_at;
    std::optional<time_point> expires_at;
    std::optional<time_point> refused_at;

    portable_token() = default;
};

struct portable_grant
{
    std::int64_t state = 0;  // as it is stored
    std::optional<std::string> reason;
    time_point since;
    std::int64_t generation = 0;
    std::int64_t last_generation = 0;
    std::int64_t consent = 0;
    std::optional<time_point> worked_at;

    portable_grant() = default;
};

struct portable_link
{
    link_row row;
    std::map<std::string, secret, std::less<>> fields;
    std::map<std::string, std::string> facts;
    std::optional<portable_grant> grant;
    std::vector<portable_token> tokens;

    portable_link() = default;
};

// Reads a link. errc::unauthorized as vault::open_sealed().
result<portable_link> take_link(transaction& tx, vault const& keys, link_row const& row);

// The links that an import of this one would be in the way of: of the same id or name, or where the one's id
// is the other's name.
result<std::vector<link_row>> links_in_the_way(transaction& tx, link_row const& row);

// Stores a link in place of those that are in its way. Tokens get generations that the link never had here.
result<> put_link(transaction& tx, vault const& keys, portable_link const& link);

}  // namespace linkspan
