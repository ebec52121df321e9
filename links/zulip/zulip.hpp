#pragma once
#include "links/link.hpp"

namespace linkspan::zulip
{

extern link_template const bot;  // zulip-bot

}  // namespace linkspan::zulip
