#include "core/watch/beat.hpp"
#include "core/watch/budget.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

constexpr time_point crawl_time = from_milliseconds(1'795'000'000'000);

crawl_state crawled(bool is_active)
{
    crawl_state out;
    out.crawled_at = crawl_time;
    out.is_active = is_active;
    return out;
}

TEST(watch_beat, one_repository_without_webhooks_is_asked_every_minute)
{
    EXPECT_EQ(poll_beat(1, repositories_per_hour), poll_beat_min);
    EXPECT_EQ(poll_beat(0, repositories_per_hour), poll_beat_min);
}

TEST(watch_beat, many_share_what_catch_up_may_spend_on_asking)
{
    // 1,000 an hour, of which catch-up may take 800 and ask with 320: 100 repositories, 3.2 times an hour.
    EXPECT_EQ(poll_beat(100, 1'000), seconds(1'125));
    EXPECT_EQ(poll_beat(200, 1'000), seconds(2'250));
    EXPECT_EQ(poll_beat(100, 10'000), seconds(113) - milliseconds(500));
}

TEST(watch_beat, sweeps_take_their_share_and_no_more)
{
    EXPECT_EQ(sweep_beat_for(1, 1'000), sweep_beat);
    EXPECT_EQ(sweep_beat_for(400, 1'000), sweep_beat);
    EXPECT_EQ(sweep_beat_for(1'000, 1'000), seconds(5 * 3'600));
}

TEST(watch_beat, an_outage_is_long_where_the_beat_does_not_explain_it)
{
    catch_up_beats const beats;
    auto const last = crawl_time;
    auto const behind = [&](milliseconds out_of_sight, bool is_poll_only)
    { return is_behind_long_outage(last, is_poll_only, beats, seconds(60), last + out_of_sight); };
    EXPECT_FALSE(behind(long_outage + beats.quiet, false));
    EXPECT_TRUE(behind(long_outage + beats.quiet + milliseconds(1), false));
    EXPECT_FALSE(behind(long_outage + seconds(60), true));
    EXPECT_TRUE(behind(long_outage + seconds(61), true));
    EXPECT_FALSE(is_behind_long_outage(std::nullopt, true, beats, seconds(60), last));
}

TEST(watch_beat, no_limit_is_too_small_to_divide_by)
{
    EXPECT_GT(poll_beat(1'000'000, 0), poll_beat_min);
    EXPECT_EQ(poll_beat(10, -5), poll_beat(10, limit_min));
}

TEST(watch_beat, what_was_never_crawled_is_due)
{
    EXPECT_EQ(next_crawl_at(crawl_state(), catch_up_beats(), poll_beat_min), time_point());
}

TEST(watch_beat, a_quiet_repository_is_asked_less_often)
{
    catch_up_beats const beats;
    EXPECT_EQ(next_crawl_at(crawled(true), beats, poll_beat_min), crawl_time + seconds(900));
    EXPECT_EQ(next_crawl_at(crawled(false), beats, poll_beat_min), crawl_time + seconds(3'600));
}

TEST(watch_beat, a_loss_is_asked_for_before_the_beat_and_never_behind_it)
{
    auto state = crawled(false);
    state.wanted_at = crawl_time + seconds(70);
    EXPECT_EQ(next_crawl_at(state, catch_up_beats(), poll_beat_min), crawl_time + seconds(70));
    state.wanted_at = crawl_time + seconds(9'000);
    EXPECT_EQ(next_crawl_at(state, catch_up_beats(), poll_beat_min), crawl_time + seconds(3'600));
}

TEST(watch_beat, without_webhooks_the_beat_is_that_of_polling)
{
    auto state = crawled(false);
    state.is_poll_only = true;
    EXPECT_EQ(next_crawl_at(state, catch_up_beats(), seconds(75)), crawl_time + seconds(75));
}

TEST(watch_beat, a_failure_is_tried_again_sooner_then_less_and_less_often)
{
    auto state = crawled(true);
    std::vector<milliseconds> waits;
    for (state.failures = 1; state.failures <= 6; ++state.failures)
        waits.push_back(next_crawl_at(state, catch_up_beats(), poll_beat_min) - crawl_time);
    std::vector<milliseconds> const expected = {
        seconds(60), seconds(120), seconds(240), seconds(480), seconds(900), seconds(900)};
    EXPECT_EQ(waits, expected);
}

}  // namespace
}  // namespace linkspan
