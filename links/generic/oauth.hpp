#pragma once
#include "links/link.hpp"

namespace linkspan::generic
{

extern link_template const oauth;  // generic-oauth

}  // namespace linkspan::generic
