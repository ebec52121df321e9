#pragma once
#include "links/link.hpp"

namespace linkspan::google
{

inline constexpr std::string_view default_api_url = "https://www.googleapis.com/oauth2/v3/";

inline constexpr link_field api_url_field =
    optional_setting("api_url", "base URL of userinfo and tokeninfo", default_api_url);

// What a Google token is: GET {api_url}userinfo (scope email or profile) for the account, then tokeninfo for
// scopes and expiry. The token goes to tokeninfo in a body: URLs get into logs.
boost::asio::awaitable<result<link_identity>> ask_token(
    link_services& services, link_fields fields, std::string credential
);

}  // namespace linkspan::google
