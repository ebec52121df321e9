#pragma once
#include "links/link.hpp"

namespace linkspan::chat
{

// Incoming webhooks of chat services: a URL that is a secret. They neither send nor receive yet.
extern link_template const discord_webhook;      // discord-webhook
extern link_template const google_chat_webhook;  // google-chat-webhook
extern link_template const mattermost_webhook;   // mattermost-webhook
extern link_template const rocket_chat_webhook;  // rocket-chat-webhook
extern link_template const teams_workflow;       // teams-workflow

}  // namespace linkspan::chat
