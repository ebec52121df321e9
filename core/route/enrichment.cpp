#include "core/route/enrichment.hpp"

#include "core/route/called_rule.hpp"
#include "core/route/cause.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

fact_question question_about(fact_subject subject, event const& happening)
{
    fact_question out;
    out.subject = subject;
    out.instance = happening.instance;
    out.repository = happening.repository->id;
    out.full_name = happening.repository->full_name;
    return out;
}

// Between the tips that a push moved.
std::optional<fact_question> push_question(fact_subject subject, event const& happening, ref_change const& of)
{
    if (!of.before || of.before->empty() || !of.after || of.after->empty())
        return std::nullopt;
    auto out = question_about(subject, happening);
    out.before = *of.before;
    out.after = *of.after;
    return out;
}

// Why the rules that were to decide about a destination do not send there.
std::string why_not_taken(
    std::vector<decision> const& open, std::vector<decision> const& decided, std::string const& destination
)
{
    for (std::size_t i = 0; i < open.size() && i < decided.size(); ++i)
    {
        auto const& named = open[i].destinations;
        if (open[i].taken == answer::needs && decided[i].taken != answer::yes &&
            std::ranges::find(named, destination) != named.end())
            return called_rule(decided[i].rule) + ": " + decided[i].why;
    }
    return "no rule sends it there any more";
}

}  // namespace

std::string words_of(std::vector<fact> const& needs)
{
    std::string out;
    for (auto const one : needs)
        out.append(out.empty() ? "" : " ").append(name_of(one));
    return out;
}

std::vector<fact> facts_in(std::string_view words)
{
    std::vector<fact> out;
    while (!words.empty())
    {
        auto const end = std::min(words.find(' '), words.size());
        for (auto const one : {fact::changed_paths, fact::commits})
            if (words.substr(0, end) == name_of(one))
                out.push_back(one);
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return out;
}

std::string_view name_of(fact_subject of) noexcept
{
    switch (of)
    {
        case fact_subject::push_paths:
            return "push_paths";
        case fact_subject::pull_request_paths:
            return "pull_request_paths";
        case fact_subject::commits:
            return "commits";
    }
    return "commits";
}

std::optional<fact_question> paths_question(event const& happening)
{
    if (!happening.repository)
        return std::nullopt;
    if (!happening.pull_request)
    {
        auto const* change = std::get_if<ref_change>(&happening.detail);
        return change == nullptr ? std::nullopt : push_question(fact_subject::push_paths, happening, *change);
    }
    auto const& [source, target] = std::tie(happening.pull_request->source, happening.pull_request->target);
    if (!source || source->commit.empty() || source->repository.empty() || !target || target->commit.empty())
        return std::nullopt;
    auto out = question_about(fact_subject::pull_request_paths, happening);
    out.before = target->commit;
    out.after = source->commit;
    out.pull_request = happening.pull_request->id;
    if (source->repository != out.full_name)
        out.fork = source->repository;
    return out;
}

std::optional<fact_question> commits_question(event const& happening, std::vector<event> const& of_cause)
{
    auto const* branch =
        happening.kind == event_kind::branch_updated ? &happening : branch_of(happening, of_cause);
    auto const* change = branch == nullptr ? nullptr : std::get_if<ref_change>(&branch->detail);
    if (change == nullptr || !branch->repository || !change->truncated.value_or(false))
        return std::nullopt;
    return push_question(fact_subject::commits, *branch, *change);
}

event told_whole(event push, std::vector<commit> commits, bool is_whole)
{
    auto const take = [&](auto& detail)
    {
        if (commits.size() <= detail.commits.size())
            return;
        detail.commits = std::move(commits);
        detail.truncated = !is_whole;
    };
    if (auto* of_pull_request = std::get_if<commits_push>(&push.detail))
        take(*of_pull_request);
    else if (auto* of_branch = std::get_if<ref_change>(&push.detail))
        take(*of_branch);
    return push;
}

std::vector<decided_delivery> decide(
    rule_set const& rules,
    event const& happening,
    known_facts const& known,
    std::vector<planned_delivery> undecided
)
{
    std::vector<decided_delivery> out;
    auto const planned = route(rules, happening, known);
    auto const open = explain(rules, happening);
    auto const decided = explain(rules, happening, known);
    for (auto& one : undecided)
    {
        auto& next = out.emplace_back();
        auto const taken = std::ranges::find_if(
            planned,
            [&](planned_delivery const& other)
            { return other.destination == one.destination && other.conversation == one.conversation; }
        );
        if (taken == planned.end())
        {
            next.reason = why_not_taken(open, decided, one.destination);
            next.plan = std::move(one);
            continue;
        }
        next.plan = *taken;
        next.is_taken = true;
        if (known.changed_paths_missing && !known.changed_paths)
            next.plan.why += "; the changed files could not be had: " + known.fault;
    }
    return out;
}

std::string why_without_commits(std::string why, std::string_view fault)
{
    return std::move(why.append("; not all of its commits could be had: ").append(fault));
}

}  // namespace linkspan
