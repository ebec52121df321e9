#pragma once
#include "links/link.hpp"

namespace linkspan::mattermost
{

extern link_template const bot;  // mattermost-bot

}  // namespace linkspan::mattermost
