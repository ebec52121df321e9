#include "links/net/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

bool is_cancellation(std::exception_ptr const& failure)
{
    try
    {
        std::rethrow_exception(failure);
    }
    catch (boost::system::system_error const& caught)
    {
        return caught.code() == asio::error::operation_aborted;
    }
    catch (...)
    {
        return false;
    }
}

}  // namespace

task_group::task_group(asio::io_context& loop, failure_function on_failure)
    : loop_(loop), on_failure_(std::move(on_failure)), empty_(loop)
{
}

void task_group::spawn(std::string name, asio::awaitable<void> task)
{
    auto const place = tasks_.emplace(tasks_.end());
    place->name = std::move(name);
    auto ended = [this, place](std::exception_ptr failure)
    {
        auto const ended_name = std::move(place->name);
        tasks_.erase(place);
        if (tasks_.empty())
            empty_.cancel();
        if (failure && !is_cancellation(failure))
            on_failure_(ended_name, failure);
    };
    auto body = begin(place, std::move(task));
    asio::co_spawn(
        loop_, std::move(body), asio::bind_cancellation_slot(place->stop.slot(), std::move(ended))
    );
}

// A signal to a coroutine that has not begun makes Asio throw out of run() (Boost 1.81,
// co_spawn_entry_point).
asio::awaitable<void> task_group::begin(std::list<task>::iterator place, asio::awaitable<void> body)
{
    place->has_begun = true;
    if (!place->is_cancelled)
        co_await std::move(body);
}

void task_group::cancel()
{
    // A task may end, and leave the list, inside emit().
    for (auto place = tasks_.begin(); place != tasks_.end();)
    {
        auto const current = place++;
        if (current->has_begun)
            current->stop.emit(asio::cancellation_type::terminal);
        else
            current->is_cancelled = true;
    }
}

asio::awaitable<bool> task_group::wait_empty(milliseconds limit)
{
    auto const end = std::chrono::steady_clock::now() + limit;
    while (!tasks_.empty() && std::chrono::steady_clock::now() < end)
    {
        empty_.expires_at(end);
        co_await empty_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return tasks_.empty();
}

}  // namespace linkspan
