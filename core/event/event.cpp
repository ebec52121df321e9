#include "core/event/event.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

constexpr std::size_t commit_prefix_min = 7;  // what git itself shows at least

}  // namespace

bool same_commit(std::string_view a, std::string_view b) noexcept
{
    auto const length = std::min(a.size(), b.size());
    return length >= commit_prefix_min && a.substr(0, length) == b.substr(0, length);
}

}  // namespace linkspan
