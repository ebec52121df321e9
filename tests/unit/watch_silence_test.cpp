#include "core/watch/silence.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

constexpr time_point silence_start = from_milliseconds(1'795'000'000'000);

TEST(watch_silence, one_look_unanswered_is_none)
{
    auto const of = after_unanswered(silence(), silence_start, silence_start);
    EXPECT_FALSE(is_silent(of));
    EXPECT_EQ(looks_at_once(of, silence_start), looks_at_once_max);
}

TEST(watch_silence, one_that_is_silent_is_asked_by_one_look_and_less_and_less_often)
{
    silence of;
    auto now = silence_start;
    of = after_unanswered(of, now, now);
    of = after_unanswered(of, now, now);
    for (int const wait : {10, 20, 40, 80, 120, 120})
    {
        EXPECT_TRUE(is_silent(of));
        EXPECT_EQ(of.ask_again_at, now + seconds(wait));
        EXPECT_EQ(looks_at_once(of, of.ask_again_at - milliseconds(1)), 0u);
        EXPECT_EQ(looks_at_once(of, of.ask_again_at), 1u);
        auto const began_at = of.ask_again_at;
        now = began_at + seconds(30);
        of = after_unanswered(of, began_at, now);
    }
}

TEST(watch_silence, looks_under_way_together_count_once)
{
    silence of;
    auto const ended_at = silence_start + seconds(30);
    for (std::size_t i = 0; i < looks_at_once_max; ++i)
        of = after_unanswered(of, silence_start, ended_at + milliseconds(i));
    EXPECT_EQ(of.ask_again_at, ended_at + milliseconds(1) + silence_wait_min);
}

TEST(watch_silence, a_clock_that_is_set_back_does_not_wait_for_it)
{
    auto of = after_unanswered(silence(), silence_start, silence_start);
    of = after_unanswered(of, silence_start, silence_start);
    auto const before = silence_start - std::chrono::hours(5);
    EXPECT_EQ(looks_at_once(of, before), 1u);
    of = after_unanswered(of, before, before);
    EXPECT_LE(of.ask_again_at, before + silence_wait_max);
}

}  // namespace
}  // namespace linkspan
