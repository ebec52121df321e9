#pragma once
#include "links/link.hpp"

namespace linkspan::console
{

// The template `console`: prints events on the program's standard output.
extern link_template const console_template;

}  // namespace linkspan::console
