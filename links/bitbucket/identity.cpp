#include "links/bitbucket/identity.hpp"

#include "links/bitbucket/api.hpp"
#include "links/bitbucket/fields.hpp"

#include <array>

namespace linkspan::bitbucket
{
namespace
{

constexpr std::array cloud_urls = {cloud_api_url_field};

link_identity heard(api_notes const& notes, std::string credential)
{
    link_identity out;
    out.credential = std::move(credential);
    out.scopes = notes.scopes;
    out.service_time = notes.date;
    return out;
}

// An app_user of a client-credentials grant has no nickname; nobody has to have any name.
std::string account_of(boost::json::value const& user)
{
    auto const name = text_at(user, "/display_name");
    auto nick = text_at(user, "/nickname");
    if (nick.empty())
        nick = text_at(user, "/username");
    if (name.empty() || nick.empty() || name == nick)
        return name.empty() ? nick : name;
    return name + " (" + nick + ")";
}

// Another host answers: there is no such service at this URL.
error why_unknown(api_answer const& said)
{
    auto out = said.why;
    if (said.fault == api_fault::foreign_host)
        out.code = errc::not_found;
    return out;
}

error not_bitbucket(std::string_view url)
{
    return {
        errc::not_found,
        "the answer is none of Bitbucket's: " + std::string(url) + " is not the URL of its REST API"};
}

}  // namespace

boost::asio::awaitable<result<link_identity>> ask_cloud_user(
    link_services& services, link_fields fields, http_header proof, std::string credential
)
{
    auto const url = checked_base_url("api_url", value_of(fields, cloud_urls, "api_url"));
    if (!url)
        co_return url.error();
    api_access api(services.http, *url, std::move(proof), services.request_timeout);
    auto const said = co_await ask_api(std::move(api), *url + "user");
    if (!said.is_told())
        co_return why_unknown(said);
    auto identity = heard(said.notes, std::move(credential));
    identity.account = account_of(said.body);
    identity.add_fact("account_id", text_at(said.body, "/account_id"));
    identity.add_fact("uuid", text_at(said.body, "/uuid"));
    identity.add_fact("display_name", text_at(said.body, "/display_name"));
    identity.add_fact("nickname", text_at(said.body, "/nickname"));
    identity.add_fact("username", text_at(said.body, "/username"));
    identity.add_fact("type", text_at(said.body, "/type"));
    identity.add_fact("created_on", text_at(said.body, "/created_on"));
    if (identity.facts.empty())
        co_return not_bitbucket("api_url");
    if (identity.account.empty())
        identity.account = "somebody without a name";
    co_return identity;
}

boost::asio::awaitable<result<link_identity>> ask_cloud_workspace(link_services& services, link_fields fields)
{
    auto url = checked_base_url("api_url", value_of(fields, cloud_urls, "api_url"));
    if (!url)
        co_return url.error();
    std::string const workspace(value_of(fields, {}, "workspace"));
    std::string const repository(value_of(fields, {}, "repository"));
    auto target = *url + "repositories/" + url_encoded(workspace);
    target += repository.empty() ? "?pagelen=1" : "/" + url_encoded(repository);
    api_access api(services.http, *url, bearer(value_of(fields, {}, "token")), services.request_timeout);
    auto const said = co_await ask_api(std::move(api), std::move(target));
    if (!said.is_told())
        co_return why_unknown(said);
    auto const* const object = said.body.if_object();
    if (object == nullptr || !object->contains(repository.empty() ? "values" : "full_name"))
        co_return not_bitbucket("api_url");
    auto identity = heard(
        said.notes, repository.empty() ? "project or workspace access token" : "repository access token"
    );
    identity.account = repository.empty() ? "the workspace " + workspace : text_at(said.body, "/full_name");
    auto const at = [&](std::string_view pointer)
    { return text_at(said.body, (repository.empty() ? "/values/0" : "") + std::string(pointer)); };
    identity.add_fact("workspace", workspace);
    identity.add_fact("workspace_uuid", at("/workspace/uuid"));
    if (!repository.empty())
    {
        identity.add_fact("repository", at("/full_name"));
        identity.add_fact("repository_uuid", at("/uuid"));
    }
    co_return identity;
}

boost::asio::awaitable<result<link_identity>> ask_data_center(
    link_services& services, link_fields fields, http_header proof, std::string credential
)
{
    auto const url = checked_base_url("base_url", value_of(fields, {}, "base_url"));
    if (!url)
        co_return url.error();
    api_access api(services.http, *url, std::move(proof), services.request_timeout);
    auto const said = co_await ask_api(std::move(api), *url + "rest/api/latest/users?limit=1");
    if (!said.is_told())
        co_return why_unknown(said);
    auto const* const object = said.body.if_object();
    if (object == nullptr || !object->contains("values"))
        co_return not_bitbucket("base_url");
    auto identity = heard(said.notes, std::move(credential));
    auto user = said.notes.account;
    identity.add_fact("username", user);
    identity.add_fact("instance", *url);
    identity.account = user.empty() ? "the token of a project or repository" : std::move(user);
    co_return identity;
}

}  // namespace linkspan::bitbucket
