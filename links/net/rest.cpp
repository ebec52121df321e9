#include "links/net/rest.hpp"

#include "core/base/utf8.hpp"
#include "links/net/base64.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/json/parse.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// A shorter part of a header proves nothing, and could stand in words by chance.
constexpr std::size_t credential_bytes_min = 6;

std::string host_of(std::string_view url)
{
    auto const parsed = boost::urls::parse_uri(url);
    if (!parsed)
        return "the service";
    std::string host(parsed->encoded_host());
    if (!parsed->port().empty())
        host += ":" + std::string(parsed->port());
    return host;
}

// Where services put what they have to say, the most telling first: OAuth and Google; Bitbucket Cloud and
// most others; GitHub, Mattermost; Jira; Bitbucket Data Center; Zulip; bare texts.
constexpr std::array<std::string_view, 10> places_of_words = {
    "/error_description",
    "/error/message",
    "/message",
    "/errorMessages/0",
    "/errors/0/message",
    "/errors/0/title",
    "/msg",
    "/error/detail",
    "/detail",
    "/error"};

bool is_proof(std::string_view header)
{
    return boost::algorithm::icontains(header, "auth") || boost::algorithm::icontains(header, "token") ||
           boost::algorithm::icontains(header, "key") || boost::algorithm::icontains(header, "secret");
}

void hide(std::string& text, std::string_view part)
{
    if (part.size() < credential_bytes_min)
        return;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 3))
        text.replace(at, part.size(), "***");
}

void hide_basic(std::string& text, std::string_view encoded)
{
    auto const decoded = decode_base64(encoded);
    if (!decoded)
        return;
    secret const pair{std::string(*decoded)};
    if (auto const colon = pair.reveal().find(':'); colon != std::string_view::npos)
        hide(text, pair.reveal().substr(colon + 1));
}

// GitHub says 403 where others say 429.
bool is_over_limit(http_response const& answer)
{
    return answer.status == 429 ||
           (answer.status == 403 && (find_header(answer.headers, "X-RateLimit-Remaining") == "0" ||
                                     !find_header(answer.headers, "Retry-After").empty()));
}

errc code_of(http_response const& answer)
{
    int const status = answer.status;
    if (is_over_limit(answer))
        return errc::rate_limited;
    if (status == 407 || status == 408 || status == 425 || status >= 500)
        return errc::unavailable;
    if (status == 401 || status == 403)
        return errc::unauthorized;
    if (status < 400 || status == 404 || status == 405 || status == 410)
        return errc::not_found;
    return errc::invalid;
}

error refusal(http_request const& asked, http_response const& answer)
{
    auto const words = service_words(answer, asked);
    auto text = host_of(asked.target) + " answers " + std::to_string(answer.status);
    if (answer.status >= 300 && answer.status < 400)
        text += ", a redirect: the URL is not the service's own";
    else if (is_over_limit(answer))
        text += ": too many requests for now";
    if (auto const wait = find_header(answer.headers, "Retry-After"); is_over_limit(answer) && !wait.empty())
        text += "; it asks to wait for " + single_line(without_credentials(std::string(wait), asked), 40);
    if (!words.empty())
        text += ": " + words;
    return {code_of(answer), std::move(text)};
}

bool begins_as_json(std::string_view body)
{
    auto const first = body.find_first_not_of(" \t\r\n");
    return first != body.npos && (body[first] == '{' || body[first] == '[');
}

result<rest_answer> read_answer(http_request const& asked, http_response answer)
{
    if (answer.status < 200 || answer.status >= 300)
        return refusal(asked, answer);
    if (answer.status == 204)
        return rest_answer(nullptr, std::move(answer));
    boost::system::error_code failure;
    json::parse_options options;
    options.max_depth = rest_depth_max;
    auto body = json::parse(answer.body, failure, {}, options);
    if (failure && begins_as_json(answer.body))
        return error(
            errc::unavailable,
            host_of(asked.target) + " answers " + std::to_string(answer.status) +
                " in JSON that is cut short, broken or too deep"
        );
    if (failure)
        return error(
            errc::not_found,
            host_of(asked.target) + " answers " + std::to_string(answer.status) +
                ", but not in JSON: this is not the service's API, or a proxy answers in its place"
        );
    return rest_answer(std::move(body), std::move(answer));
}

}  // namespace

http_header bearer(std::string_view token)
{
    return {"Authorization", "Bearer " + std::string(token)};
}

http_header basic(std::string_view user, std::string_view password)
{
    secret const pair(std::string(user) + ":" + std::string(password));
    return {"Authorization", "Basic " + encode_base64(pair.reveal())};
}

