#pragma once
#include "links/link.hpp"

namespace linkspan::matrix
{

extern link_template const account;  // matrix

}  // namespace linkspan::matrix
