#include "core/event/kind.hpp"

namespace linkspan
{
namespace
{

constexpr bool names_are_in_order()
{
    for (std::size_t i = 0; i < kind_names.size(); ++i)
        if (static_cast<std::size_t>(kind_names[i].kind) != i)
            return false;
    return true;
}
static_assert(names_are_in_order(), "kind_names has one row for each enumerator, in its order");

}  // namespace

std::string_view name_of(event_kind kind) noexcept
{
    return kind_names[static_cast<std::size_t>(kind)].name;
}

std::optional<event_kind> kind_named(std::string_view name) noexcept
{
    for (auto const& row : kind_names)
        if (row.name == name)
            return row.kind;
    return std::nullopt;
}

}  // namespace linkspan
