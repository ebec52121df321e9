#pragma once
#include "core/base/error.hpp"
#include "core/watch/budget.hpp"

#include <string>
#include <string_view>

namespace linkspan
{

// The form in which a budget is stored: one line of JSON, times in milliseconds since 1970.
std::string to_json_text(budget const& of);

// errc::invalid names the first member that is not as to_json_text() writes it: missing, of another type, or
// what no budget has, as a limit out of its bounds, a negative count, more slots than there are.
result<budget> budget_from_json(std::string_view text);

}  // namespace linkspan
