#include "links/link.hpp"

namespace linkspan
{

std::string_view value_of(link_fields const& fields, std::span<link_field const> known, std::string_view name)
{
    if (auto const found = fields.find(name); found != fields.end() && !found->second.empty())
        return found->second.reveal();
    for (auto const& field : known)
        if (field.name == name)
            return field.default_value;
    return {};
}

}  // namespace linkspan
