#include "core/event/json.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/bridge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace linkspan
{
namespace
{

TEST(digest_story, two_instances_share_no_key_and_no_cause)
{
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        test::bridge one(edition, "https://one.example");
        test::bridge two(edition, "https://two.example");
        std::set<std::string> keys, causes;
        for (auto const& sample : test::sample_deliveries(edition))
        {
            for (auto const& happened : one.receive(sample.event_key, sample.body, sample.at))
            {
                EXPECT_TRUE(happened.key.starts_with(
                    "https://one.example:" + std::string(name_of(happened.kind)) + ":"
                )) << happened.key;
                keys.insert(happened.key);
                causes.insert(happened.cause.value_or("none here"));
            }
            for (auto const& happened : two.receive(sample.event_key, sample.body, sample.at))
            {
                EXPECT_FALSE(keys.contains(happened.key)) << happened.key;
                EXPECT_FALSE(causes.contains(happened.cause.value_or("none there")));
            }
        }
    }
}

// Twelve characters in the pull request, forty in the push: one cause all the same.
TEST(digest_story, a_push_and_its_pull_request_have_one_cause)
{
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        test::bridge between(edition);
        std::optional<std::string> branch, pull_request;
        for (auto const& sample : test::sample_deliveries(edition))
            for (auto const& happened : between.receive(sample.event_key, sample.body, sample.at))
                if (happened.kind == event_kind::branch_updated)
                    branch = happened.cause.value();
                else if (happened.kind == event_kind::pull_request_commits_pushed)
                {
                    pull_request = happened.cause.value();
                    EXPECT_EQ(branch, pull_request) << sample.name;
                }
        EXPECT_TRUE(pull_request);
    }
    EXPECT_NE(cause_of_push("i", "acme/api", "main", "a"), cause_of_push("i", "acme/api", "main", "b"));
    EXPECT_NE(cause_of_push("i", "acme/api", "main", "a"), cause_of_push("i", "acme/web", "main", "a"));
}

TEST(digest_story, every_kind_carries_its_own_detail)
{
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        test::bridge between(edition);
        for (auto const& sample : test::sample_deliveries(edition))
            for (auto const& happened : between.receive(sample.event_key, sample.body, sample.at))
            {
                auto copy = happened;
                copy.id = event_id("x");
                auto const again = event_from_json(to_json_text(copy));
                ASSERT_TRUE(again) << sample.name << ": " << again.error().message;
                EXPECT_EQ(*again, copy) << sample.name;
            }
    }
}

struct story_end
{
    std::optional<std::string> title;
    std::optional<pull_request_state> state;
    std::string commit;
    std::map<std::string, review_state> reviews;

    bool operator==(story_end const&) const = default;
};

story_end ending_of(test::bridge const& between)
{
    auto const& state = between.snapshot().state;
    story_end out;
    out.title = state.title;
    out.state = state.state;
    out.commit = state.source.value().commit;
    for (auto const& one : state.participants.value())
        out.reviews[one.name] = one.state.value();
    return out;
}

// Occurrences repeat their key, and the store takes it once. A transition's key would be a new one: the
// snapshot alone keeps it from being told twice.
TEST(digest_story, any_order_of_the_story_has_one_ending)
{
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        auto story = test::sample_deliveries(edition);
        std::erase_if(story, [](test::sample_delivery const& one) { return !one.is_story; });
        test::bridge in_order(edition);
        for (auto const& one : story)
            in_order.receive(one.event_key, one.body, one.at);
        auto const expected = ending_of(in_order);
        EXPECT_EQ(expected.state, pull_request_state::merged);

        for (unsigned seed = 0; seed < 60; ++seed)
        {
            auto shuffled = story;
            shuffled.insert(shuffled.end(), story.begin(), story.end());  // and everything twice
            std::ranges::shuffle(shuffled, std::mt19937(seed));
            test::bridge between(edition);
            for (auto const& one : shuffled)
            {
                between.receive(one.event_key, one.body, one.at);
                for (auto const& happened : between.receive(one.event_key, one.body, one.at))
                    ADD_FAILURE() << "again: " << happened.key;
            }
            EXPECT_EQ(ending_of(between), expected) << "seed " << seed;
        }
    }
}

TEST(digest_story, each_event_of_a_shuffled_story_is_new_once)
{
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        auto story = test::sample_deliveries(edition);
        std::erase_if(story, [](test::sample_delivery const& one) { return !one.is_story; });
        for (unsigned seed = 0; seed < 100; ++seed)
        {
            std::ranges::shuffle(story, std::mt19937(seed));
            test::bridge between(edition);
            std::map<std::string, int> told;
            for (int round = 0; round < 2; ++round)
                for (auto const& one : story)
                    for (auto const& kind : test::kinds_of(between.receive(one.event_key, one.body, one.at)))
                        ++told[kind];
            EXPECT_EQ(told["pull_request.opened"], 1) << seed;
            EXPECT_EQ(told["comment.added"], 3) << seed;
            EXPECT_EQ(told["branch.created"], 1) << seed;
            EXPECT_LE(told["pull_request.merged"], 1) << seed;
            EXPECT_LE(told["pull_request.approved"], 1) << seed;
            EXPECT_LE(told["pull_request.changes_requested"], 1) << seed;
            EXPECT_EQ(told["pull_request.reopened"], 0) << seed;
            EXPECT_EQ(told["pull_request.approval_withdrawn"], 0) << seed;
        }
    }
}

}  // namespace
}  // namespace linkspan
