#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// "a, b, c" of a, b and c with ", " between them.
std::string joined(std::vector<std::string> const& words, std::string_view between);

// "1 rule", "2 rules".
std::string plural(std::size_t number, std::string const& what);

}  // namespace linkspan
