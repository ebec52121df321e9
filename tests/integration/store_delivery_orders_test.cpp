#include "core/bitbucket/event_memory.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/delivery_orders.hpp"
#include "tests/support/store_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

// What tests/unit/delivery_properties_test.cpp proves of event_memory, over the real store. Each order is of
// an instance of its own, so that one store serves them all.

namespace linkspan::test
{
namespace
{

using keys = std::vector<std::string>;

keys keys_of(std::vector<event> const& events)
{
    keys out;
    for (auto const& one : events)
        out.push_back(one.key);
    return out;
}

class store_delivery_orders : public testing::TestWithParam<edition>
{
protected:
    digest_context next_context()
    {
        return context_of(GetParam(), "https://" + std::to_string(++instances_) + ".example.com");
    }

    void expect_one_end(delivery_chain chain, int orders)
    {
        auto const name = chain.back().name;
        auto const expected = final_state(store_, chain, next_context());
        ASSERT_FALSE(expected.empty()) << name;
        std::mt19937 order(7);
        for (int i = 0; i < orders; ++i)
        {
            std::ranges::shuffle(chain, order);
            ASSERT_EQ(final_state(store_, chain, next_context()), expected) << name << ", order " << i;
        }
    }

    store_memory store_;
    int instances_ = 0;
};

TEST_P(store_delivery_orders, a_delivery_that_comes_twice_is_told_once)
{
    for (auto const& one : own_deliveries(GetParam()))
    {
        auto const said = read_body(one.edition, one.event_key, one.body).value();
        auto context = next_context();
        event_memory memory;
        EXPECT_EQ(keys_of(store_.take(said, context)), keys_of(memory.take(said, context))) << one.name;
        context.received_at += std::chrono::seconds(90);
        EXPECT_EQ(keys_of(store_.take(said, context)), keys()) << one.name;
    }
}

TEST_P(store_delivery_orders, a_chain_that_comes_twice_is_told_once)
{
    for (auto const& chain : delivery_chains(GetParam()))
    {
        auto const context = next_context();
        event_memory memory;
        for (auto const& one : chain)
            EXPECT_EQ(keys_of(store_.take(one.said, context)), keys_of(memory.take(one.said, context)))
                << chain.back().name << ": " << one.name;
        for (auto const& one : chain)
            EXPECT_EQ(keys_of(store_.take(one.said, context)), keys())
                << chain.back().name << ": " << one.name;
    }
}

TEST_P(store_delivery_orders, any_order_of_a_chain_ends_in_one_state)
{
    for (auto const& chain : delivery_chains(GetParam()))
        if (chain.back().said.pull_request)
            expect_one_end(chain, 3);
}

TEST_P(store_delivery_orders, any_order_of_the_sample_story_ends_in_one_state)
{
    expect_one_end(sample_story(GetParam()), 10);
}

INSTANTIATE_TEST_SUITE_P(
    editions,
    store_delivery_orders,
    testing::Values(edition::cloud, edition::data_center),
    [](auto const& row) { return row.param == edition::cloud ? "cloud" : "data_center"; }
);

// A fault of peers: reviews that are kept by the number of the pull request alone. Every repository has a
// pull request 7, and every server a repository 12.
TEST(store_delivery_order, reviews_of_two_repositories_and_two_servers_are_four)
{
    store_memory store;
    auto const approve = [&store](std::string const& repository, std::string const& instance)
    {
        std::string const body =
            R"({"pullRequest":{"id":7,"toRef":{"displayId":"main","repository":{"id":)" + repository +
            R"(,"slug":"r)" + repository +
            R"(","project":{"key":"ACME"}}},"reviewers":[{"user":{"id":102},)"
            R"("status":"APPROVED"}],"participants":[]},"participant":{"user":{"id":102}}})";
        auto const said = read_body(edition::data_center, "pr:reviewer:approved", body).value();
        return store.take(said, context_of(edition::data_center, instance)).size();
    };
    std::string const one = "https://one.example.com";
    std::string const two = "https://two.example.com";
    EXPECT_EQ(approve("12", one), 1u);
    EXPECT_EQ(approve("13", one), 1u) << "another repository";
    EXPECT_EQ(approve("12", two), 1u) << "another server";
    EXPECT_EQ(approve("13", two), 1u) << "another of both";
    for (auto const& repository : {"12", "13"})
        for (auto const& instance : {one, two})
        {
            EXPECT_EQ(approve(repository, instance), 0u) << repository << " of " << instance;
            EXPECT_TRUE(store.snapshot_of(instance, repository, 7)) << repository << " of " << instance;
        }
    EXPECT_FALSE(store.snapshot_of(one, "14", 7));
    EXPECT_FALSE(store.snapshot_of("https://three.example.com", "12", 7));
}

}  // namespace
}  // namespace linkspan::test
