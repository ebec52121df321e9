#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/route_commands.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "core/base/text.hpp"
#include "core/route/glob.hpp"
#include "core/route/reach.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

result<event_question> read_question(routes_options const& options)
{
    event_question out;
    if (!options.repository.empty())
    {
        if (!is_literal(options.repository) || std::ranges::count(options.repository, '/') != 1)
            return error(
                errc::invalid,
                "--repository takes one repository, as in acme/api, not " + safe_line(options.repository, 60)
            );
        out.repository = options.repository;
    }
    if (!options.kind.empty())
    {
        if (auto const judged = check_kind_pattern(options.kind); !judged)
            return judged.error();
        out.kinds = kinds_of(std::vector<std::string>{options.kind});
    }
    return out;
}

result<> check_destination(config const& read, std::string const& asked)
{
    std::vector<std::string> names;
    for (auto const& destination : read.destinations)
        names.push_back(destination.name);
    if (asked.empty() || std::ranges::find(names, asked) != names.end())
        return {};
    return error(
        errc::not_found,
        "there is no destination \"" + safe_line(asked, 60) + "\" in the configuration" +
            did_you_mean(asked, names)
    );
}

json::array to_json(std::vector<std::string> const& words)
{
    json::array out;
    for (auto const& word : words)
        out.emplace_back(word);
    return out;
}

}  // namespace

result<> show_routes(terminal& on, routes_options const& options)
{
    auto const question = read_question(options);
    if (!question)
        return question.error();
    if (auto const named = find_named_config(options.paths); !named)
        return named;
    auto const read = load_whole_config(options.paths.config);
    if (!read)
        return read.error();
    if (auto const known = check_destination(*read, options.destination); !known)
        return known;
    json::array list;
    text_table table{{"RULE", "DESTINATIONS", "STOPS", "IF"}, {}, true};
    for (auto const& one : reach_of(read->rules, *question))
    {
        auto const& rule = read->rules[one.rule];
        bool const leads_there =
            options.destination.empty() ||
            std::ranges::find(rule.destinations, options.destination) != rule.destinations.end();
        if (!leads_there)
            continue;
        json::object next;
        next["rule"] = rule.name;
        next["destinations"] = to_json(rule.destinations);
        next["stop"] = rule.stop;
        next["conditions"] = to_json(one.conditions);
        list.push_back(std::move(next));
        auto const first = one.conditions.empty() ? std::string("always") : one.conditions.front();
        table.rows.push_back({rule.name, joined(rule.destinations, ", "), rule.stop ? "yes" : "no", first});
        for (std::size_t i = 1; i < one.conditions.size(); ++i)
            table.rows.push_back({"", "", "", one.conditions[i]});
    }
    if (options.json)
        print_json(on.out, json::object{{"routes", std::move(list)}});
    else if (table.rows.empty())
        on.err << "No rule takes such events.\n";
    else
        print_table(on, table);
    return {};
}

}  // namespace linkspan
