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

TEST_P(ref_moves, that_come_twice_are_told_once_in_any_order)
{
    for (auto const second : {200, 0, 400, 0, 200, 400, 200})
        take(move_of_tag("aaaa", "bbbb", second));
    EXPECT_EQ(take(move_of_tag("aaaa", "bbbb", 0)), 0u);
    EXPECT_EQ(take(move_of_tag("aaaa", "bbbb", 200)), 0u);
    EXPECT_EQ(take(move_of_tag("aaaa", "bbbb", 600)), 1u);
    EXPECT_EQ(take(move_of_tag("aaaa", "bbbbb", 600)), 1u);
}

TEST(ref_move, of_two_webhooks_of_cloud_is_one_though_their_moments_differ_a_little)
{
    event_memory memory;
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 0), context_of(edition::cloud)).size(), 1u);
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 30), context_of(edition::cloud)).size(), 0u);
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 31), context_of(edition::cloud)).size(), 1u);
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 61), context_of(edition::cloud)).size(), 0u);
}

TEST(ref_move, of_data_center_is_told_from_another_by_its_date)
{
    event_memory memory;
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 0), context_of(edition::data_center)).size(), 1u);
    EXPECT_EQ(memory.take(move_of_tag("aaaa", "bbbb", 1), context_of(edition::data_center)).size(), 1u);
    auto without_date = move_of_tag("aaaa", "cccc", 0);
    without_date.occurred_at.reset();
    auto context = context_of(edition::data_center);
    EXPECT_EQ(memory.take(without_date, context).size(), 1u);
    context.received_at += seconds(3'600);
    EXPECT_EQ(memory.take(without_date, context).size(), 0u) << "nothing tells it from a repetition";
}

}  // namespace
}  // namespace linkspan
