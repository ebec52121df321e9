#pragma once
#include "core/oauth/token.hpp"
#include "links/link.hpp"

namespace linkspan::github
{

// A GitHub app as itself (docs.github.com/apps: "Generating an installation access token for a GitHub App").

// GitHub takes no longer life of a JWT, and none from the future: so it begins a minute ago.
inline constexpr seconds jwt_life{600};
inline constexpr seconds jwt_head_start{60};

// A JWT of the app, from the fields client_id and private_key. errc::invalid: the key cannot sign.
result<secret> app_jwt_of(link_fields const& fields, time_point now);

// A token of the installation install_id, or of the app's only one. Nothing rotates: what was not heard is
// `unavailable`. `misused` where the key, the client id or the installation is at fault.
boost::asio::awaitable<token_answer> obtain_installation_token(link_services& services, link_fields fields);

// The app and its installation, asked with a JWT; then the installation's token, where there is one.
boost::asio::awaitable<result<link_identity>> identify_installation(
    link_services& services, link_fields fields
);

// DELETE {api_url}installation/token: ends this token. The app stays installed.
boost::asio::awaitable<result<>> delete_installation_token(link_services& services, link_fields fields);

}  // namespace linkspan::github
