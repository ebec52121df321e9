#pragma once
#include "core/base/error.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace linkspan::atlassian
{

// One site ("https://acme.atlassian.net") that a grant opens.
struct site
{
    std::string cloud_id;
    std::string name;
    std::string url;
    std::string scopes;  // separated by blanks

    site() = default;
};

// The sites of an answer of /oauth/token/accessible-resources on which `product` ("jira", "confluence") is
// granted; all of them where no scope names a product. Atlassian lists a site once for each product: here
// each stands once, with the scopes of both. errc::not_found where the answer is no such list.
result<std::vector<site>> read_sites(boost::json::value const& answer, std::string_view product);

// The site that `wanted` names: by its URL (with or without https:// and a path), its host's first name, its
// name (letter case ignored) or its cloud id; the only one where nothing is wanted. errc::unauthorized: there
// is none; errc::invalid: there are several, or none of that name, and the message lists them.
result<site> choose_site(std::vector<site> const& sites, std::string_view wanted);

}  // namespace linkspan::atlassian
