#include "core/watch/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace linkspan
{
namespace
{

constexpr time_point watch_start = from_milliseconds(1'795'000'000'000);

milliseconds after_seconds(int count)
{
    return seconds(count);
}

watch fresh_watch(time_point at = watch_start)
{
    return after_change(std::nullopt, at, at);
}

struct looked
{
    std::vector<milliseconds> ages;  // since the start
    int task_looks = 0;
};

// Looks whenever one is due, `late` after it.
looked look_until_over(watch of, double room, milliseconds late = milliseconds(0))
{
    looked out;
    auto now = watch_start;
    while (auto const next = next_look(of, room, now))
    {
        now = std::max(now, next->due_at) + late;
        out.ages.push_back(now - watch_start);
        out.task_looks += next->with_tasks ? 1 : 0;
        of = after_look(of, next->with_tasks, now, now);
        if (out.ages.size() > 1'000)
            break;
    }
    return out;
}

TEST(watch_schedule, twelve_looks_and_two_at_tasks_at_room_one)
{
    auto const of = look_until_over(fresh_watch(), 1);
    ASSERT_EQ(of.ages.size(), 12u);
    for (int i = 0; i < 6; ++i)
        EXPECT_EQ(of.ages[static_cast<std::size_t>(i)], after_seconds(10 * (i + 1)));
    EXPECT_EQ(of.ages.back(), watch_end);
    EXPECT_EQ(of.task_looks, 2);
    EXPECT_EQ(requests_of(12), 14);
}

TEST(watch_schedule, distances_never_shrink_before_the_end)
{
    for (double room = room_min; room <= room_max; room += 0.01)
    {
        auto const ages = look_until_over(fresh_watch(), room).ages;
        auto before = milliseconds(0);
        auto distance = milliseconds(0);
        for (std::size_t i = 0; i + 2 < ages.size(); ++i)
        {
            EXPECT_GE(ages[i] - before + milliseconds(1), distance) << "room " << room << ", look " << i;
            distance = ages[i] - before;
            before = ages[i];
        }
    }
}

TEST(watch_schedule, looks_are_as_many_as_said_at_every_room)
{
    for (double room = room_min; room <= room_max + 1; room += 0.01)
    {
        auto const of = look_until_over(fresh_watch(), room);
        auto const looks = looks_in_window(room);
        EXPECT_EQ(static_cast<double>(of.ages.size()), std::max(looks, 1.0)) << room;
        EXPECT_GE(of.ages.back(), watch_end) << room;
        if (looks >= 1)
        {
            EXPECT_EQ(of.ages.back(), watch_end) << room;
            EXPECT_EQ(static_cast<double>(of.ages.size()) + of.task_looks, requests_of(looks)) << room;
        }
    }
}

TEST(watch_schedule, more_room_never_looks_later)
{
    for (int age = 0; age < 600; age += 7)
    {
        auto of = fresh_watch();
        if (age > 0)
            of = after_look(of, false, watch_start + after_seconds(age), watch_start + after_seconds(age));
        auto latest = time_point::max();
        for (double room = room_min; room <= room_max; room += 1.0 / looks_at_rest)
        {
            auto const next = next_look(of, room, watch_start);
            ASSERT_TRUE(next);
            // Where the rest of a schedule is below half a look, its last look is the one at the end.
            if (next->is_last)
                continue;
            EXPECT_LE(next->due_at, latest) << age << " at room " << room;
            latest = next->due_at;
        }
    }
}

TEST(watch_schedule, less_room_stretches_all_distances_alike_and_says_so)
{
    auto const at_rest = look_until_over(fresh_watch(), 1).ages;
    auto const half = look_until_over(fresh_watch(), 0.5).ages;
    ASSERT_EQ(half.size(), 6u);
    for (std::size_t i = 0; i + 1 < half.size(); ++i)
        EXPECT_NEAR(static_cast<double>(half[i].count()), static_cast<double>(at_rest[2 * i + 1].count()), 2);
    EXPECT_DOUBLE_EQ(next_look(fresh_watch(), 0.5, watch_start)->stretch, 2);
    EXPECT_DOUBLE_EQ(next_look(fresh_watch(), 1, watch_start)->stretch, 1);
    EXPECT_DOUBLE_EQ(next_look(fresh_watch(), room_max, watch_start)->stretch, 1);
}

TEST(watch_schedule, without_room_for_one_look_the_last_comes_later)
{
    auto const next = next_look(fresh_watch(), 0.5 / looks_at_rest, watch_start);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->due_at, watch_start + 2 * watch_end);
    EXPECT_TRUE(next->is_last);
    EXPECT_DOUBLE_EQ(next->stretch, 24);
}

TEST(watch_schedule, no_room_and_no_number_are_the_least_room)
{
    auto const least = next_look(fresh_watch(), room_min, watch_start);
    for (double room : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()})
        EXPECT_EQ(next_look(fresh_watch(), room, watch_start)->due_at, least->due_at);
    EXPECT_EQ(looks_in_window(std::numeric_limits<double>::infinity()), looks_max);
}

TEST(watch_schedule, room_for_requests_keeps_within_them)
{
    for (int requests = 2; requests < 100; ++requests)
        EXPECT_LE(requests_of(looks_in_window(room_for(requests))), requests);
    EXPECT_DOUBLE_EQ(room_for(14), 1);
    EXPECT_DOUBLE_EQ(room_for(1), 0.5 / looks_at_rest);
    EXPECT_DOUBLE_EQ(room_for(1e9), room_max);
    EXPECT_DOUBLE_EQ(room_for(0), room_min);
}

TEST(watch_schedule, a_look_that_is_late_is_not_made_up_for)
{
    for (double room : {0.1, 0.5, 1.0, 2.0, 3.0, 4.0})
    {
        auto const in_time = look_until_over(fresh_watch(), room).ages.size();
        for (int late : {1, 7, 45, 200, 900})
            EXPECT_LE(look_until_over(fresh_watch(), room, after_seconds(late)).ages.size(), in_time);
    }
}

TEST(watch_schedule, after_a_long_gap_one_look_is_due_at_once_and_is_the_last)
{
    auto of = fresh_watch();
    auto const now = watch_start + std::chrono::hours(24 * 365);
    auto const next = next_look(of, 1, now);
    ASSERT_TRUE(next);
    EXPECT_LE(next->due_at, now);
    EXPECT_TRUE(next->is_last);
    EXPECT_TRUE(next->with_tasks);
    EXPECT_FALSE(next_look(after_look(of, true, now, now), 1, now));
}

TEST(watch_schedule, a_hundred_comments_at_once_cost_what_one_costs)
{
    auto of = fresh_watch();
    for (int i = 1; i < 100; ++i)
        of = after_change(of, watch_start, watch_start);
    EXPECT_EQ(look_until_over(of, 1).ages, look_until_over(fresh_watch(), 1).ages);
}

// However many changes come, none puts a look off beyond the first distance, and none adds one.
TEST(watch_schedule, a_stream_of_changes_is_looked_at_every_ten_seconds)
{
    auto of = fresh_watch();
    int looks = 0;
    int task_looks = 0;
    for (int second = 1; second <= 600; ++second)
    {
        auto const now = watch_start + after_seconds(second);
        of = after_change(of, now, now);
        auto const next = next_look(of, 1, now);
        ASSERT_TRUE(next);
        if (next->due_at > now)
            continue;
        ++looks;
        task_looks += next->with_tasks ? 1 : 0;
        of = after_look(of, next->with_tasks, now, now);
    }
    EXPECT_GE(looks, 50);
    EXPECT_LE(looks, 60);
    EXPECT_GE(task_looks, 8);
}

TEST(watch_schedule, a_change_found_by_a_look_goes_on_from_that_look)
{
    auto const looked_at = watch_start + after_seconds(240);
    auto of = after_look(fresh_watch(), false, looked_at, looked_at);
    of = after_change(of, watch_start + after_seconds(235), looked_at + after_seconds(1));
    EXPECT_FALSE(of.unseen_since);
    auto const next = next_look(of, 1, looked_at);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->due_at, looked_at + after_seconds(10));
}

