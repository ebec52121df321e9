#pragma once
#include "links/link.hpp"

namespace linkspan::mattermost
{

extern link_template const bot;      // mattermost-bot
extern link_template const webhook;  // mattermost-webhook

}  // namespace linkspan::mattermost
