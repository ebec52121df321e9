#include "links/github/api.hpp"

#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>

#include <array>

namespace linkspan::github
{
namespace
{

constexpr std::array known = {base_url_field, api_url_field, webhook_secret_field};

// "2026-12-20 09:30:00 UTC", or with "+0200" in place of UTC.
std::optional<time_point> end_of(http_response const& answer)
{
    std::string text(find_header(answer.headers, "GitHub-Authentication-Token-Expiration"));
    if (text.size() < 20)
        return std::nullopt;
    auto const zone = text.substr(20);
    return parse_time(text.substr(0, 10) + "T" + text.substr(11, 8) + (zone == "UTC" ? "Z" : zone));
}

std::string host_of(std::string_view base_url)
{
    auto const url = boost::urls::parse_uri(base_url);
    return url ? std::string(url->encoded_host()) : std::string();
}

}  // namespace

result<std::string> api_url_of(link_fields const& fields)
{
    if (auto const own = value_of(fields, known, "api_url"); !own.empty())
        return checked_base_url("api_url", own);
    auto base = checked_base_url("base_url", value_of(fields, known, "base_url"));
    if (!base)
        return base;
    auto const host = host_of(*base);
    if (is_enterprise_server(fields))
        return *base + "api/v3/";
    return host.ends_with(".ghe.com") ? "https://api." + host + "/" : std::string("https://api.github.com/");
}

bool is_enterprise_server(link_fields const& fields)
{
    auto const host = host_of(value_of(fields, known, "base_url"));
    return host != "github.com" && host != "www.github.com" && !host.ends_with(".ghe.com");
}

result<> check_addresses(link_fields const& fields)
{
    if (auto const fit = check_base_url("base_url", value_of(fields, known, "base_url")); !fit)
        return fit;
    if (auto const url = api_url_of(fields); !url)
        return url.error();
    return check_webhook_secret(fields);
}

std::vector<http_header> headers_with(std::string_view token)
{
    std::vector<http_header> out;
    out.push_back(bearer(token));
    out.push_back({"Accept", "application/vnd.github+json"});
    out.push_back({"X-GitHub-Api-Version", "2022-11-28"});
    return out;
}

boost::asio::awaitable<result<>> delete_grant(link_services& services, link_fields fields)
{
    auto const url = api_url_of(fields);
    if (!url)
        co_return url.error();
    auto const client = value_of(fields, {}, "client_id");
    http_request request("DELETE", *url + "applications/" + url_encoded(client) + "/grant");
    request.headers = headers_with({});
    request.headers.front() = basic(client, value_of(fields, {}, "client_secret"));
    request.headers.push_back({"Content-Type", "application/json"});
    boost::json::object body;
    body["access_token"] = std::string(value_of(fields, {}, "access_token"));
    request.body = boost::json::serialize(body);
    request.secrets.emplace_back(value_of(fields, {}, "access_token"));
    auto const said = co_await rest_call(services.http, std::move(request), services.request_timeout);
    if (!said)
        co_return said.error();
    co_return result<>();
}

boost::asio::awaitable<result<link_identity>> ask_user(
    link_services& services, link_fields fields, std::string_view token, std::string credential
)
{
    auto headers = headers_with(token);
    auto const url = api_url_of(fields);
    if (!url)
        co_return url.error();
    auto const said =
        co_await rest_get(services.http, *url + "user", std::move(headers), services.request_timeout);
    if (!said)
        co_return said.error();
    // A name and an e-mail address are null for whoever keeps them private.
    auto const login = text_at(said->body, "/login");
    if (login.empty())
        co_return error(
            errc::not_found, "the answer is none of GitHub's: base_url or api_url is not its address"
        );
    auto const name = text_at(said->body, "/name");
    link_identity out;
    out.account = name.empty() ? login : name + " (" + login + ")";
    out.credential = std::move(credential);
    // Classic tokens and those of OAuth apps have scopes; others have permissions, which nobody tells.
    out.scopes = words_of_header(said->raw, "X-OAuth-Scopes");
    out.expires_at = end_of(said->raw);
    out.service_time = date_of(said->raw);
    out.add_fact("login", login);
    out.add_fact("name", name);
    out.add_fact("email", text_at(said->body, "/email"));
    out.add_fact("id", text_at(said->body, "/id"));
    out.add_fact("type", text_at(said->body, "/type"));
    co_return out;
}

}  // namespace linkspan::github
