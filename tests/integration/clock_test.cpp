#include "links/net/clock.hpp"

#include "tests/support/run_loop.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include <list>
#include <random>
#include <string>
#include <vector>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

time_point const noon = from_milliseconds(1'800'000'000'000);

class clock_test : public testing::Test
{
protected:
    // Starts a coroutine beside the others; its name is added to ended when it has, with "!" when by
    // cancellation.
    template <class T>
    asio::cancellation_signal& spawn(std::string const& name, asio::awaitable<T> work)
    {
        auto& stop = stops.emplace_back();
        auto on_end = [this, name](std::exception_ptr failure, auto... value)
        {
            std::string suffix;
            ((suffix += value ? " notified" : " due"), ...);
            try
            {
                if (failure)
                    std::rethrow_exception(failure);
            }
            catch (boost::system::system_error const& thrown)
            {
                suffix = thrown.code() == asio::error::operation_aborted ? "!" : "?";
            }
            ended.push_back(name + suffix);
        };
        asio::co_spawn(loop, std::move(work), asio::bind_cancellation_slot(stop.slot(), std::move(on_end)));
        return stop;
    }

    // Runs what can run now; nothing here waits for anything but the virtual clock.
    void settle()
    {
        loop.restart();
        loop.poll();
    }

    asio::io_context loop{1};
    clock time{loop, noon};
    std::list<asio::cancellation_signal> stops;
    std::vector<std::string> ended;

    using names = std::vector<std::string>;
};

TEST_F(clock_test, virtual_time_stands_still_until_it_is_moved)
{
    EXPECT_EQ(time.now(), noon);
    time.advance(milliseconds(5));
    EXPECT_EQ(time.now(), noon + milliseconds(5));
    time.set(noon - seconds(1));
    EXPECT_EQ(time.now(), noon - seconds(1));
}

TEST_F(clock_test, waits_end_in_order_of_due_time)
{
    spawn("c", time.wait_until(noon + seconds(3)));
    spawn("a", time.wait_until(noon + seconds(1)));
    spawn("b1", time.wait_until(noon + seconds(2)));
    spawn("b2", time.wait_until(noon + seconds(2)));
    settle();
    EXPECT_EQ(time.waiting(), 4u);
    EXPECT_EQ(time.next_due(), noon + seconds(1));
    time.advance(milliseconds(999));
    settle();
    EXPECT_EQ(ended, names());
    time.advance(milliseconds(1));
    settle();
    EXPECT_EQ(ended, names({"a"}));
    time.advance(std::chrono::hours(24));
    settle();
    EXPECT_EQ(ended, names({"a", "b1", "b2", "c"}));
    EXPECT_EQ(time.waiting(), 0u);
    EXPECT_EQ(time.next_due(), std::nullopt);
}

TEST_F(clock_test, a_time_that_has_come_ends_the_wait_through_the_loop)
{
    spawn("past", time.wait_until(noon - seconds(1)));
    spawn("now", time.wait_until(noon));
    asio::post(loop, [this] { ended.push_back("posted"); });
    settle();
    EXPECT_EQ(ended, names({"posted", "past", "now"}));
}

asio::awaitable<void> every_hour(clock& time, int& ticks)
{
    for (auto due = time.now(); ticks < 24; ++ticks)
    {
        due += std::chrono::hours(1);
        co_await time.wait_until(due);
    }
}

TEST_F(clock_test, a_day_passes_step_by_step)
{
    int ticks = 0;
    spawn("day", every_hour(time, ticks));
    settle();
    while (auto const due = time.next_due())
    {
        time.set(*due);
        settle();
    }
    EXPECT_EQ(ticks, 24);
    EXPECT_EQ(time.now(), noon + std::chrono::hours(24));
    EXPECT_EQ(ended, names({"day"}));
}

