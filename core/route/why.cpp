#include "core/base/utf8.hpp"
#include "core/route/glob.hpp"
#include "core/route/rule_set.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

// How much of a list and of a title a reason repeats.
constexpr std::size_t shown_items_max = 10;
constexpr std::size_t shown_title_bytes_max = 120;
constexpr std::size_t shown_pattern_bytes_max = 60;

template <class Items>
std::string list(Items const& items)
{
    std::string out;
    std::size_t shown = 0;
    for (auto const& item : items)
    {
        if (shown == shown_items_max)
            return out + " and " + std::to_string(items.size() - shown) + " more";
        out += (shown++ == 0 ? "" : ", ") + std::string(item);
    }
    return out;
}

pattern_condition const& row_of(condition asks)
{
    return *std::ranges::find(pattern_conditions, asks, &pattern_condition::asks);
}

// What the default asks of builds besides their kind.
std::string_view why_unwanted(event_kind kind)
{
    if (kind == event_kind::build_failed)
        return " where its commit is no head any more";
    if (kind == event_kind::build_succeeded)
        return " where it did not fail before";
    return {};
}

std::string const* match_kind(std::vector<std::string> const& patterns, event_kind kind)
{
    auto const found = std::ranges::find_if(
        patterns, [&](auto const& pattern) { return glob_matches(pattern, name_of(kind)); }
    );
    return found == patterns.end() ? nullptr : &*found;
}

std::string why_kind(rule const& asked, event_values const& of)
{
    std::string const name(name_of(of.happening.kind));
    auto const match = [&](std::vector<std::string> const& patterns)
    { return match_kind(patterns, of.happening.kind); };
    if (asked.kinds.empty() && !of.is_wanted)
        return "kinds: " + name + " is not in the default" + std::string(why_unwanted(of.happening.kind));
    auto const* taken = match(asked.kinds);
    if (!asked.kinds.empty() && taken == nullptr)
        return "kinds: " + name + " matches none of " + list(asked.kinds);
    if (auto const* left_out = match(asked.except_kinds))
        return "except_kinds: " + name + " matches " + *left_out;
    if (taken == nullptr)
        return "kinds: " + name + " is in the default";
    return "kinds: " + name + " matches " + *taken;
}

std::string why_bots(event const& happening)
{
    auto const kind = happening.actor ? happening.actor->kind : person_kind::unknown;
    if (kind == person_kind::unknown)
        return "bots: it is not known whether the actor is a bot";
    return std::string("bots: the actor is ") + (kind == person_kind::bot ? "a bot" : "no bot");
}

std::string why_drafts(event const& happening)
{
    if (!happening.pull_request)
        return "drafts: there is no pull request";
    auto const& draft = happening.pull_request->draft;
    if (!draft)
        return "drafts: it is not known whether the pull request is a draft";
    return std::string("drafts: the pull request is ") + (*draft ? "a draft" : "no draft");
}

}  // namespace

std::string_view name_of(fact needed) noexcept
{
    switch (needed)
    {
        case fact::changed_paths:
            return "changed_paths";
        case fact::commits:
            return "commits";
    }
    return "changed_paths";
}

std::string_view name_of(answer given) noexcept
{
    switch (given)
    {
        case answer::no:
            return "no";
        case answer::yes:
            return "yes";
        case answer::needs:
            return "needs";
        case answer::stopped:
            return "stopped";
        case answer::not_needed:
            return "not_needed";
    }
    return "no";
}

std::string rule_set::list_of(check const& with) const
{
    std::vector<std::string_view> texts;
    for (auto i = with.first; i < with.behind; ++i)
        texts.push_back(patterns_[i].text);
    return list(texts);
}

std::string rule_set::why_value(check const& with, std::string_view value) const
{
    if (value.size() > matched_bytes_max)
        return "the value is longer than " + std::to_string(matched_bytes_max) + " bytes";
    auto const matched = match(with, value);
    auto const shown = value.empty()                    ? std::string("(none)")
                       : with.asks == condition::titles ? single_line(value, shown_title_bytes_max)
                                                        : std::string(value);
    return shown + (matched ? " matches " + std::string(*matched) : " matches none of " + list_of(with));
}

