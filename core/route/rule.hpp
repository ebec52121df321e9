#pragma once
#include "core/base/error.hpp"
#include "core/event/event.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// Which of two sorts a rule asks for: of events by bots, of drafts.
enum class choice
{
    any,
    only,
    none,
};

// One [[team]] of the configuration: accounts that rules name together as "@name".
struct team
{
    std::string name;
    std::vector<std::string> members;  // stable account ids
};

// One [[rule]] of the configuration. All patterns are anchored globs (glob.hpp); an empty list asks nothing.
// An event is taken when every list that is not empty has a pattern that matches, and no list of exceptions
// has one. What the event does not know holds no condition, and excludes nothing.
struct rule
{
    std::string name;
    std::vector<std::string> kinds;  // over published names; empty: what a reviewer wants
    std::vector<std::string> except_kinds;
    std::vector<std::string> repositories;  // over "owner/slug"
    std::vector<std::string> except_repositories;
    std::vector<std::string> projects;  // the repository's owner: Cloud's workspace, Data Center's project
    std::vector<std::string> except_projects;
    std::vector<std::string> branches;  // the pull request's target; for pushes and builds the branch itself
    std::vector<std::string> except_branches;
    std::vector<std::string> source_branches;  // of pull requests
    std::vector<std::string> except_source_branches;
    std::vector<std::string> authors;  // of pull requests: ids, or "@team"
    std::vector<std::string> except_authors;
    std::vector<std::string> actors;  // who did it
    std::vector<std::string> except_actors;
    std::vector<std::string> reviewers;  // of pull requests: one of them is enough
    std::vector<std::string> except_reviewers;
    choice bots = choice::any;        // actors that are bots
    choice drafts = choice::any;      // pull requests that are drafts; what has none is no draft
    std::vector<std::string> titles;  // of pull requests, as words (glob.hpp)
    std::vector<std::string> except_titles;
    std::vector<std::string> paths;         // changed files: no delivery tells them, so route() may need them
    bool stop = false;                      // rules behind this one are not asked about what it takes
    std::vector<std::string> destinations;  // names
};

// What a rule can ask, in the order in which it is asked.
enum class condition
{
    kinds,
    repositories,
    projects,
    branches,
    source_branches,
    authors,
    actors,
    reviewers,
    bots,
    drafts,
    titles,
    paths,
};
inline constexpr std::size_t condition_count = 12;

// A condition of patterns: the two lists of a rule, what they are called, and what an event may not tell.
struct pattern_condition
{
    condition asks = condition::kinds;
    std::string_view name;
    std::string_view except_name;
    std::string_view subject;
    std::vector<std::string> rule::*patterns = nullptr;
    std::vector<std::string> rule::*exceptions = nullptr;  // null: it knows none
};

inline constexpr std::array pattern_conditions = {
    pattern_condition{condition::kinds, "kinds", "except_kinds", "kind", &rule::kinds, &rule::except_kinds},
    pattern_condition{
        condition::repositories,
        "repositories",
        "except_repositories",
        "repository",
        &rule::repositories,
        &rule::except_repositories},
    pattern_condition{
        condition::projects,
        "projects",
        "except_projects",
        "project",
        &rule::projects,
        &rule::except_projects},
    pattern_condition{
        condition::branches,
        "branches",
        "except_branches",
        "branch",
        &rule::branches,
        &rule::except_branches},
    pattern_condition{
        condition::source_branches,
        "source_branches",
        "except_source_branches",
        "source branch",
        &rule::source_branches,
        &rule::except_source_branches},
    pattern_condition{
        condition::authors, "authors", "except_authors", "author", &rule::authors, &rule::except_authors},
    pattern_condition{
        condition::actors, "actors", "except_actors", "actor", &rule::actors, &rule::except_actors},
    pattern_condition{
        condition::reviewers,
        "reviewers",
        "except_reviewers",
        "reviewers",
        &rule::reviewers,
        &rule::except_reviewers},
    pattern_condition{
        condition::titles, "titles", "except_titles", "title", &rule::titles, &rule::except_titles},
    pattern_condition{condition::paths, "paths", {}, "changed files", &rule::paths, nullptr},
};

// How a condition's patterns are matched.
constexpr bool asks_people(condition asks) noexcept
{
    return asks == condition::authors || asks == condition::actors || asks == condition::reviewers;
}

// "any", "only", "none".
constexpr std::string_view name_of(choice asked) noexcept
{
    return asked == choice::only ? "only" : asked == choice::none ? "none" : "any";
}

// Whether a pattern stands for the members of a team, and of which: "@platform".
constexpr bool names_team(std::string_view pattern) noexcept
{
    return pattern.starts_with('@');
}

// Pull requests, comments and tasks, builds that failed and builds that recovered: the default of `kinds`.
// Not a failed build of a commit that is no head of its pull request any more.
bool reviewer_wants(event const& happening);

// Whether a pattern of `kinds` matches at least one kind; errc::invalid names the nearest one otherwise.
result<> check_kind_pattern(std::string_view pattern);

// Kinds as bits, in the order of kind_names.
using kind_set = std::uint64_t;
static_assert(kind_names.size() <= 64);

constexpr kind_set bit_of(event_kind kind) noexcept
{
    return kind_set(1) << static_cast<unsigned>(kind);
}

// The kinds that some pattern matches.
kind_set kinds_of(std::vector<std::string> const& patterns);

// The kinds that a rule can take: its patterns, or the default, without the exceptions.
kind_set kinds_of(rule const& asked);

}  // namespace linkspan
