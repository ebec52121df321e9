#pragma once
#include "links/link.hpp"

namespace linkspan::atlassian
{

extern link_template const confluence_app_oauth;   // confluence-app-oauth
extern link_template const confluence_user_token;  // confluence-user-token
extern link_template const jira_app_oauth;         // jira-app-oauth
extern link_template const jira_user_token;        // jira-user-token

}  // namespace linkspan::atlassian
