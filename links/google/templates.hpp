#pragma once
#include "links/link.hpp"

namespace linkspan::google
{

extern link_template const user_oauth;       // google-user-oauth
extern link_template const service_account;  // google-service-account

}  // namespace linkspan::google
