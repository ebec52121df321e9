#pragma once
#include "links/link.hpp"

namespace linkspan::slack
{

// Slack's templates; all of them post one message per event with chat.postMessage.
extern link_template const bot_token;    // slack-bot-token
extern link_template const oauth;        // slack-oauth
extern link_template const oauth_gov;    // slack-oauth-gov
extern link_template const socket_mode;  // slack-socket-mode

}  // namespace linkspan::slack
