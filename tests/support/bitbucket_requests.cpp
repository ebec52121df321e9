#include "tests/support/bitbucket_requests.hpp"

#include "links/registry.hpp"
#include "tests/support/bitbucket_calls.hpp"

#include <algorithm>

namespace linkspan::test
{
namespace
{

// Whatever a template of Bitbucket may want to know, for the API at this URL.
link_fields fields_at(std::string const& url, char const* repository)
{
    link_fields out;
    for (auto const* name : {"api_url", "base_url"})
        out[name] = secret(url);
    for (auto const* name : {"access_token", "api_token", "token"})
        out[name] = secret(canary_token);
    out["email"] = secret("ada@example.com");
    out["workspace"] = secret("acme");
    out["repository"] = secret(repository);
    return out;
}

bool asks_edition(link_template const& kind, edition asked)
{
    if (!kind.name.starts_with("bitbucket-") || kind.identify == nullptr)
        return false;
    auto const is_url = [](link_field const& field) { return field.name == "base_url"; };
    return std::ranges::any_of(kind.fields, is_url) == (asked == edition::data_center);
}

}  // namespace

std::vector<http_request> bitbucket_requests::requests_to(edition asked)
{
    auto const before = received().size();
    std::string const base = asked == edition::cloud ? "/2.0/" : "/";
    ask_everything(asked, base);
    ask_identities(asked, base);
    std::vector<http_request> out;
    for (auto at = before; at < received().size(); ++at)
        out.push_back(received()[at].request);
    return out;
}

void bitbucket_requests::ask_everything(edition asked, std::string const& base)
{
    bool const is_cloud = asked == edition::cloud;
    for (auto const& call : is_cloud ? cloud_calls() : data_center_calls())
    {
        auto const before = received().size();
        bool const has_more = call.is_list && !is_cloud;
        if (has_more)
            answer_with(200, R"({"values":[{"id":1}],"isLastPage":false,"nextPageStart":100})");
        answer_with(200, R"({"values":[],"isLastPage":true})");
        call.ask(loop(), access(base));
        EXPECT_EQ(received().size() - before, has_more ? 2u : 1u) << call.name;
    }
}

void bitbucket_requests::ask_identities(edition asked, std::string const& base)
{
    auto const api = access(base);
    link_services services(api.http, [] { return from_milliseconds(1'795'167'000'000); });
    for (auto const* const kind : link_templates())
        for (auto const* repository : {"", "wide-web"})
            if (asks_edition(*kind, asked))
            {
                answer_with(200, "{}");
                auto const before = received().size();
                (void)ask(kind->identify(services, fields_at(api.base_url, repository)));
                EXPECT_EQ(received().size() - before, 1u) << kind->name;
            }
}

}  // namespace linkspan::test
