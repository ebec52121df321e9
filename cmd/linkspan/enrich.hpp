#pragma once
#include "cmd/linkspan/api_asker.hpp"
#include "cmd/linkspan/event_plan.hpp"
#include "cmd/linkspan/log.hpp"
#include "cmd/linkspan/metrics.hpp"
#include "cmd/linkspan/polled_source.hpp"
#include "links/net/clock.hpp"
#include "links/net/task_group.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace linkspan
{

// Asks what messages wait for (core/route/enrichment.hpp), keeps the answers, and decides: each message when
// all that it needs is known, or when its time is up, by what is known then. All of it stands in the store: a
// process that ends leaves messages that wait, and the next one goes on with them.
class enrich_loop
{
public:
    struct parts
    {
        linkspan::store& store;
        linkspan::clock& clock;
        linkspan::metrics& counts;
        linkspan::log& log;
        task_group& questions;  // end by cancellation: the messages still wait, and are asked about again
        api_asker& asker;
        std::function<void(std::vector<lane> const& decided)> on_decided;
    };

    enrich_loop(parts with, rule_set rules);

    // The links were read again.
    void use(std::vector<polled_source> sources);

    // A message waits that did not before.
    void notify() { wake(); }

    // It waits, for time or for a notification.
    bool is_waiting() const { return is_waiting_; }

    // Asks and decides nothing more.
    void rest() { is_resting_ = true; }

    // Runs until it is cancelled.
    boost::asio::awaitable<void> run();

private:
    // A question that is being asked, or was asked in vain.
    struct attempt
    {
        bool is_busy = false;
        time_point again_at;  // not before
        std::string fault;
    };
    // What decides an event, in words.
    struct verdict_for
    {
        waiting_event of;
        missing_facts missing;
    };
    struct decision_batch;

    boost::asio::awaitable<time_point> dispatch();
    bool is_ready(waiting_event const& of, time_point now) const;
    time_point look_again_at(waiting_event const& of) const;
    missing_facts missing_of(waiting_event const& of) const;
    void ask_for(waiting_event const& of, time_point now);
    void start(fact_question const& question, time_point now);
    boost::asio::awaitable<void> ask(polled_source source, fact_question question);
    boost::asio::awaitable<result<>> keep(polled_source source, fact_question question, api_reply reply);
    void after_fault(fact_question const& question, api_reply const& reply);
    boost::asio::awaitable<result<>> decide_all(std::vector<verdict_for> ready);
    void tell(verdict_for const& ready, decided_event const& done);
    void forget_attempts(time_point now);

    void wake()
    {
        is_waiting_ = false;
        work_.notify();
    }

    parts with_;
    rule_set const rules_;
    std::vector<polled_source> sources_;
    std::map<fact_question, attempt> attempts_;
    std::size_t busy_ = 0;
    std::size_t answers_ = 0;  // that were kept so far
    wakeup work_;
    bool is_resting_ = false;
    bool is_waiting_ = false;
};

}  // namespace linkspan
