#include "links/github/api.hpp"
#include "links/github/installation.hpp"
#include "links/github/templates.hpp"
#include "links/net/jwt.hpp"

#include <algorithm>
#include <array>

namespace linkspan::github
{
namespace
{

constexpr std::array app_fields = {
    required_setting("client_id", "the Client ID of the app (General)"),
    link_field{
        .name = "private_key",
        .help = "the private key of the app as PEM (General > Private keys), PKCS#1 or PKCS#8: "
                "private_key=@file.pem"},
    required_setting("app_slug", "the app's name in its URL, as in github.com/apps/<app_slug>"),
    webhook_secret_field,
    base_url_field,
    api_url_field,
    optional_setting("auth_url", "another address of the page that installs the app than that of base_url"),
    link_field{
        .name = "install_id",
        .help = "which installation of the app",
        .is_secret = false,
        .is_required = false,
        .is_automatic = true},
};

constexpr std::array user_fields = {
    required_setting("client_id", "the Client ID of the app (General)"),
    link_field{.name = "client_secret", .help = "a client secret of the app (General > Client secrets)"},
    optional_setting(
        "scopes", "scopes to ask for, of an OAuth app alone: repo; a GitHub app has permissions instead"
    ),
    base_url_field,
    api_url_field,
    optional_setting("auth_url", "another address of the consent page than that of base_url"),
    optional_setting("token_url", "another token endpoint than that of base_url"),
};

constexpr std::array pat_fields = {
    link_field{.name = "pat", .help = "the personal access token (github_pat_... or ghp_...)"},
    webhook_secret_field,
    base_url_field,
    api_url_field};

constexpr std::array webhook_fields = {link_field{
    .name = "webhook_secret", .help = "the secret of the webhook; GitHub signs each delivery with it"}};

constexpr std::array<std::string_view, 3> app_pages = {
    "https://github.com/settings/apps",
    "https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/registering-a-github-app",
    "https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/"
    "managing-private-keys-for-github-apps"};
constexpr std::array<std::string_view, 2> user_pages = {
    "https://github.com/settings/apps",
    "https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/"
    "generating-a-user-access-token-for-a-github-app"};
constexpr std::array<std::string_view, 2> pat_pages = {
    "https://github.com/settings/personal-access-tokens",
    "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/"
    "managing-your-personal-access-tokens"};
constexpr std::array<std::string_view, 2> webhook_pages = {
    "https://docs.github.com/en/webhooks/using-webhooks/creating-webhooks",
    "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"};

constexpr std::string_view install_url = "{base_url}/apps/{app_slug}/installations/new";

// An Enterprise Server has its apps elsewhere.
std::string_view install_url_for(link_fields const& fields)
{
    return is_enterprise_server(fields) ? "{base_url}/github-apps/{app_slug}/installations/new" : install_url;
}

constexpr oauth_profile app_profile = {
    .grant = grant_kind::installation,
    .authorize_url = install_url,
    .token_url = {},
    .pkce = false,
    .obtain = obtain_installation_token,
    .authorize_url_for = install_url_for,
    .revoke = delete_installation_token};

// A user's token of a GitHub app lives eight hours, its refresh token six months; each refresh gives both
// anew.
constexpr oauth_profile user_profile = {
    .grant = grant_kind::authorization_code,
    .authorize_url = "{base_url}/login/oauth/authorize",
    .token_url = "{base_url}/login/oauth/access_token",
    .proof = oauth::client_proof::body,
    .refresh_life = seconds(183L * 24 * 3600),
    .revoke = delete_grant};

bool is_slug(std::string_view text)
{
    auto const is_fine = [](char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return std::ranges::all_of(text, is_fine);
}

result<> check_app(link_fields const& fields)
{
    if (auto const fit = check_client(app_jwt, fields); !fit)
        return fit;
    if (secret const key{std::string(value_of(fields, {}, "private_key"))}; !key.empty())
        if (auto const fit = check_rs256_key(key); !fit)
            return error(fit.error().code, "private_key: " + fit.error().message);
    if (!is_slug(value_of(fields, {}, "app_slug")))
        return error(
            errc::invalid, "app_slug must be the app's name in its URL, as in github.com/apps/<app_slug>"
        );
    auto const id = value_of(fields, {}, "install_id");
    if (!std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; }))
        return error(errc::invalid, "install_id must be a number");
    return check_addresses(fields);
}

result<> check_user(link_fields const& fields)
{
    if (auto const fit = check_addresses(fields); !fit)
        return fit;
    return check_client(app_user, fields);
}

result<> check_pat(link_fields const& fields)
{
    if (auto const fit = check_token("pat", value_of(fields, {}, "pat")); !fit)
        return fit;
    return check_addresses(fields);
}

boost::asio::awaitable<result<link_identity>> identify_user(link_services& services, link_fields fields)
{
    secret const token{std::string(value_of(fields, {}, "access_token"))};
    auto asked = ask_user(services, std::move(fields), token.reveal(), "OAuth token of a person");
    co_return co_await std::move(asked);
}

boost::asio::awaitable<result<link_identity>> identify_pat(link_services& services, link_fields fields)
{
    secret const token{std::string(value_of(fields, {}, "pat"))};
    bool const is_fine = token.reveal().starts_with("github_pat_");
    std::string credential = is_fine ? "fine-grained personal access token" : "classic personal access token";
    auto asked = ask_user(services, std::move(fields), token.reveal(), std::move(credential));
    co_return co_await std::move(asked);
}

}  // namespace

