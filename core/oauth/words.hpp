#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace linkspan
{

// Of what a service says in words, no more is told.
inline constexpr std::size_t words_bytes_max = 400;

// An error code, or another word of the protocol: what is no letter, digit, "_", "-" or "." is left out.
std::string word_of(std::string_view text);

}  // namespace linkspan
