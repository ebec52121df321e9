#pragma once
#include "links/link.hpp"

#include <string_view>

namespace linkspan::slack
{

// Posts one message with chat.postMessage: with access_token where the link has one (OAuth), else with
// bot_token. api_url is for a link that names none.
boost::asio::awaitable<outcome> post(
    sink_services& services, message_request request, std::string_view api_url
);
// For links whose API is at slack.com.
boost::asio::awaitable<outcome> post_to_slack_com(sink_services& services, message_request request);

}  // namespace linkspan::slack
