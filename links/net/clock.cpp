#include "links/net/clock.hpp"

#include "links/net/suspension.hpp"

#include <boost/asio/error.hpp>
#include <boost/assert.hpp>

#include <algorithm>
#include <utility>

namespace linkspan
{

struct clock::waiter
{
    resume_function resume;
    waiters::iterator place;  // valid while the waiter is in the map, which owns it
};

clock::clock(boost::asio::io_context& loop) : loop_(loop), timer_(loop) {}

clock::clock(boost::asio::io_context& loop, time_point start) : loop_(loop), timer_(loop), virtual_now_(start)
{
}

clock::~clock() = default;

time_point clock::now() const
{
    if (virtual_now_)
        return *virtual_now_;
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

boost::asio::awaitable<void> clock::wait_until(time_point due)
{
    co_await wait(due, nullptr);
}

boost::asio::awaitable<bool> clock::wait(time_point due, std::weak_ptr<waiter>* handle)
{
    auto start = [this, due, handle](resume_function resume, boost::asio::cancellation_slot slot)
    { begin(due, std::move(resume), slot, handle); };
    return suspend<boost::system::error_code, bool>(loop_, std::move(start));
}

void clock::begin(
    time_point due, resume_function resume, boost::asio::cancellation_slot slot, std::weak_ptr<waiter>* handle
)
{
    if (is_cancelled_)
        return resume(boost::asio::error::operation_aborted, false);
    if (due <= now())
        return resume({}, false);
    auto const added = std::make_shared<waiter>();
    added->resume = std::move(resume);
    added->place = waiters_.emplace(due, added);
    if (handle != nullptr)
        *handle = added;
    if (slot.is_connected())
        slot.assign(
            [this, weak = std::weak_ptr<waiter>(added)](boost::asio::cancellation_type)
            {
                if (auto const found = weak.lock())
                    end(found->place, boost::asio::error::operation_aborted, false);
            }
        );
    arm();
}

void clock::end(waiters::iterator place, boost::system::error_code failure, bool notified)
{
    auto const ended = std::move(place->second);
    waiters_.erase(place);
    ended->resume(failure, notified);
}

void clock::end_due()
{
    auto const moment = now();
    while (!waiters_.empty() && waiters_.begin()->first <= moment)
        end(waiters_.begin(), {}, false);
}

// One timer for all: it runs for the earliest wait, or shorter.
void clock::arm()
{
    if (virtual_now_ || waiters_.empty() || waiters_.begin()->first == time_point::max())
        return;
    auto const moment = now();
    auto const next = std::min(waiters_.begin()->first, moment + timer_wait_max);
    bool const is_armed =
        armed_for_ <= next && armed_for_ >= moment;  // the second: the system's clock was set forward
    if (is_armed)
        return;
    armed_for_ = next;
    timer_.expires_after(std::max(next - moment, milliseconds(0)));
    timer_.async_wait(
        [this, alive = std::weak_ptr<void>(alive_)](boost::system::error_code failure)
        {
            if (failure || alive.expired())
                return;
            armed_for_ = time_point::max();
            end_due();
            arm();
        }
    );
}

void clock::cancel()
{
    is_cancelled_ = true;
    timer_.cancel();
    while (!waiters_.empty())
        end(waiters_.begin(), boost::asio::error::operation_aborted, false);
}

void clock::set(time_point moment)
{
    BOOST_ASSERT_MSG(virtual_now_, "only a virtual clock can be set");
    virtual_now_ = moment;
    end_due();
}

void clock::advance(milliseconds duration)
{
    set(now() + duration);
}

std::optional<time_point> clock::next_due() const
{
    if (waiters_.empty() || waiters_.begin()->first == time_point::max())
        return std::nullopt;
    return waiters_.begin()->first;
}

void wakeup::notify()
{
    if (auto const found = waiter_.lock())
        clock_.end(found->place, {}, true);
    else
        is_notified_ = true;
}

boost::asio::awaitable<bool> wakeup::wait_until(time_point due)
{
    if (std::exchange(is_notified_, false))
    {
        co_await clock_.wait(time_point::min(), nullptr);
        co_return true;
    }
    co_return co_await clock_.wait(due, &waiter_);
}

}  // namespace linkspan
