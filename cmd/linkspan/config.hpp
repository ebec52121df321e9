#pragma once
#include "core/base/error.hpp"
#include "core/delivery/delivery.hpp"
#include "core/event/event.hpp"
#include "core/route/route.hpp"

#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

struct listen_address
{
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;

    bool operator==(listen_address const&) const = default;
};

// [server]. The defaults stand in config.toml.example too; a test holds them equal.
struct server_config
{
    listen_address listen{"127.0.0.1", 14470};        // webhooks
    listen_address admin_listen{"127.0.0.1", 14471};  // health, metrics
    std::string public_url;                           // how the outside reaches `listen`; empty: not told
    bool allow_http_public_url = false;               // of plain http outside of this machine
    std::int64_t cloud_body_bytes_max = 1 << 20;
    std::int64_t data_center_body_bytes_max = 16 << 20;
    std::int64_t in_flight_bytes_max = 64 << 20;
    std::int64_t connections_max = 1024;
    std::int64_t grace_seconds = 10;            // from SIGTERM to the cut
    std::int64_t request_timeout_seconds = 30;  // one request to a service
    std::vector<std::int64_t> retry_seconds = {5, 30, 120, 600, 1800, 3600, 7200, 14400};
    std::int64_t attempts_max = 20;
    std::int64_t hold_seconds = 300;             // between two looks at a held destination
    std::int64_t catch_up_seconds = 900;         // between two questions what changed in a repository
    std::int64_t quiet_catch_up_seconds = 3600;  // the same where nothing did
    std::string proxy;                           // for requests to services; empty: none
    std::string ca_bundle;                       // PEM file of certificate authorities; empty: the system's
    std::string log_level = "info";              // debug, info, warning, error
    std::string log_format = "text";             // text, json

    bool operator==(server_config const&) const = default;
};

struct source_config  // [[source]]
{
    std::string name;
    linkspan::edition edition = linkspan::edition::cloud;
    bool is_edition_known =
        true;              // false: that key has a fault, and nothing can be said of what depends on it
    std::string instance;  // "bitbucket.org", or the base URL of a Data Center without a slash at its end
    std::string webhook;   // a link's id or name; empty: none, where poll_only
    int line = 0;
    std::string api;                        // the link that asks its REST API; empty: nothing is polled
    std::string workspace;                  // Cloud: all of its repositories are asked for
    std::vector<std::string> projects;      // Data Center: all repositories of these keys
    std::vector<std::string> repositories;  // these, too: "acme/api", "CORE/api"
    bool poll_only = false;                 // no webhook is needed

    bool operator==(source_config const&) const = default;
};

struct destination_config  // [[destination]]
{
    std::string name;
    std::string link;
    std::string channel;  // where the link's template needs one
    int line = 0;

    bool operator==(destination_config const&) const = default;
};

struct config
{
    server_config server;
    std::vector<source_config> sources;
    std::vector<destination_config> destinations;
    std::vector<team> teams;      // [[team]]
    std::vector<int> team_lines;  // of each, for messages
    std::vector<rule> rules;      // [[rule]]
    std::vector<int> rule_lines;
    std::filesystem::path file;  // empty: there is none, all defaults
};

// The largest file that is read: a thousand times what a long one needs.
inline constexpr std::size_t config_bytes_max = 1 << 20;
// The most faults that are told; the last line then says how many more there are.
inline constexpr std::size_t config_faults_max = 100;

// One key of the file, as the program and its documents know it (docs/reference/configuration.md).
struct config_key
{
    std::string_view table;         // "server", "source", "destination", "team", "rule"
    std::string_view name;          // "listen"
    std::string_view type;          // "number of seconds"
    std::string_view default_text;  // as TOML; empty where the key is required
    std::string_view help;          // one line
    std::string_view example = {};  // as TOML, where the default is empty
    std::int64_t min = 0;           // of numbers, in the unit of the type
    std::int64_t max = 0;           // 0: no number

    bool is_required() const { return default_text.empty(); }
};

// Every key, in the order of the example file.
std::span<config_key const> config_keys();

// One thing wrong with the configuration, with where and what to do.
struct config_fault
{
    std::string place;    // "config.toml:12"
    std::string message;  // "unknown key \"lisen\" in [server]; did you mean \"listen\"?"
};

// Every fault at once: a person mends them in one go.
struct config_faults
{
    std::vector<config_fault> faults;
};

// "config.toml:12: message" for each, a line each.
std::string to_text(config_faults const& all);

// Reads a file; a missing one is all defaults with `file` empty. Never throws, whatever the bytes are. A text
// that is no TOML has one fault, since nothing behind it is read; every other fault is found at once, in the
// order of lines. What only the store knows (whether the links exist) is judged by check_links() in
// check.cpp.
struct loaded_config
{
    linkspan::config config;
    config_faults problems;  // none: the configuration may be used
};
loaded_config load_config(std::filesystem::path const& file);
loaded_config parse_config(std::string_view text, std::filesystem::path const& file);

// The same for who can do nothing with a part of it: errc::invalid names the first fault and tells how many
// more there are.
result<config> load_whole_config(std::filesystem::path const& file);

// Sets one key of [server] from a flag or a variable of the environment: the same judgement as in the file,
// the message without a place. Lists are not set this way. errc::not_found where there is no such key,
// errc::invalid.
result<> override_server(server_config& server, std::string_view name, std::string_view text);

// Whether both listeners can be bound beside each other; errc::invalid. To be asked again after
// override_server().
result<> check_listeners(server_config const& server);

// Whether who signs in over public_url can be read on the way: plain http is for this machine alone
// ("localhost", 127.0.0.0/8, ::1), unless allow_http_public_url; errc::invalid.
result<> check_public_url(server_config const& server);

// "host:port", "[::1]:port", ":port" (then on 127.0.0.1). Hosts are IP addresses, port 0 is any free one. An
// IPv6 address comes out in its shortest form. errc::invalid says what is wrong.
result<listen_address> parse_listen_address(std::string_view text);
std::string to_text(listen_address const& address);

retry_schedule schedule_of(server_config const& server);

// The rules with their teams, ready to decide.
rule_set rules_of(config const& read);

}  // namespace linkspan
