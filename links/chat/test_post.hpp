#pragma once
#include "links/chat/webhook_url.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace linkspan::chat
{

// What a channel sees of a test.
inline constexpr std::string_view test_text = "A test message of Linkspan: this webhook works.";

// What a service's answers to a post mean. Anything else is judged by its status, as links/net/rest does.
struct test_post_judge
{
    std::string_view service;                            // "Mattermost"
    std::string_view account = {};                       // link_identity::account; empty: "a webhook at ..."
    bool (*is_taken)(http_response const&);              // the message was posted
    bool (*is_refused)(http_response const&) = nullptr;  // the URL's secret is wrong; null: 401 and 403 alone
};

// Posts one message to a webhook, and says what the answer shows of it. judge outlives the call. Errors as
// identify_function; no message repeats a part of the URL.
boost::asio::awaitable<result<link_identity>> post_and_judge(
    link_services& services,
    webhook_url of,
    std::string target,
    boost::json::object message,
    test_post_judge const* judge
);

}  // namespace linkspan::chat
