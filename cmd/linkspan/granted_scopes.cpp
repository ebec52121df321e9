#include "cmd/linkspan/granted_scopes.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

bool is_granted(std::string_view wanted, std::vector<std::string> const& scopes)
{
    for (;;)
    {
        auto const end = std::min(wanted.find('|'), wanted.size());
        if (std::ranges::find(scopes, wanted.substr(0, end)) != scopes.end())
            return true;
        if (end == wanted.size())
            return false;
        wanted.remove_prefix(end + 1);
    }
}

}  // namespace

std::vector<std::string> scope_list(std::string_view text)
{
    std::vector<std::string> out;
    while (!text.empty())
    {
        auto const end = std::min(text.find_first_of(" ,"), text.size());
        if (end != 0)
            out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::vector<lacking_feature> lacking_features(link_template const& kind, std::string_view granted)
{
    std::vector<lacking_feature> out;
    auto const scopes = scope_list(granted);
    if (scopes.empty())
        return out;
    for (auto const& need : kind.needs)
    {
        std::string missing;
        for (auto const& wanted : scope_list(need.scopes))
            if (!is_granted(wanted, scopes))
                missing += (missing.empty() ? "" : " ") + wanted;
        if (!missing.empty())
            out.push_back({std::string(need.feature), missing});
    }
    return out;
}

}  // namespace linkspan
