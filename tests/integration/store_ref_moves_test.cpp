#include "store/event_core.hpp"
#include "store/events.hpp"
#include "tests/support/readings.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

constexpr char const* cloud = "bitbucket.org";

reading branch_deleted(std::string name, std::int64_t second)
{
    reading out;
    repository where;
    where.id = "{repository}";
    where.full_name = "acme/api";
    out.repository = where;
    out.occurred_at = at(second);
    claim one;
    one.identity = claim_identity::occurrence;
    one.kind = event_kind::branch_deleted;
    ref_change detail;
    detail.name = std::move(name);
    detail.before = "aaaa";
    one.stamp = detail.name + ":aaaa:-";
    one.detail = std::move(detail);
    out.claims.push_back(std::move(one));
    return out;
}

// How many of a reading's events the store takes for new.
struct store_ref_moves : testing::Test
{
    scratch_store store;
    int taken = 0;

    int take(reading const& said)
    {
        auto const before = taken;
        auto const done = store.tell(
            [&](transaction& tx) -> result<>
            {
                auto const known = known_about(tx, cloud, said);
                if (!known)
                    return known.error();
                digest_context context;
                context.instance = cloud;
                for (auto& happening : digest(said, *known, context).events)
                {
                    happening.id =
                        event_id("01930000-0000-7000-8000-0000000000" + std::to_string(10 + taken));
                    auto const stored = insert_event(tx, happening);
                    if (!stored)
                        return stored.error();
                    taken += stored->has_value() ? 1 : 0;
                }
                return {};
            }
        );
        EXPECT_TRUE(done);
        return taken - before;
    }
};

TEST_F(store_ref_moves, made_again_are_new_and_told_twice_are_not)
{
    EXPECT_EQ(take(branch_deleted("nightly", 0)), 1);
    EXPECT_EQ(take(branch_deleted("nightly", 20)), 0);
    EXPECT_EQ(take(branch_deleted("nightly", 100)), 1);
    EXPECT_EQ(take(branch_deleted("nightly", 0)), 0);
    EXPECT_EQ(take(branch_deleted("nightly", 120)), 0);
    EXPECT_EQ(take(branch_deleted("night", 100)), 1);
}

}  // namespace
}  // namespace linkspan::test
