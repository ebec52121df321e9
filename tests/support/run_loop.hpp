#pragma once
#include "tests/support/patience.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

namespace linkspan::test
{

// Runs the loop until the condition holds. Throws when the loop is out of work, or patience is at its end.
inline void run_until(boost::asio::io_context& loop, std::function<bool()> const& is_reached)
{
    auto const end = std::chrono::steady_clock::now() + patience;
    while (!is_reached())
    {
        if (loop.stopped())
            loop.restart();
        if (loop.run_one_until(end) == 0)
            throw std::runtime_error(
                "the loop has nothing to do, or took too long, and the condition does not hold"
            );
    }
}

// Runs the loop until the coroutine has returned.
template <class T>
T run(boost::asio::io_context& loop, boost::asio::awaitable<T> work)
{
    std::optional<T> value;
    std::exception_ptr failure;
    auto on_end = [&value, &failure](std::exception_ptr thrown, T returned)
    {
        failure = thrown;
        value = std::move(returned);
    };
    boost::asio::co_spawn(loop, std::move(work), on_end);
    run_until(loop, [&value] { return value.has_value(); });
    if (failure)
        std::rethrow_exception(failure);
    return std::move(*value);
}

}  // namespace linkspan::test
