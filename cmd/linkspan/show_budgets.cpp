#include "cmd/linkspan/text_table.hpp"
#include "cmd/linkspan/watch_commands.hpp"
#include "store/budgets.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::array priorities = {
    priority::person, priority::watching, priority::catch_up, priority::backfill};

struct known_budgets
{
    std::vector<stored_budget> all;
    link_names names;
    time_point now;
};

result<known_budgets> read_known_budgets(transaction& tx)
{
    auto stored = list_budgets(tx);
    if (!stored)
        return stored.error();
    auto names = names_of_links(tx);
    if (!names)
        return names.error();
    known_budgets out;
    out.all = std::move(*stored);
    out.names = std::move(*names);
    out.now = tx.now();
    return out;
}

// What is past is no block: one request may go and see.
std::optional<time_point> block_of(budget const& of, time_point now)
{
    return of.blocked_until && *of.blocked_until > now ? of.blocked_until : std::nullopt;
}

int may_spend(budget const& of, priority who, time_point now)
{
    return block_of(of, now) ? 0 : left_for(of, who, now);
}

json::object to_json(stored_budget const& one, known_budgets const& known)
{
    auto const& state = one.state;
    json::object out;
    out["link"] = one.link.value;
    out["name"] = name_of(known.names, one.link.value);
    out["resource"] = name_of(state.resource);
    out["limit"] = state.limit;
    out["spent"] = spent_of(state, known.now);
    json::object left;
    for (auto const who : priorities)
        left[name_of(who)] = may_spend(state, who, known.now);
    out["left"] = std::move(left);
    auto const block = block_of(state, known.now);
    out["blocked_until"] = block ? json::value(to_rfc3339(*block)) : json::value();
    return out;
}

text_table table_of(known_budgets const& known)
{
    std::vector<time_point> blocks;
    for (auto const& one : known.all)
        blocks.push_back(block_of(one.state, known.now).value_or(known.now));
    auto const times = short_times(blocks, known.now);
    text_table out{
        {"LINK",
         "RESOURCE",
         "LIMIT",
         "SPENT",
         "PERSON",
         "WATCHING",
         "CATCH-UP",
         "BACKFILL",
         "BLOCKED UNTIL (UTC)"},
        {}};
    for (auto const& one : known.all)
    {
        std::vector<std::string> row{
            name_of(known.names, one.link.value),
            std::string(name_of(one.state.resource)),
            std::to_string(one.state.limit),
            std::to_string(spent_of(one.state, known.now))};
        for (auto const who : priorities)
            row.push_back(std::to_string(may_spend(one.state, who, known.now)));
        row.push_back(block_of(one.state, known.now) ? times[out.rows.size()] : "-");
        out.rows.push_back(std::move(row));
    }
    return out;
}

}  // namespace

result<> show_budgets(terminal& on, command_options const& options)
{
    auto const known = read_store<known_budgets>(options.paths, {}, read_known_budgets);
    if (!known)
        return known.error();
    if (options.json)
    {
        json::array list;
        for (auto const& one : known->all)
            list.push_back(to_json(one, *known));
        print_json(on.out, json::object{{"budgets", std::move(list)}});
    }
    else if (known->all.empty())
        on.err << "No request to Bitbucket's REST API was counted yet. linkspan serve makes them where a "
                  "[[source]]\nnames the link that may (api = \"LINK\"); linkspan check says whether one "
                  "does.\n";
    else
        print_table(on, table_of(*known));
    return {};
}

}  // namespace linkspan
