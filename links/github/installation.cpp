#include "links/github/installation.hpp"

#include "links/github/api.hpp"
#include "links/net/jwt.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace linkspan::github
{
namespace
{

namespace json = boost::json;

// What one page of installations lists; an app of one's own has a handful.
constexpr std::string_view installations_query = "app/installations?per_page=100";

std::int64_t seconds_of(time_point moment)
{
    return std::chrono::floor<seconds>(moment.time_since_epoch()).count();
}

// {"contents": "read", "pull_requests": "write"} as "contents:read pull_requests:write".
std::string permissions_at(json::value const& answer)
{
    std::string out;
    auto const* const object = answer.if_object();
    auto const* const found = object == nullptr ? nullptr : object->if_contains("permissions");
    auto const* const granted = found == nullptr ? nullptr : found->if_object();
    if (granted == nullptr)
        return out;
    for (auto const& [name, level] : *granted)
        if (level.is_string())
            out += (out.empty() ? "" : " ") + std::string(name) + ":" + text_at(level, "");
    return out;
}

// What a refusal means for getting a token: see obtain_installation_token.
token_answer failed(error const& why)
{
    bool const is_fault =
        why.code == errc::unauthorized || why.code == errc::not_found || why.code == errc::invalid;
    return {is_fault ? token_fate::misused : token_fate::unavailable, why.message};
}

// The only installation of the app; of several a person chooses.
result<std::string> only_installation(json::value const& answer)
{
    auto const* const list = answer.if_array();
    if (list == nullptr)
        return error(
            errc::not_found, "the answer is none of GitHub's: base_url or api_url is not its address"
        );
    if (list->empty())
        return error(errc::invalid, "the app is installed nowhere: install it with linkspan start-oauth");
    if (list->size() == 1)
        return text_at(list->front(), "/id");
    std::string names;
    for (auto const& one : *list)
        names +=
            (names.empty() ? "" : ", ") + text_at(one, "/account/login") + " (" + text_at(one, "/id") + ")";
    return error(
        errc::invalid,
        "the app is installed at several places: " + names + "; choose one with linkspan start-oauth"
    );
}

boost::asio::awaitable<result<std::string>> find_installation(
    link_services& services, std::string api_url, secret jwt, link_fields const& fields
)
{
    if (auto const own = value_of(fields, {}, "install_id"); !own.empty())
        co_return std::string(own);
    auto headers = headers_with(jwt.reveal());
    auto const listed = co_await rest_get(
        services.http,
        api_url + std::string(installations_query),
        std::move(headers),
        services.request_timeout
    );
    if (!listed)
        co_return listed.error();
    co_return only_installation(listed->body);
}

token_answer read_token(json::value const& answer, std::string const& installation, time_point asked_at)
{
    auto const* const object = answer.if_object();
    auto const* const token = object == nullptr ? nullptr : object->if_contains("token");
    if (token == nullptr || !token->is_string() || token->get_string().empty())
        return {token_fate::unavailable, "GitHub's answer has no token"};
    token_answer out(token_fate::granted, {});
    out.tokens.access_token = secret(std::string(token->get_string()));
    out.tokens.token_type = "Bearer";
    out.tokens.scopes = permissions_at(answer);
    out.tokens.obtained_at = asked_at;
    out.tokens.expires_at = parse_time(text_at(answer, "/expires_at"));
    out.tokens.facts["install_id"] = installation;
    if (auto const which = text_at(answer, "/repository_selection"); !which.empty())
        out.tokens.facts["repository_selection"] = which;
    return out;
}

}  // namespace

result<secret> app_jwt_of(link_fields const& fields, time_point now)
{
    auto const begin = seconds_of(now - jwt_head_start);
    json::object claims;
    claims["iat"] = begin;
    claims["exp"] = begin + jwt_life.count();
    claims["iss"] = std::string(value_of(fields, {}, "client_id"));
    secret const key{std::string(value_of(fields, {}, "private_key"))};
    auto signed_text = sign_rs256(key, rs256_header, json::serialize(claims));
    if (!signed_text)
        return signed_text.error();
    return secret(std::move(*signed_text));
}

boost::asio::awaitable<token_answer> obtain_installation_token(link_services& services, link_fields fields)
{
    auto const now = services.now();
    auto const url = api_url_of(fields);
    if (!url)
        co_return failed(url.error());
    auto const jwt = app_jwt_of(fields, now);
    if (!jwt)
        co_return failed(jwt.error());
    auto const installation = co_await find_installation(services, *url, *jwt, fields);
    if (!installation)
        co_return failed(installation.error());
    http_request request("POST", *url + "app/installations/" + url_encoded(*installation) + "/access_tokens");
    request.headers = headers_with(jwt->reveal());
    auto const said = co_await rest_call(services.http, std::move(request), services.request_timeout);
    if (!said)
        co_return failed(said.error());
    co_return read_token(said->body, *installation, now);
}

boost::asio::awaitable<result<>> delete_installation_token(link_services& services, link_fields fields)
{
    auto const url = api_url_of(fields);
    if (!url)
        co_return url.error();
    http_request request("DELETE", *url + "installation/token");
    request.headers = headers_with(value_of(fields, {}, "access_token"));
    auto const said = co_await rest_call(services.http, std::move(request), services.request_timeout);
    if (!said)
        co_return said.error();
    co_return result<>();
}

boost::asio::awaitable<result<link_identity>> identify_installation(
    link_services& services, link_fields fields
)
{
    auto const url = api_url_of(fields);
    if (!url)
        co_return url.error();
    auto const jwt = app_jwt_of(fields, services.now());
    if (!jwt)
        co_return jwt.error();
    auto const app =
        co_await rest_get(services.http, *url + "app", headers_with(jwt->reveal()), services.request_timeout);
    if (!app)
        co_return app.error();
    auto const slug = text_at(app->body, "/slug");
    if (slug.empty())
        co_return error(
            errc::not_found, "the answer is none of GitHub's: base_url or api_url is not its address"
        );
    auto const id = co_await find_installation(services, *url, *jwt, fields);
    if (!id)
        co_return id.error();
    auto const place = co_await rest_get(
        services.http,
        *url + "app/installations/" + url_encoded(*id),
        headers_with(jwt->reveal()),
        services.request_timeout
    );
    if (!place)
        co_return place.error();
    if (!text_at(place->body, "/suspended_at").empty())
        co_return error(errc::unauthorized, "GitHub has suspended this installation of the app");
    link_identity out;
    out.account = text_at(app->body, "/name");
    if (out.account.empty())
        out.account = slug;
    out.account += " at " + text_at(place->body, "/account/login");
    out.credential = "installation of a GitHub app";
    out.scopes = permissions_at(place->body);
    out.service_time = date_of(place->raw);
    out.add_fact("app_slug", slug);
    out.add_fact("app_id", text_at(app->body, "/id"));
    out.add_fact("app_owner", text_at(app->body, "/owner/login"));
    out.add_fact("install_id", *id);
    out.add_fact("install_account", text_at(place->body, "/account/login"));
    out.add_fact("repository_selection", text_at(place->body, "/repository_selection"));
    co_return out;
}

}  // namespace linkspan::github
