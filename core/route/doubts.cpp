#include "core/route/doubts.hpp"

#include "core/base/utf8.hpp"
#include "core/event/kinds_made.hpp"
#include "core/route/glob.hpp"

#include <algorithm>
#include <initializer_list>

namespace linkspan
{
namespace
{

using strings = std::vector<std::string>;

constexpr std::size_t shown_bytes_max = 64;
constexpr std::string_view wildcards = "*?";

// Of one rule as many patterns are told as a person corrects at once.
constexpr std::size_t patterns_told_max = 20;

std::string quoted(std::string_view text)
{
    return "\"" + single_line(text, shown_bytes_max) + "\"";
}

kind_set kinds_named(std::initializer_list<std::string_view> beginnings)
{
    kind_set out = 0;
    for (auto const& row : kind_names)
        if (std::ranges::any_of(beginnings, [&](auto beginning) { return row.name.starts_with(beginning); }))
            out |= bit_of(row.kind);
    return out;
}

kind_set made_kinds()
{
    kind_set out = 0;
    for (auto const& row : kind_names)
        if (is_made(row.kind))
            out |= bit_of(row.kind);
    return out;
}

bool has_any(strings const& patterns, auto const& is_such)
{
    return std::ranges::any_of(patterns, is_such);
}

bool is_of_stars(std::string_view pattern)
{
    return !pattern.empty() && pattern.find_first_not_of('*') == pattern.npos;
}

bool takes_each_repository(std::string_view pattern)
{
    auto const slash = pattern.find('/');
    if (slash == pattern.npos)
        return is_of_stars(pattern) && pattern.size() > 1;
    return is_of_stars(pattern.substr(0, slash)) && is_of_stars(pattern.substr(slash + 1));
}

// --- patterns that no name has

// A character that means something in other languages of patterns, and stands in no name.
std::string foreign(std::string_view pattern, std::size_t at, std::string_view instead)
{
    return "where \"" + std::string(pattern.substr(at, 1)) +
           "\" is a character like others: patterns know *, ** and ? alone; " + std::string(instead);
}

constexpr std::string_view one_for_each = "write a pattern for each name";

// "^api$": the ends of an expression.
std::string why_not_anchored(std::string_view pattern)
{
    constexpr std::string_view instead = "write it without, a pattern matches from end to end";
    if (pattern.starts_with('^'))
        return foreign(pattern, 0, instead);
    return pattern.ends_with('$') ? foreign(pattern, pattern.size() - 1, instead) : std::string();
}

// Nothing of a repository or project that may be there.
std::string why_no_owner(std::string_view pattern)
{
    if (auto why = why_not_anchored(pattern); !why.empty())
        return why;
    if (auto const at = pattern.find_first_of("{}[]()|^$\\"); at != pattern.npos)
        return foreign(pattern, at, one_for_each);
    if (pattern.starts_with('!'))
        return foreign(
            pattern, 0, "what is to be left out stands in a list of its own, which begins with except_"
        );
    return {};
}

std::string why_no_repository(std::string_view pattern)
{
    if (pattern.find("://") != pattern.npos || pattern.starts_with("git@"))
        return "which is a URL; write owner/slug, as in \"acme/api\"";
    if (auto why = why_no_owner(pattern); !why.empty())
        return why;
    if (pattern.find(' ') != pattern.npos)
        return "which has a space; write the slug, as it stands in the repository's URL";
    if (pattern.starts_with('/') || pattern.ends_with('/'))
        return std::string("which ") + (pattern.starts_with('/') ? "begins" : "ends") +
               " with a slash, as no owner/slug does; write for example \"acme/api\" or \"acme/*\"";
    if (std::ranges::count(pattern, '/') > 1)
        return "which has more than one slash, while owner/slug has one; write for example \"acme/api\" or "
               "\"acme/*\"";
    return {};
}

std::string why_no_project(std::string_view pattern)
{
    return why_no_owner(pattern);
}

// Git takes some of these characters in names, which are rarer than expressions in the wrong place.
std::string why_no_branch(std::string_view pattern)
{
    for (std::string_view const refs : {"refs/heads/", "refs/tags/"})
        if (pattern.starts_with(refs))
            return "but events name branches and tags without " + quoted(refs) + "; write " +
                   quoted(pattern.substr(refs.size()));
    if (auto why = why_not_anchored(pattern); !why.empty())
        return why;
    if (auto const at = pattern.find_first_of("^[\\|"); at != pattern.npos)
        return foreign(pattern, at, "write a pattern for each branch");
    auto const brace = pattern.find('{');
    auto const comma = pattern.find(',', std::min(brace, pattern.size()));
    if (comma != pattern.npos && pattern.find('}', comma) != pattern.npos)
        return foreign(pattern, brace, "write a pattern for each branch");
    if (pattern.starts_with('!'))
        return foreign(
            pattern, 0, "what is to be left out stands in a list of its own, which begins with except_"
        );
    if (pattern.starts_with(".*") || pattern.find("/.*") != pattern.npos)
        return "where \".\" is a character like others, and no part of a branch's name begins with it; write "
               "* instead of .*";
    return {};
}

// "{a,b}", and what the first of these stands for; "{a}" may be a name.
std::string why_no_choice(std::string_view pattern)
{
    for (auto open = pattern.find('{'); open != pattern.npos; open = pattern.find('{', open + 1))
    {
        auto const close = pattern.find('}', open);
        auto const comma = pattern.find(',', open);
        if (close == pattern.npos || comma > close)
            continue;
        std::string first(pattern.substr(0, open));
        first.append(pattern.substr(open + 1, comma - open - 1)).append(pattern.substr(close + 1));
        return foreign(pattern, open, "write a pattern for each, as in " + quoted(first));
    }
    return {};
}

// Files may be called nearly anything, and rarely what looks like another language of patterns.
std::string why_no_path(std::string_view pattern)
{
    if (pattern.find("://") != pattern.npos)
        return "which is a URL; write the path from the repository's root, as in \"src/**\"";
    if (pattern.starts_with('!'))
        return foreign(pattern, 0, "a rule takes what changes one of its paths, whatever else it changes");
    if (auto why = why_not_anchored(pattern); !why.empty())
        return why;
    if (auto const at = pattern.find('\\'); at != pattern.npos)
        return foreign(
            pattern, at, "write / between the parts of a path, and ? for a star or question mark of a name"
        );
    if (auto const at = pattern.find('['); at != pattern.npos && pattern.find(']', at) != pattern.npos)
        return foreign(pattern, at, "write ? for one character, also for a bracket of a name");
    return why_no_choice(pattern);
}

void doubt_patterns(rule const& asked, strings& out)
{
    for (auto const& row : pattern_conditions)
    {
        auto const why = row.asks == condition::repositories ? &why_no_repository
                         : row.asks == condition::projects   ? &why_no_project
                         : row.asks == condition::branches || row.asks == condition::source_branches
                             ? &why_no_branch
                         : row.asks == condition::paths ? &why_no_path
                                                        : nullptr;
        if (why == nullptr)
            continue;
        static strings const nothing;
        auto const& exceptions = row.exceptions == nullptr ? nothing : asked.*row.exceptions;
        for (auto const& [name, patterns] :
             {std::pair(row.name, &(asked.*row.patterns)), std::pair(row.except_name, &exceptions)})
            for (auto const& pattern : *patterns)
                if (auto const told = why(pattern); !told.empty() && out.size() < patterns_told_max)
                    out.push_back(
                        "has in " + std::string(name) + " the pattern " + quoted(pattern) + ", " + told
                    );
    }
}

// --- conditions that nothing fulfils

void doubt_kinds(rule const& asked, strings& out)
{
    auto const made = made_kinds();
    auto const taken = kinds_of(asked);
    if (taken != 0 && (taken & made) == 0)
    {
        out.push_back(
            "takes nothing: no delivery makes the kinds that it asks for yet; docs/reference/events.md tells "
            "which are made"
        );
        return;
    }
    for (auto const& pattern : asked.kinds)
        if (auto const named = kinds_of(strings{pattern});
            named != 0 && (named & made) == 0 && out.size() < patterns_told_max)
            out.push_back(
                "has in kinds the pattern " + quoted(pattern) +
                ", which no delivery makes yet; docs/reference/events.md tells which kinds are made"
            );
}

void doubt_branches(rule const& asked, strings& out)
{
    if (!asked.branches.empty() && (kinds_of(asked) & kinds_with_branch()) == 0)
        out.push_back(
            "takes nothing: branches asks about branches, and none of its kinds has one; take the list out"
        );
}

void doubt_paths(rule const& asked, strings& out)
{
    if (!asked.paths.empty() && (kinds_of(asked) & kinds_with_paths()) == 0)
        out.push_back(
            "takes nothing: paths asks about changed files, and none of its kinds tells between which "
            "commits; "
            "take the list out"
        );
}

void doubt_exceptions(rule const& asked, strings& out)
{
    bool const each_has_repository = (kinds_of(asked) & ~kinds_with_repository()) == 0;
    if (asked.repositories.empty() && each_has_repository &&
        has_any(asked.except_repositories, takes_each_repository))
        out.push_back(
            "takes nothing: except_repositories leaves no repository; name those that it is not to take"
        );
    if (asked.projects.empty() && each_has_repository && has_any(asked.except_projects, is_of_stars))
        out.push_back("takes nothing: except_projects leaves no project; name those that it is not to take");
    if (asked.bots != choice::any && has_any(asked.except_actors, is_of_stars))
        out.push_back(
            "takes nothing: bots asks who did it, and except_actors leaves nobody; name those whom it is not "
            "to "
            "take"
        );
}

// --- owners

// What the owner of each repository that the pattern matches matches, and perhaps more.
std::string owner_pattern(std::string_view repository)
{
    auto const slash = repository.find('/');
    auto const stars = repository.find("**");
    if (stars < slash)
        return std::string(repository.substr(0, stars)) + "*";
    return std::string(repository.substr(0, slash));
}

// Whether some text matches both. A question mark counts as a star: then it may say yes once too often.
bool may_meet(std::string_view a, std::string_view b)
{
    if (is_literal(a))
        return glob_matches(b, a);
    if (is_literal(b))
        return glob_matches(a, b);
    auto const heads = std::min(a.find_first_of(wildcards), b.find_first_of(wildcards));
    auto const tails =
        std::min(a.size() - a.find_last_of(wildcards), b.size() - b.find_last_of(wildcards)) - 1;
    return a.substr(0, heads) == b.substr(0, heads) &&
           a.substr(a.size() - tails) == b.substr(b.size() - tails);
}

void doubt_owners(rule const& asked, strings& out)
{
    if (asked.repositories.empty() || asked.projects.empty())
        return;
    bool const meet = has_any(
        asked.repositories,
        [&](std::string const& repository)
        {
            auto const owner = owner_pattern(repository);
            return has_any(
                asked.projects, [&](std::string const& project) { return may_meet(owner, project); }
            );
        }
    );
    if (!meet)
        out.push_back(
            "takes nothing: no repository that repositories asks for is of a project that projects asks for; "
            "the "
            "project is the part before the \"/\", as in " +
            quoted(asked.projects.front() + "/*") + ": take one of the two lists out"
        );
}

}  // namespace

kind_set kinds_with_branch()
{
    return kinds_named({"pull_request.", "comment.", "task.", "build.", "branch.", "tag."});
}

kind_set kinds_with_repository()
{
    return ~(bit_of(event_kind::project_updated) | bit_of(event_kind::hook_pinged));
}

kind_set kinds_with_paths()
{
    return kinds_named({"pull_request.", "comment.", "task."}) | bit_of(event_kind::branch_updated) |
           bit_of(event_kind::tag_updated);
}

std::vector<std::string> doubts_of(rule const& asked)
{
    strings out;
    doubt_patterns(asked, out);
    // Where a pattern is no name, what follows from it is no news.
    if (out.empty())
        doubt_owners(asked, out);
    doubt_kinds(asked, out);
    doubt_branches(asked, out);
    doubt_paths(asked, out);
    doubt_exceptions(asked, out);
    return out;
}

}  // namespace linkspan
