#include "core/route/rule_set.hpp"

#include "core/route/glob.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

// The branch that `branches` looks at; nothing for events without one.
std::optional<std::string_view> judged_branch(event const& happening)
{
    if (auto const* change = std::get_if<ref_change>(&happening.detail))
        return change->name;
    if (happening.pull_request && happening.pull_request->target)
        return happening.pull_request->target->branch;
    if (auto const* status = std::get_if<build>(&happening.detail); status != nullptr && status->branch)
        return *status->branch;
    return std::nullopt;
}

std::optional<std::string_view> id_of(std::optional<person> const& who)
{
    // A deleted account has a name only.
    if (!who || who->id.empty())
        return std::nullopt;
    return who->id;
}

// The conditions whose values rules are found by.
constexpr std::array indexed = {
    condition::repositories,
    condition::projects,
    condition::branches,
    condition::source_branches,
    condition::authors,
    condition::actors,
    condition::reviewers,
    condition::titles,
};

// What a pattern like "*word*" is found by: the last bytes of its longest text between stars. A value is
// looked through for them, so that they are few, yet enough to tell most words apart.
constexpr std::size_t part_bytes = 4;

std::string_view part_of(std::string_view pattern)
{
    std::string_view longest;
    while (!pattern.empty())
    {
        auto const end = std::min(pattern.find_first_of("*?"), pattern.size());
        if (end > longest.size())
            longest = pattern.substr(0, end);
        pattern.remove_prefix(std::min(end + 1, pattern.size()));
    }
    return longest.size() < part_bytes ? std::string_view() : longest.substr(longest.size() - part_bytes);
}

}  // namespace

event_values::event_values(event const& asked) : happening(asked), is_wanted(reviewer_wants(asked))
{
    auto const set = [this](condition asks, std::optional<std::string_view> value)
    { single_[static_cast<std::size_t>(asks)] = value; };
    if (asked.repository)
    {
        set(condition::repositories, asked.repository->full_name);
        set(condition::projects, asked.repository->owner);
    }
    else if (auto const* change = std::get_if<project_change>(&asked.detail);
             change != nullptr && change->key)
        set(condition::projects, *change->key);
    set(condition::branches, judged_branch(asked));
    set(condition::actors, id_of(asked.actor));
    if (!asked.pull_request)
        return;
    auto const& about = *asked.pull_request;
    set(condition::authors, id_of(about.author));
    if (about.source)
        set(condition::source_branches, about.source->branch);
    if (about.title)
        set(condition::titles, *about.title);
    if (!about.participants)
        return;
    reviewers.emplace();
    for (auto const& one : *about.participants)
        if (one.role == participant_role::reviewer && !one.id.empty())
            reviewers->push_back(one.id);
}

rule_set::rule_set(std::vector<rule> rules, std::vector<team> teams)
{
    auto kept = std::make_shared<source>();
    kept->rules = std::move(rules);
    team_places places;
    for (auto& one : teams)
    {
        places.emplace(one.name, static_cast<std::int32_t>(kept->teams.size()));
        std::ranges::sort(one.members);
        kept->teams.push_back(std::move(one.members));
    }
    std::size_t bytes = 0;
    for (auto const& one : kept->rules)
        for (auto const& row : pattern_conditions)
        {
            for (auto const& text : one.*row.patterns)
                bytes += text.size();
            if (row.exceptions != nullptr)
                for (auto const& text : one.*row.exceptions)
                    bytes += text.size();
        }
    kept->texts.reserve(bytes);  // so that it never moves: patterns look at it
    for (auto const& one : kept->rules)
        compile(one, places, kept->texts);
    source_ = std::move(kept);
    index();
}

void rule_set::compile(rule const& one, team_places const& teams, std::string& texts)
{
    auto& next = rules_.emplace_back();
    next.kinds = kinds_of(one);
    next.has_default_kinds = one.kinds.empty();
    next.first = static_cast<std::uint32_t>(checks_.size());
    for (auto const& row : pattern_conditions)
    {
        if (row.asks == condition::kinds)
            continue;
        check asked;
        if (row.asks == condition::titles)
            for (auto const& [asks, sort] :
                 {std::pair(condition::bots, one.bots), std::pair(condition::drafts, one.drafts)})
                if (sort != choice::any)
                {
                    asked.asks = asks;
                    asked.asked = sort;
                    checks_.push_back(asked);
                }
        asked = check();
        asked.asks = row.asks;
        add_check(asked, one.*row.patterns, teams, texts);
        asked.is_exception = true;
        if (row.exceptions != nullptr)
            add_check(asked, one.*row.exceptions, teams, texts);
    }
    next.behind = static_cast<std::uint32_t>(checks_.size());
}