TEST_F(clock_test, cancelling_a_coroutine_ends_its_wait_alone)
{
    spawn("other", time.wait_until(noon + seconds(1)));
    auto& stop = spawn("stopped", time.wait_until(noon + seconds(1)));
    settle();
    stop.emit(asio::cancellation_type::terminal);
    settle();
    EXPECT_EQ(ended, names({"stopped!"}));
    stop.emit(asio::cancellation_type::terminal);
    time.advance(seconds(1));
    settle();
    EXPECT_EQ(ended, names({"stopped!", "other"}));
}

TEST_F(clock_test, a_wait_that_is_due_and_then_cancelled_ends_once)
{
    auto& stop = spawn("a", time.wait_until(noon + seconds(1)));
    settle();
    time.advance(seconds(1));
    stop.emit(asio::cancellation_type::terminal);
    settle();
    EXPECT_EQ(ended.size(), 1u);
}

TEST_F(clock_test, cancel_ends_all_waits_and_later_ones)
{
    wakeup wake(time);
    spawn("a", time.wait_until(noon + seconds(1)));
    spawn("b", wake.wait_until(time_point::max()));
    settle();
    time.cancel();
    spawn("late", time.wait_until(noon));
    wake.notify();
    spawn("late wake", wake.wait_until(noon));
    settle();
    EXPECT_EQ(ended, names({"a!", "b!", "late!", "late wake!"}));
}

TEST_F(clock_test, a_clock_that_goes_drops_what_waits)
{
    auto const witness = std::make_shared<int>(0);
    auto wait = [](clock& time, std::shared_ptr<int>) -> asio::awaitable<void>
    { co_await time.wait_until(time_point::max()); };
    {
        clock short_lived(loop, noon);
        asio::co_spawn(
            loop, wait(short_lived, witness), [](std::exception_ptr) { FAIL() << "it must not go on"; }
        );
        settle();
        EXPECT_EQ(witness.use_count(), 2);
    }
    settle();  // Asio unwinds a coroutine through the loop
    EXPECT_EQ(witness.use_count(), 1);
}

TEST_F(clock_test, a_wakeup_is_notified_or_due)
{
    wakeup wake(time);
    spawn("1", wake.wait_until(noon + seconds(1)));
    settle();
    wake.notify();
    settle();
    EXPECT_EQ(ended, names({"1 notified"}));
    spawn("2", wake.wait_until(noon + seconds(1)));
    settle();
    time.advance(seconds(1));
    settle();
    EXPECT_EQ(ended, names({"1 notified", "2 due"}));
    EXPECT_EQ(time.waiting(), 0u);
}

TEST_F(clock_test, a_notification_before_the_wait_counts_and_several_are_one)
{
    wakeup wake(time);
    wake.notify();
    wake.notify();
    spawn("1", wake.wait_until(noon));
    settle();
    EXPECT_EQ(ended, names({"1 notified"}));
    spawn("2", wake.wait_until(noon));
    settle();
    EXPECT_EQ(ended, names({"1 notified", "2 due"}));
}

TEST_F(clock_test, a_notification_between_the_end_of_a_wait_and_its_coroutine_is_kept)
{
    wakeup wake(time);
    spawn("1", wake.wait_until(noon + seconds(1)));
    settle();
    time.advance(seconds(1));  // ended, but its coroutine has not run yet
    wake.notify();
    settle();
    EXPECT_EQ(ended, names({"1 due"}));
    spawn("2", wake.wait_until(time_point::max()));
    settle();
    EXPECT_EQ(ended, names({"1 due", "2 notified"}));
}

TEST_F(clock_test, a_wakeup_without_a_time_waits_for_its_notification)
{
    wakeup wake(time);
    spawn("1", wake.wait_until(time_point::max()));
    settle();
    EXPECT_EQ(time.next_due(), std::nullopt);
    time.advance(std::chrono::hours(24 * 365));
    settle();
    EXPECT_EQ(ended, names());
    wake.notify();
    settle();
    EXPECT_EQ(ended, names({"1 notified"}));
}

