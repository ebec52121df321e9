#pragma once
#include "core/base/time.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <functional>
#include <list>
#include <string>

namespace linkspan
{

// Coroutines that run on the loop and are waited for at the end. One of the two boundaries that catch
// everything: an exception out of a task goes to `on_failure`; the end by cancellation is no failure.
class task_group
{
public:
    using failure_function = std::function<void(std::string const& task, std::exception_ptr failure)>;

    task_group(boost::asio::io_context& loop, failure_function on_failure);
    task_group(task_group const&) = delete;
    task_group& operator=(task_group const&) = delete;

    void spawn(std::string name, boost::asio::awaitable<void> task);

    // Asks every task to end (terminal cancellation). They end through the loop; one that has not begun does
    // nothing.
    void cancel();

    std::size_t size() const { return tasks_.size(); }

    // Returns when no task is left, or when limit has passed (real time); true when none is left. One waiter
    // at a time.
    boost::asio::awaitable<bool> wait_empty(milliseconds limit);

private:
    struct task
    {
        std::string name;
        boost::asio::cancellation_signal stop;
        bool has_begun = false;
        bool is_cancelled = false;  // before it has begun
    };

    boost::asio::awaitable<void> begin(std::list<task>::iterator place, boost::asio::awaitable<void> body);

    boost::asio::io_context& loop_;
    failure_function on_failure_;
    std::list<task> tasks_;
    boost::asio::steady_timer empty_;  // of the one waiter; cancelled when the last task has ended
};

}  // namespace linkspan
