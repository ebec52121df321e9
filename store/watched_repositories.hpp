#pragma once
#include "store/database.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// A repository that is asked about: since when, and how far. What is older than watched_since was never seen,
// and announces nothing.
struct watched_repository
{
    std::string instance;
    std::string full_name;
    time_point watched_since;
    std::optional<time_point> cursor;      // by Bitbucket's clock: what changed until then is known
    std::optional<time_point> crawled_at;  // when its open pull requests were last read to their end
    std::string fault;                     // why it cannot be asked about; empty: it can

    watched_repository() = default;
};

// The row; where there is none it is made, with the instance, name and watched_since of `wanted`.
result<watched_repository> ensure_watched(transaction& tx, watched_repository const& wanted);

// The same, watched from now on.
result<watched_repository> ensure_watched(
    transaction& tx, std::string_view instance, std::string_view full_name
);

// Nothing where it is not watched.
result<std::optional<watched_repository>> find_watched(
    transaction& tx, std::string_view instance, std::string_view full_name
);

// All, by instance and name.
result<std::vector<watched_repository>> list_watched(transaction& tx);

// Stores its cursor, crawled_at and fault; watched_since stays. Nothing where it is not watched.
result<> save_watched(transaction& tx, watched_repository const& state);

}  // namespace linkspan