boost::asio::awaitable<result<rest_answer>> rest_call(
    http_client& http, http_request request, milliseconds timeout
)
{
    exchange_options options;
    options.timeout = timeout;
    options.connect_timeout = std::min(options.connect_timeout, timeout);
    options.response_bytes_max = rest_answer_bytes_max;
    options.idempotent = request.method == "GET";
    auto const asked = request;
    auto ended = co_await http.send(std::move(request), options);
    co_return read_rest(asked, std::move(ended));
}

boost::asio::awaitable<result<rest_answer>> rest_get(
    http_client& http, std::string url, std::vector<http_header> headers, milliseconds timeout
)
{
    http_request request("GET", std::move(url));
    request.headers = std::move(headers);
    if (find_header(request.headers, "Accept").empty())
        request.headers.push_back({"Accept", "application/json"});
    co_return co_await rest_call(http, std::move(request), timeout);
}

result<rest_answer> read_rest(http_request const& asked, exchange ended)
{
    switch (ended.fate)
    {
        case exchange_fate::answered:
            return read_answer(asked, std::move(ended.response));
        case exchange_fate::not_sent:
            return error(errc::unavailable, "not sent: " + ended.reason);
        case exchange_fate::cancelled:
            return error(errc::cancelled, "not sent: linkspan is stopping");
        case exchange_fate::unknown:
            break;
    }
    if (ended.is_oversized)
        return error(
            errc::not_found,
            host_of(asked.target) + " answers with more than " + std::to_string(rest_answer_bytes_max) +
                " bytes: this is not the service's API"
        );
    return error(errc::timeout, "sent, but no answer: " + ended.reason);
}

std::string service_words(http_response const& answer, http_request const& asked)
{
    boost::system::error_code failure;
    auto const body = json::parse(answer.body, failure);
    if (failure)
        return {};
    std::string_view said = body.is_string() ? std::string_view(body.get_string()) : std::string_view();
    for (auto const place : places_of_words)
    {
        auto const* const found = body.find_pointer(place, failure);
        if (!said.empty())
            break;
        if (found != nullptr && found->is_string())
            said = found->get_string();
    }
    // Hidden first: of a token that is cut off nobody would know that it is one.
    return single_line(without_credentials(std::string(said), asked), service_words_bytes_max);
}

std::string without_credentials(std::string text, http_request const& asked)
{
    for (auto const& part : asked.secrets)
        hide(text, part);
    for (auto const& header : asked.headers)
    {
        if (!is_proof(header.name))
            continue;
        std::string_view rest = header.value;
        bool const is_basic = boost::algorithm::istarts_with(rest, "Basic ");
        while (!rest.empty())
        {
            auto const end = std::min(rest.find(' '), rest.size());
            auto const part = rest.substr(0, end);
            if (part != "Bearer")
                hide(text, part);
            if (is_basic)
                hide_basic(text, part);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return text;
}

std::optional<time_point> date_of(http_response const& answer)
{
    // "Sun, 06 Nov 1994 08:49:37 GMT"
    constexpr std::array<std::string_view, 12> months = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const text = find_header(answer.headers, "Date");
    if (text.size() != 29 || !text.ends_with(" GMT"))
        return std::nullopt;
    auto const month = std::ranges::find(months, text.substr(8, 3));
    if (month == months.end())
        return std::nullopt;
    auto const number = std::to_string(101 + (month - months.begin())).substr(1);
    return parse_time(
        std::string(text.substr(12, 4)) + "-" + number + "-" + std::string(text.substr(5, 2)) + "T" +
        std::string(text.substr(17, 8)) + "Z"
    );
}

std::optional<std::string> words_of_header(http_response const& answer, std::string_view name)
{
    std::string words(find_header(answer.headers, name));
    std::ranges::replace(words, ',', ' ');
    words = single_line(words, words.size());
    return words.empty() ? std::optional<std::string>() : words;
}

std::string text_at(json::value const& of, std::string_view pointer)
{
    boost::system::error_code failure;
    auto const* const found = of.find_pointer(pointer, failure);
    if (found == nullptr)
        return {};
    if (found->is_int64())
        return std::to_string(found->get_int64());
    if (found->is_uint64())
        return std::to_string(found->get_uint64());
    return found->is_string() ? single_line(std::string_view(found->get_string()), rest_text_bytes_max)
                              : std::string();
}

std::string url_encoded(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (char const c : text)
    {
        bool const is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              c == '-' || c == '.' || c == '_' || c == '~';
        auto const byte = static_cast<unsigned char>(c);
        if (is_plain)
            out += c;
        else
            out.append(1, '%').append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
    }
    return out;
}

}  // namespace linkspan
