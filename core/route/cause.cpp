#include "core/route/cause.hpp"

#include <algorithm>

namespace linkspan
{

bool gives_way(event_kind kind) noexcept
{
    return kind == event_kind::branch_created || kind == event_kind::branch_updated;
}

cause_plan plan_beside(
    event const& happening, std::vector<planned_delivery> planned, std::vector<twin_delivery> const& twins
)
{
    cause_plan out;
    bool const yields = gives_way(happening.kind);
    for (auto& one : planned)
    {
        bool is_told = false;
        for (auto const& twin : twins)
        {
            if (twin.destination != one.destination || gives_way(twin.kind) == yields)
                continue;
            if (yields || twin.is_begun)
                is_told = true;
            else if (std::ranges::find(out.replaced, twin.delivery) == out.replaced.end())
                out.replaced.push_back(twin.delivery);
        }
        if (!is_told)
            out.planned.push_back(std::move(one));
    }
    return out;
}

}  // namespace linkspan
