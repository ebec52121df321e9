#include "core/route/route.hpp"
#include "tests/support/events.hpp"
#include "tests/support/teams.hpp"

#include <gtest/gtest.h>

#include <random>

namespace linkspan
{
namespace
{

using strings = std::vector<std::string>;

// Rules of all sorts: found by the index or not, each is asked as if it stood alone.
TEST(rule_index, leaves_no_rule_out)
{
    std::mt19937 random(7);
    auto const pick = [&](strings const& from) {
        return strings{from[random() % from.size()], from[random() % from.size()]};
    };
    strings const repositories = {
        "acme/api", "acme/web", "acme/*", "acme/**", "**", "other/*", "*/api", "acme/a*"};
    strings const branches = {"main", "release/1", "release/*", "feature/limits", "**"};
    strings const people = {"557058:Ada", "557058:Lin", "@platform", "@bots", "557058:*"};
    std::vector<rule> all;
    for (int i = 0; i < 400; ++i)
    {
        auto& next = all.emplace_back();
        next.name = "rule " + std::to_string(i);
        next.destinations = {"to " + std::to_string(i)};
        if (random() % 2 == 0)
            next.kinds = {"**"};
        if (random() % 2 == 0)
            next.repositories = pick(repositories);
        if (random() % 3 == 0)
            next.projects = pick({"acme", "other", "a*"});
        if (random() % 3 == 0)
            next.branches = pick(branches);
        if (random() % 3 == 0)
            next.source_branches = pick(branches);
        if (random() % 3 == 0)
            next.authors = pick(people);
        if (random() % 3 == 0)
            next.actors = pick(people);
        if (random() % 4 == 0)
            next.except_authors = pick({"557058:Lin", "@bots"});
        if (random() % 4 == 0)
            next.titles = pick({"*imit*", "*e*", "*rate?lim*s*", "*", "*zzzz*", "?imi*"});
    }
    rule_set const together(all, test::teams);
    std::vector<rule_set> alone;
    for (auto const& one : all)
        alone.emplace_back(std::vector{one}, test::teams);
    std::size_t taken = 0;
    for (auto const& row : kind_names)
    {
        auto const happening = test::sample_event(row.kind);
        strings expected, found;
        for (auto const& one : alone)
            if (explain(one, happening).front().taken == answer::yes)
                expected.push_back(one.rules().front().destinations.front());
        for (auto const& one : route(together, happening))
            found.push_back(one.destination);
        EXPECT_EQ(found, expected) << row.name;
        taken += found.size();
        EXPECT_LT(together.candidates(event_values(happening)).size(), all.size());
    }
    EXPECT_GT(taken, 400u);
}

TEST(rule_index, finds_few_of_many)
{
    std::vector<rule> all;
    for (int i = 0; i < 1000; ++i)
    {
        auto& next = all.emplace_back();
        next.branches = {"main"};
        if (i % 2 == 0)
            next.repositories = {"acme/r" + std::to_string(i)};
        else
            next.repositories = {"owner" + std::to_string(i) + "/*"};
    }
    auto happening = test::sample_event(event_kind::pull_request_opened);
    happening.repository->full_name = "acme/r8";
    rule_set const rules(all);
    EXPECT_EQ(rules.candidates(event_values(happening)), std::vector<std::uint32_t>{8});
    happening.repository->full_name = "owner7/x";
    happening.repository->owner = "owner7";
    EXPECT_EQ(rules.candidates(event_values(happening)), std::vector<std::uint32_t>{7});
    for (int i = 0; i < 1000; ++i)
        all[static_cast<std::size_t>(i)].titles = {"*ticket-" + std::to_string(i) + "?*"};
    for (auto& one : all)
        one.repositories.clear();
    happening.pull_request->title = "Close ticket-123: it was open";
    EXPECT_EQ(rule_set(all).candidates(event_values(happening)), (std::vector<std::uint32_t>{1, 12, 123}));
    auto const copy = rules;
    EXPECT_EQ(copy.candidates(event_values(happening)), std::vector<std::uint32_t>{7});
}

}  // namespace
}  // namespace linkspan
