#pragma once
#include "core/event/event.hpp"

#include <boost/json/object.hpp>

#include <string_view>
#include <vector>

namespace linkspan::slack
{

// Limits of Slack's messages (docs.slack.dev: chat.postMessage, Block Kit). Slack counts characters, we count
// bytes, which are never fewer.
inline constexpr std::size_t section_text_max = 3000;
inline constexpr std::size_t message_text_max = 4000;  // recommended; cut off by Slack far above
inline constexpr std::size_t blocks_max = 50;

inline constexpr std::size_t suggestions_shown_max = 5;  // of one comment; the rest is counted

// The arguments of chat.postMessage for one event: a fallback text for notifications, and Block Kit sections
// (headline, quote, suggestions) above a context line with repository and pull request. Everything from
// outside is escaped, with a story both are told at once (core/conversation/story.hpp), people are named
// without a mention, and Slack unfurls nothing.
boost::json::object render(
    event const& happened, std::string_view channel, std::vector<event> const& story = {}
);

}  // namespace linkspan::slack
