#pragma once
#include "links/link.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// A feature that the granted scopes do not reach.
struct lacking_feature
{
    std::string feature;
    std::string scopes;  // those that are missing, separated by blanks; "a|b": one of two
};

// Nothing where the service does not say what it granted (empty).
std::vector<lacking_feature> lacking_features(link_template const& kind, std::string_view granted);

// Separated by blanks or commas.
std::vector<std::string> scope_list(std::string_view text);

}  // namespace linkspan
