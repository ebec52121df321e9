#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// More of a text than this is not parsed: a comment is shorter, and the time for hostile texts stays in
// milliseconds.
inline constexpr std::size_t markdown_bytes_max = 16 * 1024;

// The contents of every fenced code block whose info string begins with the word "suggestion" (how Bitbucket
// writes code suggestions), in order, without the last line's end. A deletion (an empty block) is an empty
// text.
std::vector<std::string> suggestions_in(std::string_view markdown);

// The text without those blocks; what is behind markdown_bytes_max stays as it is.
std::string without_suggestions(std::string_view markdown);

}  // namespace linkspan