void rule_set::add_check(
    check asked, std::vector<std::string> const& patterns, team_places const& teams, std::string& texts
)
{
    if (patterns.empty())
        return;
    asked.first = static_cast<std::uint32_t>(patterns_.size());
    for (auto const& text : patterns)
    {
        auto& next = patterns_.emplace_back();
        next.text = std::string_view(texts.data() + texts.size(), text.size());
        texts += text;
        next.is_literal = is_literal(text);
        if (!next.is_literal && text.size() <= matched_bytes_max)
        {
            next.head = static_cast<std::uint16_t>(text.find_first_of("*?"));
            next.tail = static_cast<std::uint16_t>(text.size() - 1 - text.find_last_of("*?"));
        }
        if (!asks_people(asked.asks) || !names_team(text))
            continue;
        auto const found = teams.find(next.text.substr(1));
        if (found != teams.end())
            next.team = found->second;
    }
    asked.behind = static_cast<std::uint32_t>(patterns_.size());
    checks_.push_back(asked);
}

std::vector<rule_set::place> rule_set::places_of(check const& with, pattern const& one) const
{
    std::vector<place> out;
    if (one.team >= 0)
        for (auto const& member : source_->teams[static_cast<std::size_t>(one.team)])
            out.push_back({with.asks, whole, member});
    else if (one.is_literal)
        out.push_back({with.asks, whole, one.text});
    if (one.head > 0)
        out.push_back({with.asks, head, one.text.substr(0, one.head)});
    if (one.tail > 0)
        out.push_back({with.asks, tail, one.text.substr(one.text.size() - one.tail)});
    if (out.empty())
        if (auto const inside = part_of(one.text); !inside.empty())
            out.push_back({with.asks, part, inside});
    return out;
}

// The condition that a rule shares with the fewest others; nothing where it can be found by none.
std::optional<std::vector<rule_set::place>> rule_set::best_places(compiled const& one, crowds const& known)
    const
{
    auto const crowd_of = [&](place const& at)
    { return known[static_cast<std::size_t>(at.asks)][at.by].find(at.text)->second; };
    std::optional<std::vector<place>> best;
    std::size_t best_crowd = 0;
    for (auto c = one.first; c < one.behind; ++c)
    {
        auto const& with = checks_[c];
        if (with.is_exception || std::ranges::find(indexed, with.asks) == indexed.end())
            continue;
        std::vector<place> places;
        std::size_t crowd = 0;
        bool is_found = true;
        for (auto i = with.first; i < with.behind && is_found; ++i)
        {
            auto ways = places_of(with, patterns_[i]);
            bool const is_glob = !patterns_[i].is_literal && patterns_[i].team < 0;
            is_found = !ways.empty() || !is_glob;
            // One of a glob's two ends is enough.
            if (is_glob && ways.size() > 1)
                ways = {*std::ranges::min_element(ways, {}, crowd_of)};
            for (auto const& way : ways)
            {
                crowd = std::max(crowd, crowd_of(way));
                places.push_back(way);
            }
        }
        if (is_found && (!best || crowd < best_crowd))
        {
            best = std::move(places);
            best_crowd = crowd;
        }
    }
    return best;
}

void rule_set::index()
{
    crowds known;
    for (auto const& with : checks_)
        if (!with.is_exception && std::ranges::find(indexed, with.asks) != indexed.end())
            for (auto i = with.first; i < with.behind; ++i)
                for (auto const& way : places_of(with, patterns_[i]))
                    ++known[static_cast<std::size_t>(way.asks)][way.by][way.text];
    for (std::uint32_t i = 0; i < rules_.size(); ++i)
    {
        auto const best = best_places(rules_[i], known);
        if (!best)
        {
            for (std::size_t kind = 0; kind < others_.size(); ++kind)
                if ((rules_[i].kinds >> kind & 1) != 0)
                    others_[kind].push_back(i);
            continue;
        }
        for (auto const& way : *best)
        {
            auto& in = found_by_[static_cast<std::size_t>(way.asks)];
            auto& list = in.found[way.by][way.text];
            if (list.empty() || list.back() != i)
                list.push_back(i);
            auto& lengths = in.lengths[way.by];
            if (way.by != whole && std::ranges::find(lengths, way.text.size()) == lengths.end())
                lengths.push_back(way.text.size());
        }
    }
}

