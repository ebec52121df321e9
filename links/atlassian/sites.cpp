#include "links/atlassian/sites.hpp"

#include "links/net/rest.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>

namespace linkspan::atlassian
{
namespace
{

// What a message lists of an account that has very many.
constexpr std::size_t sites_listed_max = 20;

// "https://Acme.atlassian.net/wiki" as "Acme.atlassian.net".
std::string_view host_of(std::string_view url)
{
    if (auto const scheme = url.find("://"); scheme != url.npos)
        url.remove_prefix(scheme + 3);
    return url.substr(0, url.find('/'));
}

bool is_called(site const& one, std::string_view wanted)
{
    auto const host = host_of(one.url);
    auto const first = host.substr(0, host.find('.'));
    return boost::algorithm::iequals(one.cloud_id, wanted) || boost::algorithm::iequals(one.name, wanted) ||
           boost::algorithm::iequals(host, host_of(wanted)) || boost::algorithm::iequals(first, wanted);
}

std::string listed(std::vector<site> const& sites)
{
    std::string out;
    for (auto const& one : sites)
    {
        if (&one - sites.data() == static_cast<std::ptrdiff_t>(sites_listed_max))
            return out + ", ...";
        out += (out.empty() ? "" : ", ") + one.url + " (" + one.name + ")";
    }
    return out;
}

std::string scopes_at(boost::json::value const& of)
{
    std::string out;
    auto const* const object = of.if_object();
    auto const* const found = object == nullptr ? nullptr : object->if_contains("scopes");
    auto const* const list = found == nullptr ? nullptr : found->if_array();
    if (list == nullptr)
        return out;
    for (auto const& scope : *list)
        if (auto const text = text_at(scope, ""); !text.empty())
            out += (out.empty() ? "" : " ") + text;
    return out;
}

}  // namespace

result<std::vector<site>> read_sites(boost::json::value const& answer, std::string_view product)
{
    auto const* const list = answer.if_array();
    if (list == nullptr)
        return error(errc::not_found, "the answer is none of Atlassian's: api_url is not its API gateway");
    std::vector<site> all;
    for (auto const& value : *list)
    {
        site one;
        one.cloud_id = text_at(value, "/id");
        one.name = text_at(value, "/name");
        one.url = text_at(value, "/url");
        one.scopes = scopes_at(value);
        auto const same = std::ranges::find(all, one.cloud_id, &site::cloud_id);
        if (same != all.end())
            same->scopes += (same->scopes.empty() ? "" : " ") + one.scopes;
        else if (!one.cloud_id.empty())
            all.push_back(std::move(one));
    }
    std::vector<site> fitting;
    for (auto const& one : all)
        if (one.scopes.find(product) != std::string::npos)
            fitting.push_back(one);
    return fitting.empty() ? all : fitting;
}

result<site> choose_site(std::vector<site> const& sites, std::string_view wanted)
{
    if (sites.empty())
        return error(
            errc::unauthorized,
            "the grant opens no site: sign in again with linkspan start-oauth, and choose one"
        );
    if (wanted.empty() && sites.size() == 1)
        return sites.front();
    if (wanted.empty())
        return error(
            errc::invalid,
            "the grant opens " + std::to_string(sites.size()) + " sites: " + listed(sites) +
                "; name one with linkspan set-creds <link> --kv site=<its URL>"
        );
    for (auto const& one : sites)
        if (is_called(one, wanted))
            return one;
    return error(
        errc::invalid, "the grant opens no site of the name in the field site; it opens " + listed(sites)
    );
}

}  // namespace linkspan::atlassian
