#pragma once
#include "links/link.hpp"

namespace linkspan::github
{

extern link_template const app_jwt;   // github-app-jwt
extern link_template const app_user;  // github-app-user
extern link_template const user_pat;  // github-user-pat
extern link_template const webhook;   // github-webhook

}  // namespace linkspan::github
