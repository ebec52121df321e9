#pragma once
#include "links/link.hpp"

namespace linkspan::bitbucket
{

// The entrances of the templates that call Bitbucket (api_entrance_function), by where the API is and what
// proves who asks. token: the name of the field that holds it, `access_token` for OAuth.

// Cloud: api_url, or its default, with a bearer token.
result<api_entrance> enter_cloud(link_fields const& fields, std::string_view token);

// Cloud: the same with the fields email and api_token, as HTTP Basic.
result<api_entrance> enter_cloud_as_person(link_fields const& fields);

// Data Center: base_url with a bearer token.
result<api_entrance> enter_data_center(link_fields const& fields, std::string_view token);

}  // namespace linkspan::bitbucket
