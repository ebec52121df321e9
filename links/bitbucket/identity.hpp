#pragma once
#include "links/link.hpp"
#include "links/net/rest.hpp"

#include <string>

namespace linkspan::bitbucket
{

// Who a credential is, in one call that changes nothing. See identify_function for the errors.

// Cloud: GET {api_url}user, which needs the scope `account`. credential: what it is, for the identity.
boost::asio::awaitable<result<link_identity>> ask_cloud_user(
    link_services& services, link_fields fields, http_header proof, std::string credential
);

// Cloud: the repository of the fields workspace and repository, or the first of the workspace. What an access
// token acts as is no account that Bitbucket would name: so the identity names what it opens.
boost::asio::awaitable<result<link_identity>> ask_cloud_workspace(
    link_services& services, link_fields fields
);

// Data Center: GET {base_url}rest/api/latest/users?limit=1, which only somebody who is signed in may ask; the
// header X-AUSERNAME of the answer says who asked.
boost::asio::awaitable<result<link_identity>> ask_data_center(
    link_services& services, link_fields fields, http_header proof, std::string credential
);

}  // namespace linkspan::bitbucket
