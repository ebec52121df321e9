#pragma once
#include "core/base/error.hpp"
#include "core/watch/budget.hpp"

#include <string>
#include <string_view>

namespace linkspan
{

// The form in which a budget is stored: one line of JSON, times in milliseconds since 1970.
std::string to_json_text(budget const& of);

// errc::invalid: the text is not what to_json_text() writes, or says what no budget can be: a limit out of
// bounds, a negative count, another number of slots.
result<budget> budget_from_json(std::string_view text);

}  // namespace linkspan
