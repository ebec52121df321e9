#include "core/watch/budget.hpp"
#include "core/watch/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace linkspan
{
namespace
{

using std::chrono::hours;
using std::chrono::minutes;

constexpr time_point start = from_milliseconds(1'795'000'000'000);

budget cloud_budget()
{
    return fresh_budget(resource_class::repositories, start);
}

int spend_all(budget& of, priority who, time_point now)
{
    int granted = 0;
    while (admit(of, who, 1, now).is_granted)
        ++granted;
    return granted;
}

TEST(watch_budget, each_class_starts_with_its_own_limit)
{
    EXPECT_EQ(left_for(cloud_budget(), priority::person, start), 1'000);
    EXPECT_EQ(left_for(fresh_budget(resource_class::raw_files, start), priority::person, start), 5'000);
    EXPECT_EQ(left_for(fresh_budget(resource_class::hooks, start), priority::person, start), 1'000);
    EXPECT_EQ(left_for(fresh_budget(resource_class::data_center, start), priority::person, start), 60);
}

TEST(watch_budget, what_is_spent_counts_for_an_hour_or_until_the_bucket_is_full)
{
    auto cloud = cloud_budget();
    spend(cloud, 7, start);
    EXPECT_EQ(spent_of(cloud, start + minutes(59)), 7);
    EXPECT_EQ(spent_of(cloud, start + minutes(61)), 0);
    spend(cloud, 1'200, start);
    EXPECT_EQ(spent_of(cloud, start), 1'207) << "more than there was";
    auto server = fresh_budget(resource_class::data_center, start);
    spend(server, 20, start);
    EXPECT_EQ(spent_of(server, start), 20);
    EXPECT_EQ(spent_of(server, start + seconds(2)), 10);
    EXPECT_EQ(spent_of(server, start + minutes(1)), 0);
}

TEST(watch_budget, each_leaves_its_reserve_to_the_more_urgent)
{
    auto of = cloud_budget();
    EXPECT_EQ(spend_all(of, priority::backfill, start), 500);
    EXPECT_EQ(spend_all(of, priority::catch_up, start), 300);
    EXPECT_EQ(spend_all(of, priority::watching, start), 100);
    EXPECT_EQ(spend_all(of, priority::person, start), 100);
    EXPECT_EQ(spend_all(of, priority::person, start), 0);
}

TEST(watch_budget, says_when_it_grants_again)
{
    auto of = cloud_budget();
    spend_all(of, priority::person, start);
    auto const refused = admit(of, priority::watching, 2, start);
    EXPECT_FALSE(refused.is_granted);
    EXPECT_GT(refused.ask_again_at, start + budget_hour);
    EXPECT_LE(refused.ask_again_at, start + budget_hour + arrival_delay_max + budget_slot);
    auto const early = admit(of, priority::watching, 2, refused.ask_again_at - milliseconds(1));
    EXPECT_FALSE(early.is_granted);
    EXPECT_TRUE(admit(of, priority::watching, 2, refused.ask_again_at).is_granted);
}

TEST(watch_budget, two_are_granted_together_or_not_at_all)
{
    auto of = cloud_budget();
    ASSERT_TRUE(admit(of, priority::person, 999, start).is_granted);
    EXPECT_FALSE(admit(of, priority::person, 2, start).is_granted);
    EXPECT_TRUE(admit(of, priority::person, 1, start).is_granted);
    EXPECT_FALSE(admit(of, priority::person, 1'001, start + hours(5)).is_granted);
}

// Against a count of every request: whatever is asked in whatever order, no hour has more than the limit, not
// even where each request arrives late by up to half a minute; and what is promised for a moment is kept.
TEST(watch_budget, no_hour_is_ever_overrun)
{
    std::mt19937_64 random(11);
    for (int round = 0; round < 6; ++round)
    {
        auto of = cloud_budget();
        auto const limit = static_cast<int>(50 + random() % 400);
        rate_answer says;
        says.limit = limit;
        hear(of, says, start);
        std::vector<time_point> arrivals;
        auto now = start;
        auto const busy_step = std::int64_t(500) << (random() % 6);
        for (int ask = 0; ask < 20'000; ++ask)
        {
            auto step = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(busy_step));
            if (random() % 2'000 == 0)
                step += 3'000'000;
            if (random() % 50 == 0)
                step = -static_cast<std::int64_t>(random() % 2'000);
            now += milliseconds(step);
            auto const who = static_cast<priority>(random() % 4);
            auto const requests = static_cast<int>(1 + random() % 2);
            auto const answer = admit(of, who, requests, now);
            if (answer.is_granted)
                for (int i = 0; i < requests; ++i)
                    arrivals.push_back(now + milliseconds(random() % arrival_delay_max.count()));
            else
            {
                ASSERT_GT(answer.ask_again_at, now);
                auto then = of;
                ASSERT_TRUE(admit(then, who, requests, answer.ask_again_at).is_granted);
            }
        }
        std::ranges::sort(arrivals);
        std::size_t first = 0;
        std::size_t most = 0;
        for (std::size_t i = 0; i < arrivals.size(); ++i)
        {
            while (arrivals[first] <= arrivals[i] - budget_hour)
                ++first;
            most = std::max(most, i - first + 1);
        }
        EXPECT_LE(most, static_cast<std::size_t>(limit));
        EXPECT_GT(arrivals.size(), static_cast<std::size_t>(limit));
    }
}

TEST(watch_budget, what_is_left_never_shrinks_by_waiting)
{
    auto of = cloud_budget();
    std::mt19937_64 random(3);
    for (int i = 0; i < 300; ++i)
        admit(of, priority::person, 3, start + seconds(random() % 3'000));
    int before = 0;
    for (auto now = start + seconds(3'000); now < start + hours(3); now += seconds(7))
    {
        auto const left = left_for(of, priority::watching, now);
        EXPECT_GE(left, before);
        before = left;
    }
    EXPECT_EQ(before, 900);
}

TEST(watch_budget, a_clock_that_is_set_back_gives_nothing_and_locks_nobody_out)
{
    for (auto const back : {milliseconds(hours(24 * 400)), milliseconds(minutes(10)), milliseconds(5'000)})
    {
        auto of = cloud_budget();
        spend_all(of, priority::person, start);
        auto const now = start - back;
        auto const answer = admit(of, priority::person, 1, now);
        EXPECT_FALSE(answer.is_granted);
        EXPECT_LE(answer.ask_again_at, now + budget_hour + minutes(2));
        EXPECT_TRUE(admit(of, priority::person, 1, answer.ask_again_at).is_granted);
    }
}

TEST(watch_budget, a_huge_gap_frees_all)
{
    auto of = cloud_budget();
    spend_all(of, priority::person, start);
    EXPECT_EQ(left_for(of, priority::person, start + hours(24 * 365 * 40)), 1'000);
}

TEST(watch_budget, takes_the_limit_that_an_answer_says)
{
    auto of = cloud_budget();
    rate_answer says;
    says.limit = 4'000;
    says.resource = "api";
    hear(of, says, start);
    EXPECT_EQ(of.limit, 4'000);
    says.limit = 77;
    says.resource = "another";
    hear(of, says, start);
    EXPECT_EQ(of.limit, 4'000);
    for (int nonsense : {0, -5, limit_max + 1})
    {
        says.limit = nonsense;
        says.resource = "api";
        hear(of, says, start);
        EXPECT_EQ(of.limit, 4'000);
    }
}

TEST(watch_budget, near_the_limit_counts_what_others_spent)
{
    auto of = cloud_budget();
    rate_answer says;
    says.is_near_limit = true;
    hear(of, says, start);
    EXPECT_EQ(left_for(of, priority::person, start), 200);
    hear(of, says, start);
    EXPECT_EQ(left_for(of, priority::person, start), 200);
    EXPECT_EQ(left_for(of, priority::person, start + hours(2)), 1'000);
}

TEST(watch_budget, a_refusal_blocks_longer_each_time_then_one_asks)
{
    auto of = cloud_budget();
    rate_answer refused;
    refused.is_refused = true;
    auto now = start;
    auto before = milliseconds(0);
    for (int i = 0; i < 40; ++i)
    {
        hear(of, refused, now);
        hear(of, refused, now);
        auto const blocked = admit(of, priority::person, 1, now);
        ASSERT_FALSE(blocked.is_granted);
        auto const wait = blocked.ask_again_at - now;
        EXPECT_GE(wait, before);
        EXPECT_LE(wait, block_max);
        before = wait;
        now = blocked.ask_again_at;
        ASSERT_TRUE(admit(of, priority::watching, 1, now).is_granted);
        ASSERT_FALSE(admit(of, priority::person, 1, now).is_granted);
    }
    EXPECT_EQ(before, block_max);
    hear(of, rate_answer(), now);
    EXPECT_TRUE(admit(of, priority::person, 1, now).is_granted);
    EXPECT_TRUE(admit(of, priority::person, 1, now).is_granted);
    EXPECT_EQ(of.refusals, 0);
}

TEST(watch_budget, a_probe_that_nobody_answers_is_given_up)
{
    auto of = cloud_budget();
    rate_answer refused;
    refused.is_refused = true;
    refused.wait = seconds(1);
    hear(of, refused, start);
    auto const now = start + block_min;
    EXPECT_FALSE(admit(of, priority::person, 1, now - milliseconds(1)).is_granted);
    ASSERT_TRUE(admit(of, priority::person, 1, now).is_granted);
    EXPECT_EQ(admit(of, priority::person, 1, now).ask_again_at, now + probe_wait);
    EXPECT_TRUE(admit(of, priority::person, 1, now + probe_wait).is_granted);
}

TEST(watch_budget, a_bucket_learns_that_it_is_filled_more_slowly)
{
    auto of = fresh_budget(resource_class::data_center, start);
    rate_answer refused;
    refused.is_refused = true;
    hear(of, refused, start);
    hear(of, refused, start);
    EXPECT_DOUBLE_EQ(of.refill_per_second, bucket_refill_per_second / 2) << "they were on their way together";
    auto now = start;
    for (int i = 0; i < 20; ++i)
        hear(of, refused, now = *of.blocked_until);
    EXPECT_DOUBLE_EQ(of.refill_per_second, bucket_refill_min);
    now = *of.blocked_until;
    hear(of, rate_answer(), now);
    EXPECT_DOUBLE_EQ(of.refill_per_second, bucket_refill_min * bucket_refill_gain);
    for (int i = 0; i < 1'000; ++i)
        hear(of, rate_answer(), now);
    EXPECT_DOUBLE_EQ(of.refill_per_second, bucket_refill_per_second);
}

TEST(watch_budget, an_answer_from_before_a_refusal_unblocks_nothing)
{
    auto of = cloud_budget();
    rate_answer refused;
    refused.is_refused = true;
    hear(of, refused, start);
    hear(of, rate_answer(), start + seconds(1));
    EXPECT_FALSE(admit(of, priority::person, 1, start + seconds(2)).is_granted);
    // Nor does one outlast a clock that is set back.
    auto const then = start - hours(30);
    EXPECT_LE(admit(of, priority::person, 1, then).ask_again_at, then + block_max);
}

TEST(watch_budget, a_bucket_fills_itself_and_is_never_overrun)
{
    std::mt19937_64 random(17);
    auto of = fresh_budget(resource_class::data_center, start);
    double server = bucket_size;
    auto before = start;
    auto now = start;
    int granted = 0;
    for (int ask = 0; ask < 50'000; ++ask)
    {
        now += milliseconds(random() % 200);
        auto const who = static_cast<priority>(random() % 4);
        auto const answer = admit(of, who, 1, now);
        auto const passed = static_cast<double>((now - before).count()) / 1'000;
        server = std::min(server + passed * bucket_refill_per_second, double(bucket_size));
        before = now;
        if (!answer.is_granted)
        {
            auto then = of;
            ASSERT_GT(answer.ask_again_at, now);
            ASSERT_TRUE(admit(then, who, 1, answer.ask_again_at).is_granted);
            continue;
        }
        server -= 1;
        ++granted;
        ASSERT_GE(server, -1e-6);
    }
    auto const passed = static_cast<double>((now - start).count()) / 1'000;
    EXPECT_GT(granted, 0.95 * passed * bucket_refill_per_second);
}

TEST(watch_budget, room_is_all_for_one_and_shrinks_with_their_number)
{
    auto const of = cloud_budget();
    EXPECT_DOUBLE_EQ(room(of, 1, start), room_max);
    auto before = room(of, 0, start);
    EXPECT_DOUBLE_EQ(before, room_max);
    for (int watched = 1; watched < 2'000; ++watched)
    {
        auto const now = room(of, watched, start);
        EXPECT_LE(now, before);
        EXPECT_GE(now, room_min);
        before = now;
    }
    EXPECT_LT(before, 0.05);
    auto const data_center = fresh_budget(resource_class::data_center, start);
    EXPECT_DOUBLE_EQ(room(data_center, 20, start), room_max);
    EXPECT_LT(room(data_center, 2'000, start), 1);
}

// Many watches that take all they are given: once the first hour's head start is over the pace stays even,
// and catch-up finds its part at any time.
TEST(watch_budget, watching_at_its_pace_leaves_catch_up_its_part)
{
    auto of = cloud_budget();
    double owed = 0;
    int in_last_hour = 0;
    for (auto now = start; now < start + hours(6); now += seconds(1))
    {
        owed += 400 * requests_of(looks_in_window(room(of, 400, now))) / 630;
        for (; owed >= 1; owed -= 1)
            if (admit(of, priority::watching, 1, now).is_granted && now >= start + hours(5))
                ++in_last_hour;
        if (now >= start + minutes(100))
        {
            ASSERT_GE(left_for(of, priority::catch_up, now), 80) << (now - start).count();
        }
    }
    EXPECT_GE(in_last_hour, 690);
    EXPECT_LE(in_last_hour, 710);
}

// What room 1 does not need goes to denser watching only while half of the hour is left to backfill.
TEST(watch_budget, denser_watching_leaves_backfill_its_part)
{
    auto of = cloud_budget();
    EXPECT_DOUBLE_EQ(room(of, 15, start), 1);
    EXPECT_DOUBLE_EQ(room(of, 5, start), 2);
    ASSERT_TRUE(admit(of, priority::person, 500, start).is_granted);
    EXPECT_DOUBLE_EQ(room(of, 5, start), 1);
}

TEST(watch_budget, room_is_least_where_nothing_is_left)
{
    auto of = cloud_budget();
    spend_all(of, priority::watching, start);
    EXPECT_DOUBLE_EQ(room(of, 1, start), room_min);
    EXPECT_DOUBLE_EQ(room(of, 1, start + hours(2)), room_max);
}

}  // namespace
}  // namespace linkspan
