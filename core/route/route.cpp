#include "core/route/route.hpp"

#include "core/conversation/conversation.hpp"
#include "core/route/called_rule.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

// Rules that stop, of which it is not known yet whether they take the event.
class open_stops
{
public:
    explicit open_stops(std::vector<rule> const& rules) : rules_(rules) {}

    void add(std::size_t rule) { found_.push_back(rule); }

    // Whether a rule behind them sends to a destination, whichever way they are decided.
    bool spare(std::string const& destination) const
    {
        return std::ranges::all_of(
            found_,
            [&](std::size_t rule)
            {
                auto const& named = rules_[rule].destinations;
                return std::ranges::find(named, destination) != named.end();
            }
        );
    }

    std::string const* first_name() const { return found_.empty() ? nullptr : &rules_[found_.front()].name; }

private:
    std::vector<rule> const& rules_;
    std::vector<std::size_t> found_;
};

void plan(std::vector<planned_delivery>& all, planned_delivery next)
{
    auto const same = std::ranges::find_if(
        all,
        [&](planned_delivery const& one)
        { return one.destination == next.destination && one.conversation == next.conversation; }
    );
    if (same == all.end())
        all.push_back(std::move(next));
    else if (!same->needs.empty() && next.needs.empty())
        *same = std::move(next);
}

}  // namespace

std::vector<planned_delivery> route(rule_set const& rules, event const& happening, known_facts const& known)
{
    std::vector<planned_delivery> out;
    event_values const values(happening);
    std::vector<std::string> conversations;
    open_stops stops(rules.rules());
    for (auto const index : rules.candidates(values))
    {
        auto const judged = rules.judge(index, values, known);
        if (judged.taken == answer::no)
            continue;
        auto const& taking = rules.rules()[index];
        if (conversations.empty())
            conversations = conversations_of(happening);
        auto const why = called_rule(taking.name) + ": " + rules.why(index, judged, values, known);
        for (auto const& destination : taking.destinations)
            for (auto const& conversation : conversations)
            {
                planned_delivery next;
                next.destination = destination;
                next.conversation = conversation;
                next.rule = taking.name;
                next.why = why;
                if (judged.taken == answer::needs || !stops.spare(destination))
                    next.needs = {fact::changed_paths};
                plan(out, std::move(next));
            }
        if (taking.stop && judged.taken == answer::yes)
            break;
        if (taking.stop)
            stops.add(index);
    }
    return out;
}

std::vector<decision> explain(rule_set const& rules, event const& happening, known_facts const& known)
{
    std::vector<decision> out;
    event_values const values(happening);
    open_stops stops(rules.rules());
    std::string const* stopped_by = nullptr;
    for (std::size_t i = 0; i < rules.rules().size(); ++i)
    {
        auto const& asked = rules.rules()[i];
        auto& next = out.emplace_back();
        next.rule = asked.name;
        next.destinations = asked.destinations;
        if (stopped_by != nullptr)
        {
            next.taken = answer::stopped;
            next.why = "stop: " + called_rule(*stopped_by) + " took it";
            continue;
        }
        auto const judged = rules.judge(i, values, known);
        next.taken = judged.taken;
        next.why = rules.why(i, judged, values, known);
        if (judged.taken == answer::yes && stops.first_name() != nullptr &&
            !std::ranges::all_of(asked.destinations, [&](auto const& one) { return stops.spare(one); }))
        {
            next.taken = answer::needs;
            next.why += "; whether " + called_rule(*stops.first_name()) + " stops it needs the changed files";
        }
        if (asked.stop && judged.taken == answer::yes)
            stopped_by = &asked.name;
        else if (asked.stop && judged.taken == answer::needs)
            stops.add(i);
    }
    return out;
}

}  // namespace linkspan
