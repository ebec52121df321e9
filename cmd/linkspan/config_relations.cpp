#include "cmd/linkspan/config_relations.hpp"

#include "cmd/linkspan/config_advice.hpp"
#include "core/route/reach.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

void relate_server(server_config const& server, value_lines const& lines, std::vector<line_fault>& faults)
{
    if (auto const apart = check_listeners(server); !apart)
        faults.push_back(
            {std::max(line_of(lines, "listen"), line_of(lines, "admin_listen")), apart.error().message}
        );
    if (auto const safe = check_public_url(server); !safe)
        faults.push_back({line_of(lines, "public_url"), safe.error().message});
    auto const largest = std::max(server.cloud_body_bytes_max, server.data_center_body_bytes_max);
    if (server.in_flight_bytes_max < largest)
        faults.push_back(
            {std::max(
                 {line_of(lines, "in_flight_bytes_max"),
                  line_of(lines, "cloud_body_bytes_max"),
                  line_of(lines, "data_center_body_bytes_max")}
             ),
             "in_flight_bytes_max in [server] is " + std::to_string(server.in_flight_bytes_max) +
                 ", less than one delivery may have (" + std::to_string(largest) +
                 "); make it at least as large"}
        );
}

template <class Entry>
void find_doubles(
    std::string_view what,
    std::vector<Entry> const& entries,
    std::vector<value_lines> const& lines,
    std::vector<line_fault>& faults
)
{
    std::map<std::string_view, int> seen;
    for (std::size_t i = 0; i < entries.size(); ++i)
    {
        int const line = line_of(lines[i], "name");
        if (line == 0)
            continue;
        auto const [first, is_new] = seen.emplace(entries[i].name, line);
        if (!is_new)
            faults.push_back(
                {line,
                 "a second " + std::string(what) + " is named " + in_quotes(entries[i].name) +
                     " (the first: line " + std::to_string(first->second) + "); give it another name"}
            );
    }
}

void relate_destinations(
    rule const& asked,
    std::vector<std::string_view> const& known,
    value_lines const& lines,
    std::vector<line_fault>& faults
)
{
    for (std::size_t item = 0; item < asked.destinations.size(); ++item)
    {
        auto const& wanted = asked.destinations[item];
        if (faults.size() >= config_faults_max || std::ranges::find(known, wanted) != known.end())
            continue;
        faults.push_back(
            {lines.at("destinations")[item],
             "destinations in [[rule]] names " + in_quotes(wanted) + ", which is no destination; " +
                 (known.empty() ? "add a [[destination]]" : advice(wanted, known))}
        );
    }
}

// The list of people may not have been read without a fault: then it is empty.
void relate_teams(
    rule const& asked,
    std::vector<std::string_view> const& known,
    value_lines const& lines,
    std::vector<line_fault>& faults
)
{
    auto const judge = [&](std::string_view key, std::vector<std::string> const& people)
    {
        for (std::size_t item = 0; item < people.size(); ++item)
        {
            if (faults.size() >= config_faults_max)
                return;
            if (!names_team(people[item]))
            {
                if (std::ranges::find(known, people[item]) != known.end())
                    faults.push_back(
                        {lines.at(key)[item],
                         std::string(key) + " in [[rule]] names " + in_quotes(people[item]) +
                             ", which is no account but a team; write " + in_quotes("@" + people[item])}
                    );
                continue;
            }
            auto const name = std::string_view(people[item]).substr(1);
            if (std::ranges::find(known, name) != known.end())
                continue;
            faults.push_back(
                {lines.at(key)[item],
                 std::string(key) + " in [[rule]] names the team " + in_quotes(people[item]) +
                     ", which there is not; " + (known.empty() ? "add a [[team]]" : advice(name, known))}
            );
        }
    };
    for (auto const& row : pattern_conditions)
        if (asks_people(row.asks))
        {
            judge(row.name, asked.*row.patterns);
            judge(row.except_name, asked.*row.exceptions);
        }
}

void relate_exceptions(rule const& asked, value_lines const& lines, std::vector<line_fault>& faults)
{
    auto const excluding = excluding_list(asked);
    if (excluding.empty())
        return;
    faults.push_back(
        {line_of(lines, excluding),
         std::string(excluding) + " in [[rule]] leaves nothing of " +
             std::string(excluding.substr(std::string_view("except_").size())) +
             ": the rule would take no event; take out what both name"}
    );
}

void relate_rules(config& read, config_lines const& lines, std::vector<line_fault>& faults)
{
    std::vector<std::string_view> destinations;
    for (auto const& destination : read.destinations)
        if (!destination.name.empty())
            destinations.push_back(destination.name);
    std::vector<std::string_view> teams;
    for (auto const& one : read.teams)
        if (!one.name.empty())
            teams.push_back(one.name);
    for (std::size_t i = 0; i < read.rules.size(); ++i)
    {
        auto& rule = read.rules[i];
        if (rule.name.empty())
            rule.name = "rule " + std::to_string(i + 1);
        relate_destinations(rule, destinations, lines.rules[i], faults);
        relate_teams(rule, teams, lines.rules[i], faults);
        relate_exceptions(rule, lines.rules[i], faults);
    }
}

}  // namespace

int line_of(value_lines const& lines, std::string_view key)
{
    auto const found = lines.find(key);
    return found == lines.end() || found->second.empty() ? 0 : found->second.front();
}

void relate(config& read, config_lines const& lines, std::vector<line_fault>& faults)
{
    relate_server(read.server, lines.server, faults);
    relate_sources(read, lines, faults);
    find_doubles("source", read.sources, lines.sources, faults);
    find_doubles("destination", read.destinations, lines.destinations, faults);
    find_doubles("team", read.teams, lines.teams, faults);
    find_doubles("rule", read.rules, lines.rules, faults);
    relate_rules(read, lines, faults);
}

}  // namespace linkspan
