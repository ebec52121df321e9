#pragma once
#include "links/link.hpp"

namespace linkspan::bitbucket
{

// The templates whose links call Bitbucket's REST API; webhook.hpp has those that only receive.
extern link_template const app_oauth;           // bitbucket-app-oauth: also receives webhooks of Cloud
extern link_template const client_credentials;  // bitbucket-client-credentials
extern link_template const user_token;          // bitbucket-user-token
extern link_template const access_token;        // bitbucket-access-token
extern link_template const data_center_oauth;   // bitbucket-dc-oauth
extern link_template const data_center_token;   // bitbucket-dc-token

}  // namespace linkspan::bitbucket
