#pragma once
#include "core/base/error.hpp"
#include "core/base/secret.hpp"
#include "links/net/client.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// One call of a service's REST API that answers in JSON, and what its refusals mean. Knows no service.

// An answer about one account, site or installation is far shorter.
inline constexpr std::size_t rest_answer_bytes_max = 1U << 20U;

// A thread of a Data Center nests two levels with each reply: some 250 of them, and no answer that is made to
// overflow a stack.
inline constexpr std::size_t rest_depth_max = 512;

// What is repeated of a service's own words.
inline constexpr std::size_t service_words_bytes_max = 300;

// What is taken over of one text of an answer: a name, an e-mail address.
inline constexpr std::size_t rest_text_bytes_max = 200;

struct rest_answer
{
    boost::json::value body;  // null for an answer without content
    http_response raw;

    rest_answer() = default;
    rest_answer(boost::json::value body, http_response raw) : body(std::move(body)), raw(std::move(raw)) {}
};

// "Authorization: Bearer ..." (RFC 6750) and "Authorization: Basic ..." (RFC 7617; user without a colon).
http_header bearer(std::string_view token);
http_header basic(std::string_view user, std::string_view password);

// Sends the request once, follows no redirect, never throws, and gives the answer where it is 2xx and JSON
// (or 204, which has no body). Otherwise, for any service's identify():
// - errc::unauthorized: 401 and 403, the credential is refused, or may not do this;
// - errc::not_found: 3xx, 404, 405, 410, an answer that is no JSON or too long, no such service at this URL;
// - errc::invalid: any other 4xx, the service does not take the request as it is;
// - errc::rate_limited: 429, or 403 with an emptied rate limit;
// - errc::unavailable: 408, 425, 5xx, 407 of a proxy, JSON that is cut short or broken, or no
//   connection;
// - errc::timeout: sent, but nothing was heard;
// - errc::cancelled: the program is stopping.
// The message names the host and has the service's own words as one safe line, without what the request's
// headers prove with and without its secrets.
boost::asio::awaitable<result<rest_answer>> rest_call(
    http_client& http, http_request request, milliseconds timeout
);
boost::asio::awaitable<result<rest_answer>> rest_get(
    http_client& http, std::string url, std::vector<http_header> headers, milliseconds timeout
);

// The same judgement, for those who send by themselves.
result<rest_answer> read_rest(http_request const& asked, exchange ended);

// A service's own words for a refusal, wherever its JSON has them, without the credentials of the request;
// one safe line, empty where there are none.
std::string service_words(http_response const& answer, http_request const& asked);

// The text without the request's secrets and the credentials of its headers: tokens, keys, and the password
// of Basic become "***".
std::string without_credentials(std::string text, http_request const& asked);

// The Date header of an answer (RFC 9110, 6.6.1; IMF-fixdate).
std::optional<time_point> date_of(http_response const& answer);

// A list of a header, "account, pullrequest:write", as "account pullrequest:write"; nothing where it is
// empty.
std::optional<std::string> words_of_header(http_response const& answer, std::string_view name);

// The text at a JSON pointer ("/owner/login") as one safe line; numbers as digits. Empty where there is none,
// or null, or something else: what a service leaves out must not be missed.
std::string text_at(boost::json::value const& of, std::string_view pointer);

// A text of a URL's path or query: everything but unreserved characters as %XX (RFC 3986, 2.3).
std::string url_encoded(std::string_view text);

}  // namespace linkspan
