#pragma once
#include "links/link.hpp"

namespace linkspan::generic_webhook
{

// The template `generic-webhook`: one signed POST per event.
extern link_template const webhook;

}  // namespace linkspan::generic_webhook
