#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <optional>

namespace linkspan
{

// Runs op. If it is not done within limit (real time), cancels it, waits until it has stopped, and returns
// nothing; what op returned after that is dropped. An exception of op passes through. When the caller itself
// is cancelled, op is cancelled too, and its own ending is what the caller gets. T must be
// default-constructible.
//
// Not for writes to the store: they cannot be recalled.
template <class T>
boost::asio::awaitable<std::optional<T>> with_deadline(
    std::chrono::steady_clock::duration limit, boost::asio::awaitable<T> op
)
{
    namespace asio = boost::asio;
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, limit);
    // Not operator||: that waits for the first success and so hides a failure until the limit has passed.
    auto group = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, std::move(op), asio::deferred), timer.async_wait(asio::deferred)
    );
    auto [order, failure, value, timer_error] =
        co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    bool const limit_passed = order[0] == 1 && !timer_error;
    if (limit_passed)
        co_return std::nullopt;
    if (failure)
        std::rethrow_exception(failure);
    co_return std::move(value);
}

}  // namespace linkspan
