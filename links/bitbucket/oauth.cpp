#include "links/bitbucket/entrance.hpp"
#include "links/bitbucket/fields.hpp"
#include "links/bitbucket/identity.hpp"
#include "links/bitbucket/templates.hpp"

#include <array>

namespace linkspan::bitbucket
{
namespace
{

constexpr link_field client_id_field = required_setting("client_id", "the Key of the OAuth consumer");
constexpr link_field client_secret_field = {
    .name = "client_secret", .help = "the Secret of the OAuth consumer"};
constexpr link_field scopes_field =
    optional_setting("scopes", "scopes to ask for; without it Bitbucket grants those of the consumer");
constexpr link_field auth_url_field =
    optional_setting("auth_url", "another address of the consent page", cloud_authorize_url);
constexpr link_field token_url_field =
    optional_setting("token_url", "another token endpoint", cloud_token_url);

constexpr std::array app_fields = {
    client_id_field,
    client_secret_field,
    webhook_secret_field,
    scopes_field,
    auth_url_field,
    token_url_field,
    cloud_api_url_field};
constexpr std::array client_fields = {
    client_id_field, client_secret_field, scopes_field, token_url_field, cloud_api_url_field};

constexpr link_field dc_client_id_field = required_setting("client_id", "the Client ID of the incoming link");
constexpr link_field dc_client_secret_field = {
    .name = "client_secret", .help = "the Client secret of the incoming link"};
constexpr link_field dc_scopes_field = optional_setting(
    "scopes",
    "scopes to ask for: REPO_READ to read, REPO_WRITE to push too, REPO_ADMIN to look after webhooks",
    "REPO_READ"
);
constexpr link_field dc_auth_url_field =
    optional_setting("auth_url", "another address of the consent page than that of base_url");
constexpr link_field dc_token_url_field =
    optional_setting("token_url", "another token endpoint than that of base_url");
constexpr std::array dc_oauth_fields = {
    base_url_field,
    dc_client_id_field,
    dc_client_secret_field,
    dc_scopes_field,
    dc_auth_url_field,
    dc_token_url_field};

constexpr std::array<std::string_view, 3> oauth_pages = {
    "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
    "https://developer.atlassian.com/cloud/bitbucket/oauth-2/",
    "https://developer.atlassian.com/cloud/bitbucket/rest/intro/#bitbucket-oauth-2-0-scopes"};
constexpr std::array<std::string_view, 2> dc_oauth_pages = {
    "https://confluence.atlassian.com/bitbucketserver/configure-an-incoming-link-1108483657.html",
    "https://confluence.atlassian.com/bitbucketserver/bitbucket-oauth-2-0-provider-api-1108483661.html"};

// Refresh tokens that nobody uses die after three months.
constexpr seconds cloud_refresh_life{90L * 24 * 3600};

constexpr oauth_profile app_profile = {
    .grant = grant_kind::authorization_code,
    .authorize_url = cloud_authorize_url,
    .token_url = cloud_token_url,
    .proof = oauth::client_proof::basic,
    .refresh_life = cloud_refresh_life};

constexpr oauth_profile client_profile = {
    .grant = grant_kind::client_credentials,
    .authorize_url = {},
    .token_url = cloud_token_url,
    .proof = oauth::client_proof::basic,
    .pkce = false};

// Where the administrator has changed nothing (OAuth 2.0 provider system properties).
constexpr seconds data_center_refresh_life{90L * 24 * 3600};

constexpr oauth_profile dc_profile = {
    .grant = grant_kind::authorization_code,
    .authorize_url = "{base_url}/rest/oauth2/latest/authorize",
    .token_url = "{base_url}/rest/oauth2/latest/token",
    .proof = oauth::client_proof::body,
    .refresh_life = data_center_refresh_life};

result<> check_cloud(link_template const& kind, link_fields const& fields)
{
    if (auto const fit = check_client(kind, fields); !fit)
        return fit;
    if (auto const fit = check_base_url("api_url", value_of(fields, kind.fields, "api_url")); !fit)
        return fit;
    return check_webhook_secret(fields);
}

result<> check_app(link_fields const& fields)
{
    return check_cloud(app_oauth, fields);
}

result<> check_consumer(link_fields const& fields)
{
    return check_cloud(client_credentials, fields);
}

result<> check_dc_oauth(link_fields const& fields)
{
    if (auto const fit = check_base_url("base_url", value_of(fields, {}, "base_url")); !fit)
        return fit;
    return check_client(data_center_oauth, fields);
}

boost::asio::awaitable<result<link_identity>> identify(link_services& services, link_fields fields)
{
    auto proof = bearer(value_of(fields, {}, "access_token"));
    return ask_cloud_user(services, std::move(fields), std::move(proof), "OAuth token of a person");
}

boost::asio::awaitable<result<link_identity>> identify_consumer(link_services& services, link_fields fields)
{
    auto proof = bearer(value_of(fields, {}, "access_token"));
    return ask_cloud_user(
        services, std::move(fields), std::move(proof), "OAuth token of the consumer itself"
    );
}

boost::asio::awaitable<result<link_identity>> identify_dc_oauth(link_services& services, link_fields fields)
{
    auto proof = bearer(value_of(fields, {}, "access_token"));
    return ask_data_center(services, std::move(fields), std::move(proof), "OAuth token of a person");
}

result<api_entrance> enter_with_oauth(link_fields const& fields)
{
    return enter_cloud(fields, "access_token");
}

result<api_entrance> enter_with_dc_oauth(link_fields const& fields)
{
    return enter_data_center(fields, "access_token");
}

}  // namespace

constinit link_template const app_oauth = {
    .name = "bitbucket-app-oauth",
    .title = "Bitbucket Cloud with OAuth",
    .purpose =
        "Calls Bitbucket Cloud as the person who consents in the browser, and may receive its webhooks.",
    .steps =
        "1. Open your workspace at bitbucket.org, then Settings > OAuth consumers > Add consumer.\n"
        "2. Name: Linkspan. Callback URL: <public_url>/callback\n"
        "   (without a public_url: http://localhost:14470/callback). Bitbucket allows one.\n"
        "3. Leave \"This is a private consumer\" checked.\n"
        "4. Permissions: Account: Read; Pull requests: Write (or Read, to answer nothing from chat);\n"
        "   Webhooks: Read and write; Pipelines: Read. Save.\n"
        "5. Open the consumer: its Key and Secret are this link's client_id and client_secret.\n"
        "6. For webhooks: Repository settings > Webhooks > Add webhook (Workspace settings > Webhooks for "
        "all\n"
        "   of them); URL: <public_url>/webhook/<link>; Secret: the same as this link's webhook_secret;\n"
        "   triggers: all of Pull request; Repository: Push, Build status created, Build status updated.\n"
        "7. Run linkspan start-oauth with this link, and grant access.\n",
    .fields = app_fields,
    .receives = edition::cloud,
    .check = check_app,
    .oauth = &app_profile,
    .identify = identify,
    .needs = cloud_needs,
    .pages = oauth_pages,
    .revoke_page = "https://bitbucket.org/account/settings/app-authorizations/",
    .asks = edition::cloud,
    .open_api = enter_with_oauth,
};

constinit link_template const client_credentials = {
    .name = "bitbucket-client-credentials",
    .title = "Bitbucket Cloud as an OAuth consumer",
    .purpose = "Calls Bitbucket Cloud as the OAuth consumer itself, without anybody's consent.",
    .steps =
        "1. Open your workspace at bitbucket.org, then Settings > OAuth consumers > Add consumer.\n"
        "2. Name: Linkspan. Check \"This is a private consumer\"; Bitbucket wants a Callback URL, which "
        "this\n"
        "   grant does not use: http://localhost:14470/callback\n"
        "3. Permissions: Account: Read; Pull requests: Write (or Read); Webhooks: Read and write;\n"
        "   Pipelines: Read. Save.\n"
        "4. Open the consumer: its Key and Secret are this link's client_id and client_secret.\n"
        "   Bitbucket gives no refresh token here: Linkspan asks for a new grant before each one ends.\n",
    .fields = client_fields,
    .check = check_consumer,
    .oauth = &client_profile,
    .identify = identify_consumer,
    .needs = cloud_needs,
    .pages = oauth_pages,
    .revoke_page = "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
    .asks = edition::cloud,
    .open_api = enter_with_oauth,
};

constinit link_template const data_center_oauth = {
    .name = "bitbucket-dc-oauth",
    .title = "Bitbucket Data Center with OAuth",
    .purpose = "Calls a Bitbucket Data Center as the person who consents in the browser.",
    .steps =
        "1. As an administrator open Administration > Applications > Application links > Create link;\n"
        "   External application, direction Incoming. (Bitbucket 7.21 or later.)\n"
        "2. Name: Linkspan. Redirect URL: <public_url>/callback\n"
        "   (without a public_url: http://localhost:14470/callback; Data Center refuses plain http for "
        "others\n"
        "   than loopback, and for that too unless its administrator allows it).\n"
        "3. Application permissions: Repositories: Read (Admin, to look after webhooks). Save.\n"
        "4. The Client ID and Client secret are this link's client_id and client_secret; base_url is the\n"
        "   address of the Bitbucket.\n"
        "5. Run linkspan start-oauth with this link, and allow access.\n",
    .fields = dc_oauth_fields,
    .check = check_dc_oauth,
    .oauth = &dc_profile,
    .identify = identify_dc_oauth,
    .needs = data_center_needs,
    .pages = dc_oauth_pages,
    .revoke_page = "{base_url}/plugins/servlet/oauth/users/access-tokens",
    .asks = edition::data_center,
    .open_api = enter_with_dc_oauth,
};

}  // namespace linkspan::bitbucket
