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

TEST(cause, a_branch_waits_for_a_pull_request_that_no_rule_may_take)
{
    twin_delivery twin;
    twin.delivery = 1;
    twin.destination = "reviews";
    twin.kind = pull_request_commits_pushed;
    twin.is_undecided = true;
    auto plan = plan_beside(test::sample_event(branch_updated), planned({"reviews", "pushes"}), {twin});
    EXPECT_EQ(names(plan.planned), strings{"pushes"});
    EXPECT_EQ(names(plan.waiting), strings{"reviews"});
    EXPECT_TRUE(plan.replaced.empty());
    // The pull request's message is sure, the branch's is not: it gives way all the same.
    twin.kind = branch_updated;
    plan = plan_beside(test::sample_event(pull_request_commits_pushed), planned({"reviews"}), {twin});
    EXPECT_EQ(names(plan.planned), strings{"reviews"});
    EXPECT_EQ(plan.replaced, std::vector<std::int64_t>{1});
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

// --- what is told of the push

event push_of(milliseconds later = milliseconds(0))
{
    auto out = test::sample_event(pull_request_commits_pushed);
    out.detail = commits_push{"90b0c1d2e3f4", "4f1c2a9be07d", std::nullopt, std::nullopt, {}};
    out.received_at += later;
    return out;
}

event branch_of(std::optional<bool> forced, milliseconds later = milliseconds(0))
{
    auto out = test::sample_event(branch_updated);
    out.received_at += later;
    auto& change = std::get<ref_change>(out.detail);
    change.before = "90b0c1d2e3f490b0c1d2e3f490b0c1d2e3f490b0";
    change.forced = forced;
    change.truncated = true;
    change.commits = {{"4f1c2a9be07d", "One", "Ada"}};
    return out;
}

commits_push told(std::vector<event> const& of_cause)
{
    auto const out = told_with_branch(push_of(), of_cause);
    EXPECT_EQ(out.kind, pull_request_commits_pushed);
    return std::get<commits_push>(out.detail);
}

TEST(cause, a_push_is_told_with_what_its_branch_knows)
{
    commits_push const whole{
        "90b0c1d2e3f490b0c1d2e3f490b0c1d2e3f490b0",
        "4f1c2a9be07d",
        true,
        true,
        {{"4f1c2a9be07d", "One", "Ada"}}};
    EXPECT_EQ(told({branch_of(true, seconds(1)), push_of()}), whole);
    EXPECT_EQ(told({push_of(), branch_of(true, -seconds(1))}), whole) << "whichever comes first";
    EXPECT_EQ(told({branch_of(false)}).forced, false);
}

TEST(cause, what_the_branch_does_not_know_stays_as_it_was)
{
    auto bare = test::sample_event(branch_created);
    bare.detail = ref_change();
    auto const alone = std::get<commits_push>(push_of().detail);
    EXPECT_EQ(told({bare}), alone);
    EXPECT_EQ(told({push_of()}), alone);
    EXPECT_EQ(told({}), alone);
    auto listed = push_of();
    std::get<commits_push>(listed.detail).commits = {{"4f1c2a9be07d", {}, {}}};
    EXPECT_EQ(told_with_branch(listed, {bare}), listed);
}

// A branch that comes back to an earlier commit has the same cause again.
TEST(cause, the_nearest_push_counts)
{
    EXPECT_EQ(
        told({branch_of(false, -seconds(200)), branch_of(true, seconds(2)), branch_of(false, seconds(100))})
            .forced,
        true
    );
    EXPECT_EQ(told({branch_of(true, cause_window + seconds(1))}).forced, std::nullopt) << "another push";
}

TEST(cause, nothing_but_a_push_is_told_otherwise)
{
    for (auto const& row : kind_names)
    {
        if (row.kind == pull_request_commits_pushed)
            continue;
        auto const happened = test::sample_event(row.kind);
        EXPECT_EQ(told_with_branch(happened, {branch_of(true)}), happened) << row.name;
    }
}

}  // namespace
}  // namespace linkspan
