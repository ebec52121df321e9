#pragma once
#include "core/bitbucket/reading.hpp"

namespace linkspan
{

// read_delivery(), whose faults are told as people read them: an empty body is called empty, and what is
// wrong with a body as a whole has no JSON pointer.
result<reading> read_body(inbound const& delivery);

}  // namespace linkspan
