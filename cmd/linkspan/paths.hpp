#pragma once
#include "core/base/error.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace linkspan
{

class key_reader;

// Where one user's Linkspan lives (XDG Base Directory Specification 0.8).
struct profile_paths
{
    std::filesystem::path config;      // $XDG_CONFIG_HOME/linkspan/config.toml
    std::filesystem::path database;    // $XDG_DATA_HOME/linkspan/linkspan.db
    std::filesystem::path master_key;  // $XDG_DATA_HOME/linkspan/master.key
    std::filesystem::path state;   // $XDG_STATE_HOME/linkspan: what serve tells other commands while it runs
    bool config_is_named = false;  // by a flag or its variable, not by default
    bool key_is_named = false;
    std::filesystem::path passphrase_file;  // of a key file that is locked; empty: none was named
    std::filesystem::path credentials;  // $CREDENTIALS_DIRECTORY, which systemd makes; empty: there is none
    std::shared_ptr<key_reader>
        keys;  // keys.hpp: of the whole process; nothing: whoever needs keys makes one
};

// Flags, or LINKSPAN_CONFIG, LINKSPAN_DATABASE, LINKSPAN_KEY_FILE, LINKSPAN_PASSPHRASE_FILE.
struct path_overrides
{
    std::string config;
    std::string database;
    std::string master_key;
    std::string passphrase_file;
};

// A variable of the environment; nothing where it is not set or empty.
using environment = std::function<std::optional<std::string>(char const* name)>;
std::optional<std::string> process_environment(char const* name);

// A flag goes before its variable, and both before the folders of the standard; a relative path is taken from
// the working folder. The result is absolute. errc::invalid where something is needed that neither HOME nor
// the XDG variables say, or where one of these that is asked is no absolute path (the standard would have it
// ignored in silence).
result<profile_paths> find_profile(path_overrides const& overrides, environment const& variables);

// errc::not_found where the configuration was named and is not there: a typo is not "all defaults".
result<> find_named_config(profile_paths const& paths);

// Makes a folder and the missing ones above it, with mode 0700. One that exists is left as it is, its mode
// too: readable by others is accepted (the files in it are 0600); writable by others is errc::invalid, since
// they could put files of theirs in place of ours, unless its sticky bit forbids that. errc::conflict where
// the name is taken by something else, errc::unavailable where the system refuses.
result<> make_private_folder(std::filesystem::path const& folder);

}  // namespace linkspan