void rule_set::look_up(table const& in, std::string_view value, rule_list& out)
{
    auto const add = [&](form by, std::string_view text)
    {
        auto const found = in.found[by].find(text);
        if (found != in.found[by].end())
            out.insert(out.end(), found->second.begin(), found->second.end());
    };
    if (!in.found[whole].empty())
        add(whole, value);
    for (auto const length : in.lengths[head])
        if (length <= value.size())
            add(head, value.substr(0, length));
    for (auto const length : in.lengths[tail])
        if (length <= value.size())
            add(tail, value.substr(value.size() - length));
    if (in.found[part].empty() || value.size() > matched_bytes_max)
        return;
    for (std::size_t begin = 0; begin + part_bytes <= value.size(); ++begin)
        add(part, value.substr(begin, part_bytes));
}

rule_set::rule_list rule_set::candidates(event_values const& of) const
{
    auto const kind = of.happening.kind;
    auto out = others_[static_cast<std::size_t>(kind)];
    auto const unsorted = out.size();
    for (auto const asks : indexed)
    {
        auto const& in = found_by_[static_cast<std::size_t>(asks)];
        if (asks == condition::reviewers && of.reviewers)
            for (auto const id : *of.reviewers)
                look_up(in, id, out);
        else if (auto const& value = of.of(asks))
            look_up(in, *value, out);
    }
    if (out.size() == unsorted)
        return out;
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

bool rule_set::matches(pattern const& one, std::string_view value, condition asks) const
{
    if (one.team >= 0)
        return std::ranges::binary_search(
            source_->teams[static_cast<std::size_t>(one.team)], value, std::less<>()
        );
    if (one.is_literal)
        return one.text == value;
    // Most patterns fail at one of their ends.
    auto const ends = std::size_t(one.head) + one.tail;
    if (value.size() < ends || value.substr(0, one.head) != one.text.substr(0, one.head) ||
        value.substr(value.size() - one.tail) != one.text.substr(one.text.size() - one.tail))
        return false;
    return glob_matches(one.text, value, asks == condition::titles ? glob_text::words : glob_text::name);
}

std::optional<std::string_view> rule_set::match(check const& with, std::string_view value) const
{
    if (value.size() > matched_bytes_max)
        return std::nullopt;
    for (auto i = with.first; i < with.behind; ++i)
        if (matches(patterns_[i], value, with.asks))
            return patterns_[i].text;
    return std::nullopt;
}

bool rule_set::holds(check const& with, event_values const& of) const
{
    auto const& happening = of.happening;
    if (with.asks == condition::bots)
    {
        auto const kind = happening.actor ? happening.actor->kind : person_kind::unknown;
        return kind == (with.asked == choice::only ? person_kind::bot : person_kind::user);
    }
    if (with.asks == condition::drafts)
    {
        auto const is_draft = happening.pull_request ? happening.pull_request->draft : std::optional(false);
        return is_draft == (with.asked == choice::only);
    }
    bool matched = false;
    if (with.asks == condition::reviewers)
        matched = of.reviewers &&
                  std::ranges::any_of(*of.reviewers, [&](auto id) { return match(with, id).has_value(); });
    else if (auto const& value = of.of(with.asks))
        matched = match(with, *value).has_value();
    return matched != with.is_exception;
}

answer rule_set::judge_paths(check const& with, known_facts const& known) const
{
    if (!known.changed_paths)
        return known.changed_paths_missing ? answer::no : answer::needs;
    return std::ranges::any_of(
               *known.changed_paths, [&](auto const& path) { return match(with, path).has_value(); }
           )
               ? answer::yes
               : answer::no;
}

rule_set::judgement rule_set::judge(std::size_t rule, event_values const& of, known_facts const& known) const
{
    judgement out;
    auto const& asked = rules_[rule];
    if ((asked.kinds & bit_of(of.happening.kind)) == 0 || (asked.has_default_kinds && !of.is_wanted))
        return out;
    out.taken = answer::yes;
    for (auto i = asked.first; i < asked.behind; ++i)
    {
        auto const& with = checks_[i];
        if (with.asks == condition::paths)
            out.taken = judge_paths(with, known);
        else if (!holds(with, of))
            out.taken = answer::no;
        if (out.taken != answer::yes)
            out.decided = &with;
        if (out.taken == answer::no)
            break;
    }
    return out;
}

}  // namespace linkspan
