#pragma once
#include "links/link.hpp"

namespace linkspan::s3
{

extern link_template const bucket;  // s3

}  // namespace linkspan::s3