TEST(watch_schedule, what_changed_while_a_look_was_under_way_is_unseen)
{
    auto of = fresh_watch();
    auto const asked_at = watch_start + after_seconds(20);
    of = after_change(of, asked_at + after_seconds(1), asked_at + after_seconds(1));
    of = after_change(of, asked_at + after_seconds(2), asked_at + after_seconds(2));
    of = after_look(of, true, asked_at, asked_at + after_seconds(3));
    ASSERT_TRUE(of.unseen_since);
    EXPECT_GT(*of.unseen_since, asked_at);
    EXPECT_EQ(of.changed_at, asked_at + after_seconds(2));
}

TEST(watch_schedule, a_half_look_is_never_the_last)
{
    for (auto const age : {watch_end - milliseconds(1), watch_end, 2 * watch_end})
    {
        auto const now = watch_start + age;
        auto const of = after_half_look(fresh_watch(), now, now);
        for (double const room : {0.5, 1.0, room_max})
        {
            auto const next = next_look(of, room, now);
            ASSERT_TRUE(next);
            EXPECT_EQ(next->due_at, watch_start + watch_end);
            EXPECT_TRUE(next->with_tasks);
            EXPECT_TRUE(next->is_last);
        }
        EXPECT_FALSE(next_look(
            after_look(of, true, watch_start + watch_end, watch_start + watch_end), 1, watch_start + watch_end
        ));
    }
    auto const early = watch_start + after_seconds(10);
    auto const half = after_half_look(fresh_watch(), early, early);
    EXPECT_EQ(half.looked_at, early);
    EXPECT_EQ(half.looks_since_tasks, 1);
}

