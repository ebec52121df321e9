// Who somebody is, as the REST APIs of both editions tell it.
#include "tests/simulators/oauth_provider_page.hpp"
#include "tests/simulators/requests.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

// One resource of Cloud and the scope that it needs; empty: any.
struct resource
{
    std::string_view path;
    std::string_view scope;
};
constexpr resource resources[] = {
    {"/2.0/user", "account"},
    {"/2.0/user/emails", "email"},
    {"/2.0/user/workspaces", "account"},
    {"/2.0/workspaces", "account"},
    {"/2.0/workspaces/acme", ""},
    {"/2.0/repositories/acme", "repository"},
    {"/2.0/repositories/acme/widgets", "repository"},
};

http_response cloud_error(int status, std::string_view message)
{
    return json_page(status, {{"type", "error"}, {"error", json::object{{"message", message}}}});
}

http_response data_center_error(int status, std::string_view message, std::string_view exception)
{
    json::object const one{{"context", nullptr}, {"message", message}, {"exceptionName", exception}};
    return json_page(status, {{"errors", json::array{one}}});
}

bool grants(std::string_view granted, std::string_view needed)
{
    if (needed.empty())
        return true;
    constexpr std::pair<std::string_view, std::string_view> implied[] = {
        {"account", "email"},
        {"account:write", "account"},
        {"pullrequest", "repository"},
        {"pullrequest:write", "pullrequest"},
        {"repository:write", "repository"}};
    auto const list = " " + std::string(granted) + " ";
    if (list.find(" " + std::string(needed) + " ") != list.npos)
        return true;
    return std::ranges::any_of(
        implied, [&](auto const& one) { return one.second == needed && grants(granted, one.first); }
    );
}

std::string with_commas(std::string_view scopes)
{
    std::string out;
    for (char const c : scopes)
        out += c == ' ' ? std::string(", ") : std::string(1, c);
    return out;
}

json::object person_page(bool is_client)
{
    if (is_client)
        return {
            {"type", "app_user"},
            {"uuid", "{7e4f1a2b-0000-4000-8000-00000000000c}"},
            {"display_name", "Linkspan"},
            {"account_id", "712020:0000000c"},
            {"created_on", "2026-01-01T00:00:00.000000+00:00"},
            {"links", json::object{}}};
    return {
        {"type", "user"},
        {"uuid", "{7e4f1a2b-0000-4000-8000-00000000000a}"},
        {"display_name", "Ada Example"},
        {"nickname", "ada"},
        {"username", "ada"},
        {"account_id", "712020:0000000a"},
        {"account_status", "active"},
        {"created_on", "2020-01-01T00:00:00.000000+00:00"},
        {"is_staff", false},
        {"links", json::object{}}};
}

json::object acme()
{
    return {
        {"type", "workspace"},
        {"uuid", "{7e4f1a2b-0000-4000-8000-0000000000ac}"},
        {"name", "Acme"},
        {"slug", "acme"},
        {"links", json::object{}}};
}

json::object widgets()
{
    return {
        {"type", "repository"},
        {"uuid", "{7e4f1a2b-0000-4000-8000-0000000000bd}"},
        {"full_name", "acme/widgets"},
        {"name", "widgets"},
        {"workspace", acme()}};
}

json::object list_of(json::object one)
{
    return {{"pagelen", 10}, {"page", 1}, {"size", 1}, {"values", json::array{std::move(one)}}};
}

http_response cloud_page(std::string_view path, bool is_client)
{
    if (path == "/2.0/user")
        return json_page(200, person_page(is_client));
    if (path == "/2.0/user/emails")
        return json_page(
            200,
            list_of(
                {{"type", "email"},
                 {"email", "ada@example.com"},
                 {"is_primary", true},
                 {"is_confirmed", true}}
            )
        );
    if (path == "/2.0/user/workspaces")
    {
        json::object const base{{"type", "workspace_base"}, {"slug", "acme"}, {"uuid", acme().at("uuid")}};
        return json_page(
            200, list_of({{"type", "workspace_access"}, {"administrator", true}, {"workspace", base}})
        );
    }
    if (path == "/2.0/workspaces/acme")
        return json_page(200, acme());
    if (path == "/2.0/repositories/acme")
        return json_page(200, list_of(widgets()));
    if (path == "/2.0/repositories/acme/widgets")
        return json_page(200, widgets());
    // CHANGE-2770: gone since April 2026.
    json::object const data{
        {"announcement_url", "https://developer.atlassian.com/cloud/bitbucket/changelog/"}};
    json::object const why{{"message", "This API is no longer available."}, {"data", data}};
    return json_page(410, {{"type", "error"}, {"error", why}});
}

}  // namespace

