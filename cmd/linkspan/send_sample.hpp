#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace linkspan
{

// `linkspan send-sample LINK`: deliveries as Bitbucket would send them to this link, signed with its secret.
struct send_sample_options : command_options
{
    std::string link;
    std::string event;      // a sample's name or event key; empty: "opened"
    std::string file;       // a body of the caller's own, sent as it is
    std::string event_key;  // of that file
    bool story = false;     // the whole life of a pull request, in order
    bool list = false;      // shows the samples of the link's edition instead
    std::string url;        // of the Linkspan; empty: the running one of this profile
    std::optional<std::int64_t> pull_request;
};

// Stops at the first delivery that is not accepted; the error says what the Linkspan answered:
// errc::unauthorized for 401 and 403, errc::not_found for 404, errc::rate_limited for 429, errc::invalid for
// other 4xx, errc::unavailable for 5xx and where nobody listens, errc::timeout where no answer came.
result<> send_sample(terminal& on, send_sample_options const& options);

}  // namespace linkspan
