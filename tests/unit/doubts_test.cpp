#include "core/route/doubts.hpp"

#include "core/event/kinds_made.hpp"
#include "core/route/enrichment.hpp"
#include "core/route/rule_set.hpp"
#include "tests/support/events.hpp"
#include "tests/support/key_kinds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace linkspan
{
namespace
{

using strings = std::vector<std::string>;

strings doubts(std::function<void(rule&)> const& asks)
{
    rule asked;
    asked.name = "one";
    asked.destinations = {"there"};
    asks(asked);
    return doubts_of(asked);
}

// The only doubt; else all of them.
std::string doubt(std::function<void(rule&)> const& asks)
{
    std::string out;
    for (auto const& one : doubts(asks))
        out += (out.empty() ? "" : "\n") + one;
    return out;
}

testing::AssertionResult says(std::string const& told, std::string const& part)
{
    if (told.find(part) != told.npos && told.find('\n') == told.npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "\"" << told << "\" does not say \"" << part << "\" alone";
}

TEST(doubts, of_repositories_that_no_name_matches)
{
    auto const told = [](std::string pattern) { return doubt([&](rule& r) { r.repositories = {pattern}; }); };
    EXPECT_TRUE(
        says(told("https://bitbucket.org/acme/api"), "\"https://bitbucket.org/acme/api\", which is a URL")
    );
    EXPECT_TRUE(says(told("git@bitbucket.org:acme/api"), "which is a URL; write owner/slug"));
    EXPECT_TRUE(says(told("/acme/api"), "begins with a slash"));
    EXPECT_TRUE(says(told("acme/"), "ends with a slash"));
    EXPECT_TRUE(says(told("acme/team/api"), "more than one slash"));
    EXPECT_TRUE(says(told("acme/{api,web}"), "where \"{\" is a character like others"));
    EXPECT_TRUE(says(told("acme/[ab]*"), "where \"[\" is a character like others"));
    EXPECT_TRUE(says(told("^acme/api"), "where \"^\" is a character like others: patterns know"));
    EXPECT_TRUE(says(told("acme/api$"), "write it without, a pattern matches from end to end"));
    EXPECT_TRUE(says(told("acme/(api)"), "write a pattern for each name"));
    EXPECT_TRUE(says(told("!acme/api"), "begins with except_"));
    EXPECT_TRUE(says(told("acme/My API"), "write the slug"));
    EXPECT_TRUE(says(doubt([](rule& r) { r.except_repositories = {"acme/"}; }), "has in except_repositories")
    );
    EXPECT_TRUE(
        says(doubt([](rule& r) { r.projects = {"{ACME}"}; }), "has in projects the pattern \"{ACME}\"")
    );
    for (auto const* good :
         {"acme/api", "acme/*", "**", "**/api", "acme/**", "~ada/notes", "*/api-?", "acme**"})
        EXPECT_EQ(told(good), "") << good;
}

TEST(doubts, of_branches_that_no_name_matches)
{
    auto const told = [](std::string pattern) { return doubt([&](rule& r) { r.branches = {pattern}; }); };
    EXPECT_TRUE(says(told("refs/heads/main"), "without \"refs/heads/\"; write \"main\""));
    EXPECT_TRUE(says(told("refs/tags/v*"), "without \"refs/tags/\"; write \"v*\""));
    EXPECT_TRUE(says(told("^main"), "where \"^\" is a character like others"));
    EXPECT_TRUE(says(told("main$"), "write it without"));
    EXPECT_TRUE(says(told("(a|b)"), "where \"|\" is a character like others"));
    EXPECT_TRUE(says(told("release-[0-9]"), "where \"[\" is a character like others"));
    EXPECT_TRUE(says(told("{main,develop}"), "write a pattern for each branch"));
    EXPECT_TRUE(says(told("release/.*"), "write * instead of .*"));
    EXPECT_TRUE(says(doubt([](rule& r) { r.source_branches = {"refs/heads/x"}; }), "has in source_branches"));
    EXPECT_TRUE(says(doubt([](rule& r) { r.except_branches = {"^x"}; }), "has in except_branches"));
    for (auto const* good : {"main", "release/*", "**", "v1.*", "feature/a{b}c", "cost(2)", "a$b", "refs"})
        EXPECT_EQ(told(good), "") << good;
}

TEST(doubts, of_owners_that_projects_leave_out)
{
    auto const told = [](strings repositories, strings projects)
    {
        return doubt(
            [&](rule& r)
            {
                r.repositories = std::move(repositories);
                r.projects = std::move(projects);
            }
        );
    };
    EXPECT_TRUE(says(told({"acme/*"}, {"other"}), "takes nothing: no repository that repositories asks for"));
    EXPECT_TRUE(says(told({"acme/*", "beta/x"}, {"other", "ac"}), "takes nothing"));
    EXPECT_TRUE(says(told({"acme-*/*"}, {"beta-*"}), "takes nothing"));
    EXPECT_TRUE(says(told({"*-core/*"}, {"*-web"}), "takes nothing"));
    EXPECT_TRUE(says(told({"acme/api"}, {"ACME"}), "takes nothing")) << "letter case counts";
    EXPECT_EQ(told({"acme/*"}, {"other", "acme"}), "");
    EXPECT_EQ(told({"acme/*", "other/*"}, {"other"}), "");
    EXPECT_EQ(told({"**"}, {"other"}), "");
    EXPECT_EQ(told({"**/api"}, {"other"}), "");
    EXPECT_EQ(told({"acme**"}, {"acme-core"}), "");
    EXPECT_EQ(told({"acme-*/*"}, {"*-core"}), "");
    EXPECT_EQ(told({"ac?e/*"}, {"a*"}), "");
    EXPECT_EQ(told({"ac?e/*"}, {"acme"}), "");
    EXPECT_TRUE(says(told({"ac?e/*"}, {"beta"}), "takes nothing"));
    EXPECT_TRUE(says(told({"https://bitbucket.org/acme/api"}, {"acme"}), "which is a URL"))
        << "and nothing else";
}

TEST(doubts, of_exceptions_that_leave_nothing)
{
    EXPECT_TRUE(says(doubt([](rule& r) { r.except_repositories = {"**"}; }), "leaves no repository"));
    EXPECT_TRUE(says(doubt([](rule& r) { r.except_repositories = {"x/y", "*/*"}; }), "leaves no repository"));
    EXPECT_TRUE(says(doubt([](rule& r) { r.except_projects = {"*"}; }), "leaves no project"));
    EXPECT_EQ(doubt([](rule& r) { r.except_repositories = {"acme/*", "*/api"}; }), "");
    auto const projects_alone = [](rule& r)
    {
        r.kinds = {"project.*"};
        r.except_repositories = {"**"};
    };
    EXPECT_EQ(doubt(projects_alone), "") << "a project is no repository";
    auto const bots = [](choice asked, std::string except)
    {
        return doubt(
            [&](rule& r)
            {
                r.bots = asked;
                r.except_actors = {except};
            }
        );
    };
    EXPECT_TRUE(says(bots(choice::only, "*"), "takes nothing: bots asks who did it"));
    EXPECT_TRUE(says(bots(choice::none, "**"), "takes nothing: bots asks who did it"));
    EXPECT_EQ(bots(choice::any, "*"), "") << "what nobody did";
    EXPECT_EQ(bots(choice::only, "42"), "");
}

TEST(doubts, of_kinds_that_nothing_makes)
{
    auto const told = [](strings kinds) { return doubt([&](rule& r) { r.kinds = kinds; }); };
    EXPECT_TRUE(says(told({"hook.pinged"}), "takes nothing: no delivery makes the kinds"));
    EXPECT_EQ(told({"comment.reaction_*"}), "") << "found by asking";
    EXPECT_TRUE(says(told({"comment.added", "hook.*"}), "has in kinds the pattern \"hook.*\""));
    EXPECT_EQ(told({"comment.*"}), "");
    EXPECT_EQ(told({"**"}), "");
}

TEST(doubts, of_branches_of_kinds_that_have_none)
{
    auto const told = [](strings kinds)
    {
        return doubt(
            [&](rule& r)
            {
                r.kinds = kinds;
                r.branches = {"main"};
            }
        );
    };
    EXPECT_TRUE(says(told({"issue.*"}), "takes nothing: branches asks about branches"));
    EXPECT_TRUE(says(told({"repository.*", "pipeline.finished"}), "takes nothing: branches"));
    EXPECT_EQ(told({"issue.*", "tag.*"}), "");
    EXPECT_EQ(told({}), "");
}

TEST(doubts, of_paths)
{
    auto const told = [](std::string pattern) { return doubt([&](rule& r) { r.paths = {pattern}; }); };
    EXPECT_TRUE(says(told("https://bitbucket.org/acme/api/src/main/a.md"), "which is a URL"));
    EXPECT_TRUE(says(told("!docs/**"), "where \"!\" is a character like others"));
    EXPECT_TRUE(says(told("^src/"), "where \"^\" is a character like others"));
    EXPECT_TRUE(says(
        told("**.cpp$"),
        "where \"$\" is a character like others: patterns know *, ** and ? alone; "
        "write it without, a pattern matches from end to end"
    ));
    EXPECT_TRUE(says(
        told("{x}/src/{a,b}/**"),
        "has in paths the pattern \"{x}/src/{a,b}/**\", where \"{\" is a character like others: patterns "
        "know *, ** and ? alone; write a pattern for each, as in \"{x}/src/a/**\""
    ));
    EXPECT_TRUE(says(told("v[0-9]/**"), "where \"[\" is a character like others"));
    EXPECT_TRUE(says(told("v[0-9]/**"), "write ? for one character"));
    EXPECT_TRUE(says(told("src\\api"), "where \"\\\" is a character like others"));
    EXPECT_TRUE(says(told("src\\api"), "write / between the parts of a path"));
    for (auto const* fine :
         {"src/**", "**.cpp", "a b/[x{y}.md", "a]b[", "a,b/{c}", "{a", "a$b^", "Makefile", ".ci/*.yml"})
        EXPECT_EQ(told(fine), "") << fine;
    auto const of_kinds = [](strings kinds)
    {
        return doubt(
            [&](rule& r)
            {
                r.kinds = kinds;
                r.paths = {"src/**"};
            }
        );
    };
    EXPECT_TRUE(says(of_kinds({"build.*", "branch.created"}), "takes nothing: paths asks about changed files")
    );
    EXPECT_EQ(of_kinds({"build.*", "branch.updated"}), "");
}

TEST(doubts, know_of_which_events_paths_can_be_asked)
{
    for (auto const& row : kind_names)
    {
        auto happened = test::sample_event(row.kind);
        if (auto* change = std::get_if<ref_change>(&happened.detail))
            change->before = std::string(40, 'a');
        bool const is_told = (kinds_with_paths() & bit_of(row.kind)) != 0;
        EXPECT_TRUE(!is_told || paths_question(happened)) << row.name;
    }
}

// What the doubts take for granted is what rules are asked.
TEST(doubts, know_what_events_tell)
{
    for (auto const& row : kind_names)
    {
        auto const happened = test::sample_event(row.kind);
        event_values const values(happened);
        EXPECT_EQ(values.of(condition::branches).has_value(), (kinds_with_branch() & bit_of(row.kind)) != 0)
            << row.name;
        bool const has_repository = (kinds_with_repository() & bit_of(row.kind)) != 0;
        EXPECT_TRUE(!has_repository || happened.repository) << row.name;
    }
}

TEST(doubts, know_the_kinds_that_are_made)
{
    // By no delivery: looks find them.
    std::set<event_kind> const asked_for = {
        event_kind::pull_request_reopened,
        event_kind::comment_reaction_added,
        event_kind::comment_reaction_removed};
    for (auto const& row : kind_names)
    {
        bool const has_key = std::ranges::any_of(
            test::kinds_of_keys(),
            [&](auto const& key) { return std::ranges::find(key.makes, row.kind) != key.makes.end(); }
        );
        EXPECT_EQ(is_made(row.kind), has_key || asked_for.contains(row.kind)) << row.name;
    }
}

TEST(kind_patterns, that_match_nothing_hint_at_the_nearest)
{
    auto const hint = [](std::string_view pattern)
    {
        auto const told = check_kind_pattern(pattern);
        return told ? std::string() : told.error().message;
    };
    for (auto const& [typed, meant] :
         {std::pair("pull_requests.*", "pull_request.*"),
          {"pull_request", "pull_request.*"},
          {"comments", "comment.*"},
          {"Comment.*", "comment.*"},
          {"builds.failed", "build.failed"},
          {"pull_request.mergd", "pull_request.merged"}})
        EXPECT_TRUE(says(hint(typed), "did you mean \"" + std::string(meant) + "\"?")) << typed;
}

}  // namespace
}  // namespace linkspan
