#include "links/console/console.hpp"
#include "links/slack/slack.hpp"
