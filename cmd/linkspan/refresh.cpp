#include "cmd/linkspan/refresh.hpp"

#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/link_state.hpp"

#include <algorithm>
#include <utility>

namespace linkspan
{
namespace
{

constexpr std::size_t refreshes_max = 8;    // at once: a service that hangs must not hold up the others
constexpr milliseconds look_wait{600'000};  // nothing may be due for longer, but the clock may be set
constexpr milliseconds failure_wait{5'000};
constexpr milliseconds refresh_pause{60'000};  // behind one that failed: the store may not know of it

}  // namespace

refresh_loop::refresh_loop(parts with)
    : with_(with), links_(std::make_shared<link_directory>()), work_(with.clock)
{
}

void refresh_loop::use(std::shared_ptr<link_directory const> links)
{
    links_ = std::move(links);
    with_.keeper.forget();
    work_.notify();
}

void refresh_loop::rest()
{
    is_resting_ = true;
}

boost::asio::awaitable<void> refresh_loop::run()
{
    for (;;)
    {
        auto const next = co_await dispatch();
        co_await work_.wait_until(next);
    }
}

// Starts what is due; answers when to look again.
boost::asio::awaitable<time_point> refresh_loop::dispatch()
{
    using rows = std::vector<link_grant_row>;
    std::function<result<rows>(transaction&)> const work = list_grants;
    auto grants = co_await with_.store.read<rows>(work);
    auto const now = with_.clock.now();
    if (!grants)
    {
        with_.log.error("refresh waits", {{"why", grants.error().message}});
        co_return now + failure_wait;
    }
    auto next = now + look_wait;
    auto const links = links_;
    for (auto& row : *grants)
    {
        auto const* link = links->find(row.link.value);
        if (link == nullptr || link->kind->oauth == nullptr)
            continue;
        row.grant.renews_itself = renews_itself(*link->kind);
        tell_fault(*link, row.grant, now);
        if (auto const end = usable_until(row.grant); end && *end > now)
            next = std::min(next, *end);  // from then on it may need a person
        if (may_start(*link, row.grant, now, next))
        {
            busy_.insert(link->id);
            with_.calls.spawn("refresh of link " + link->id.value, refresh_one(*link));
        }
    }
    co_return next;
}

// Once for each fault: it stays until a person has acted.
void refresh_loop::tell_fault(open_link const& link, grant const& state, time_point now)
{
    auto const fault = fault_of(state, now);
    if (fault == grant_fault::none)
    {
        told_.erase(link.id);
        return;
    }
    auto const [known, is_new] = told_.emplace(link.id, fault);
    if (!is_new && std::exchange(known->second, fault) == fault)
        return;
    with_.log.error(
        fault == grant_fault::misused ? "link needs to be corrected" : "link needs to be authorized again",
        {{"link", link.id.value},
         {"why", reason_of(state, fault)},
         {"do", remedy_of(fault, *link.kind, link.id.value)}}
    );
}

bool refresh_loop::may_start(open_link const& link, grant const& state, time_point now, time_point& next)
{
    auto due = next_refresh_at(state, jitter_of(link.id), now);
    if (!due || is_resting_ || busy_.contains(link.id))
        return false;
    if (auto const failed = failed_until_.find(link.id); failed != failed_until_.end())
        due = std::max(*due, std::min(failed->second, now + refresh_pause));
    if (*due > now)
    {
        next = std::min(next, *due);
        return false;
    }
    return busy_.size() < refreshes_max;  // else the end of one of them looks again
}

boost::asio::awaitable<void> refresh_loop::refresh_one(open_link link)
{
    auto const id = link.id;
    auto const done = co_await with_.keeper.refresh(std::move(link));
    busy_.erase(id);
    failed_until_.erase(id);
    if (!done)
        failed_until_[id] = with_.clock.now() + refresh_pause;
    work_.notify();
}

}  // namespace linkspan
