#include "links/generic/oauth.hpp"

#include "links/net/rest.hpp"

#include <algorithm>
#include <array>

namespace linkspan::generic
{
namespace
{

constexpr std::array fields = {
    required_setting("auth_url", "the authorization endpoint of the service"),
    required_setting("token_url", "the token endpoint of the service"),
    required_setting("client_id", "the client id that the service gives"),
    link_field{
        .name = "client_secret",
        .help = "the client secret that the service gives; a public client has none",
        .is_required = false},
    optional_setting("scopes", "scopes to ask for, separated by blanks"),
    optional_setting(
        "authorize_params", "more parameters of the authorization URL: access_type=offline&prompt=consent"
    ),
    optional_setting(
        "client_proof", "how the token endpoint takes the client: basic (in a header) or body", "basic"
    ),
    optional_setting(
        "pkce", "whether to send a PKCE challenge: yes, or no for services that refuse it", "yes"
    ),
    optional_setting("userinfo_url", "where a GET with the token tells who it is, in JSON"),
    optional_setting("revoke_url", "the revocation endpoint (RFC 7009)"),
};

constexpr std::array<std::string_view, 2> pages = {
    "https://www.rfc-editor.org/rfc/rfc6749", "https://oauth.net/2/"};

constexpr oauth_profile profile = {
    .grant = grant_kind::authorization_code, .authorize_url = {}, .token_url = {}};

// A query of names and values, as it goes into a URL.
bool is_query(std::string_view text)
{
    constexpr std::string_view marks = "-._~%&=+:/,*!$'();@?";
    auto const is_fine = [&](char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.find(c) != marks.npos;
    };
    return !text.starts_with('?') && !text.starts_with('&') && std::ranges::all_of(text, is_fine);
}

result<> check(link_fields const& given)
{
    if (auto const fit = check_client(oauth, given); !fit)
        return fit;
    if (!is_query(value_of(given, {}, "authorize_params")))
        return error(
            errc::invalid,
            "authorize_params must be a query without ?, as in access_type=offline&prompt=consent"
        );
    return check_secret_url("userinfo_url", value_of(given, {}, "userinfo_url"));
}

// The first of the names by which services call people (OpenID Connect Core, 5.1, and others).
std::string account_of(boost::json::value const& person)
{
    std::string name, handle;
    for (std::string_view const place : {"/name", "/display_name", "/displayName", "/real_name"})
        if (name.empty())
            name = text_at(person, place);
    for (std::string_view const place :
         {"/preferred_username", "/username", "/login", "/email", "/sub", "/id"})
        if (handle.empty())
            handle = text_at(person, place);
    if (name.empty() || handle.empty() || name == handle)
        return name.empty() ? handle : name;
    return name + " (" + handle + ")";
}

boost::asio::awaitable<result<link_identity>> identify(link_services& services, link_fields given)
{
    link_identity out;
    out.credential = "OAuth token";
    std::string const url(value_of(given, {}, "userinfo_url"));
    if (url.empty())
    {
        out.account = "nobody knows who: the link has no userinfo_url";
        co_return out;
    }
    std::vector<http_header> headers{bearer(value_of(given, {}, "access_token"))};
    auto const said = co_await rest_get(services.http, url, std::move(headers), services.request_timeout);
    if (!said)
        co_return said.error();
    if (!said->body.is_object())
        co_return error(errc::not_found, "userinfo_url answers with something else than a JSON object");
    out.account = account_of(said->body);
    if (out.account.empty())
        out.account = "somebody without a name";
    out.scopes = words_of_header(said->raw, "X-OAuth-Scopes");
    out.service_time = date_of(said->raw);
    for (std::string_view const name : {"sub", "id", "name", "email"})
        out.add_fact(std::string(name), text_at(said->body, "/" + std::string(name)));
    co_return out;
}

}  // namespace

constinit link_template const oauth = {
    .name = "generic-oauth",
    .title = "Any service with OAuth 2.0",
    .purpose = "Gets tokens of any service that speaks OAuth 2.0, as the person who consents in the browser.",
    .steps =
        "1. Register a client (an app, a consumer) at the service. Redirect URL: <public_url>/callback\n"
        "   (without a public_url: http://localhost:14470/callback).\n"
        "2. Its id and secret are this link's client_id and client_secret; auth_url and token_url are the\n"
        "   endpoints that the service's pages name.\n"
        "3. scopes and authorize_params are what the service wants for a refresh token: many want\n"
        "   offline_access, Google access_type=offline&prompt=consent.\n"
        "4. Run linkspan start-oauth with this link, and consent.\n",
    .fields = fields,
    .check = check,
    .oauth = &profile,
    .identify = identify,
    .pages = pages,
};

}  // namespace linkspan::generic
