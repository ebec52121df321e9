#pragma once
#include <string_view>

namespace linkspan
{

// Of what a text is made: names whose parts '/' separates, or words in which '/' is a character like others.
enum class glob_text
{
    name,
    words,
};

// Whether a pattern matches a whole text. '*' stands for any characters but '/', '**' for any characters, '?'
// for one character but '/'; in words '*' and '?' stand for '/' too. Letter case counts. At most quadratic
// time: it goes back to the last star only.
bool glob_matches(std::string_view pattern, std::string_view text, glob_text of = glob_text::name) noexcept;

// Whether the pattern matches itself and nothing else.
bool is_literal(std::string_view pattern) noexcept;

}  // namespace linkspan
