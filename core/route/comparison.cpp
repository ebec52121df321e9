#include "core/route/comparison.hpp"

#include "core/route/cause.hpp"

#include <algorithm>
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

// Puts an event's messages beside those of its cause.
void tell_once(
    event const& happening,
    std::vector<planned_delivery> planned,
    std::size_t number,
    bool is_added,
    std::vector<routing_change>& told
)
{
    std::vector<twin_delivery> twins;
    for (std::size_t i = 0; i < told.size(); ++i)
        if (told[i].number != number && happening.received_at - told[i].received_at <= cause_window)
        {
            auto& twin = twins.emplace_back();
            twin.delivery = static_cast<std::int64_t>(i);
            twin.destination = told[i].destination;
            twin.kind = told[i].kind;
        }
    auto beside = plan_beside(happening, std::move(planned), twins);
    std::ranges::sort(beside.replaced, std::greater<>());
    for (auto const place : beside.replaced)
        told.erase(told.begin() + place);
    auto next = messages_of(happening, std::move(beside.planned), number, is_added);
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
    out_.sent_before += both.before.size();
    out_.sent_after += both.after.size();
    std::ranges::sort(both.before, {}, place_of);
    std::ranges::sort(both.after, {}, place_of);
    auto const keep_others = [this](auto const& all, auto const& others)
    {
        std::size_t kept = 0;
        for (auto const& one : all)
            if (!std::ranges::binary_search(others, place_of(one), std::less<>(), place_of))
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
