#pragma once
#include "core/event/event.hpp"

#include <string>
#include <vector>

namespace linkspan::console
{

// Lines of a comment or a suggestion that are shown; the rest is counted.
inline constexpr std::size_t quoted_lines_max = 20;
inline constexpr std::size_t suggestion_lines_max = 40;

// One event as a terminal shows it, ended by an empty line: a header (time in UTC, repository, pull request),
// the headline, the quote behind bars and each suggestion as a small diff. Nothing from outside can move the
// cursor or change colours. With a story, both are told at once (core/conversation/story.hpp). Lines are not
// wrapped: the terminal knows its width.
std::string render(event const& happened, bool colour, std::vector<event> const& story = {});

}  // namespace linkspan::console
