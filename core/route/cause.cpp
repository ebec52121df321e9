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
    std::set<std::optional<std::string>> targets;
    for (auto const& one : expected)
        targets.insert(one.target ? std::optional(one.target->repository) : std::nullopt);
    for (auto const& target : targets)
    {
        event_question asked;
        asked.kinds = bit_of(event_kind::pull_request_commits_pushed);
        if (target)
            asked.repository = *target;
        for (auto const& taking : reach_of(rules.rules(), asked))
        {
            auto const& named = rules.rules()[taking.rule].destinations;
            destinations.insert(named.begin(), named.end());
        }
    }
    auto const waiting = std::stable_partition(
        planned.begin(),
        planned.end(),
        [&](planned_delivery const& one) { return !destinations.contains(one.destination); }
    );
    std::vector<planned_delivery> out(
        std::make_move_iterator(waiting), std::make_move_iterator(planned.end())
    );
    planned.erase(waiting, planned.end());
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
        bool may_be_told = false;
        for (auto const& twin : twins)
        {
            if (twin.destination != one.destination || gives_way(twin.kind) == yields)
                continue;
            if (yields && twin.is_undecided)
                may_be_told = true;
            else if (yields || twin.is_begun)
                is_told = true;
            else if (std::ranges::find(out.replaced, twin.delivery) == out.replaced.end())
                out.replaced.push_back(twin.delivery);
        }
        if (!is_told)
            (may_be_told ? out.waiting : out.planned).push_back(std::move(one));
    }
    return out;
}

event const* branch_of(event const& push, std::vector<event> const& of_cause)
{
    event const* branch = nullptr;
    if (push.kind != event_kind::pull_request_commits_pushed)
        return branch;
    milliseconds nearest = cause_window;
    for (auto const& other : of_cause)
    {
        auto const apart = std::chrono::abs(other.received_at - push.received_at);
        if (!gives_way(other.kind) || !std::holds_alternative<ref_change>(other.detail) || apart > nearest)
            continue;
        branch = &other;
        nearest = apart;
    }
    return branch;
}

event told_with_branch(event push, std::vector<event> const& of_cause)
{
    auto* detail = std::get_if<commits_push>(&push.detail);
    auto const* of = branch_of(push, of_cause);
    if (of == nullptr || detail == nullptr)
        return push;
    auto const& branch = std::get<ref_change>(of->detail);
    if (branch.before)
        detail->before = branch.before;
    if (branch.forced)
        detail->forced = branch.forced;
    if (!branch.commits.empty())
    {
        detail->commits = branch.commits;
        detail->truncated = branch.truncated;
    }
    return push;
}

}  // namespace linkspan
