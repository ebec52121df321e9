#pragma once
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/paths.hpp"
#include "core/base/error.hpp"

#include <string>

namespace linkspan
{

// The base URL at which this machine reaches the webhooks of the profile's `linkspan serve`: from the state
// file that a running one writes ("<state>/serve.json": {"pid": 1, "listen": "127.0.0.1:14470",
// "admin_listen": "...", "public_url": ""}), else from the configuration. A wildcard address becomes
// loopback. errc::invalid where neither can be read.
struct serve_address
{
    std::string url;          // "http://127.0.0.1:14470"
    listen_address listen;    // behind it
    std::string public_url;   // how the outside reaches it; empty: not told
    bool is_running = false;  // the state file names a process that lives
};
result<serve_address> find_serve(profile_paths const& paths);

// Whether a `linkspan serve` holds the profile, wherever its state file may be.
bool is_served(profile_paths const& paths);

}  // namespace linkspan