TEST_F(clock_test, cancelling_a_wakeup_leaves_it_usable)
{
    wakeup wake(time);
    auto& stop = spawn("1", wake.wait_until(time_point::max()));
    settle();
    stop.emit(asio::cancellation_type::terminal);
    settle();
    wake.notify();
    spawn("2", wake.wait_until(time_point::max()));
    settle();
    EXPECT_EQ(ended, names({"1!", "2 notified"}));
}

TEST_F(clock_test, a_thousand_waits_cancelled_notified_and_due_at_random_end_once_each)
{
    std::mt19937 random(7);
    std::list<wakeup> wakes;
    std::vector<asio::cancellation_signal*> signals;
    for (int i = 0; i < 1000; ++i)
    {
        auto& wake = wakes.emplace_back(time);
        signals.push_back(&spawn("", wake.wait_until(noon + milliseconds(random() % 500))));
    }
    auto wake = wakes.begin();
    for (int i = 0; i < 1000; ++i, ++wake)
    {
        if (random() % 3 == 0)
            signals[random() % signals.size()]->emit(asio::cancellation_type::terminal);
        if (random() % 3 == 0)
            wake->notify();
        if (random() % 3 == 0)
            time.advance(milliseconds(1));
        if (random() % 2 == 0)
            settle();
    }
    time.advance(seconds(1));
    settle();
    EXPECT_EQ(ended.size(), 1000u);
    EXPECT_EQ(time.waiting(), 0u);
}

TEST_F(clock_test, real_time_is_the_systems)
{
    clock real(loop);
    auto const before = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    EXPECT_GE(real.now(), before);
    EXPECT_LE(real.now(), std::chrono::system_clock::now());
}

TEST_F(clock_test, real_waits_end_in_order_and_never_early)
{
    clock real(loop);
    auto const begin = real.now();
    std::vector<bool> earliness;
    auto wait = [](clock& clock, time_point due, std::vector<bool>& is_early) -> asio::awaitable<void>
    {
        co_await clock.wait_until(due);
        is_early.push_back(clock.now() < due);
    };
    spawn("30", wait(real, begin + milliseconds(30), earliness));
    spawn("10", wait(real, begin + milliseconds(10), earliness));
    spawn("20", wait(real, begin + milliseconds(20), earliness));
    test::run_until(loop, [this] { return ended.size() == 3; });
    EXPECT_EQ(ended, names({"10", "20", "30"}));
    EXPECT_EQ(earliness, std::vector<bool>({false, false, false}));
}

TEST_F(clock_test, a_real_wait_is_cancelled_and_notified_without_waiting)
{
    clock real(loop);
    wakeup wake(real);
    auto const begin = std::chrono::steady_clock::now();
    auto& stop = spawn("hour", real.wait_until(real.now() + std::chrono::hours(1)));
    spawn("wake", wake.wait_until(time_point::max()));
    asio::post(
        loop,
        [&]
        {
            stop.emit(asio::cancellation_type::terminal);
            wake.notify();
        }
    );
    loop.restart();
    test::run_until(loop, [this] { return ended.size() == 2; });
    EXPECT_EQ(ended, names({"hour!", "wake notified"}));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, test::patience);
    spawn("again", real.wait_until(real.now() + milliseconds(5)));  // not held up by the timer of the hour
    test::run_until(loop, [this] { return ended.size() == 3; });
    EXPECT_LT(std::chrono::steady_clock::now() - begin, clock::timer_wait_max / 2);
}

TEST_F(clock_test, a_cancelled_real_clock_lets_the_loop_end)
{
    clock real(loop);
    spawn("hour", real.wait_until(real.now() + std::chrono::hours(1)));
    spawn("ever", real.wait_until(time_point::max()));
    asio::post(loop, [&real] { real.cancel(); });
    loop.run();
    EXPECT_EQ(ended, names({"hour!", "ever!"}));
}

}  // namespace
}  // namespace linkspan
