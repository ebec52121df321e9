#include "core/route/route.hpp"

#include "core/base/nearest.hpp"
#include "core/conversation/conversation.hpp"
#include "core/route/glob.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

// Four times what Bitbucket takes. A pattern with two stars takes the square of it in steps.
constexpr std::size_t matched_bytes_max = 1'000;

// The branch that a rule's `branches` looks at; nothing for events without one.
std::optional<std::string> branch_of(event const& happening)
{
    if (auto const* change = std::get_if<ref_change>(&happening.detail))
        return change->name;
    if (happening.pull_request && happening.pull_request->target)
        return happening.pull_request->target->branch;
    if (auto const* status = std::get_if<build>(&happening.detail))
        return status->branch;
    return std::nullopt;
}

std::string list(std::vector<std::string> const& patterns)
{
    std::string out;
    for (auto const& pattern : patterns)
        out += (out.empty() ? "" : ", ") + pattern;
    return out;
}

// Whether one condition holds; says why not, or which pattern matched.
bool holds(
    std::string_view condition,
    std::vector<std::string> const& patterns,
    std::string_view value,
    std::string& why
)
{
    if (value.size() > matched_bytes_max)
    {
        why = std::string(condition) + ": the value is longer than " + std::to_string(matched_bytes_max) +
              " bytes";
        return false;
    }
    why = std::string(condition) + ": " + (value.empty() ? "(none)" : std::string(value));
    for (auto const& pattern : patterns)
        if (glob_matches(pattern, value))
        {
            why += " matches " + pattern;
            return true;
        }
    why += " matches none of " + list(patterns);
    return false;
}

}  // namespace

bool reviewer_wants(event const& happening)
{
    auto const name = name_of(happening.kind);
    if (name.starts_with("pull_request.") || name.starts_with("comment.") || name.starts_with("task."))
        return true;
    if (happening.kind == event_kind::build_failed)
        return true;
    auto const* status = std::get_if<build>(&happening.detail);
    return happening.kind == event_kind::build_succeeded && status->previous == build_state::failed;
}

decision decide(rule const& asked, event const& happening)
{
    decision out;
    out.rule = asked.name;
    if (asked.kinds.empty())
    {
        bool const wanted = reviewer_wants(happening);
        out.why = std::string("kinds: ") + std::string(name_of(happening.kind)) +
                  (wanted ? " is in the default" : " is not in the default");
        if (!wanted)
            return out;
    }
    else if (!holds("kinds", asked.kinds, name_of(happening.kind), out.why))
        return out;
    if (!asked.repositories.empty())
    {
        std::string const name = happening.repository ? happening.repository->full_name : std::string();
        if (!holds("repositories", asked.repositories, name, out.why))
            return out;
    }
    if (!asked.branches.empty() &&
        !holds("branches", asked.branches, branch_of(happening).value_or(""), out.why))
        return out;
    out.taken = true;
    return out;
}

std::vector<planned_delivery> route(std::vector<rule> const& rules, event const& happening)
{
    std::vector<planned_delivery> out;
    auto const conversations = conversations_of(happening);
    for (auto const& one : rules)
    {
        auto const answer = decide(one, happening);
        if (!answer.taken)
            continue;
        for (auto const& destination : one.destinations)
            for (auto const& conversation : conversations)
            {
                bool const planned = std::ranges::any_of(
                    out,
                    [&](planned_delivery const& p)
                    { return p.destination == destination && p.conversation == conversation; }
                );
                if (planned)
                    continue;
                planned_delivery next;
                next.destination = destination;
                next.conversation = conversation;
                next.why = "rule " + answer.rule + ": " + answer.why;
                out.push_back(std::move(next));
            }
    }
    return out;
}

result<> check_kind_pattern(std::string_view pattern)
{
    for (auto const& row : kind_names)
        if (glob_matches(pattern, row.name))
            return {};
    std::vector<std::string_view> names;
    for (auto const& row : kind_names)
        names.push_back(row.name);
    auto const near = nearest(pattern, names);
    return error(
        errc::invalid,
        "no kind of event matches \"" + std::string(pattern) + "\"" +
            (near.empty() ? std::string() : "; did you mean \"" + std::string(near) + "\"?")
    );
}

}  // namespace linkspan
