#pragma once
#include "links/link.hpp"

namespace linkspan::bitbucket
{

// The templates `bitbucket-webhook` (Cloud) and `bitbucket-dc-webhook` (Data Center): they receive and never
// send. A link may be without a secret only if it says allow_unsigned, which is the link's own and no field:
// whoever makes or uses the link decides on that. check() judges what the fields hold.
extern link_template const cloud_webhook;
extern link_template const data_center_webhook;

// Data Center: whether the fields hold any proof that a delivery can be asked for.
bool has_secret(link_fields const& fields);
bool has_basic(link_fields const& fields);

}  // namespace linkspan::bitbucket
