#pragma once
#include "links/link.hpp"
#include "links/net/rest.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace linkspan::ai
{

// What the three services have in common: a key in a header, and a list of models that costs nothing.

inline constexpr link_field organization_field = optional_setting(
    "organization", "id of the organisation that pays, where the key's owner has several (org-...)"
);

constexpr link_field base_url_field(std::string_view default_url)
{
    return optional_setting("base_url", "another base URL of the API, for a gateway", default_url);
}

// GET <base_url>v1/models, with the headers.
result<http_request> models_request(std::string_view base_url, std::vector<http_header> headers);

// Who an answer is about: the account is the organisation that the service names in this header, or
// `unnamed`. errc::not_found unless the body has a list of this name.
result<link_identity> read_models(
    rest_answer const& said, std::string_view list, std::string_view header, std::string_view unnamed
);

}  // namespace linkspan::ai