http_response oauth_provider::answer_api(page const& asked)
{
    auto const moment = now();
    std::lock_guard const lock(mutex_);
    bool const is_cloud = settings_.kind == provider_kind::cloud;
    // Only in the header (since 2026-05-04): a token in the query or the form is none.
    auto const token = bearer_token(asked.request);
    auto const who = office_.look_up(token, moment);
    if (!is_cloud)
        return answer_data_center(asked, who);
    if (token.empty())
        return cloud_error(401, "Authentication required");
    if (who.state == token_office::access_state::expired)
        return cloud_error(401, "Access token expired. Use your refresh token to obtain a new access token.");
    if (who.state == token_office::access_state::unknown)
        return cloud_error(401, "Token is invalid or not supported for this endpoint.");
    return answer_cloud(asked, who);
}

http_response oauth_provider::answer_cloud(page const& asked, token_office::access const& who) const
{
    auto const known = std::ranges::find(resources, std::string_view(asked.path), &resource::path);
    if (known == std::end(resources))
        return cloud_error(404, "Resource not found");
    http_response response;
    if (grants(who.scopes, known->scope))
        response = cloud_page(asked.path, who.is_client);
    else
    {
        json::object const detail{
            {"required", json::array{json::value(known->scope)}},
            {"granted", json::array{json::value(who.scopes)}}};
        json::object const why{
            {"message", "Your credentials lack one or more required privilege scopes."}, {"detail", detail}};
        response = json_page(403, {{"type", "error"}, {"error", why}});
    }
    response.headers.push_back({"X-OAuth-Scopes", with_commas(who.scopes)});
    response.headers.push_back({"X-Accepted-OAuth-Scopes", std::string(known->scope)});
    return response;
}

http_response oauth_provider::answer_data_center(page const& asked, token_office::access const& who) const
{
    bool const is_known = who.state == token_office::access_state::good;
    bool const has_token = !find_header(asked.request.headers, "Authorization").empty();
    http_response response;
    json::object const user{
        {"name", "ada"},
        {"slug", "ada"},
        {"id", 101},
        {"displayName", "Ada Example"},
        {"emailAddress", "ada@example.com"},
        {"active", true},
        {"type", "NORMAL"}};
    if (has_token && !is_known)
        return data_center_error(
            401,
            "Authentication failed. Please check your credentials and try again.",
            "com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException"
        );
    if (asked.path == "/rest/api/latest/application-properties")
        response = json_page(
            200,
            {{"version", "9.2.0"},
             {"buildNumber", "9002000"},
             {"buildDate", "1730000000000"},
             {"displayName", "Bitbucket"}}
        );
    else if (asked.path == "/plugins/servlet/applinks/whoami")
        response = http_response(200, is_known ? "ada" : "");
    else if (!is_known)
        return data_center_error(
            401,
            "You are not permitted to access this resource",
            "com.atlassian.bitbucket.AuthorisationException"
        );
    else if (asked.path == "/rest/api/latest/users")
        response = json_page(
            200,
            {{"size", 1}, {"limit", 25}, {"isLastPage", true}, {"start", 0}, {"values", json::array{user}}}
        );
    else if (asked.path == "/rest/api/latest/users/ada")
        response = json_page(200, user);
    else
        return data_center_error(
            404, "There is no such resource", "com.atlassian.bitbucket.NoSuchObjectException"
        );
    if (is_known)
    {
        response.headers.push_back({"X-AUSERNAME", "ada"});
        response.headers.push_back({"X-AUSERID", "101"});
    }
    return response;
}

}  // namespace linkspan::test
