#pragma once
#include "core/base/time.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace linkspan
{

// The time of the whole program, and all of its waiting. Real: the system's clock. Virtual: a moment that
// stands still until a test moves it. Not thread-safe: everything happens on the loop's thread. Declare it
// after the io_context.
//
// A wait that is ended by cancel(), or by cancelling its coroutine, throws boost::system::system_error with
// operation_aborted, as every asynchronous operation of Asio does: a loop `for (;;) { work; wait; }` ends by
// it. Every other wait ends through the loop, never inside the call, so a loop whose time has come already
// starves nobody.
class clock
{
public:
    explicit clock(boost::asio::io_context& loop);           // real
    clock(boost::asio::io_context& loop, time_point start);  // virtual
    ~clock();                                                // drops the coroutines that still wait
    clock(clock const&) = delete;
    clock& operator=(clock const&) = delete;

    time_point now() const;

    // Returns when now() >= due, never earlier. Real: the system's clock may be set or the machine may sleep;
    // a wait notices either within timer_wait_max.
    boost::asio::awaitable<void> wait_until(time_point due);

    // Ends all waits, and every later one at once.
    void cancel();

    // Virtual only. set() may also move the time back; waits whose time has come end in order of due time,
    // those of the same due time in the order in which they began.
    void set(time_point moment);
    void advance(milliseconds duration);

    // When the next wait ends by time; nothing where there is none. For tests that step from one to the next.
    std::optional<time_point> next_due() const;

    std::size_t waiting() const { return waiters_.size(); }

    // No timer runs longer before the system's clock is looked at again.
    static constexpr milliseconds timer_wait_max{60'000};

private:
    friend class wakeup;

    using resume_function = std::function<void(boost::system::error_code, bool notified)>;
    struct waiter;
    using waiters = std::multimap<time_point, std::shared_ptr<waiter>>;

    boost::asio::awaitable<bool> wait(time_point due, std::weak_ptr<waiter>* handle);
    void begin(
        time_point due,
        resume_function resume,
        boost::asio::cancellation_slot slot,
        std::weak_ptr<waiter>* handle
    );
    void end(waiters::iterator place, boost::system::error_code failure, bool notified);
    void end_due();
    void arm();

    boost::asio::io_context& loop_;
    boost::asio::steady_timer timer_;
    std::optional<time_point> virtual_now_;
    time_point armed_for_ = time_point::max();
    bool is_cancelled_ = false;
    std::shared_ptr<void> alive_ = std::make_shared<char>();  // expires for the timer's handler
    waiters waiters_;  // in order of due time; each holds its suspended coroutine
};

// "Something happened": wakes the one coroutine that waits for it, or the next that will.
class wakeup
{
public:
    explicit wakeup(linkspan::clock& clock) : clock_(clock) {}
    wakeup(wakeup const&) = delete;
    wakeup& operator=(wakeup const&) = delete;

    // Notifications before a wait are not lost; several collapse into one. Only on the loop's thread.
    void notify();

    // True when notified, false when due has come first. time_point::max(): until notified. A notification
    // that is there already wins over a time that is. One waiter at a time. Ends like clock::wait_until when
    // cancelled.
    boost::asio::awaitable<bool> wait_until(time_point due);

private:
    linkspan::clock& clock_;
    std::weak_ptr<clock::waiter> waiter_;
    bool is_notified_ = false;
};

}  // namespace linkspan
