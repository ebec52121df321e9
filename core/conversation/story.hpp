#pragma once
#include "core/conversation/telling.hpp"

#include <vector>

namespace linkspan
{

// The story of one pull request behind a long outage: what happened meanwhile, told at once.

// So many messages to one place are a storm; fewer are told one by one.
inline constexpr std::size_t story_events_min = 3;

inline constexpr std::size_t story_lines_max = 10;         // the last ones; the rest is counted
inline constexpr std::size_t story_quote_bytes_max = 120;  // of a comment and the like

// Tells the last event of a story together with those before it, in their order: how many there were and how
// the pull request stands by the last of them, and a note for each: its headline, and how what was written
// begins. Those that follow each other and read the same are one note with their number. With nothing before
// it the same as tell(last).
telling tell_story(std::vector<event> const& before, event const& last);

}  // namespace linkspan
