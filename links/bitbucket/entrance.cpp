#include "links/bitbucket/entrance.hpp"

#include "links/bitbucket/fields.hpp"
#include "links/net/rest.hpp"

#include <array>

namespace linkspan::bitbucket
{
namespace
{

constexpr std::array entrance_urls = {cloud_api_url_field};

// A part of the proof: it must be there, and fit into a header.
result<std::string_view> proof_of(link_fields const& fields, std::string_view field)
{
    auto const value = value_of(fields, {}, field);
    if (value.empty())
        return error(errc::invalid, std::string(field) + " is missing: without it Bitbucket answers nothing");
    if (auto const fit = check_token(field, value); !fit)
        return fit.error();
    return value;
}

}  // namespace

result<api_entrance> enter_cloud(link_fields const& fields, std::string_view token)
{
    auto url = checked_base_url("api_url", value_of(fields, entrance_urls, "api_url"));
    if (!url)
        return url.error();
    auto const proof = proof_of(fields, token);
    if (!proof)
        return proof.error();
    return api_entrance(*std::move(url), bearer(*proof));
}

result<api_entrance> enter_cloud_as_person(link_fields const& fields)
{
    auto url = checked_base_url("api_url", value_of(fields, entrance_urls, "api_url"));
    if (!url)
        return url.error();
    auto const email = proof_of(fields, "email");
    if (!email)
        return email.error();
    auto const token = proof_of(fields, "api_token");
    if (!token)
        return token.error();
    return api_entrance(*std::move(url), basic(*email, *token));
}

result<api_entrance> enter_data_center(link_fields const& fields, std::string_view token)
{
    auto const given = value_of(fields, {}, "base_url");
    if (given.empty())
        return error(errc::invalid, "base_url is missing: without it nobody knows where the Bitbucket is");
    auto url = checked_base_url("base_url", given);
    if (!url)
        return url.error();
    auto const proof = proof_of(fields, token);
    if (!proof)
        return proof.error();
    return api_entrance(*std::move(url), bearer(*proof));
}

}  // namespace linkspan::bitbucket
