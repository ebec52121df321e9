#pragma once
#include "cmd/linkspan/api_asker.hpp"
#include "cmd/linkspan/log.hpp"
#include "cmd/linkspan/polled_source.hpp"
#include "links/net/clock.hpp"
#include "links/net/task_group.hpp"
#include "store/build_watches.hpp"
#include "store/store.hpp"

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
// on Data Center at the builds of their heads, as core/watch/builds.hpp says. It puts what it sees into the
// inbox. The watches stand in the store: they begin there with an event (the
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

    // The links were read again. What is known of a source stays where nothing about it has changed.
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
    enum class watched_thing
    {
        comments,  // and tasks
        builds,
    };
    using place_key = std::tuple<std::string, std::string, std::int64_t, watched_thing>;
    // No look before that: one failed, or the budget has no room.
    struct pause
    {
        time_point until;
        int failures = 0;
    };

    // What is known of a pull request that bears on what is asked of it.
    struct ground
    {
        time_point since;  // when its repository is watched
        // On Data Center the commit whose builds are asked for; nothing where it is closed, or not known.
        std::optional<std::string> head;

        ground() = default;
    };
    // row: nothing where no build was shown.
    struct built
    {
        std::optional<inbox_entry> row;
        bitbucket::api_outcome ended;
        std::optional<time_point> held_until;

        built() = default;
    };

    static place_key key_of(watch_place const& of, watched_thing what);
    bool is_due(place_key const& key, time_point due_at, time_point& next) const;
    boost::asio::awaitable<time_point> dispatch();
    boost::asio::awaitable<time_point> dispatch_source(polled_source source);
    void start(polled_source const& source, watched_pull_request of, std::optional<due_look> due);
    boost::asio::awaitable<void> look(polled_source source, watched_pull_request of, bool with_tasks);
    boost::asio::awaitable<result<>> keep(
        watched_pull_request of, std::vector<inbox_entry> rows, bool with_tasks, time_point asked_at
    );
    boost::asio::awaitable<void> end(watched_pull_request of);
    void after_end(place_key const& key, result<bool> const& done);
    boost::asio::awaitable<void> after_fault(
        polled_source source, place_key key, std::string full_name, bitbucket::api_outcome ended
    );
    boost::asio::awaitable<ground> read_ground(edition of, watch_place place, std::string full_name);
    void start_builds(polled_source const& source, watched_builds of, bool is_over);
    boost::asio::awaitable<void> look_at_builds(polled_source source, watched_builds of);
    boost::asio::awaitable<built> ask_builds(polled_source source, watched_builds of, ground known);
    boost::asio::awaitable<result<>> keep_builds(
        watch_place of, std::optional<inbox_entry> row, time_point asked_at
    );
    boost::asio::awaitable<void> end_builds(watched_builds of);
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
