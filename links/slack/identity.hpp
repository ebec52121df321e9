#pragma once
#include "links/link.hpp"

#include <string>
#include <string_view>

namespace linkspan::slack
{

// Who a token is: auth.test, and bots.info for the app behind a bot where the scope users:read allows it.
// Slack refuses with status 200, {"ok": false}; see refusal_of.
boost::asio::awaitable<result<link_identity>> ask_identity(
    link_services& services, std::string api_url, secret token
);

// apps.connections.open with an app's token: it opens nothing but a ticket, which expires unused. Gives the
// scopes of the token.
boost::asio::awaitable<result<std::string>> ask_connection(
    link_services& services, std::string api_url, secret app_token
);

// auth.revoke: ends this token. Of a bot it also leaves its channels.
boost::asio::awaitable<result<>> revoke_token(link_services& services, std::string api_url, secret token);

}  // namespace linkspan::slack
