#include "core/route/cause.hpp"

#include "tests/support/events.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using enum event_kind;

std::vector<planned_delivery> planned(std::initializer_list<char const*> destinations)
{
    std::vector<planned_delivery> out;
    for (auto const* name : destinations)
    {
        auto& next = out.emplace_back();
        next.destination = name;
        next.conversation = "here";
    }
    return out;
}

std::vector<std::string> names(std::vector<planned_delivery> const& all)
{
    std::vector<std::string> out;
    for (auto const& one : all)
        out.push_back(one.destination);
    return out;
}

using strings = std::vector<std::string>;

TEST(cause, the_branch_gives_way_to_what_is_planned_for_the_pull_request)
{
    auto const plan = plan_beside(
        test::sample_event(branch_updated),
        planned({"reviews", "pushes"}),
        {{1, "reviews", pull_request_commits_pushed, false}}
    );
    EXPECT_EQ(names(plan.planned), strings{"pushes"});
    EXPECT_TRUE(plan.replaced.empty());
}

TEST(cause, the_pull_request_takes_the_place_of_a_branch_that_waits)
{
    auto const plan = plan_beside(
        test::sample_event(pull_request_commits_pushed),
        planned({"reviews"}),
        {{1, "reviews", branch_updated, false}, {2, "pushes", branch_updated, false}}
    );
    EXPECT_EQ(names(plan.planned), strings{"reviews"});
    EXPECT_EQ(plan.replaced, std::vector<std::int64_t>{1}) << "other destinations keep theirs";
}

TEST(cause, what_was_told_is_not_told_again)
{
    auto const plan = plan_beside(
        test::sample_event(pull_request_commits_pushed),
        planned({"reviews"}),
        {{1, "reviews", branch_updated, true}}
    );
    EXPECT_TRUE(plan.planned.empty());
    EXPECT_TRUE(plan.replaced.empty());
}

TEST(cause, each_pull_request_of_a_branch_is_told)
{
    auto const plan = plan_beside(
        test::sample_event(pull_request_commits_pushed),
        planned({"reviews"}),
        {{1, "reviews", pull_request_commits_pushed, false},
         {2, "reviews", pull_request_commits_pushed, true}}
    );
    EXPECT_EQ(names(plan.planned), strings{"reviews"});
    EXPECT_TRUE(plan.replaced.empty());
}

rule leading(char const* destination, strings kinds, strings repositories = {})
{
    rule out;
    out.name = destination;
    out.kinds = std::move(kinds);
    out.repositories = std::move(repositories);
    out.destinations = {destination};
    return out;
}

TEST(cause, only_destinations_of_rules_that_may_take_the_pull_request_wait)
{
    rule_set const rules(
        {leading("branches", {"branch.*"}),
         leading("everything", {"**"}),
         leading("reviews", {"pull_request.commits_pushed"}, {"acme/*"}),
         leading("elsewhere", {"pull_request.*"}, {"other/*"}),
         leading("openings", {"pull_request.opened"})}
    );
    std::vector<std::string> const all = {"branches", "everything", "reviews", "elsewhere", "openings"};
    auto const split = [&](std::vector<pull_request> const& expected)
    {
        auto left = planned({"branches", "everything", "reviews", "elsewhere", "openings"});
        auto const waiting = names(take_waiting(left, rules, expected));
        EXPECT_EQ(left.size() + waiting.size(), all.size());
        return std::pair(names(left), waiting);
    };
    pull_request into_acme;
    into_acme.target = branch_tip{"acme/api", "main", "a"};
    EXPECT_EQ(
        split({into_acme}),
        std::pair(strings({"branches", "elsewhere", "openings"}), strings({"everything", "reviews"}))
    );
    EXPECT_EQ(
        split({pull_request()}),
        std::pair(strings({"branches", "openings"}), strings({"everything", "reviews", "elsewhere"}))
    ) << "its target is not known";
    EXPECT_EQ(split({}), std::pair(all, strings()));
}

TEST(cause, only_branches_give_way)
{
    for (auto const& row : kind_names)
        EXPECT_EQ(gives_way(row.kind), row.kind == branch_created || row.kind == branch_updated) << row.name;
}

}  // namespace
}  // namespace linkspan
