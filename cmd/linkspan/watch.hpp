#pragma once
#include "cmd/linkspan/api_asker.hpp"
#include "cmd/linkspan/log.hpp"
#include "cmd/linkspan/polled_source.hpp"
#include "links/net/clock.hpp"
#include "links/net/task_group.hpp"
#include "store/store.hpp"
#include "store/watches.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace linkspan
{

// Looks at pull requests whose comments may be edited without any event, as core/watch/schedule.hpp says, and
// puts what it sees into the inbox. The watches stand in the store: they begin there with an event (the
// digest loop), and what a look has seen is stored in one transaction with its row.
class watch_loop
{
public:
    struct parts
    {
        linkspan::store& store;
        linkspan::clock& clock;
        linkspan::log& log;
        task_group& looks;  // end by cancellation: a look that is cut off is made again
        api_asker& asker;
        std::function<void()> on_row;  // the inbox has a new row
    };

    explicit watch_loop(parts with);

    // The links were read again.
    void use(std::vector<polled_source> sources);

    // A watch began, or began anew.
    void notify() { wake(); }

    // It waits, for time or for a notification.
    bool is_waiting() const { return is_waiting_; }

    // Begins nothing more.
    void rest() { is_resting_ = true; }

    // Runs until it is cancelled.
    boost::asio::awaitable<void> run();

private:
    using place_key = std::tuple<std::string, std::string, std::int64_t>;
    // No look before that: one failed, or the budget has no room.
    struct pause
    {
        time_point until;
        int failures = 0;
    };

    boost::asio::awaitable<time_point> dispatch();
    boost::asio::awaitable<time_point> dispatch_source(polled_source source);
    void start(polled_source const& source, watched_pull_request of, std::optional<due_look> due);
    boost::asio::awaitable<void> look(polled_source source, watched_pull_request of, bool with_tasks);
    boost::asio::awaitable<result<>> keep(
        watched_pull_request of, inbox_entry row, bool with_tasks, time_point asked_at
    );
    boost::asio::awaitable<void> end(watched_pull_request of);
    boost::asio::awaitable<void> after_fault(
        polled_source source, watched_pull_request of, bitbucket::api_outcome ended
    );
    void tell_stretch(polled_source const& source, double stretch);

    void wake()
    {
        is_waiting_ = false;
        work_.notify();
    }

    parts with_;
    std::vector<polled_source> sources_;
    std::set<place_key> busy_;
    std::map<place_key, pause> pauses_;
    std::set<std::string> slow_;  // sources whose looks are stretched, as the log knows
    wakeup work_;
    bool is_resting_ = false;
    bool is_waiting_ = false;
};

}  // namespace linkspan
