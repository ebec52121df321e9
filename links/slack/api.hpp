#pragma once
#include "core/base/error.hpp"
#include "core/delivery/outcome.hpp"
#include "links/net/client.hpp"

#include <boost/json/object.hpp>

#include <span>
#include <string>
#include <string_view>

namespace linkspan::slack
{

// The call chat.postMessage of Slack's Web API, and what its answers mean.

inline constexpr std::string_view default_api_url = "https://slack.com/api/";
inline constexpr std::string_view gov_api_url = "https://slack-gov.com/api/";

// Answers are short; a longer one is none of Slack's.
inline constexpr std::size_t answer_bytes_max = 256 * 1024;

// The base URL with one slash at its end. errc::invalid unless it is https, or http to loopback ("localhost",
// 127.0.0.0/8, ::1), without user, query and fragment. The message does not repeat the value.
result<std::string> checked_api_url(std::string_view api_url);

// POST <api_url>chat.postMessage with a JSON body and the token as Bearer.
http_request post_message_request(std::string_view api_url, std::string_view token, std::string body);

// What became of a post. A code that the table does not have holds the destination: it neither drops messages
// in silence nor repeats a call that Slack refuses.
outcome read_answer(exchange const& ended);

// One error code of Slack ("error" of an answer with "ok": false).
struct error_code
{
    std::string_view code;
    outcome_kind kind;
    std::string_view advice;
    bool token_refused = false;  // a token that is refreshed, or given anew, may help
};

std::span<error_code const> error_codes();

// What an answer with "ok": false means to a call that posts nothing. errc::unauthorized: the token is
// refused, or may not do this; errc::not_found: there is no such method; errc::unavailable: later;
// errc::invalid: else.
error refusal_of(boost::json::object const& answer);

}  // namespace linkspan::slack
