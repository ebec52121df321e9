#pragma once
#include "links/link.hpp"

namespace linkspan::slack
{

// The template `slack-bot-token`: posts one message per event with chat.postMessage.
extern link_template const bot_token;

}  // namespace linkspan::slack
