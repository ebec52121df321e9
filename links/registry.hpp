#pragma once
#include "links/link.hpp"

#include <span>
#include <string_view>

namespace linkspan
{

// Every template, in the order in which they are listed. The program's one seam: a new kind of link is one
// row.
std::span<link_template const* const> link_templates();

// Null where there is none of this name.
link_template const* find_template(std::string_view name);

}  // namespace linkspan
