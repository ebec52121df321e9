#pragma once
#include <string>
#include <string_view>

namespace linkspan::console
{

// A text from outside, safe to write to a terminal: escape sequences (CSI, OSC and the like) are taken out
// whole, other control characters, characters that turn the direction of writing and bytes that are no UTF-8
// one by one. Line ends ("\n",
// "\r\n") stay as "\n", a tabulator becomes four spaces.
std::string terminal_text(std::string_view outside);

}  // namespace linkspan::console
