#include "links/google/identity.hpp"
#include "links/google/service_key.hpp"
#include "links/google/templates.hpp"

#include <array>

namespace linkspan::google
{
namespace
{

constexpr std::string_view authorize_url = "https://accounts.google.com/o/oauth2/v2/auth";
constexpr std::string_view token_url = "https://oauth2.googleapis.com/token";
constexpr std::string_view revoke_url = "https://oauth2.googleapis.com/revoke";

constexpr std::array user_fields = {
    required_setting("client_id", "the Client ID of the OAuth client"),
    link_field{.name = "client_secret", .help = "the Client secret of the OAuth client"},
    optional_setting(
        "scopes",
        "scopes to ask for, besides openid, email and profile: "
        "https://www.googleapis.com/auth/calendar.readonly"
    ),
    optional_setting("auth_url", "another address of the consent page", authorize_url),
    optional_setting("token_url", "another token endpoint", token_url),
    optional_setting("revoke_url", "another address that ends a token", revoke_url),
    api_url_field};

constexpr std::array account_fields = {
    link_field{.name = "key", .help = "the JSON key file of the service account: key=@key.json"},
    optional_setting(
        "scopes", "scopes to ask for, besides userinfo.email: https://www.googleapis.com/auth/chat.bot"
    ),
    optional_setting("subject", "the e-mail address of the person to act for, with domain-wide delegation"),
    api_url_field};

constexpr feature_scopes user_needs[] = {
    {"tell who the link is", "openid https://www.googleapis.com/auth/userinfo.email|email"},
};
constexpr feature_scopes account_needs[] = {
    {"tell who the link is", "https://www.googleapis.com/auth/userinfo.email"},
    {"post to Google Chat as an app", "https://www.googleapis.com/auth/chat.bot"},
};

constexpr std::array<std::string_view, 3> user_pages = {
    "https://console.cloud.google.com/auth/clients",
    "https://developers.google.com/identity/protocols/oauth2/web-server",
    "https://developers.google.com/identity/protocols/oauth2/scopes"};
constexpr std::array<std::string_view, 2> account_pages = {
    "https://console.cloud.google.com/iam-admin/serviceaccounts",
    "https://developers.google.com/identity/protocols/oauth2/service-account"};

// Google gives a refresh token with access_type=offline, and a second one to the same person with
// prompt=consent alone. It dies after six months in which nobody used it.
constexpr oauth_profile user_profile = {
    .grant = grant_kind::authorization_code,
    .authorize_url = authorize_url,
    .token_url = token_url,
    .revoke_url = revoke_url,
    .scopes = "openid email profile",
    .authorize_params = "access_type=offline&prompt=consent",
    .proof = oauth::client_proof::body,
    .refresh_life = seconds(182L * 24 * 3600)};

constexpr oauth_profile account_profile = {
    .grant = grant_kind::own,
    .authorize_url = {},
    .token_url = {},
    .revoke_url = revoke_url,
    .pkce = false,
    .obtain = obtain_service_token};

result<> check_user(link_fields const& fields)
{
    if (auto const fit = check_client(user_oauth, fields); !fit)
        return fit;
    return check_base_url("api_url", value_of(fields, user_fields, "api_url"));
}

result<> check_account(link_fields const& fields)
{
    if (auto const text = value_of(fields, {}, "key"); !text.empty())
        if (auto const key = read_service_key(text); !key)
            return key.error();
    return check_base_url("api_url", value_of(fields, account_fields, "api_url"));
}

boost::asio::awaitable<result<link_identity>> identify_user(link_services& services, link_fields fields)
{
    return ask_token(services, std::move(fields), "OAuth token of a person");
}

boost::asio::awaitable<result<link_identity>> identify_account(link_services& services, link_fields fields)
{
    bool const is_for_person = !value_of(fields, {}, "subject").empty();
    return ask_token(
        services,
        std::move(fields),
        is_for_person ? "token of a service account for a person" : "token of a service account"
    );
}

}  // namespace

constinit link_template const user_oauth = {
    .name = "google-user-oauth",
    .title = "Google with OAuth",
    .purpose = "Calls Google's APIs as the person who consents in the browser.",
    .steps =
        "1. Open https://console.cloud.google.com/auth/overview, choose a project; Branding: name the app\n"
        "   Linkspan. Audience: Internal for your own organization; External: publish the app, for in "
        "Testing\n"
        "   Google ends every refresh token after 7 days.\n"
        "2. Data access: add the scopes that you need, besides openid, email and profile.\n"
        "3. Clients > Create client; Application type: Web application. Authorized redirect URIs:\n"
        "   <public_url>/callback (without a public_url: http://localhost:14470/callback). Create.\n"
        "4. The Client ID and Client secret are this link's client_id and client_secret.\n"
        "5. Run linkspan start-oauth with this link, choose the account, Continue.\n",
    .fields = user_fields,
    .check = check_user,
    .oauth = &user_profile,
    .identify = identify_user,
    .needs = user_needs,
    .pages = user_pages,
    .revoke_page = "https://myaccount.google.com/connections",
};

constinit link_template const service_account = {
    .name = "google-service-account",
    .title = "Google service account",
    .purpose = "Calls Google's APIs as a service account, with its key.",
    .steps =
        "1. Open https://console.cloud.google.com/iam-admin/serviceaccounts, choose a project > Create\n"
        "   service account; name it Linkspan, Done.\n"
        "2. Open the account > Keys > Add key > Create new key > JSON: the file that is downloaded is this\n"
        "   link's key (key=@key.json). Delete the file then.\n"
        "3. Enable the APIs that you need, and name their scopes in this link's field scopes.\n"
        "4. To act for people of your domain: Google Admin > Security > API controls > Domain-wide "
        "delegation,\n"
        "   with the same scopes; the person is this link's subject.\n",
    .fields = account_fields,
    .check = check_account,
    .oauth = &account_profile,
    .identify = identify_account,
    .needs = account_needs,
    .pages = account_pages,
    .revoke_page = "https://console.cloud.google.com/iam-admin/serviceaccounts",
};

}  // namespace linkspan::google