TEST(watch_schedule, an_older_change_moves_nothing_back)
{
    auto of = fresh_watch();
    of = after_change(of, watch_start - after_seconds(300), watch_start);
    EXPECT_EQ(of.changed_at, watch_start);
}

TEST(watch_schedule, a_clock_that_is_set_back_costs_one_look_and_no_more)
{
    for (int looks_before : {0, 1, 5, 12})
    {
        auto of = fresh_watch();
        auto now = watch_start;
        for (int i = 0; i < looks_before; ++i)
        {
            auto const next = next_look(of, 1, now);
            ASSERT_TRUE(next);
            now = next->due_at;
            of = after_look(of, next->with_tasks, now, now);
        }
        now -= std::chrono::hours(5);
        int looks = 0;
        while (auto const next = next_look(of, 1, now))
        {
            now = std::max(now, next->due_at);
            of = after_look(of, next->with_tasks, now, now);
            ASSERT_LE(++looks, 13);
        }
        EXPECT_LE(now, watch_start - std::chrono::hours(5) + 2 * watch_end) << looks_before;
    }
}

// Whatever happens in whatever order: looks are bounded by changes, the answer is a function of its
// arguments, and behind the last change the watch ends.
TEST(watch_schedule, any_order_of_changes_looks_and_clocks_ends)
{
    std::mt19937_64 random(5);
    for (int round = 0; round < 300; ++round)
    {
        auto now = watch_start;
        auto of = fresh_watch();
        auto const room = static_cast<double>(random() % 500) / 100;
        for (int step = 0; step < 60; ++step)
        {
            now += milliseconds(static_cast<std::int64_t>(random() % 200'000) - 40'000);
            auto const back = milliseconds(static_cast<std::int64_t>(random() % 700'000));
            if (random() % 3 == 0)
                of = after_change(of, now - back, now);
            else if (auto const next = next_look(of, room, now))
            {
                EXPECT_EQ(next->due_at, next_look(of, room, now)->due_at);
                of = after_look(of, next->with_tasks, now - milliseconds(random() % 5'000), now);
            }
        }
        int looks = 0;
        while (auto const next = next_look(of, room, now))
        {
            now = std::max(now, next->due_at);
            of = after_look(of, next->with_tasks, now, now);
            ASSERT_LE(++looks, looks_max + 1);
        }
    }
}

TEST(watch_schedule, a_sign_of_tasks_is_one_look_at_once)
{
    auto const now = from_milliseconds(1'795'000'000'000);
    auto const alone = after_task_sign(std::nullopt, now);
    auto const due = next_look(alone, 1, now);
    ASSERT_TRUE(due);
    EXPECT_LE(due->due_at, now);
    EXPECT_TRUE(due->with_tasks);
    EXPECT_FALSE(next_look(after_look(alone, true, now, now), 1, now)) << "and it is over";

    auto watched = after_change(std::nullopt, now, now);
    watched = after_look(watched, true, now + seconds(10), now + seconds(10));
    auto const with_sign = after_task_sign(watched, now + seconds(11));
    EXPECT_EQ(with_sign.changed_at, watched.changed_at);
    EXPECT_TRUE(next_look(with_sign, 1, now + seconds(11)).value().with_tasks);
    EXPECT_FALSE(next_look(watched, 1, now + seconds(11)).value().with_tasks);
}

}  // namespace
}  // namespace linkspan
