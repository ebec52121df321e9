#pragma once
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/terminal.hpp"
#include "links/link.hpp"
#include "store/links.hpp"

#include <string>

namespace linkspan
{

// How the outside reaches serve, without a slash at its end; empty where the configuration does not say.
std::string public_url_of(server_config const& server);

// Where a service sends the browser after a sign-in, to be registered there: "<public_url>/callback", or on
// loopback at serve's own port.
std::string callback_url_of(server_config const& server);

// What a template says to do at the service, for one link: "<link>", "<public_url>" and the callback filled
// in.
std::string steps_for(link_template const& kind, std::string const& link, server_config const& server);

struct created_link
{
    link_row row;
    link_template const* kind = nullptr;
    server_config server;
};

// What to do behind create-link: at the service, then here.
void tell_next_steps(terminal& on, created_link const& made);

}  // namespace linkspan
