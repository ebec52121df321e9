#include "store/event_core.hpp"
#include "store/events.hpp"
#include "tests/support/readings.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

reading branch_moved(std::string name, bool is_made, std::int64_t second)
{
    reading out;
    repository where;
    where.id = "{repository}";
    where.full_name = "acme/api";
    out.repository = where;
    out.occurred_at = at(second);
    claim one;
    one.identity = claim_identity::occurrence;
    one.kind = is_made ? event_kind::branch_created : event_kind::branch_deleted;
    ref_change detail;
    detail.name = std::move(name);
    (is_made ? detail.after : detail.before) = "aaaa";
    one.stamp = detail.name + (is_made ? ":-:aaaa" : ":aaaa:-");
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
    EXPECT_EQ(take(branch_moved("nightly", true, 0)), 1);
    EXPECT_EQ(take(branch_moved("nightly", false, 50)), 1);
    EXPECT_EQ(take(branch_moved("nightly", false, 70)), 0);
    EXPECT_EQ(take(branch_moved("nightly", true, 100)), 1);
    EXPECT_EQ(take(branch_moved("nightly", false, 150)), 1);
    EXPECT_EQ(take(branch_moved("nightly", true, 0)), 0);
    EXPECT_EQ(take(branch_moved("nightly", false, 50)), 0);
    EXPECT_EQ(take(branch_moved("nightly", false, 170)), 0);
    EXPECT_EQ(take(branch_moved("nightly", false, 500)), 0) << "it is gone since";
    EXPECT_EQ(take(branch_moved("night", false, 100)), 1);
}

}  // namespace
}  // namespace linkspan::test
