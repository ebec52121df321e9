#pragma once
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/link_directory.hpp"
#include "cmd/linkspan/log.hpp"
#include "cmd/linkspan/metrics.hpp"
#include "cmd/linkspan/token_keeper.hpp"
#include "links/net/clock.hpp"
#include "links/net/task_group.hpp"
#include "store/deliveries.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace linkspan
{

// Sends what was planned. A lane is a destination and a conversation: order is kept inside a lane, lanes do
// not wait for each other, and a head that is retried is never overtaken. The store decides what is next and
// counts every attempt before it is made; here stands only which lanes are awake.
class deliver_loop
{
public:
    struct parts
    {
        linkspan::store& store;
        linkspan::clock& clock;
        linkspan::metrics& counts;
        linkspan::log& log;
        task_group& sends;  // one task for each lane that is busy
        sink_services& services;
        token_keeper& keeper;
    };

    deliver_loop(parts with, config const& settings);

    // Lanes have something new.
    void planned(std::vector<lane> const& lanes);

    // New credentials: what a held destination waited for may be there.
    void use(std::shared_ptr<link_directory const> links);

    // Sends nothing more: what is in flight is settled, then its lanes rest.
    void rest();

    // Runs until it is cancelled.
    boost::asio::awaitable<void> run();

    std::size_t held_destinations() const;

private:
    struct destination
    {
        destination_config settings;
        bool is_held = false;
        std::optional<lane>
            probe;                // held: the lane whose message is on its way to see whether it works again
        time_point look_at;       // held: when to look
        time_point paused_until;  // the service asked for a pause
        time_point link_updated_at;  // of the link when it was held
        std::size_t busy = 0;        // lanes that are sending
        std::deque<lane> crowded;    // due, but sends_max are busy
        std::set<lane> is_crowded;   // the same

        bool may_send(time_point now) const { return !is_held && paused_until <= now; }
    };

    boost::asio::awaitable<result<>> load();
    void dispatch();
    void wake(lane const& on, time_point due);
    bool may_start(destination& to, lane const& on, time_point now);
    boost::asio::awaitable<void> run_lane(lane on);
    boost::asio::awaitable<outcome> send(destination const& to, begun_delivery const& next);
    boost::asio::awaitable<outcome> send_with_token(open_link link, message_request request);
    milliseconds wait_for_token(link_id const& link) const;
    boost::asio::awaitable<result<next_in_lane>> step(
        lane on, std::optional<settled_delivery> settled, bool lifts
    );
    boost::asio::awaitable<result<next_in_lane>> persist(
        lane on, std::optional<settled_delivery> settled, bool lifts
    );
    void learn(destination& to, lane const& on, settled_delivery const& settled, bool lifts);
    void end_lane(destination& to, lane const& on, std::optional<time_point> due_at);
    void wake_crowded(destination& to, time_point now);

    parts with_;
    retry_schedule schedule_;
    std::shared_ptr<link_directory const> links_;
    std::map<std::string, destination, std::less<>> destinations_;
    std::map<lane, time_point> due_;                 // lanes at rest that have something to send
    std::set<std::pair<time_point, lane>> by_time_;  // the same, in order of time
    std::set<lane> busy_;                            // lanes with a task
    std::set<lane> again_;                           // busy lanes that got something new meanwhile
    std::set<std::string> unknown_told_;             // destinations that the configuration does not have
    wakeup work_;
    bool is_resting_ = false;
};

}  // namespace linkspan
