#pragma once
#include "cmd/linkspan/paths.hpp"

#include <optional>
#include <string>

namespace linkspan
{

// The options of `linkspan serve`; those that are set win over the configuration.
struct serve_options
{
    profile_paths paths;
    std::optional<std::string> listen;
    std::optional<std::string> admin_listen;
    std::optional<std::string> public_url;
    std::optional<std::string> log_level;
    std::optional<std::string> log_format;
    bool allow_http_public_url = false;  // as the key of [server]
    bool json = false;
};

// Serves until SIGTERM or SIGINT. Returns the exit code.
int run_serve(serve_options const& options);

}  // namespace linkspan
