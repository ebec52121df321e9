#include "links/port/port.hpp"

#include "links/net/rest.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace linkspan::port
{
namespace
{

namespace json = boost::json;

constexpr std::array fields = {
    required_setting("client_id", "the Client ID of the Port organisation's credentials"),
    link_field{.name = "client_secret", .help = "the Client Secret of the Port organisation's credentials"},
    optional_setting(
        "base_url", "base URL of Port's API; in the US https://api.us.getport.io", "https://api.getport.io/"
    ),
};

constexpr std::array<std::string_view, 2> pages = {
    "https://app.getport.io/settings/credentials", "https://docs.port.io/api-reference/port-api"};

result<> check(link_fields const& given)
{
    if (auto const fit = check_base_url("base_url", value_of(given, fields, "base_url")); !fit)
        return fit;
    if (auto const fit = check_token("client_id", value_of(given, fields, "client_id")); !fit)
        return fit;
    return check_token("client_secret", value_of(given, fields, "client_secret"));
}

token_answer no_token(error const& failure)
{
    bool const is_ours = failure.code == errc::unauthorized || failure.code == errc::not_found ||
                         failure.code == errc::invalid;
    // Whatever was heard of it or not: asking again gives the token that was made, so nothing is lost.
    token_answer answer(is_ours ? token_fate::misused : token_fate::unavailable, failure.message);
    if (failure.code == errc::unauthorized)
        answer.error_code = "invalid_client";
    return answer;
}

token_answer read_token(rest_answer const& said, time_point asked_at)
{
    auto const* const body = said.body.if_object();
    auto const* const token = body == nullptr ? nullptr : body->if_contains("accessToken");
    if (token == nullptr || !token->is_string() || token->get_string().empty())
        return {token_fate::unavailable, "an answer without accessToken: check base_url"};
    token_answer answer(token_fate::granted, {});
    answer.tokens.access_token = secret(std::string(token->get_string()));
    answer.tokens.token_type = "Bearer";
    answer.tokens.obtained_at = asked_at;
    boost::system::error_code failure;
    if (auto const* const life = body->if_contains("expiresIn"); life != nullptr && life->is_number())
        if (auto const number = life->to_number<double>(failure); !failure && number > 0)
            answer.tokens.expires_at =
                asked_at +
                seconds(static_cast<std::int64_t>(std::min(number, double(token_life_max.count()))));
    return answer;
}

// Port keeps one token for each client and gives the same one until it ends, after three hours.
boost::asio::awaitable<token_answer> obtain(link_services& services, link_fields given)
{
    auto const base = checked_base_url("base_url", value_of(given, fields, "base_url"));
    if (!base)
        co_return token_answer(token_fate::misused, base.error().message);
    json::object body;
    body["clientId"] = value_of(given, fields, "client_id");
    body["clientSecret"] = value_of(given, fields, "client_secret");
    http_request request("POST", *base + "v1/auth/access_token");
    request.headers.push_back({"Content-Type", "application/json"});
    request.headers.push_back({"Accept", "application/json"});
    request.body = json::serialize(body);
    request.secrets.emplace_back(value_of(given, fields, "client_secret"));
    auto const now = services.now();
    auto const said = co_await rest_call(services.http, std::move(request), services.request_timeout);
    if (!said)
        co_return no_token(said.error());
    co_return read_token(*said, now);
}

boost::asio::awaitable<result<link_identity>> identify(link_services& services, link_fields given)
{
    auto const base = checked_base_url("base_url", value_of(given, fields, "base_url"));
    if (!base)
        co_return base.error();
    std::vector<http_header> headers;
    headers.push_back(bearer(value_of(given, fields, "access_token")));
    auto const url = *base + "v1/organization";
    auto const said = co_await rest_get(services.http, url, std::move(headers), services.request_timeout);
    if (!said)
        co_return said.error();
    auto const id = text_at(said->body, "/organization/id");
    if (id.empty())
        co_return error(errc::not_found, "an answer without an organisation: check base_url");
    link_identity who;
    auto const name = text_at(said->body, "/organization/name");
    who.account = name.empty() ? id : name + " (" + id + ")";
    who.credential = "client credentials";
    who.service_time = date_of(said->raw);
    who.facts["organization_id"] = id;
    if (!name.empty())
        who.facts["organization"] = name;
    co_return who;
}

constexpr oauth_profile profile_of_port()
{
    oauth_profile profile;
    profile.grant = grant_kind::own;
    profile.pkce = false;
    profile.obtain = obtain;
    return profile;
}

constexpr oauth_profile profile = profile_of_port();

}  // namespace

constinit link_template const client = {
    .name = "port",
    .title = "Port client credentials",
    .purpose = "Keeps the credentials of a Port organisation and gets its tokens, which live three hours.",
    .steps =
        "1. Open https://app.getport.io (in the US https://app.us.getport.io) > ... > Credentials.\n"
        "2. Organization: Client ID and Client Secret are this link's client_id and client_secret.\n"
        "3. In the US, set base_url to https://api.us.getport.io.\n",
    .fields = fields,
    .check = check,
    .oauth = &profile,
    .identify = identify,
    .pages = pages,
    .revoke_page = "https://app.getport.io/settings/credentials",
};

}  // namespace linkspan::port
