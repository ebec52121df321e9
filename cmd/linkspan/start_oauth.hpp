#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <cstdint>
#include <string>

namespace linkspan
{

// `linkspan start-oauth LINK`: a person signs in at the service. Prints the URL that begins it on `out`
// (with --json on `err`, and one document at the end on `out`), opens a browser where one can be, and waits:
//
//   linkspan serve runs       it answers the browser, and this command watches the flow in the store
//   none does                 this command answers on [server] listen until the sign-in ends
//   no browser, or no way back   the callback URL may be pasted as well; whichever comes first counts
//
// Where nobody has to consent it gets a token at once. errc::unauthorized: refused, with the service's own
// words; errc::timeout: nobody came in time; errc::cancelled: ctrl-c; errc::invalid: the link lacks a field,
// or has no sign-in; errc::conflict: another program has the port.
struct start_oauth_options : command_options
{
    std::string link;
    bool no_browser = false;
    std::int64_t timeout_seconds = 600;  // at most flow_life
};
result<> start_oauth(terminal& on, start_oauth_options const& options);

}  // namespace linkspan
