#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/event_commands.hpp"
#include "cmd/linkspan/event_plan.hpp"
#include "cmd/linkspan/route_commands.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "core/conversation/telling.hpp"
#include "core/route/called_rule.hpp"
#include "core/route/cause.hpp"
#include "core/route/comparison.hpp"
#include "store/events.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// What the store knows of an event, or of one of the same cause.
struct told_event
{
    event happened;
    std::vector<delivery_history> deliveries;

    bool tells(std::string_view destination) const
    {
        return std::ranges::any_of(
            deliveries,
            [&](delivery_history const& one)
            { return one.destination == destination && one.state != "replaced" && one.state != "not_taken"; }
        );
    }
};

struct history
{
    told_event asked;
    known_facts facts;
    std::vector<told_event> same_cause;
    std::size_t id_length = id_shown_min;  // of those
};

// A delivery's number, as linkspan events lists those that were set aside.
bool is_number(std::string_view id)
{
    return id.size() <= delivery_digits_max &&
           std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; });
}

result<history> read_history(transaction& tx, std::string_view typed)
{
    history out;
    auto const id = typed_event_id(typed);
    auto happened = find_event(tx, id);
    if (!happened && happened.error().code == errc::not_found && is_number(id))
        return error(
            errc::not_found,
            "there is no event " + id + "; of a delivery, linkspan events show " + id + " tells more"
        );
    if (!happened)
        return happened.error();
    auto deliveries = deliveries_of(tx, happened->id);
    if (!deliveries)
        return deliveries.error();
    out.asked.happened = std::move(*happened);
    out.asked.deliveries = std::move(*deliveries);
    auto facts = facts_about(tx, out.asked.happened);
    if (!facts)
        return facts.error();
    out.facts = std::move(*facts);
    if (!out.asked.happened.cause)
        return out;
    auto others = events_of_cause(tx, out.asked.happened);
    if (!others)
        return others.error();
    for (auto& other : *others)
    {
        if (other.id == out.asked.happened.id)
            continue;
        auto told = deliveries_of(tx, other.id);
        if (!told)
            return told.error();
        out.same_cause.push_back({std::move(other), std::move(*told)});
    }
    std::vector<event_id> ids;
    for (auto const& other : out.same_cause)
        ids.push_back(other.happened.id);
    auto const length = telling_length(tx, ids);
    if (!length)
        return length.error();
    out.id_length = *length;
    return out;
}

// A destination to which another event of the cause was told.
struct told_instead
{
    std::string destination;
    told_event const* by = nullptr;
};

// Where the rules of today part from what was done when the event came.
struct since_changed
{
    std::string destination;
    bool is_sent_now = false;
};

struct explanation
{
    std::vector<decision> decisions;
    std::vector<told_instead> instead;
    std::vector<since_changed> changed;
};

// Whether a reason is of the rule called so: "rule x: y: ..." is of "x: y" where there is one.
bool is_of_rule(std::string_view reason, std::string const& name, std::vector<decision> const& all)
{
    auto const begins_with = [&](std::string const& rule)
    { return reason.starts_with(called_rule(rule) + ": "); };
    return begins_with(name) && std::ranges::none_of(
                                    all,
                                    [&](decision const& other) {
                                        return called_rule(other.rule).size() > called_rule(name).size() &&
                                               begins_with(other.rule);
                                    }
                                );
}

// What became of a rule that the changed files were to decide about, as far as the event's messages tell it.
decision as_decided(
    decision open, std::vector<decision> const& all, std::vector<delivery_history> const& deliveries
)
{
    auto const start = called_rule(open.rule) + ": ";
    bool is_decided = !open.destinations.empty();
    bool is_sent = false;
    for (auto const& destination : open.destinations)
    {
        bool is_there = false;
        for (auto const& one : deliveries)
        {
            if (one.destination != destination)
                continue;
            if (one.state == "waiting")
                return open;
            is_there = true;
            bool const is_taken = one.state != "not_taken";
            is_sent = is_sent || is_taken;
            auto const told = is_taken ? one.why : one.reason.value_or("");
            if (one.state == "replaced" || !is_of_rule(told, open.rule, all))
                continue;  // what is replaced may never have been decided
            auto const why = told.substr(start.size());
            open.taken = is_taken ? answer::yes : why.starts_with("stop: ") ? answer::stopped : answer::no;
            open.why = "decided then: " + why;
            return open;
        }
        is_decided = is_decided && is_there;
    }
    if (!is_decided)
        return open;
    open.taken = is_sent ? answer::not_needed : answer::no;
    open.why = is_sent ? "where it went is decided: nothing waits for the changed files any more"
                       : "decided then: no rule sent it there";
    return open;
}

explanation explain_history(rule_set const& rules, history const& known)
{
    explanation out;
    auto const& happened = known.asked.happened;
    auto const explained = explain(rules, happened, known.facts);
    out.decisions = explained;
    for (auto& one : out.decisions)
        if (one.taken == answer::needs)
            one = as_decided(std::move(one), explained, known.asked.deliveries);
    std::vector<std::string> planned, open;  // open: what is not known decides
    for (auto const& one : route(rules, happened, known.facts))
        if (auto& names = one.needs.empty() ? planned : open;
            std::ranges::find(names, one.destination) == names.end())
            names.push_back(one.destination);
    for (auto const& destination : planned)
    {
        if (known.asked.tells(destination))
            continue;
        auto const by = std::ranges::find_if(
            known.same_cause,
            [&](told_event const& other)
            {
                return other.tells(destination) &&
                       gives_way(other.happened.kind) != gives_way(happened.kind) &&
                       std::chrono::abs(other.happened.received_at - happened.received_at) <= cause_window;
            }
        );
        if (by != known.same_cause.end())
            out.instead.push_back({destination, &*by});
        else
            out.changed.push_back({destination, true});
    }
    for (auto const& one : known.asked.deliveries)
    {
        if (one.state == "not_taken" || std::ranges::find(open, one.destination) != open.end())
            continue;
        bool const is_told = std::ranges::any_of(
            out.changed, [&](since_changed const& other) { return other.destination == one.destination; }
        );
        if (!is_told && std::ranges::find(planned, one.destination) == planned.end())
            out.changed.push_back({one.destination, false});
    }
    return out;
}

