#pragma once
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace linkspan
{

// Suspends the calling coroutine until somebody resumes it: `begin(resume, slot)` is called at once.
// resume(args...) is copyable, must be called at most once and on the loop's thread, may be called inside
// begin, and never continues the coroutine inside the call but through the loop. Whoever drops resume
// uncalled drops the coroutine. `slot` is the coroutine's cancellation slot; it is cleared before the
// coroutine goes on, so a handler put there may refer to whatever lives until then. While suspended, the loop
// counts as having work.
//
// A plain function, for async_initiate inside a coroutine is unsafe (chriskohlhoff/asio#1007).
template <class... Args, class Begin>
auto suspend(boost::asio::io_context& loop, Begin begin)
{
    namespace asio = boost::asio;
    return asio::async_initiate<asio::use_awaitable_t<> const, void(Args...)>(
        [&loop](auto handler, Begin run)
        {
            auto const slot = asio::get_associated_cancellation_slot(handler);
            auto const shared = std::make_shared<decltype(handler)>(std::move(handler));
            auto const work = asio::make_work_guard(loop);
            auto resume = [shared, work, &loop](Args... args)
            {
                auto go_on = [shared, work, args...]
                {
                    // Not in resume(): that may run inside the slot's own handler.
                    auto own_slot = asio::get_associated_cancellation_slot(*shared);
                    if (own_slot.is_connected())
                        own_slot.clear();
                    std::move (*shared)(args...);
                };
                asio::post(loop, std::move(go_on));
            };
            run(std::move(resume), slot);
        },
        asio::use_awaitable,
        std::move(begin)
    );
}

}  // namespace linkspan
