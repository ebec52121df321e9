#include "core/route/comparison.hpp"

#include "core/route/cause.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace linkspan
{
namespace
{

std::vector<routing_change> messages_of(
    event const& happening, std::vector<planned_delivery> planned, std::size_t number, bool is_added
)
{
    std::vector<routing_change> out;
    for (auto& one : planned)
    {
        auto& next = out.emplace_back();
        next.is_added = is_added;
        next.is_undecided = !one.needs.empty();
        next.number = number;
        next.event = happening.id;
        next.received_at = happening.received_at;
        next.kind = happening.kind;
        next.subject = subject_of(happening);
        next.destination = std::move(one.destination);
        next.conversation = std::move(one.conversation);
        next.rule = std::move(one.rule);
        next.why = std::move(one.why);
    }
    return out;
}

auto place_of(routing_change const& one)
{
    return std::tie(one.number, one.destination, one.conversation);
}

std::vector<twin_delivery> twins_among(
    std::vector<routing_change> const& told, event const& happening, std::size_t number
)
{
    std::vector<twin_delivery> out;
    for (std::size_t i = 0; i < told.size(); ++i)
        if (told[i].number != number && happening.received_at - told[i].received_at <= cause_window)
        {
            auto& twin = out.emplace_back();
            twin.delivery = static_cast<std::int64_t>(i);
            twin.destination = told[i].destination;
            twin.kind = told[i].kind;
            twin.is_undecided = told[i].is_undecided;
        }
    return out;
}

// Puts an event's messages beside those of its cause. Of two messages one of which is undecided and may take
// the place of the other, both are.
void tell_once(
    event const& happening,
    std::vector<planned_delivery> planned,
    std::size_t number,
    bool is_added,
    std::vector<routing_change>& told
)
{
    auto const first = std::stable_partition(
        planned.begin(), planned.end(), [](planned_delivery const& one) { return one.needs.empty(); }
    );
    std::vector<planned_delivery> undecided(
        std::make_move_iterator(first), std::make_move_iterator(planned.end())
    );
    planned.erase(first, planned.end());
    auto const twins = twins_among(told, happening, number);
    auto sure = plan_beside(happening, std::move(planned), twins);
    auto open = plan_beside(happening, std::move(undecided), twins);
    for (auto const place : open.replaced)
        told[static_cast<std::size_t>(place)].is_undecided = true;
    std::ranges::sort(sure.replaced, std::greater<>());
    for (auto const place : sure.replaced)
        told.erase(told.begin() + place);
    for (auto* waiting : {&sure.waiting, &open.planned, &open.waiting})
        for (auto& one : *waiting)
        {
            if (one.needs.empty())
                one.needs.push_back(fact::changed_paths);
            sure.planned.push_back(std::move(one));
        }
    auto next = messages_of(happening, std::move(sure.planned), number, is_added);
    told.insert(told.end(), std::make_move_iterator(next.begin()), std::make_move_iterator(next.end()));
}

}  // namespace

std::string subject_of(event const& happening)
{
    std::string out = happening.repository ? happening.repository->full_name : "-";
    if (happening.pull_request)
        out += "#" + std::to_string(happening.pull_request->id);
    return out;
}

void routing_comparison::add(event const& happening, known_facts const& known)
{
    auto const number = out_.events++;
    auto planned_before = route(before_, happening, known);
    auto planned_after = route(after_, happening, known);
    auto const is_open = [](planned_delivery const& one) { return !one.needs.empty(); };
    if (std::ranges::any_of(planned_before, is_open) || std::ranges::any_of(planned_after, is_open))
        ++out_.undecided_events;
    if (happening.cause)
    {
        auto& told = of_causes_[*happening.cause];
        tell_once(happening, std::move(planned_before), number, false, told.before);
        tell_once(happening, std::move(planned_after), number, true, told.after);
        return;
    }
    sent both;
    both.before = messages_of(happening, std::move(planned_before), number, false);
    both.after = messages_of(happening, std::move(planned_after), number, true);
    compare(std::move(both));
}

void routing_comparison::compare(sent both)
{
    std::ranges::sort(both.before, {}, place_of);
    std::ranges::sort(both.after, {}, place_of);
    auto const count = [](auto const& all, std::size_t& sent, std::size_t& undecided)
    {
        for (auto const& one : all)
            ++(one.is_undecided ? undecided : sent);
    };
    count(both.before, out_.sent_before, out_.undecided_before);
    count(both.after, out_.sent_after, out_.undecided_after);
    auto const keep_others = [this](auto const& all, auto const& others)
    {
        std::size_t kept = 0;
        for (auto const& one : all)
            if (!one.is_undecided &&
                !std::ranges::binary_search(others, place_of(one), std::less<>(), place_of))
            {
                out_.changes.push_back(one);
                ++kept;
            }
        return kept;
    };
    out_.removed += keep_others(both.before, both.after);
    out_.added += keep_others(both.after, both.before);
}

routing_difference routing_comparison::take()
{
    for (auto& [cause, told] : of_causes_)
        compare(std::move(told));
    of_causes_.clear();
    std::ranges::sort(
        out_.changes,
        [](routing_change const& a, routing_change const& b)
        { return std::tuple(place_of(a), a.is_added) < std::tuple(place_of(b), b.is_added); }
    );
    return std::move(out_);
}

}  // namespace linkspan
