#pragma once
#include <string_view>

namespace linkspan
{

// Whether a pattern matches a whole text. '*' stands for any characters but '/', '**' for any characters, '?'
// for one character but '/'. Letter case counts. At most quadratic time: it goes back to the last star only.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

}  // namespace linkspan
