#include "links/atlassian/templates.hpp"
#include "links/net/rest.hpp"

#include <array>

namespace linkspan::atlassian
{
namespace
{

constexpr std::array fields = {
    required_setting(
        "base_url",
        "the site, as in https://acme.atlassian.net; for a token with scopes the gateway's address of "
        "it, https://api.atlassian.com/ex/jira/<cloud id> or .../ex/confluence/<cloud id>"
    ),
    required_setting("email", "the e-mail address of the Atlassian account"),
    link_field{.name = "api_token", .help = "the API token of the account (ATATT...)"},
};

// Scopes exist for tokens that were made with scopes; others may do what their person may.
constexpr feature_scopes jira_token_needs[] = {
    {"tell who the link is", "read:jira-user|read:user:jira"},
    {"read issues that pull requests name", "read:jira-work|read:issue:jira"},
};
constexpr feature_scopes confluence_token_needs[] = {
    {"tell who the link is", "read:confluence-user|read:user:confluence"},
    {"read the titles of pages", "read:confluence-content.summary|read:page:confluence"},
};

constexpr std::array<std::string_view, 2> pages = {
    "https://id.atlassian.com/manage-profile/security/api-tokens",
    "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/"};

result<> check(link_fields const& given)
{
    if (auto const fit = check_base_url("base_url", value_of(given, {}, "base_url")); !fit)
        return fit;
    auto const email = value_of(given, {}, "email");
    if (auto const fit = check_token("email", email); !fit)
        return fit;
    if (!email.empty() && (email.find('@') == email.npos || email.find(':') != email.npos))
        return error(errc::invalid, "email must be the e-mail address of the Atlassian account");
    return check_token("api_token", value_of(given, {}, "api_token"));
}

// The call that tells who asks, and where its answer has the e-mail address.
struct person_places
{
    std::string_view path;
    std::string_view address;
};

boost::asio::awaitable<result<link_identity>> ask(
    link_services& services, link_fields given, person_places places
)
{
    auto url = checked_base_url("base_url", value_of(given, {}, "base_url"));
    if (!url)
        co_return url.error();
    // People copy Confluence's address with the /wiki that its pages have.
    if (places.path.starts_with("wiki/") && url->ends_with("/wiki/"))
        url->resize(url->size() - std::string_view("wiki/").size());
    std::vector<http_header> headers{basic(value_of(given, {}, "email"), value_of(given, {}, "api_token"))};
    auto const said = co_await rest_get(
        services.http, *url + std::string(places.path), std::move(headers), services.request_timeout
    );
    if (!said)
        co_return said.error();
    // Confluence takes a wrong password for nobody's where anonymous reading is allowed.
    if (text_at(said->body, "/type") == "anonymous")
        co_return error(errc::unauthorized, "the site takes the e-mail and API token for nobody's");
    auto const id = text_at(said->body, "/accountId");
    if (id.empty())
        co_return error(
            errc::not_found, "the answer is none of Atlassian's: base_url is not the URL of the site"
        );
    auto const name = text_at(said->body, "/displayName");
    auto const address = text_at(said->body, places.address);
    link_identity out;
    out.credential = "API token of a person";
    out.service_time = date_of(said->raw);
    out.account = name.empty() || address.empty() ? name + address : name + " (" + address + ")";
    if (out.account.empty())
        out.account = "somebody without a name";
    out.add_fact("account_id", id);
    out.add_fact("name", name);
    out.add_fact("email", address);
    out.add_fact("site_url", url->substr(0, url->size() - 1));
    co_return out;
}

boost::asio::awaitable<result<link_identity>> identify_jira_person(link_services& services, link_fields given)
{
    person_places const places{"rest/api/3/myself", "/emailAddress"};
    return ask(services, std::move(given), places);
}

boost::asio::awaitable<result<link_identity>> identify_confluence_person(
    link_services& services, link_fields given
)
{
    person_places const places{"wiki/rest/api/user/current", "/email"};
    return ask(services, std::move(given), places);
}

}  // namespace

constinit link_template const jira_user_token = {
    .name = "jira-user-token",
    .title = "Jira Cloud API token",
    .purpose = "Calls Jira Cloud as a person, with an Atlassian API token.",
    .steps =
        "1. Open https://id.atlassian.com/manage-profile/security/api-tokens > Create API token\n"
        "   (or with scopes: read:jira-user, read:jira-work; app: Jira).\n"
        "2. Name: Linkspan; an expiry of a year at most. Copy the token: it is this link's api_token.\n"
        "3. email is the account's e-mail address, base_url the site: https://acme.atlassian.net\n"
        "   (with scopes: https://api.atlassian.com/ex/jira/<cloud id>; the cloud id stands at\n"
        "   https://acme.atlassian.net/_edge/tenant_info).\n",
    .fields = fields,
    .check = check,
    .identify = identify_jira_person,
    .needs = jira_token_needs,
    .pages = pages,
    .revoke_page = "https://id.atlassian.com/manage-profile/security/api-tokens",
};

constinit link_template const confluence_user_token = {
    .name = "confluence-user-token",
    .title = "Confluence Cloud API token",
    .purpose = "Calls Confluence Cloud as a person, with an Atlassian API token.",
    .steps =
        "1. Open https://id.atlassian.com/manage-profile/security/api-tokens > Create API token\n"
        "   (or with scopes: read:confluence-user, read:confluence-content.summary; app: Confluence).\n"
        "2. Name: Linkspan; an expiry of a year at most. Copy the token: it is this link's api_token.\n"
        "3. email is the account's e-mail address, base_url the site: https://acme.atlassian.net\n"
        "   (with scopes: https://api.atlassian.com/ex/confluence/<cloud id>; the cloud id stands at\n"
        "   https://acme.atlassian.net/_edge/tenant_info).\n",
    .fields = fields,
    .check = check,
    .identify = identify_confluence_person,
    .needs = confluence_token_needs,
    .pages = pages,
    .revoke_page = "https://id.atlassian.com/manage-profile/security/api-tokens",
};

}  // namespace linkspan::atlassian
