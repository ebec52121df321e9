#include "tests/support/user_agent.hpp"

#include "core/base/request_target.hpp"
#include "tests/simulators/html.hpp"
#include "tests/support/running_app.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <regex>
#include <stdexcept>

namespace linkspan::test
{
namespace
{

constexpr int redirects_max = 10;

boost::urls::url parsed(std::string const& url)
{
    auto const read = boost::urls::parse_uri(url);
    if (!read)
        throw std::runtime_error("no URL: " + url);
    return boost::urls::url(*read);
}

std::string resolved(std::string const& base, std::string const& reference)
{
    auto const relative = boost::urls::parse_uri_reference(reference);
    if (!relative)
        throw std::runtime_error("no reference: " + reference);
    boost::urls::url out;
    if (!boost::urls::resolve(parsed(base), *relative, out))
        throw std::runtime_error("does not resolve: " + reference);
    return out.buffer();
}

}  // namespace

std::string percent_encoded(std::string_view text)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (char const c : text)
    {
        auto const byte = static_cast<unsigned char>(c);
        bool const is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              c == '-' || c == '_' || c == '.' || c == '~';
        if (is_plain)
            out += c;
        else
            out += std::string("%") + digits[byte >> 4] + digits[byte & 15];
    }
    return out;
}

std::string query_value(std::string const& url, std::string_view name)
{
    auto const path = url.find('/', url.find("://") + 3);
    auto const target = parse_request_target(url.substr(path));
    if (!target)
        throw std::runtime_error("no target in " + url);
    for (auto const& one : target->query)
        if (one.name == name)
            return one.value;
    return {};
}

http_response const& user_agent::open(std::string const& url)
{
    go(http_request("GET", url));
    return page_;
}

http_response const& user_agent::press(std::string_view button)
{
    std::smatch form;
    std::string const body = page_.body;
    if (!std::regex_search(body, form, std::regex("<form[^>]*>")))
        throw std::runtime_error("no form on the page " + address_ + ":\n" + body);
    std::string text;
    auto const add = [&text](std::string const& name, std::string const& value)
    { text += (text.empty() ? "" : "&") + percent_encoded(name) + "=" + percent_encoded(value); };
    std::regex const controls("<(input|button)[^>]*>");
    bool is_pressed = false;
    for (std::sregex_iterator one(body.begin(), body.end(), controls); one != std::sregex_iterator(); ++one)
    {
        auto const tag = one->str();
        bool const is_button = (*one)[1] == "button" || html_attribute(tag, "type") == "submit";
        if (is_button && html_attribute(tag, "value") != button)
            continue;
        is_pressed = is_pressed || is_button;
        add(html_attribute(tag, "name"), html_attribute(tag, "value"));
    }
    if (!is_pressed)
        throw std::runtime_error("no button " + std::string(button) + " on the page:\n" + body);
    auto const action = html_attribute(form.str(), "action");
    http_request request("POST", resolved(address_, action.empty() ? address_ : action));
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.body = text;
    go(std::move(request));
    return page_;
}

void user_agent::go(http_request request)
{
    for (int redirects = 0; step(request); ++redirects)
        if (redirects == redirects_max)
            throw std::runtime_error("too many redirects, the last to " + request.target);
}

// One request; true where it leads on.
bool user_agent::step(http_request& request)
{
    address_ = request.target;
    history_.push_back(address_);
    page_ = http_response();
    if (!unreachable_.empty() && address_.starts_with(unreachable_))
        return false;
    auto const host = std::string(parsed(address_).host());
    std::string jar;
    for (auto const& [name, value] : cookies[host])
        jar += (jar.empty() ? "" : "; ") + name + "=" + value;
    auto sent = request;
    if (!jar.empty())
        sent.headers.push_back({"Cookie", jar});
    page_ = exchange_with(std::move(sent));
    keep_cookies(host);
    if (page_.status != 302 && page_.status != 303)
        return false;
    request = http_request("GET", resolved(address_, std::string(find_header(page_.headers, "Location"))));
    return true;
}

void user_agent::keep_cookies(std::string const& host)
{
    for (auto const& header : page_.headers)
    {
        if (header.name != "Set-Cookie" && header.name != "set-cookie")
            continue;
        set_cookies_.push_back(header.value);
        auto const pair = header.value.substr(0, header.value.find(';'));
        auto const name = pair.substr(0, pair.find('='));
        if (header.value.find("Max-Age=0") != std::string::npos)
            cookies[host].erase(name);
        else
            cookies[host][name] = pair.substr(name.size() + 1);
    }
}

}  // namespace linkspan::test
