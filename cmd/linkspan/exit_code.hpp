#pragma once
#include "core/base/error.hpp"

namespace linkspan
{

// The exit code of a command that ends with this error: the only table of that
// (docs/reference/exit-codes.md).
int exit_code_of(errc code) noexcept;

}  // namespace linkspan
