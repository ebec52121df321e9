#include "links/net/task_group.hpp"

#include "links/net/clock.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

asio::awaitable<void> wait_on(clock& time, bool& has_begun)
{
    has_begun = true;
    co_await time.wait_until(time_point::max());
}

asio::awaitable<void> fail_with(std::string what)
{
    throw std::runtime_error(what);
    co_return;
}

struct task_groups : testing::Test
{
    asio::io_context loop{1};
    clock time{loop, time_point()};
    std::vector<std::string> failures;
    task_group tasks{
        loop,
        [this](std::string const& task, std::exception_ptr failure)
        {
            try
            {
                std::rethrow_exception(failure);
            }
            catch (std::exception const& caught)
            {
                failures.push_back(task + ": " + caught.what());
            }
        }};
    bool has_begun = false;
};

TEST_F(task_groups, end_a_task_that_waits)
{
    tasks.spawn("waiting", wait_on(time, has_begun));
    loop.poll();
    ASSERT_TRUE(has_begun);
    tasks.cancel();
    loop.run();
    EXPECT_EQ(tasks.size(), 0u);
    EXPECT_TRUE(failures.empty());
}

// Asio throws out of run() otherwise: a program that is stopped as it starts.
TEST_F(task_groups, begin_no_task_that_was_cancelled_before)
{
    tasks.spawn("waiting", wait_on(time, has_begun));
    tasks.cancel();
    EXPECT_NO_THROW(loop.run());
    EXPECT_FALSE(has_begun);
    EXPECT_EQ(tasks.size(), 0u);
    EXPECT_TRUE(failures.empty());
}

TEST_F(task_groups, tell_who_failed_and_why)
{
    tasks.spawn("the loop", fail_with("no disk"));
    loop.run();
    EXPECT_EQ(failures, std::vector<std::string>{"the loop: no disk"});
}

}  // namespace
}  // namespace linkspan