json::object to_json(told_event const& told)
{
    json::array deliveries;
    for (auto const& one : told.deliveries)
    {
        json::object next;
        next["delivery"] = one.id.value;
        next["destination"] = one.destination;
        next["state"] = one.state;
        next["why"] = one.why;
        next["reason"] = one.reason ? json::value(*one.reason) : json::value();
        deliveries.push_back(std::move(next));
    }
    json::object out;
    out["event"] = told.happened.id.value;
    out["kind"] = std::string(name_of(told.happened.kind));
    out["deliveries"] = std::move(deliveries);
    return out;
}

json::object to_json(decision const& one)
{
    json::array destinations;
    for (auto const& destination : one.destinations)
        destinations.emplace_back(destination);
    json::object out;
    out["rule"] = one.rule;
    out["answer"] = std::string(name_of(one.taken));
    out["why"] = one.why;
    out["destinations"] = std::move(destinations);
    return out;
}

void print_document(terminal& on, explanation const& told, history const& known)
{
    auto document = to_json(known.asked);
    json::array rules, instead, same_cause, changed;
    for (auto const& one : told.decisions)
        rules.push_back(to_json(one));
    for (auto const& one : told.instead)
    {
        json::object next;
        next["destination"] = one.destination;
        next["event"] = one.by->happened.id.value;
        next["kind"] = std::string(name_of(one.by->happened.kind));
        instead.push_back(std::move(next));
    }
    for (auto const& other : known.same_cause)
        same_cause.push_back(to_json(other));
    for (auto const& one : told.changed)
    {
        json::object next;
        next["destination"] = one.destination;
        next["sent_now"] = one.is_sent_now;
        changed.push_back(std::move(next));
    }
    document["rules"] = std::move(rules);
    document["told_instead"] = std::move(instead);
    document["same_cause"] = std::move(same_cause);
    document["changed_since"] = std::move(changed);
    print_json(on.out, document);
}

void print_rules(terminal& on, explanation const& told)
{
    if (told.decisions.empty())
    {
        on.out << "There is no [[rule]].\n";
        return;
    }
    text_table table{{"RULE", "ANSWER", "WHY"}, {}, true};
    for (auto const& one : told.decisions)
        table.rows.push_back({one.rule, std::string(name_of(one.taken)), one.why});
    print_table(on, table);
}

void print_text(terminal& on, explanation const& told, history const& known)
{
    auto const& happened = known.asked.happened;
    on.out << name_of(happened.kind) << ' ' << safe_line(subject_of(happened)) << ", received "
           << shown_time(happened.received_at) << '\n'
           << safe_line(plain_text(tell(happened).headline)) << "\n\n";
    print_rules(on, told);
    on.out << '\n';
    if (told.instead.empty() &&
        std::ranges::all_of(
            known.asked.deliveries, [](delivery_history const& one) { return one.state == "not_taken"; }
        ))
        on.out
            << (known.asked.deliveries.empty() ? "It was sent nowhere.\n"
                                               : "It was sent nowhere; rules with paths decided so:\n");
    if (!known.asked.deliveries.empty())
    {
        text_table table{{"DESTINATION", "STATE", "WHY"}, {}, true};
        for (auto const& one : known.asked.deliveries)
            table.rows.push_back({one.destination, one.state, why_of(one)});
        print_table(on, table);
    }
    auto const shown = [&](event const& other)
    { return std::string(name_of(other.kind)) + ' ' + other.id.value.substr(0, known.id_length); };
    for (auto const& one : told.instead)
        on.out << "Not sent to " << safe_line(one.destination) << ": " << shown(one.by->happened)
               << " of the same push is told there.\n";
    for (auto const& other : known.same_cause)
        if (std::ranges::none_of(told.instead, [&](auto const& one) { return one.by == &other; }))
            on.out << "Of the same push: " << shown(other.happened) << ".\n";
    for (auto const& one : told.changed)
        on.out << "The rules of today " << (one.is_sent_now ? "would send it to " : "would not send it to ")
               << safe_line(one.destination) << "; rules are asked when an event is made.\n";
}

}  // namespace

result<> explain_event(terminal& on, explain_options const& options)
{
    if (auto const named = find_named_config(options.paths); !named)
        return named;
    auto const read = load_whole_config(options.paths.config);
    if (!read)
        return read.error();
    auto opened = find_store(options.paths);
    if (!opened)
        return opened.error();
    if (!*opened)
        return error(
            errc::not_found, "there is no event " + options.event + ": nothing has been received yet"
        );
    auto const known = (*opened)->read<history>(
        system_now(), [&](transaction& tx) { return read_history(tx, options.event); }
    );
    if (!known)
        return known.error();
    auto const told = explain_history(rules_of(*read), *known);
    if (options.json)
        print_document(on, told, *known);
    else
        print_text(on, told, *known);
    return {};
}

}  // namespace linkspan
