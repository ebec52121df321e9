#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace linkspan::slack
{

// `text` with & < > as entities: then nothing in it is a link, a mention or a broadcast (<!channel>) to
// Slack. At most `bytes_max` bytes; a longer text is cut between characters and before an entity, and ends in
// "...". Control characters other than line ends and tabulators are left out; bytes that are no UTF-8 become
// "?".
std::string escape(std::string_view text, std::size_t bytes_max);

// A URL as it may stand in <url|text>; nothing unless it is http or https and has neither space nor control
// character.
std::optional<std::string> link_target(std::string_view url);

// Whether a text can stand between * * or ` ` without ending or beginning a style itself.
bool is_plain(std::string_view text);

}  // namespace linkspan::slack
