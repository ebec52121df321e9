#pragma once
#include "core/base/error.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace linkspan
{

// Where one user's Linkspan lives (XDG Base Directory Specification 0.8).
struct profile_paths
{
    std::filesystem::path config;      // $XDG_CONFIG_HOME/linkspan/config.toml
    std::filesystem::path database;    // $XDG_DATA_HOME/linkspan/linkspan.db
    std::filesystem::path master_key;  // $XDG_DATA_HOME/linkspan/master.key
    std::filesystem::path state;       // $XDG_STATE_HOME/linkspan: what serve tells other commands while it runs
};

// Flags, or LINKSPAN_CONFIG, LINKSPAN_DATABASE, LINKSPAN_MASTER_KEY.
struct path_overrides
{
    std::string config;
    std::string database;
    std::string master_key;
};

// A variable of the environment; nothing where it is not set or empty.
using environment = std::function<std::optional<std::string>(char const* name)>;
std::optional<std::string> process_environment(char const* name);

// errc::invalid where neither HOME nor the XDG variables say where (or an XDG variable is no absolute path).
result<profile_paths> find_profile(path_overrides const& overrides, environment const& variables);

// Makes a folder and the missing ones above it, with mode 0700.
result<> make_private_folder(std::filesystem::path const& folder);

}  // namespace linkspan
