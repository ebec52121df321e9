#pragma once
#include "cmd/linkspan/link_directory.hpp"
#include "cmd/linkspan/log.hpp"
#include "cmd/linkspan/token_keeper.hpp"
#include "links/net/clock.hpp"
#include "links/net/task_group.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <set>

namespace linkspan
{

// Gets the next token of each link before the one in use ends, and keeps those of idle links alive. When to
// do so is decided in core/oauth/grant.
class refresh_loop
{
public:
    struct parts
    {
        linkspan::store& store;
        linkspan::clock& clock;
        linkspan::log& log;
        task_group& calls;  // one task for each link that refreshes: they are waited for, never cut off
        token_keeper& keeper;
    };

    explicit refresh_loop(parts with);

    // The links were read again: their tokens may have changed as well.
    void use(std::shared_ptr<link_directory const> links);

    // Begins nothing more.
    void rest();

    // Runs until it is cancelled.
    boost::asio::awaitable<void> run();

private:
    boost::asio::awaitable<time_point> dispatch();
    void tell_fault(open_link const& link, grant const& state, time_point now);
    bool may_start(open_link const& link, grant const& state, time_point now, time_point& next);
    boost::asio::awaitable<void> refresh_one(open_link link);

    parts with_;
    std::shared_ptr<link_directory const> links_;
    std::set<link_id> busy_;
    std::map<link_id, time_point> failed_until_;  // what the store could not be told
    std::map<link_id, grant_fault> told_;         // what stands in the log
    wakeup work_;
    bool is_resting_ = false;
};

}  // namespace linkspan
