#include "links/atlassian/sites.hpp"
#include "links/atlassian/templates.hpp"
#include "links/net/rest.hpp"

#include <array>

namespace linkspan::atlassian
{
namespace
{

constexpr std::string_view authorize_url = "https://auth.atlassian.com/authorize";
constexpr std::string_view token_url = "https://auth.atlassian.com/oauth/token";
constexpr std::string_view gateway_url = "https://api.atlassian.com/";

constexpr link_field client_id_field = required_setting("client_id", "the Client ID of the app (Settings)");
constexpr link_field client_secret_field = {
    .name = "client_secret", .help = "the Secret of the app (Settings)"};
constexpr link_field site_field =
    optional_setting("site", "which site, where the account has several: its URL, name or cloud id");
constexpr link_field auth_url_field =
    optional_setting("auth_url", "another address of the consent page", authorize_url);
constexpr link_field token_url_field = optional_setting("token_url", "another token endpoint", token_url);
constexpr link_field api_url_field =
    optional_setting("api_url", "base URL of Atlassian's API gateway", gateway_url);

constexpr link_field scopes_field(std::string_view default_value)
{
    return optional_setting(
        "scopes",
        "scopes to ask for, besides offline_access and read:me; the app must have them (Permissions)",
        default_value
    );
}

constexpr std::array jira_fields = {
    client_id_field,
    client_secret_field,
    site_field,
    scopes_field("read:jira-work"),
    auth_url_field,
    token_url_field,
    api_url_field};
constexpr std::array confluence_fields = {
    client_id_field,
    client_secret_field,
    site_field,
    scopes_field("read:confluence-content.summary"),
    auth_url_field,
    token_url_field,
    api_url_field};

constexpr feature_scopes jira_oauth_needs[] = {
    {"keep the link alive without anybody", "offline_access"},
    {"tell who the link is", "read:me"},
    {"read issues that pull requests name", "read:jira-work|read:issue:jira"},
};
constexpr feature_scopes confluence_oauth_needs[] = {
    {"keep the link alive without anybody", "offline_access"},
    {"tell who the link is", "read:me"},
    {"read the titles of pages",
     "read:confluence-content.summary|read:confluence-content.all|read:page:confluence"},
};

constexpr std::array<std::string_view, 3> jira_pages = {
    "https://developer.atlassian.com/console/myapps/",
    "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/",
    "https://developer.atlassian.com/cloud/jira/platform/scopes-for-oauth-2-3LO-and-forge-apps/"};
constexpr std::array<std::string_view, 3> confluence_pages = {
    "https://developer.atlassian.com/console/myapps/",
    "https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/",
    "https://developer.atlassian.com/cloud/confluence/scopes-for-oauth-2-3LO-and-forge-apps/"};

constexpr std::string_view grants_page = "https://id.atlassian.com/manage-profile/apps";

// Without offline_access there is no refresh token, without prompt=consent no second one for the same person.
// Refresh tokens rotate, and die after 90 days in which nobody used them.
constexpr oauth_profile profile = {
    .grant = grant_kind::authorization_code,
    .authorize_url = authorize_url,
    .token_url = token_url,
    .scopes = "offline_access read:me",
    .authorize_params = "audience=api.atlassian.com&prompt=consent",
    .proof = oauth::client_proof::body,
    .refresh_life = seconds(90L * 24 * 3600)};

result<> check_app(link_template const& kind, link_fields const& fields)
{
    if (auto const fit = check_client(kind, fields); !fit)
        return fit;
    return check_base_url("api_url", value_of(fields, kind.fields, "api_url"));
}

result<> check_jira(link_fields const& fields)
{
    return check_app(jira_app_oauth, fields);
}

result<> check_confluence(link_fields const& fields)
{
    return check_app(confluence_app_oauth, fields);
}

// The person (User Identity API, read:me), then the sites, which any token may ask for.
boost::asio::awaitable<result<link_identity>> ask(
    link_services& services, link_fields fields, std::string_view product
)
{
    auto const url = checked_base_url("api_url", value_of(fields, jira_fields, "api_url"));
    if (!url)
        co_return url.error();
    std::vector<http_header> headers{bearer(value_of(fields, {}, "access_token"))};
    auto const listed = co_await rest_get(
        services.http, *url + "oauth/token/accessible-resources", headers, services.request_timeout
    );
    if (!listed)
        co_return listed.error();
    auto const sites = read_sites(listed->body, product);
    if (!sites)
        co_return sites.error();
    auto const chosen = choose_site(*sites, value_of(fields, {}, "site"));
    if (!chosen)
        co_return chosen.error();
    auto const person =
        co_await rest_get(services.http, *url + "me", std::move(headers), services.request_timeout);
    if (!person)
        co_return person.error();
    auto name = text_at(person->body, "/name");
    auto const address = text_at(person->body, "/email");
    link_identity out;
    out.credential = "OAuth token of a person";
    out.service_time = date_of(person->raw);
    out.account = name.empty() ? address : name;
    if (out.account.empty())
        out.account = "somebody without a name";
    out.account += " at " + chosen->url;
    out.add_fact("account_id", text_at(person->body, "/account_id"));
    out.add_fact("name", std::move(name));
    out.add_fact("email", address);
    out.add_fact("cloud_id", chosen->cloud_id);
    out.add_fact("site_name", chosen->name);
    out.add_fact("site_url", chosen->url);
    out.add_fact("site_scopes", chosen->scopes);
    out.add_fact("site_api_url", *url + "ex/" + std::string(product) + "/" + url_encoded(chosen->cloud_id));
    co_return out;
}

boost::asio::awaitable<result<link_identity>> identify_jira_grant(link_services& services, link_fields fields)
{
    return ask(services, std::move(fields), "jira");
}

boost::asio::awaitable<result<link_identity>> identify_confluence_grant(
    link_services& services, link_fields fields
)
{
    return ask(services, std::move(fields), "confluence");
}

}  // namespace

constinit link_template const jira_app_oauth = {
    .name = "jira-app-oauth",
    .title = "Jira Cloud with OAuth",
    .purpose = "Calls Jira Cloud as the person who consents in the browser.",
    .steps =
        "1. Open https://developer.atlassian.com/console/myapps/ > Create > OAuth 2.0 integration; name it\n"
        "   Linkspan.\n"
        "2. Permissions: Add \"User identity API\" (read:me) and \"Jira API\", there Configure > "
        "read:jira-work.\n"
        "3. Authorization > OAuth 2.0 (3LO) > Configure; Callback URL: <public_url>/callback\n"
        "   (without a public_url: http://localhost:14470/callback). Save.\n"
        "4. Settings: Client ID and Secret are this link's client_id and client_secret.\n"
        "5. Run linkspan start-oauth with this link, choose the site, Accept. Where the account has several\n"
        "   sites, name one in the field site: its URL, name or cloud id.\n",
    .fields = jira_fields,
    .check = check_jira,
    .oauth = &profile,
    .identify = identify_jira_grant,
    .needs = jira_oauth_needs,
    .pages = jira_pages,
    .revoke_page = grants_page,
};

constinit link_template const confluence_app_oauth = {
    .name = "confluence-app-oauth",
    .title = "Confluence Cloud with OAuth",
    .purpose = "Calls Confluence Cloud as the person who consents in the browser.",
    .steps =
        "1. Open https://developer.atlassian.com/console/myapps/ > Create > OAuth 2.0 integration; name it\n"
        "   Linkspan.\n"
        "2. Permissions: Add \"User identity API\" (read:me) and \"Confluence API\", there Configure >\n"
        "   read:confluence-content.summary.\n"
        "3. Authorization > OAuth 2.0 (3LO) > Configure; Callback URL: <public_url>/callback\n"
        "   (without a public_url: http://localhost:14470/callback). Save.\n"
        "4. Settings: Client ID and Secret are this link's client_id and client_secret.\n"
        "5. Run linkspan start-oauth with this link, choose the site, Accept. Where the account has several\n"
        "   sites, name one in the field site: its URL, name or cloud id.\n",
    .fields = confluence_fields,
    .check = check_confluence,
    .oauth = &profile,
    .identify = identify_confluence_grant,
    .needs = confluence_oauth_needs,
    .pages = confluence_pages,
    .revoke_page = grants_page,
};

}  // namespace linkspan::atlassian
