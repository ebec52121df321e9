#include "links/slack/fields.hpp"
#include "links/slack/identity.hpp"
#include "links/slack/sink.hpp"
#include "links/slack/slack.hpp"

#include <array>

namespace linkspan::slack
{
namespace
{

constexpr link_field client_id_field =
    required_setting("client_id", "the Client ID of the Slack app (Basic Information > App Credentials)");
constexpr link_field client_secret_field = {
    .name = "client_secret",
    .help = "the Client Secret of the Slack app (Basic Information > App Credentials)"};
constexpr link_field scopes_field = optional_setting(
    "scopes", "more bot scopes to ask for, besides chat:write and users:read: chat:write.public"
);
constexpr link_field auth_url_field = optional_setting("auth_url", "another address of the consent page");
constexpr link_field gov_url_field = optional_setting("api_url", "base URL of the Web API", gov_api_url);

constexpr std::array oauth_fields = {
    client_id_field, client_secret_field, signing_secret_field, scopes_field, auth_url_field, api_url_field};
constexpr std::array gov_fields = {
    client_id_field, client_secret_field, signing_secret_field, scopes_field, auth_url_field, gov_url_field};

constexpr std::array<std::string_view, 3> oauth_pages = {
    "https://api.slack.com/apps",
    "https://docs.slack.dev/authentication/installing-with-oauth",
    "https://docs.slack.dev/authentication/using-token-rotation"};
constexpr std::array<std::string_view, 3> gov_pages = {
    "https://api.slack-gov.com/apps",
    "https://docs.slack.dev/govslack",
    "https://docs.slack.dev/authentication/installing-with-oauth"};

// Slack documents Basic for the client. Its PKCE is for public clients: it must be switched on in the app for
// good, refresh tokens then die after 30 days, and a redirect to localhost is refused every bot scope
// (docs.slack.dev/authentication/using-pkce). So none is sent: the client secret proves the client.
constexpr oauth_profile profile_at(std::string_view authorize_url, revoke_function revoke)
{
    oauth_profile profile;
    profile.authorize_url = authorize_url;
    profile.revoke = revoke;
    profile.token_url = "{api_url}/oauth.v2.access";
    profile.scopes = "chat:write users:read";
    profile.scope_separator = ',';
    profile.proof = oauth::client_proof::basic;
    profile.dialect = token_dialect::slack;
    profile.pkce = false;
    return profile;
}

// Slack has no RFC 7009, but a method of its own.
boost::asio::awaitable<result<>> revoke_at(
    link_services& services, link_fields given, std::string_view api_url
)
{
    auto const own = value_of(given, {}, "api_url");
    auto const url = checked_api_url(own.empty() ? api_url : own);
    if (!url)
        co_return url.error();
    secret token{std::string(value_of(given, {}, "access_token"))};
    co_return co_await revoke_token(services, *url, std::move(token));
}

boost::asio::awaitable<result<>> revoke(link_services& services, link_fields given)
{
    return revoke_at(services, std::move(given), default_api_url);
}

boost::asio::awaitable<result<>> revoke_gov(link_services& services, link_fields given)
{
    return revoke_at(services, std::move(given), gov_api_url);
}

constexpr oauth_profile profile = profile_at("https://slack.com/oauth/v2/authorize", revoke);
constexpr oauth_profile gov_profile = profile_at("https://slack-gov.com/oauth/v2/authorize", revoke_gov);

result<> check_oauth(link_fields const& given)
{
    auto const fit = check_client(oauth, given);
    return fit ? check_rest(given, default_api_url) : fit;
}

result<> check_gov(link_fields const& given)
{
    auto const fit = check_client(oauth_gov, given);
    return fit ? check_rest(given, gov_api_url) : fit;
}

boost::asio::awaitable<result<link_identity>> ask(
    link_services& services, link_fields given, std::string_view api_url
)
{
    auto const own = value_of(given, {}, "api_url");
    auto const url = checked_api_url(own.empty() ? api_url : own);
    if (!url)
        co_return url.error();
    secret token{std::string(value_of(given, {}, "access_token"))};
    co_return co_await ask_identity(services, *url, std::move(token));
}

boost::asio::awaitable<result<link_identity>> identify_oauth(link_services& services, link_fields given)
{
    return ask(services, std::move(given), default_api_url);
}

boost::asio::awaitable<result<link_identity>> identify_gov(link_services& services, link_fields given)
{
    return ask(services, std::move(given), gov_api_url);
}

boost::asio::awaitable<outcome> send_gov(sink_services& services, message_request request)
{
    return post(services, std::move(request), gov_api_url);
}

}  // namespace

constinit link_template const oauth = {
    .name = "slack-oauth",
    .title = "Slack app with OAuth",
    .purpose = "Posts messages to Slack as an app that a person installs in the browser; tokens may rotate.",
    .steps =
        "1. Open https://api.slack.com/apps > Create New App > From scratch; name it Linkspan, choose the "
        "workspace.\n"
        "2. Basic Information > App Credentials: Client ID and Client Secret are this link's client_id and\n"
        "   client_secret; the Signing Secret is its signing_secret.\n"
        "3. OAuth & Permissions > Redirect URLs > Add New Redirect URL: <public_url>/callback\n"
        "   (without a public_url: http://localhost:14470/callback). Save URLs.\n"
        "4. OAuth & Permissions > Scopes > Bot Token Scopes: chat:write, users:read (and "
        "chat:write.public).\n"
        "5. Leave PKCE off: with it Slack grants no bot scopes to a redirect to localhost.\n"
        "   Token rotation may be on: Linkspan refreshes the tokens.\n"
        "6. Run linkspan start-oauth with this link, choose the workspace, Allow.\n",
    .fields = oauth_fields,
    .send = post_to_slack_com,
    .needs_channel = true,
    .has_readers = true,
    .check = check_oauth,
    .oauth = &profile,
    .identify = identify_oauth,
    .needs = bot_needs,
    .pages = oauth_pages,
    .revoke_page = "https://api.slack.com/apps",
};

constinit link_template const oauth_gov = {
    .name = "slack-oauth-gov",
    .title = "GovSlack app with OAuth",
    .purpose = "Posts messages to GovSlack as an app that a person installs in the browser.",
    .steps =
        "1. Open https://api.slack-gov.com/apps > Create New App > From scratch; name it Linkspan, choose "
        "the "
        "workspace.\n"
        "2. Basic Information > App Credentials: Client ID and Client Secret are this link's client_id and\n"
        "   client_secret; the Signing Secret is its signing_secret.\n"
        "3. OAuth & Permissions > Redirect URLs > Add New Redirect URL: <public_url>/callback. Save URLs.\n"
        "4. OAuth & Permissions > Scopes > Bot Token Scopes: chat:write, users:read (and "
        "chat:write.public).\n"
        "5. Leave PKCE off: with it Slack grants no bot scopes to a redirect to localhost.\n"
        "6. Run linkspan start-oauth with this link, choose the workspace, Allow.\n",
    .fields = gov_fields,
    .send = send_gov,
    .needs_channel = true,
    .has_readers = true,
    .check = check_gov,
    .oauth = &gov_profile,
    .identify = identify_gov,
    .needs = bot_needs,
    .pages = gov_pages,
    .revoke_page = "https://api.slack-gov.com/apps",
};

}  // namespace linkspan::slack
