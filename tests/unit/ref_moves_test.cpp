#include "core/bitbucket/event_memory.hpp"
#include "tests/support/readings.hpp"

#include <gtest/gtest.h>

// A ref that comes back may make the very same move again.

namespace linkspan
{
namespace
{

reading move_of_tag(std::optional<std::string> before, std::optional<std::string> after, std::int64_t second)
{
    reading out;
    repository where;
    where.id = "{repository}";
    where.full_name = "acme/api";
    out.repository = where;
    out.occurred_at = test::at(second);
    claim one;
    one.identity = claim_identity::occurrence;
    one.kind = !before ? event_kind::tag_created : !after ? event_kind::tag_deleted : event_kind::tag_updated;
    ref_change detail;
    detail.name = "nightly";
    detail.before = std::move(before);
    detail.after = std::move(after);
    one.stamp = detail.name + ":" + detail.before.value_or("-") + ":" + detail.after.value_or("-");
    one.detail = std::move(detail);
    out.claims.push_back(std::move(one));
    return out;
}

digest_context context_of(edition of)
{
    digest_context out;
    out.edition = of;
    out.instance = "bitbucket.org";
    out.received_at = test::at(10'000);
    return out;
}

struct ref_moves : testing::TestWithParam<edition>
{
    event_memory memory;

    std::size_t take(reading const& said) { return memory.take(said, context_of(GetParam())).size(); }
};

INSTANTIATE_TEST_SUITE_P(editions, ref_moves, testing::Values(edition::cloud, edition::data_center));

TEST_P(ref_moves, made_again_are_told_again)
{
    EXPECT_EQ(take(move_of_tag(std::nullopt, "aaaa", 0)), 1u);
    EXPECT_EQ(take(move_of_tag("aaaa", std::nullopt, 100)), 1u);
    EXPECT_EQ(take(move_of_tag(std::nullopt, "aaaa", 200)), 1u);
    EXPECT_EQ(take(move_of_tag("aaaa", std::nullopt, 300)), 1u);
    EXPECT_EQ(take(move_of_tag(std::nullopt, "aaaa", 400)), 1u);
}

TEST_P(ref_moves, that_come_again_are_told_once)
{
    std::size_t told = 0;
    for (int round = 0; round < 3; ++round)
        for (std::int64_t move = 0; move < 6; ++move)
            told += take(
                move % 2 == 0 ? move_of_tag("aaaa", "bbbb", move * 100)
                              : move_of_tag("bbbb", "aaaa", move * 100)
            );
    EXPECT_EQ(told, 6u);
}

// A delivery may be sent again by hand, days later.
TEST_P(ref_moves, prove_nothing_by_their_moment_alone)
{
    EXPECT_EQ(take(move_of_tag("aaaa", "bbbb", 0)), 1u);
    EXPECT_EQ(take(move_of_tag("aaaa", "bbbb", 100'000)), 0u);
    EXPECT_EQ(take(move_of_tag("cccc", "aaaa", 200'000)), 1u) << "it leads elsewhere";
    EXPECT_EQ(take(move_of_tag("aaaa", "bbbb", 300'000)), 0u);
    EXPECT_EQ(take(move_of_tag("bbbb", "cccc", 400'000)), 1u);
    EXPECT_EQ(take(move_of_tag("aaaa", "bbbb", 100'000)), 0u);
    EXPECT_EQ(take(move_of_tag("aaaa", "bbbb", 500'000)), 1u);
}

TEST(ref_move, of_two_webhooks_of_cloud_is_one_though_their_moments_differ_a_little)
{
    event_memory memory;
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 0), context_of(edition::cloud)).size(), 1u);
    EXPECT_EQ(memory.take(move_of_tag("bbbb", "aaaa", 5), context_of(edition::cloud)).size(), 1u);
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 30), context_of(edition::cloud)).size(), 0u);
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 31), context_of(edition::cloud)).size(), 1u);
}

TEST(ref_move, of_data_center_is_told_from_another_by_its_date)
{
    event_memory memory;
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 0), context_of(edition::data_center)).size(), 1u);
    EXPECT_EQ(memory.take(move_of_tag("bbbb", "aaaa", 1), context_of(edition::data_center)).size(), 1u);
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 2), context_of(edition::data_center)).size(), 1u);
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 2), context_of(edition::data_center)).size(), 0u);
    auto without_date = move_of_tag("aaaa", "cccc", 0);
    without_date.occurred_at.reset();
    auto context = context_of(edition::data_center);
    EXPECT_EQ(memory.take(without_date, context).size(), 1u);
    context.received_at += seconds(3'600);
    EXPECT_EQ(memory.take(without_date, context).size(), 0u) << "nothing tells it from a repetition";
}

TEST(ref_move, of_a_push_of_many_is_not_compared)
{
    auto many = move_of_tag("aaaa", "bbbb", 0);
    EXPECT_EQ(moves_of(many, "bitbucket.org").size(), 1u);
    many.claims.resize(moves_compared_max + 1, many.claims.front());
    EXPECT_TRUE(moves_of(many, "bitbucket.org").empty());
}

}  // namespace
}  // namespace linkspan
