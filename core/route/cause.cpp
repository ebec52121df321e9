#include "core/route/cause.hpp"

#include "core/route/reach.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace linkspan
{

bool gives_way(event_kind kind) noexcept
{
    return kind == event_kind::branch_created || kind == event_kind::branch_updated;
}

std::vector<planned_delivery> take_waiting(
    std::vector<planned_delivery>& planned, rule_set const& rules, std::vector<pull_request> const& expected
)
{
    std::set<std::string> destinations;
    for (auto const& one : expected)
    {
        event_question asked;
        asked.kinds = bit_of(event_kind::pull_request_commits_pushed);
        if (one.target)
            asked.repository = one.target->repository;
        for (auto const& taking : reach_of(rules.rules(), asked))
        {
            auto const& named = rules.rules()[taking.rule].destinations;
            destinations.insert(named.begin(), named.end());
        }
    }
    auto const waiting = std::ranges::stable_partition(
        planned, [&](planned_delivery const& one) { return !destinations.contains(one.destination); }
    );
    std::vector<planned_delivery> out(
        std::make_move_iterator(waiting.begin()), std::make_move_iterator(waiting.end())
    );
    planned.erase(waiting.begin(), waiting.end());
    return out;
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