constinit link_template const app_jwt = {
    .name = "github-app-jwt",
    .title = "GitHub app",
    .purpose = "Calls GitHub as a GitHub app where somebody has installed it.",
    .steps =
        "1. Open https://github.com/settings/apps (or the organization's Settings > Developer settings) > "
        "New\n"
        "   GitHub App; name it, as Linkspan of Acme. Leave \"Request user authorization\" unchecked.\n"
        "2. Setup URL (under Post installation): <public_url>/callback\n"
        "   (without a public_url: http://localhost:14470/callback). Check Redirect on update.\n"
        "3. Webhook: uncheck Active, or give a secret, the same as this link's webhook_secret.\n"
        "4. Repository permissions: Pull requests: Read and write; Contents: Read; Commit statuses: Read.\n"
        "   Create GitHub App.\n"
        "5. General: Client ID is this link's client_id; Private keys > Generate a private key: the file "
        "that\n"
        "   is downloaded is its private_key (private_key=@file.pem); app_slug is the last name of the "
        "app's\n"
        "   Public link.\n"
        "6. Run linkspan start-oauth with this link, choose where to install the app, Install. (Where it is\n"
        "   installed once already, linkspan refresh-link finds that by itself.)\n",
    .fields = app_fields,
    .check = check_app,
    .oauth = &app_profile,
    .identify = identify_installation,
    .needs = needs,
    .pages = app_pages,
    .revoke_page = "{base_url}/settings/installations",
};

constinit link_template const app_user = {
    .name = "github-app-user",
    .title = "GitHub app or OAuth app, for a person",
    .purpose = "Calls GitHub as the person who consents in the browser.",
    .steps =
        "1. Open https://github.com/settings/apps > New GitHub App (or OAuth Apps > New OAuth app); name "
        "it,\n"
        "   as Linkspan of Acme.\n"
        "2. Callback URL: <public_url>/callback (without a public_url: http://localhost:14470/callback).\n"
        "   Leave \"Expire user authorization tokens\" checked: Linkspan refreshes them. Webhook: uncheck "
        "Active.\n"
        "3. Repository permissions: Pull requests: Read and write; Contents: Read; Commit statuses: Read.\n"
        "   (An OAuth app has none: set this link's scopes to repo.)\n"
        "4. General: Client ID is this link's client_id; Generate a new client secret: client_secret.\n"
        "5. Install App: a GitHub app sees the repositories alone where it is installed.\n"
        "6. Run linkspan start-oauth with this link, and authorize.\n",
    .fields = user_fields,
    .check = check_user,
    .oauth = &user_profile,
    .identify = identify_user,
    .needs = needs,
    .pages = user_pages,
    .revoke_page = "{base_url}/settings/apps/authorizations",
};

constinit link_template const user_pat = {
    .name = "github-user-pat",
    .title = "GitHub personal access token",
    .purpose = "Calls GitHub as a person, with a personal access token.",
    .steps =
        "1. Open https://github.com/settings/personal-access-tokens > Generate new token; name it Linkspan.\n"
        "2. Choose the resource owner, the repositories and an expiry. Permissions: Pull requests: Read and\n"
        "   write; Contents: Read; Commit statuses: Read. (A classic token: the scope repo.)\n"
        "3. Generate token, copy it: it is this link's pat.\n",
    .fields = pat_fields,
    .check = check_pat,
    .identify = identify_pat,
    .needs = needs,
    .pages = pat_pages,
    .revoke_page = "{base_url}/settings/tokens",
};

constinit link_template const webhook = {
    .name = "github-webhook",
    .title = "GitHub webhook secret",
    .purpose = "Keeps the secret of a GitHub webhook, for programs that ask Linkspan for it.",
    .steps =
        "1. Open the repository or organization at GitHub, then Settings > Webhooks > Add webhook.\n"
        "2. Content type: application/json. Secret: a long random text, the same as this link's\n"
        "   webhook_secret. Choose the events, Add webhook.\n",
    .fields = webhook_fields,
    .check = check_webhook_secret,
    .pages = webhook_pages,
};

}  // namespace linkspan::github
