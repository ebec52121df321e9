#pragma once
#include "links/link.hpp"

namespace linkspan::port
{

extern link_template const client;  // port

}  // namespace linkspan::port
