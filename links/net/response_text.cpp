#include "links/net/response_text.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace linkspan
{
namespace
{

namespace beast = boost::beast;

constexpr int status_no_content = 204;
constexpr int status_not_modified = 304;

bool is_value(std::string_view value)
{
    return value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool named(http_header const& header, std::string_view name)
{
    return header.name.size() == name.size() &&
           beast::iequals(header.name, beast::string_view(name.data(), name.size()));
}

bool is_ours(http_header const& header)
{
    return named(header, "Content-Length") || named(header, "Connection") ||
           named(header, "Transfer-Encoding");
}

void append_number(std::string& out, std::size_t number)
{
    std::array<char, 20> digits;
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

}  // namespace

bool is_sendable(http_response const& response)
{
    auto const good = [](http_header const& header)
    { return is_http_token(header.name) && is_value(header.value); };
    return response.status >= 200 && response.status <= 599 &&
           std::all_of(response.headers.begin(), response.headers.end(), good);
}

bool wants_close(http_response const& response)
{
    auto const says_close = [](http_header const& header)
    {
        if (!named(header, "Connection"))
            return false;
        return beast::http::token_list(header.value).exists("close");
    };
    return std::any_of(response.headers.begin(), response.headers.end(), says_close);
}

bool has_body(http_response const& response, response_framing const& framing)
{
    return !framing.head && response.status != status_no_content && response.status != status_not_modified;
}

void append_head(std::string& out, http_response const& response, response_framing const& framing)
{
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    out += ' ';
    auto const reason = beast::http::obsolete_reason(static_cast<beast::http::status>(response.status));
    out.append(reason.data(), reason.size());
    out += "\r\n";
    bool dated = false;
    for (auto const& header : response.headers)
    {
        if (is_ours(header))
            continue;
        dated = dated || named(header, "Date");
        out.append(header.name).append(": ").append(header.value).append("\r\n");
    }
    if (!dated)
        out.append("Date: ").append(framing.date).append("\r\n");
    if (!framing.keep_alive)
        out += "Connection: close\r\n";
    else if (framing.http_1_0)
        out += "Connection: keep-alive\r\n";
    if (response.status != status_no_content && response.status != status_not_modified)
    {
        out += "Content-Length: ";
        append_number(out, response.body.size());
        out += "\r\n";
    }
    out += "\r\n";
}

std::string_view http_date::at(std::time_t moment)
{
    if (moment != moment_)
    {
        constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        constexpr std::array months = {
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        std::tm parts{};
        ::gmtime_r(&moment, &parts);
        std::array<char, 32> rest{};
        std::array<char, 16> clock{};
        std::strftime(rest.data(), rest.size(), " %Y ", &parts);
        std::strftime(clock.data(), clock.size(), "%H:%M:%S", &parts);
        auto const day = std::to_string(100 + parts.tm_mday).substr(1);
        text_ = std::string(days.at(static_cast<std::size_t>(parts.tm_wday))) + ", " + day + " " +
                months.at(static_cast<std::size_t>(parts.tm_mon)) + rest.data() + clock.data() + " GMT";
        moment_ = moment;
    }
    return text_;
}

}  // namespace linkspan
