#pragma once
#include "cmd/linkspan/paths.hpp"
#include "core/base/error.hpp"
#include "links/link.hpp"
#include "store/links.hpp"
#include "store/store.hpp"
#include "store/vault.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// What every command gets besides its own options.
struct command_options
{
    profile_paths paths;
    bool json = false;
};

// Opens the profile's database, making it and its folder (0700) where they are missing.
result<command_store> open_store(profile_paths const& paths);

// The same without making anything; nothing where there is no database yet.
result<std::optional<command_store>> find_store(profile_paths const& paths);

// Reads from the profile's database; what `work` would answer about an empty one, where there is none yet.
template <class T>
result<T> read_store(
    profile_paths const& paths, T nothing, std::function<result<T>(transaction&)> const& work
)
{
    auto opened = find_store(paths);
    if (!opened)
        return opened.error();
    if (!opened->has_value())
        return nothing;
    return (*opened)->read<T>(system_now(), work);
}

// The vault of the profile's master key, wherever that comes from (keys.hpp). A key is made only while the
// database holds nothing sealed: a missing one is errc::not_found then, and the message says to restore it.
// Whoever seals uses write_sealed() of keys.hpp, which knows of rotations.
result<vault> open_vault(command_store& database, profile_paths const& paths);

// The same, and never makes a key. Inside a transaction no rotation can come between the keys and their use.
result<vault> find_vault(profile_paths const& paths);
result<vault> find_vault(transaction& tx, profile_paths const& paths);

// Whether the store may take later what it does not take now: the disk is full, the database busy, or the key
// file not as it should be.
bool may_pass(errc code) noexcept;

// Between two tries of that.
inline constexpr milliseconds store_wait{1'000};

// store's find_link, whose message also names the nearest link.
result<link_row> find_link_or_nearest(transaction& tx, std::string_view id_or_name);

// "; did you mean \"x\"?", or nothing.
std::string did_you_mean(std::string_view word, std::vector<std::string> const& candidates);

// How people call the link: its name, else its id.
std::string const& name_of(link_row const& link);

// The names of links, by id, and how people call a link of that id: also one that is gone or has no name.
using link_names = std::map<std::string, std::string, std::less<>>;
result<link_names> names_of_links(transaction& tx);
std::string const& name_of(link_names const& links, std::string const& id);

// Required fields of the link's template that a person has to set and has not.
std::vector<std::string> missing_fields(link_template const& kind, link_row const& link);

}  // namespace linkspan
