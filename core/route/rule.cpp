#include "core/route/rule.hpp"

#include "core/base/nearest.hpp"
#include "core/route/glob.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

// What the default takes of every state; reviewer_wants() asks more of builds.
constexpr kind_set wanted_kinds = []
{
    kind_set out = bit_of(event_kind::build_failed) | bit_of(event_kind::build_succeeded);
    for (auto const& row : kind_names)
        if (row.name.starts_with("pull_request.") || row.name.starts_with("comment.") ||
            row.name.starts_with("task."))
            out |= bit_of(row.kind);
    return out;
}();

std::vector<std::string_view> kind_groups()
{
    std::vector<std::string_view> out;
    for (auto const& row : kind_names)
        if (auto const group = row.name.substr(0, row.name.find('.')); out.empty() || out.back() != group)
            out.push_back(group);
    return out;
}

}  // namespace

bool reviewer_wants(event const& happening)
{
    if ((wanted_kinds & bit_of(happening.kind)) == 0)
        return false;
    auto const* status = std::get_if<build>(&happening.detail);
    if (happening.kind == event_kind::build_failed)
        return status == nullptr || !status->outdated.value_or(false);
    return happening.kind != event_kind::build_succeeded ||
           (status != nullptr && status->previous == build_state::failed);
}

kind_set kinds_of(std::vector<std::string> const& patterns)
{
    kind_set out = 0;
    for (auto const& row : kind_names)
        if (std::ranges::any_of(
                patterns, [&](auto const& pattern) { return glob_matches(pattern, row.name); }
            ))
            out |= bit_of(row.kind);
    return out;
}

kind_set kinds_of(rule const& asked)
{
    auto const taken = asked.kinds.empty() ? wanted_kinds : kinds_of(asked.kinds);
    return taken & ~kinds_of(asked.except_kinds);
}

result<> check_kind_pattern(std::string_view pattern)
{
    for (auto const& row : kind_names)
        if (glob_matches(pattern, row.name))
            return {};
    std::string const none = "no kind of event matches \"" + std::string(pattern) + "\"";
    if (pattern.find(':') != std::string_view::npos)
        return error(
            errc::invalid,
            none + "; kinds are no event keys: docs/reference/events.md tells which key makes which"
        );
    // "pull_request" and "pull_requests.*": the group alone, or almost.
    auto const dot = std::min(pattern.find('.'), pattern.size());
    auto const group = std::string(nearest(pattern.substr(0, dot), kind_groups()));
    auto const guess = group + (dot == pattern.size() ? ".*" : std::string(pattern.substr(dot)));
    if (!group.empty() && kinds_of(std::vector<std::string>{guess}) != 0)
        return error(errc::invalid, none + "; did you mean \"" + guess + "\"?");
    std::vector<std::string_view> names;
    for (auto const& row : kind_names)
        names.push_back(row.name);
    auto const near = nearest(pattern, names);
    return error(
        errc::invalid,
        none + (near.empty() ? std::string("; docs/reference/events.md lists all")
                             : "; did you mean \"" + std::string(near) + "\"?")
    );
}

}  // namespace linkspan
