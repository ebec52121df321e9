#include "core/watch/retry.hpp"
#include "core/watch/schedule.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace linkspan
{
namespace
{

constexpr time_point failing_start = from_milliseconds(1'795'000'000'000);

// Fails at every look until the watch is given up; at how long behind the start.
std::vector<milliseconds> fail_until_given_up(look_fault fault, time_point window_end)
{
    std::vector<milliseconds> out;
    look_retry of;
    for (auto now = failing_start; out.size() < 1'000; now = of.until)
    {
        of = after_failure(of, fault, now);
        out.push_back(now - failing_start);
        if (gives_up(of, window_end, now))
            break;
    }
    return out;
}

TEST(watch_retry, waits_twice_as_long_behind_each_failure)
{
    look_retry of;
    for (int const wait : {15, 30, 60, 120, 240, 240, 240})
    {
        of = after_failure(of, look_fault::other, failing_start);
        EXPECT_EQ(of.until, failing_start + seconds(wait));
    }
}

TEST(watch_retry, no_fault_but_one_ends_a_watch_within_its_window)
{
    for (auto const fault : {look_fault::unanswered, look_fault::half, look_fault::other})
    {
        auto const failed = fail_until_given_up(fault, failing_start + watch_end);
        EXPECT_GE(failed.back(), watch_end + give_up_time);
        EXPECT_LE(failed.back(), watch_end + give_up_time + look_retry_max);
        EXPECT_LE(failed.size(), 25u) << "what it costs";
    }
}

TEST(watch_retry, what_is_missing_twice_and_minutes_apart_is_gone)
{
    auto const failed = fail_until_given_up(look_fault::missing, failing_start + watch_end);
    EXPECT_GE(failed.back(), missing_time);
    EXPECT_LE(failed.back(), missing_time + look_retry_max);
    EXPECT_GE(failed.size(), 2u);
    // Anything else in between, and it begins anew.
    auto of = after_failure(look_retry(), look_fault::missing, failing_start);
    of = after_failure(of, look_fault::other, failing_start + seconds(200));
    of = after_failure(of, look_fault::missing, failing_start + seconds(400));
    EXPECT_FALSE(gives_up(of, failing_start + watch_end, failing_start + seconds(400)));
}

TEST(watch_retry, a_look_long_behind_the_window_is_tried_for_as_long)
{
    auto const failed = fail_until_given_up(look_fault::other, failing_start - std::chrono::hours(48));
    EXPECT_GE(failed.back(), give_up_time);
    EXPECT_FALSE(gives_up(look_retry(), failing_start - std::chrono::hours(48), failing_start));
}

TEST(watch_retry, a_clock_that_is_set_back_gives_nothing_up)
{
    auto const before = failing_start - std::chrono::hours(5);
    auto of = after_failure(look_retry(), look_fault::missing, failing_start);
    of = after_failure(of, look_fault::missing, before);
    EXPECT_FALSE(gives_up(of, before, before));
    EXPECT_TRUE(gives_up(of, before, before + missing_time));
}

}  // namespace
}  // namespace linkspan
