#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/event_plan.hpp"
#include "cmd/linkspan/read_file.hpp"
#include "cmd/linkspan/route_commands.hpp"
#include "cmd/linkspan/since.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "core/base/text.hpp"
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

// A destination that both configurations have and that leads elsewhere with the new one.
struct moved_destination
{
    std::string name;
    std::string before;
    std::string after;
};

std::string place_of(destination_config const& one)
{
    return "link " + one.link + (one.channel.empty() ? "" : ", channel " + one.channel);
}

std::vector<moved_destination> moved_between(config const& before, config const& after)
{
    std::vector<moved_destination> out;
    for (auto const& one : before.destinations)
    {
        auto const other = std::ranges::find(after.destinations, one.name, &destination_config::name);
        if (other != after.destinations.end() && place_of(one) != place_of(*other))
            out.push_back({one.name, place_of(one), place_of(*other)});
    }
    return out;
}

struct change_plan
{
    routing_difference difference;
    std::vector<moved_destination> moved;
    bool has_more = false;  // older events were left out
    time_point since;
    std::size_t id_length = id_shown_min;  // of the events in the table
};

result<change_plan> read_plan(
    transaction& tx, time_point since, std::size_t limit, config const& before, config const& after
)
{
    routing_comparison both(rules_of(before), rules_of(after));
    auto const visited = visit_events(
        tx,
        since,
        limit,
        [&](event const& happened) -> result<>
        {
            auto const known = facts_about(tx, happened);
            if (!known)
                return known.error();
            both.add(happened, *known);
            return {};
        }
    );
    if (!visited)
        return visited.error();
    change_plan out;
    out.difference = both.take();
    out.moved = moved_between(before, after);
    out.has_more = visited->has_more;
    out.since = since;
    std::vector<event_id> ids;
    for (auto const& one : out.difference.changes)
        ids.push_back(one.event);
    auto const length = telling_length(tx, ids);
    if (!length)
        return length.error();
    out.id_length = *length;
    return out;
}

void print_document(terminal& on, change_plan const& plan)
{
    auto const& found = plan.difference;
    json::array changes, moved;
    for (auto const& one : found.changes)
    {
        json::object next;
        next["change"] = one.is_added ? "added" : "removed";
        next["event"] = one.event.value;
        next["received_at"] = to_rfc3339(one.received_at);
        next["kind"] = std::string(name_of(one.kind));
        next["subject"] = one.subject;
        next["destination"] = one.destination;
        next["conversation"] = one.conversation;
        next["rule"] = one.rule;
        next["why"] = one.why;
        changes.push_back(std::move(next));
    }
    for (auto const& one : plan.moved)
    {
        json::object next;
        next["destination"] = one.name;
        next["before"] = one.before;
        next["after"] = one.after;
        moved.push_back(std::move(next));
    }
    json::object document;
    document["since"] = to_rfc3339(plan.since);
    document["events"] = found.events;
    document["older_left_out"] = plan.has_more;
    document["sent_before"] = found.sent_before;
    document["sent_after"] = found.sent_after;
    document["added"] = found.added;
    document["removed"] = found.removed;
    document["undecided_events"] = found.undecided_events;
    document["undecided_before"] = found.undecided_before;
    document["undecided_after"] = found.undecided_after;
    document["changes"] = std::move(changes);
    document["moved_destinations"] = std::move(moved);
    print_json(on.out, document);
}

void print_text(terminal& on, change_plan const& plan)
{
    auto const& found = plan.difference;
    text_table table{{"CHANGE", "EVENT", "KIND", "WHERE", "DESTINATION", "RULE"}, {}, true};
    for (auto const& one : found.changes)
        table.rows.push_back(
            {one.is_added ? "added" : "removed",
             one.event.value.substr(0, plan.id_length),
             std::string(name_of(one.kind)),
             one.subject,
             one.destination,
             one.rule}
        );
    if (!table.rows.empty())
    {
        print_table(on, table);
        on.out << '\n';
    }
    for (auto const& one : plan.moved)
        on.out << "Destination " << safe_line(one.name) << " leads to " << safe_line(one.after)
               << " instead of " << safe_line(one.before) << ".\n";
    if (plan.has_more)
        on.out << "These are the newest " << plural(found.events, "event")
               << " of that time; --limit takes more.\n";
    auto const events = plural(found.events, "event") + " since " + shown_time(plan.since);
    if (found.changes.empty())
    {
        on.out << (found.undecided_events == 0 ? "No difference: " : "No difference in what is decided: ")
               << events << ", " << plural(found.sent_before, "message");
        if (found.sent_before == found.sent_after)
            on.out << " with either.\n";
        else
            on.out << " now, " << found.sent_after << " with the new configuration.\n";
    }
    else
        on.out << events << ": " << plural(found.sent_before, "message") << " now, " << found.sent_after
               << " with the new configuration; " << found.added << " added, " << found.removed
               << " removed.\n";
    if (found.undecided_events != 0)
        on.out << "Not counted, for the changed files of " << plural(found.undecided_events, "event")
               << " are not known: rules with paths may send up to "
               << plural(found.undecided_before, "message") << " more now, up to " << found.undecided_after
               << " more with the new configuration.\n";
}

}  // namespace

result<> plan_change(terminal& on, plan_options const& options)
{
    auto const now = system_now();
    auto const since = read_since(options.since, now);
    if (!since)
        return since.error();
    if (*since > now)
        return error(
            errc::invalid,
            "--since " + safe_line(options.since, 60) + " is still to come (it is " + shown_time(now) +
                "): give a time that is over, as in --since 7d"
        );
    if (auto const named = find_named_config(options.paths); !named)
        return named;
    auto const before = load_whole_config(options.paths.config);
    if (!before)
        return before.error();
    auto const after = load_whole_config(options.new_config);
    if (!after)
        return after.error();
    if (after->file.empty())
        return no_such_file(options.new_config);
    change_plan nothing;
    nothing.moved = moved_between(*before, *after);
    nothing.since = *since;
    auto const plan = read_store<change_plan>(
        options.paths,
        std::move(nothing),
        [&](transaction& tx) { return read_plan(tx, *since, options.limit, *before, *after); }
    );
    if (!plan)
        return plan.error();
    if (options.json)
        print_document(on, *plan);
    else
        print_text(on, *plan);
    return {};
}

}  // namespace linkspan
