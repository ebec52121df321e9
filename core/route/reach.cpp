#include "core/route/reach.hpp"

#include "core/route/called_rule.hpp"
#include "core/route/glob.hpp"

#include <algorithm>
#include <optional>

namespace linkspan
{
namespace
{

using strings = std::vector<std::string>;

std::string list(strings const& items)
{
    std::string out;
    for (auto const& item : items)
        out += (out.empty() ? "" : ", ") + item;
    return out;
}

kind_set kinds_named(std::string_view beginning)
{
    kind_set out = 0;
    for (auto const& row : kind_names)
        if (row.name.starts_with(beginning))
            out |= bit_of(row.kind);
    return out;
}

kind_set const& every_kind()
{
    static kind_set const all = kinds_named("");
    return all;
}

// The default asks more of builds than their kind.
bool asks_state(rule const& asked, kind_set kinds)
{
    return asked.kinds.empty() && (kinds & kinds_named("build.")) != 0;
}

bool any_matches(strings const& patterns, std::string_view value)
{
    return std::ranges::any_of(patterns, [&](auto const& pattern) { return glob_matches(pattern, value); });
}

// Whether every value that one pattern matches is matched by another one.
bool covers(std::string_view wide, std::string_view narrow)
{
    return wide == narrow || wide == "**" || (is_literal(narrow) && glob_matches(wide, narrow));
}

bool each_is_covered(strings const& narrow, strings const& wide)
{
    return std::ranges::all_of(
        narrow,
        [&](auto const& one)
        { return std::ranges::any_of(wide, [&](auto const& other) { return covers(other, one); }); }
    );
}

// What a question tells of a condition's value.
std::optional<std::string_view> asked_value(condition asks, event_question const& asked)
{
    if (asked.repository.empty())
        return std::nullopt;
    if (asks == condition::repositories)
        return asked.repository;
    if (asks == condition::projects)
        return std::string_view(asked.repository).substr(0, asked.repository.find('/'));
    return std::nullopt;
}

// Adds what is left of the kinds; false: it takes none of them.
bool add_kinds(rule const& asked, event_question const& question, strings& left)
{
    auto const wanted = question.kinds & every_kind();
    auto const taken = kinds_of(asked) & wanted;
    if (taken == 0)
        return false;
    if (taken == wanted && !asks_state(asked, wanted))
        return true;
    left.push_back("kinds: " + (asked.kinds.empty() ? std::string("the default") : list(asked.kinds)));
    if (!asked.except_kinds.empty())
        left.push_back("except_kinds: " + list(asked.except_kinds));
    return true;
}

// What must hold besides for a rule to take such events; nothing: it does not.
std::optional<strings> conditions_left(rule const& asked, event_question const& question)
{
    strings left;
    if (!add_kinds(asked, question, left))
        return std::nullopt;
    for (auto const& row : pattern_conditions)
    {
        if (row.asks == condition::kinds)
            continue;
        auto const& patterns = asked.*row.patterns;
        static strings const nothing;
        auto const& exceptions = row.exceptions == nullptr ? nothing : asked.*row.exceptions;
        if (auto const value = asked_value(row.asks, question))
        {
            if ((!patterns.empty() && !any_matches(patterns, *value)) || any_matches(exceptions, *value))
                return std::nullopt;
            continue;
        }
        if (row.asks == condition::titles)
            for (auto const& [name, asks] :
                 {std::pair("bots: ", asked.bots), std::pair("drafts: ", asked.drafts)})
                if (asks != choice::any)
                    left.push_back(name + std::string(name_of(asks)));
        if (!patterns.empty())
            left.push_back(
                std::string(row.name) + ": " + list(patterns) +
                (row.asks == condition::paths ? " (needs changed_paths)" : "")
            );
        if (!exceptions.empty())
            left.push_back(std::string(row.except_name) + ": " + list(exceptions));
    }
    return left;
}

}  // namespace

std::vector<reach> reach_of(std::vector<rule> const& rules, event_question const& asked)
{
    std::vector<reach> out;
    struct stop
    {
        kind_set kinds = 0;
        std::string condition;
    };
    std::vector<stop> stops;
    for (std::size_t i = 0; i < rules.size(); ++i)
    {
        auto left = conditions_left(rules[i], asked);
        if (!left)
            continue;
        bool const takes_all = left->empty();
        auto& next = out.emplace_back();
        next.rule = i;
        next.conditions = std::move(*left);
        auto const kinds = kinds_of(rules[i]) & asked.kinds;
        for (auto const& one : stops)
            if ((one.kinds & kinds) != 0)
                next.conditions.push_back(one.condition);
        if (!rules[i].stop)
            continue;
        if (takes_all)
            break;
        stops.push_back({kinds, "unless " + called_rule(rules[i].name) + " stops it"});
    }
    return out;
}

bool covers(rule const& wide, rule const& narrow)
{
    auto const kinds = kinds_of(narrow);
    if ((kinds & ~kinds_of(wide)) != 0 || (asks_state(wide, kinds) && !narrow.kinds.empty()))
        return false;
    for (auto const& row : pattern_conditions)
    {
        if (row.asks == condition::kinds)
            continue;
        auto const& patterns = wide.*row.patterns;
        auto const& narrower = narrow.*row.patterns;
        if (!patterns.empty() && (narrower.empty() || !each_is_covered(narrower, patterns)))
            return false;
        if (row.exceptions != nullptr && !each_is_covered(wide.*row.exceptions, narrow.*row.exceptions))
            return false;
    }
    return (wide.bots == choice::any || wide.bots == narrow.bots) &&
           (wide.drafts == choice::any || wide.drafts == narrow.drafts);
}

std::string_view excluding_list(rule const& asked)
{
    if (!asked.except_kinds.empty() && kinds_of(asked) == 0)
        return "except_kinds";
    for (auto const& row : pattern_conditions)
    {
        if (row.asks == condition::kinds || row.exceptions == nullptr)
            continue;
        auto const& exceptions = asked.*row.exceptions;
        auto const& patterns = asked.*row.patterns;
        if (!patterns.empty() && !exceptions.empty() && each_is_covered(patterns, exceptions))
            return row.except_name;
    }
    return {};
}

std::string_view vain_condition(rule const& asked)
{
    static kind_set const with_pull_requests =
        kinds_named("pull_request.") | kinds_named("comment.") | kinds_named("task.") | kinds_named("build.");
    if ((kinds_of(asked) & with_pull_requests) != 0)
        return {};
    if (asked.drafts == choice::only)
        return "drafts";
    for (auto const& row : pattern_conditions)
    {
        bool const is_of_pull_requests = row.asks == condition::source_branches ||
                                         row.asks == condition::authors || row.asks == condition::reviewers ||
                                         row.asks == condition::titles;
        if (is_of_pull_requests && !(asked.*row.patterns).empty())
            return row.name;
    }
    return {};
}

}  // namespace linkspan
