#include "tests/simulators/oauth_provider_page.hpp"

#include "tests/simulators/html.hpp"
#include "tests/support/raw_peer.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <stdexcept>

namespace linkspan::test
{
namespace
{

std::vector<form_field> read_fields(std::string_view text)
{
    auto fields = decode_form(text);
    return fields ? std::move(*fields) : std::vector<form_field>();
}

provider_call call_of(std::string_view path, std::string_view method, std::vector<form_field> const& form)
{
    if (path.ends_with("/authorize"))
        return method == "POST" ? provider_call::consent : provider_call::authorize;
    if (path.starts_with("/2.0/") || path.starts_with("/rest/api/") || path.starts_with("/plugins/"))
        return provider_call::api;
    if (path != "/site/oauth2/access_token" && path != "/rest/oauth2/latest/token")
        return provider_call::other;
    auto const grant = value_of(form, "grant_type");
    if (grant == "authorization_code")
        return provider_call::exchange;
    if (grant == "refresh_token")
        return provider_call::refresh;
    return grant == "client_credentials" ? provider_call::client_credentials : provider_call::bad_grant;
}

std::string target_of(std::string_view url)
{
    auto const scheme = url.find("://");
    auto const path = scheme == url.npos ? 0 : url.find('/', scheme + 3);
    return std::string(url.substr(path == url.npos ? url.size() : path));
}

http_response ask(std::uint16_t port, std::string const& request)
{
    raw_peer peer(port);
    peer.send(request);
    return peer.receive();
}

}  // namespace

oauth_provider::page::page(http_request received) : request(std::move(received))
{
    std::string_view const target = request.target;
    auto const mark = std::min(target.find('?'), target.size());
    path = target.substr(0, mark);
    query = read_fields(target.substr(std::min(mark + 1, target.size())));
    if (find_header(request.headers, "Content-Type").starts_with("application/x-www-form-urlencoded"))
        form = read_fields(request.body);
    call = call_of(path, request.method, form);
}

std::string value_of(std::vector<form_field> const& fields, std::string_view name)
{
    auto const found = std::ranges::find(fields, name, &form_field::name);
    return found == fields.end() ? std::string() : found->value;
}

std::string escaped(std::string_view text)
{
    std::string out;
    for (char const c : text)
        switch (c)
        {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    return out;
}

http_response json_page(int status, boost::json::object const& body)
{
    http_response response(status, boost::json::serialize(body));
    response.headers.push_back({"Content-Type", "application/json"});
    response.headers.push_back({"Cache-Control", "no-store"});
    return response;
}

http_response html_page(int status, std::string_view title, std::string_view body)
{
    http_response response(
        status,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><link rel=\"icon\" "
        "href=\"data:,\"><title>" +
            escaped(title) + "</title></head><body><h1>" + escaped(title) + "</h1>" + std::string(body) +
            "</body></html>\n"
    );
    response.headers.push_back({"Content-Type", "text/html; charset=utf-8"});
    return response;
}

http_response redirect_to(std::string_view url, std::string_view query)
{
    http_response response(302);
    auto const* const joint = url.find('?') == url.npos ? "?" : "&";
    response.headers.push_back({"Location", std::string(url) + joint + std::string(query)});
    return response;
}

std::string press_button(
    oauth_provider const& provider, std::string_view authorize_url, std::string_view button
)
{
    auto const shown =
        ask(provider.port(), "GET " + target_of(authorize_url) + " HTTP/1.1\r\nHost: bitbucket.org\r\n\r\n");
    if (auto const elsewhere = find_header(shown.headers, "Location"); !elsewhere.empty())
        return std::string(elsewhere);
    std::string form;
    std::string action;
    for (std::string_view rest = shown.body; !rest.empty();)
    {
        auto const begin = std::min(rest.find('<'), rest.size());
        auto const tag = rest.substr(begin, rest.find('>', begin) - begin);
        rest.remove_prefix(std::min(begin + tag.size() + 1, rest.size()));
        if (tag.starts_with("<form"))
            action = html_attribute(tag, "action");
        else if (tag.starts_with("<input"))
            add_field(form, html_attribute(tag, "name"), html_attribute(tag, "value"));
        else if (tag.starts_with("<button") && html_attribute(tag, "value") == button)
            add_field(form, html_attribute(tag, "name"), button);
    }
    if (form.find("answer=" + std::string(button)) == form.npos)
        return shown.body;
    auto const pressed =
        ask(provider.port(),
            "POST " + action +
                " HTTP/1.1\r\nHost: bitbucket.org\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
                "Content-Length: " + std::to_string(form.size()) + "\r\n\r\n" + form);
    auto const where = find_header(pressed.headers, "Location");
    return where.empty() ? pressed.body : std::string(where);
}

}  // namespace linkspan::test