std::string rule_set::why_reviewers(check const& with, std::vector<std::string_view> const& ids) const
{
    for (auto const id : ids)
        if (auto const matched = match(with, id))
            return std::string(id) + " matches " + std::string(*matched);
    return (ids.empty() ? "(none)" : list(ids)) + (ids.size() > 1 ? " match none of " : " matches none of ") +
           list_of(with);
}

std::string rule_set::why_paths(check const& with, known_facts const& known) const
{
    auto const fault = known.fault.empty() ? std::string() : ": " + known.fault;
    if (!known.changed_paths)
        return known.changed_paths_missing ? "the changed files could not be had" + fault
                                           : "the changed files are needed, for " + list_of(with);
    for (auto const& path : *known.changed_paths)
        if (auto const matched = match(with, path))
            return path + " matches " + std::string(*matched);
    auto const count = std::to_string(known.changed_paths->size());
    if (known.changed_paths_missing)
        return "none of the first " + count + " changed files matches " + list_of(with) +
               ", and the others could not be had" + fault;
    return "none of " + count + " changed files matches " + list_of(with);
}

std::string_view rule_set::held_by(check const& with, event_values const& of, known_facts const& known) const
{
    auto const first_of = [&](auto const& values) -> std::string_view
    {
        for (auto const& value : values)
            if (auto const matched = match(with, value))
                return *matched;
        return {};
    };
    if (with.asks == condition::paths)
        return known.changed_paths ? first_of(*known.changed_paths) : std::string_view();
    if (with.asks == condition::reviewers)
        return of.reviewers ? first_of(*of.reviewers) : std::string_view();
    auto const& value = of.of(with.asks);
    return value ? match(with, *value).value_or(std::string_view()) : std::string_view();
}

std::string rule_set::why_all(std::size_t rule, event_values const& of, known_facts const& known) const
{
    auto const& source = source_->rules[rule];
    auto const* taken = match_kind(source.kinds, of.happening.kind);
    std::string out = "all hold: kinds";
    if (taken != nullptr)
        out += " (" + *taken + ")";
    if (!source.except_kinds.empty())
        out += ", except_kinds";
    for (auto i = rules_[rule].first; i < rules_[rule].behind; ++i)
    {
        auto const& with = checks_[i];
        bool const is_word = with.asks == condition::bots || with.asks == condition::drafts;
        out += ", ";
        out += is_word             ? (with.asks == condition::bots ? "bots" : "drafts")
               : with.is_exception ? row_of(with.asks).except_name
                                   : row_of(with.asks).name;
        if (!with.is_exception && !is_word)
            out += " (" + single_line(held_by(with, of, known), shown_pattern_bytes_max) + ")";
    }
    return out;
}

std::string rule_set::why(
    std::size_t rule, judgement const& judged, event_values const& of, known_facts const& known
) const
{
    bool const has_checks = rules_[rule].first != rules_[rule].behind;
    if (judged.taken == answer::yes && has_checks)
        return why_all(rule, of, known);
    if (judged.decided == nullptr)
        return why_kind(source_->rules[rule], of);
    auto const& with = *judged.decided;
    if (with.asks == condition::bots)
        return why_bots(of.happening);
    if (with.asks == condition::drafts)
        return why_drafts(of.happening);
    auto const& row = row_of(with.asks);
    auto const start = std::string(with.is_exception ? row.except_name : row.name) + ": ";
    if (with.asks == condition::paths)
        return start + why_paths(with, known);
    if (with.asks == condition::reviewers && of.reviewers)
        return start + why_reviewers(with, *of.reviewers);
    if (auto const& value = of.of(with.asks))
        return start + why_value(with, *value);
    return start + "the event tells no " + std::string(row.subject);
}

}  // namespace linkspan
