#include "links/bitbucket/entrance.hpp"
#include "links/bitbucket/fields.hpp"
#include "links/bitbucket/identity.hpp"
#include "links/bitbucket/templates.hpp"

#include <algorithm>
#include <array>

namespace linkspan::bitbucket
{
namespace
{

// How Atlassian's credentials begin.
constexpr std::string_view api_token_begin = "ATATT";
constexpr std::string_view access_token_begin = "ATCTT";
constexpr std::string_view app_password_begin = "ATBB";
constexpr std::size_t old_app_password_bytes = 20;  // letters and digits, before they began with ATBB

constexpr std::array user_fields = {
    required_setting("email", "the e-mail address of the Atlassian account, not its user name"),
    link_field{.name = "api_token", .help = "the API token with Bitbucket scopes (ATATT...)"},
    cloud_api_url_field};

constexpr std::array access_fields = {
    link_field{.name = "token", .help = "the access token of a repository, project or workspace (ATCTT...)"},
    required_setting("workspace", "the workspace, as in bitbucket.org/<workspace>/"),
    optional_setting(
        "repository",
        "for the token of one repository: its slug, as in bitbucket.org/<workspace>/<repository>/"
    ),
    cloud_api_url_field};

constexpr std::array dc_token_fields = {
    base_url_field,
    link_field{.name = "token", .help = "the HTTP access token of a user, project or repository"}};

constexpr std::array<std::string_view, 3> user_pages = {
    "https://id.atlassian.com/manage-profile/security/api-tokens",
    "https://support.atlassian.com/bitbucket-cloud/docs/create-an-api-token/",
    "https://support.atlassian.com/bitbucket-cloud/docs/api-token-permissions/"};
constexpr std::array<std::string_view, 3> access_pages = {
    "https://support.atlassian.com/bitbucket-cloud/docs/access-tokens/",
    "https://support.atlassian.com/bitbucket-cloud/docs/using-access-tokens/",
    "https://support.atlassian.com/bitbucket-cloud/docs/repository-access-token-permissions/"};
constexpr std::array<std::string_view, 1> dc_token_pages = {
    "https://confluence.atlassian.com/bitbucketserver/http-access-tokens-939515499.html"};

result<> check_api_url(link_fields const& fields)
{
    return check_base_url("api_url", value_of(fields, user_fields, "api_url"));
}

result<> check_user(link_fields const& fields)
{
    auto const email = value_of(fields, {}, "email");
    if (auto const fit = check_token("email", email); !fit)
        return fit;
    if (!email.empty() && (email.find('@') == email.npos || email.find(':') != email.npos))
        return error(
            errc::invalid, "email must be the e-mail address of the Atlassian account: a user name is refused"
        );
    auto const token = value_of(fields, {}, "api_token");
    if (auto const fit = refuse_app_password("api_token", token); !fit)
        return fit;
    if (token.starts_with(access_token_begin))
        return error(
            errc::invalid,
            "api_token is the access token of a repository, project or workspace: make a link of "
            "bitbucket-access-token with it"
        );
    if (auto const fit = check_token("api_token", token); !fit)
        return fit;
    return check_api_url(fields);
}

// A slug or an uuid in braces: it becomes a part of a path.
result<> check_slug(std::string_view field, std::string_view value)
{
    auto const is_fine = [](char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.' || c == '{' || c == '}';
    };
    if (std::ranges::all_of(value, is_fine) && value != "." && value != "..")
        return {};
    return error(
        errc::invalid,
        std::string(field) + " must be one name of the URL bitbucket.org/<workspace>/<repository>, without /"
    );
}

result<> check_access(link_fields const& fields)
{
    auto const token = value_of(fields, {}, "token");
    if (auto const fit = refuse_app_password("token", token); !fit)
        return fit;
    if (token.starts_with(api_token_begin))
        return error(
            errc::invalid, "token is the API token of a person: make a link of bitbucket-user-token with it"
        );
    if (auto const fit = check_token("token", token); !fit)
        return fit;
    for (std::string_view const field : {"workspace", "repository"})
        if (auto const fit = check_slug(field, value_of(fields, {}, field)); !fit)
            return fit;
    return check_api_url(fields);
}

result<> check_dc_token(link_fields const& fields)
{
    if (auto const fit = check_base_url("base_url", value_of(fields, {}, "base_url")); !fit)
        return fit;
    return check_token("token", value_of(fields, {}, "token"));
}

boost::asio::awaitable<result<link_identity>> identify_user(link_services& services, link_fields fields)
{
    auto proof = basic(value_of(fields, {}, "email"), value_of(fields, {}, "api_token"));
    return ask_cloud_user(services, std::move(fields), std::move(proof), "API token of a person");
}

boost::asio::awaitable<result<link_identity>> identify_dc_token(link_services& services, link_fields fields)
{
    auto proof = bearer(value_of(fields, {}, "token"));
    return ask_data_center(services, std::move(fields), std::move(proof), "HTTP access token");
}

result<api_entrance> enter_with_access_token(link_fields const& fields)
{
    return enter_cloud(fields, "token");
}

result<api_entrance> enter_with_dc_token(link_fields const& fields)
{
    return enter_data_center(fields, "token");
}

}  // namespace

result<> refuse_app_password(std::string_view field, std::string_view value)
{
    auto const is_letter_or_digit = [](char c)
    { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    bool const is_old =
        value.size() == old_app_password_bytes && std::ranges::all_of(value, is_letter_or_digit);
    if (!is_old && !value.starts_with(app_password_begin))
        return {};
    return error(
        errc::invalid,
        std::string(field) +
            " looks like an app password: Bitbucket ended those on 2026-07-28; make an API token with "
            "Bitbucket scopes at https://id.atlassian.com/manage-profile/security/api-tokens "
            "(bitbucket-user-token), or an access token of the repository, project or workspace "
            "(bitbucket-access-token)"
    );
}

constinit link_template const user_token = {
    .name = "bitbucket-user-token",
    .title = "Bitbucket Cloud API token",
    .purpose = "Calls Bitbucket Cloud as a person, with an Atlassian API token.",
    .steps =
        "1. Open https://id.atlassian.com/manage-profile/security/api-tokens > Create API token with "
        "scopes.\n"
        "2. Name: Linkspan; an expiry of a year at most; app: Bitbucket.\n"
        "3. Scopes: read:user:bitbucket, read:workspace:bitbucket, read:repository:bitbucket,\n"
        "   read:pullrequest:bitbucket; write:pullrequest:bitbucket to answer from chat;\n"
        "   read:webhook:bitbucket and write:webhook:bitbucket to look after webhooks; "
        "read:pipeline:bitbucket.\n"
        "4. Copy the token: it is this link's api_token; email is the account's e-mail address.\n"
        "   App passwords do not work any more: Bitbucket ended them on 2026-07-28.\n",
    .fields = user_fields,
    .check = check_user,
    .identify = identify_user,
    .needs = api_token_needs,
    .pages = user_pages,
    .revoke_page = "https://id.atlassian.com/manage-profile/security/api-tokens",
    .asks = edition::cloud,
    .open_api = enter_cloud_as_person,
};

constinit link_template const access_token = {
    .name = "bitbucket-access-token",
    .title = "Bitbucket Cloud access token",
    .purpose = "Calls Bitbucket Cloud with the access token of a repository, a project or a workspace.",
    .steps =
        "1. Open the repository (or the project, or the workspace) at bitbucket.org, then\n"
        "   Settings > Access tokens > Create access token. (Projects and workspaces: Premium.)\n"
        "2. Name: Linkspan. Scopes: Repositories: Read; Pull requests: Write (or Read, to answer nothing "
        "from\n"
        "   chat); Webhooks: Read and write; Pipelines: Read. Create.\n"
        "3. Copy the token: it is this link's token; workspace is the first name of the URL behind\n"
        "   bitbucket.org/, repository the second one (leave it out for a project or a workspace).\n"
        "   Such a token cannot ask who it is: Linkspan reads the repository, or the first of the "
        "workspace.\n",
    .fields = access_fields,
    .check = check_access,
    .identify = ask_cloud_workspace,
    .needs = access_needs,
    .pages = access_pages,
    .revoke_page = "https://bitbucket.org/{workspace}/workspace/settings/access-tokens",
    .asks = edition::cloud,
    .open_api = enter_with_access_token,
};

constinit link_template const data_center_token = {
    .name = "bitbucket-dc-token",
    .title = "Bitbucket Data Center HTTP access token",
    .purpose = "Calls a Bitbucket Data Center with an HTTP access token.",
    .steps =
        "1. Open your Bitbucket, then Manage account > HTTP access tokens > Create token\n"
        "   (for one project or repository: its settings > HTTP access tokens).\n"
        "2. Name: Linkspan. Permissions: Repository read (Repository admin, to look after webhooks). "
        "Create.\n"
        "3. Copy the token: it is this link's token; base_url is the address of the Bitbucket.\n",
    .fields = dc_token_fields,
    .check = check_dc_token,
    .identify = identify_dc_token,
    .needs = data_center_needs,
    .pages = dc_token_pages,
    .revoke_page = "{base_url}/plugins/servlet/access-tokens/manage",
    .asks = edition::data_center,
    .open_api = enter_with_dc_token,
};

}  // namespace linkspan::bitbucket
