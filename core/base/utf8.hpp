#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace linkspan
{

// The longest beginning of `text` of at most `bytes_max` bytes that does not end inside a character. Bytes
// that are no UTF-8 count as one character each.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) noexcept;

// One character of a text that claims to be UTF-8.
struct utf8_character
{
    char32_t code = 0;
    std::size_t bytes = 1;  // how many bytes of the text it takes; at least 1
    bool valid = false;     // false: one byte that is no UTF-8 (overlong, surrogate, cut off, stray)
};

// The first character of `text`, which must not be empty.
utf8_character first_character(std::string_view text) noexcept;

// `text` on one line: runs of white space and control characters become one space, none at the ends; at most
// `bytes_max` bytes, the last three of which are "..." where something was cut off.
std::string single_line(std::string_view text, std::size_t bytes_max);

// The same of a text that a stranger wrote, in which nothing is left that a terminal or a log obeys: marks
// that turn the direction of writing count as white space, bytes that are no UTF-8 become U+FFFD.
std::string plain_line(std::string_view text, std::size_t bytes_max);

// A JSON text (or a part of one) in which nothing is left that a terminal obeys: DEL, the controls U+0080 to
// U+009F, line separators and marks that turn the direction of writing become \uXXXX, bytes that are no UTF-8
// become \ufffd. Such characters stand inside of strings only, so it means the same.
std::string plain_json(std::string_view json);

}  // namespace linkspan
