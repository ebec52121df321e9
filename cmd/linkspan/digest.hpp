#pragma once
#include "cmd/linkspan/log.hpp"
#include "cmd/linkspan/metrics.hpp"
#include "core/route/route.hpp"
#include "links/net/clock.hpp"
#include "store/deliveries.hpp"
#include "store/inbox.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace linkspan
{

// The one door to events and snapshots: takes the inbox in order, reads, compares, and writes events,
// snapshots and planned deliveries in one transaction (docs/explanation/architecture.md).
class digest_loop
{
public:
    struct parts
    {
        linkspan::store& store;
        linkspan::clock& clock;
        linkspan::metrics& counts;
        linkspan::log& log;
        std::function<void(std::vector<lane> const& planned)> on_planned;
        std::function<void()> on_armed = [] {};    // a watch began, or took in a change
        std::function<void()> on_waiting = [] {};  // a message waits for facts
    };

    digest_loop(parts with, rule_set rules);

    // The instances that are asked about: of their events watches are made and ended. with_webhooks: those of
    // which webhooks are expected, so that it is told where one did not come.
    void watch(std::set<std::string> asked, std::set<std::string> with_webhooks)
    {
        watched_instances_ = std::move(asked);
        webhook_instances_ = std::move(with_webhooks);
    }

    // The destinations whose messages people read: what a look behind a long outage finds is told there as
    // one story.
    void fold_for(std::set<std::string> destinations) { folding_ = std::move(destinations); }

    // The inbox has a new row.
    void notify()
    {
        is_waiting_ = false;
        work_.notify();
    }

    // The inbox is empty, and nobody has notified since.
    bool is_waiting() const { return is_waiting_; }

    // Another process has written: rows that it queued again may stand before those that are taken next.
    void notify_from_start()
    {
        starts_over_ = true;
        notify();
    }

    // At a start, before anything else: digests the rows that were counted and not finished when the process
    // ended, each alone. A row that ends the process does so here, three times at most; the others are
    // cleared of it at once, so that a process that is killed again and again sets none of them aside.
    boost::asio::awaitable<void> clear_suspects();

    // Lets run() return between two batches, with no row left counted and not tried.
    void rest();

    // Runs until rest(). An exception out of it is a fault of the program.
    boost::asio::awaitable<void> run();

private:
    struct batch;

    boost::asio::awaitable<result<bool>> digest_next();  // false: the inbox is empty
    struct look_at
    {
        bool only_suspects = false;
        bool no_upcoming = false;
    };
    static result<bool> look(transaction& tx, batch& taken, batch& upcoming, look_at what);
    boost::asio::awaitable<result<>> write_batch(
        std::shared_ptr<batch> taken, std::shared_ptr<batch> upcoming
    );
    boost::asio::awaitable<result<>> set_aside(inbox_row const& row, std::string reason);
    boost::asio::awaitable<result<>> uncount(std::shared_ptr<batch> taken);
    boost::asio::awaitable<result<>> after_failure(std::shared_ptr<batch> taken, error failure);
    void tell(batch const& done);
    void tell_missed(event const& missed);

    parts with_;
    rule_set const rules_;
    std::set<std::string> watched_instances_;
    std::set<std::string> webhook_instances_;
    std::set<std::string> folding_;
    std::map<std::string, time_point> told_missed_;  // by instance and repository
    wakeup work_;
    bool is_resting_ = false;
    bool is_waiting_ = false;
    bool only_suspects_ = false;
    bool starts_over_ = false;        // the next batch is looked for from the inbox's first row
    std::shared_ptr<batch> counted_;  // rows whose attempt is counted, not read yet
};

}  // namespace linkspan
