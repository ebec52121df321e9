#include "cmd/linkspan/app.hpp"
#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/respond.hpp"
#include "store/budgets.hpp"
#include "store/grants.hpp"
#include "store/watches.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

result<std::vector<metrics::budget_reading>> read_budgets(transaction& tx)
{
    auto const stored = list_budgets(tx);
    if (!stored)
        return stored.error();
    std::vector<metrics::budget_reading> out;
    if (stored->empty())
        return out;
    auto const names = names_of_links(tx);
    if (!names)
        return names.error();
    for (auto const& [link, state] : *stored)
        out.push_back(
            {name_of(*names, link.value), name_of(state.resource), state.limit, spent_of(state, tx.now())}
        );
    return out;
}

}  // namespace

http_handler app::handler_of(listener on)
{
    http_handler out;
    out.admit = [this, on](http_request const& head) { return admit(on, head); };
    out.handle = [this, on](http_request request) { return handle(on, std::move(request)); };
    return out;
}

server_observer app::observer_of(listener on)
{
    server_observer out;
    out.refused = [this, on](int status, std::string_view why)
    {
        if (on == listener::open)
            counts_.count_received(status == 413 ? "too_large" : status == 503 ? "unavailable" : "refused");
        if (on == listener::open && status == 503)
            catch_up_->expect_losses();
        log_.warning("request refused", {{"status", status}, {"why", why}});
    };
    return out;
}

admission app::admit(listener on, http_request const& head)
{
    auto found = find_route(on, head.method, head.target);
    if (auto* refused = std::get_if<http_response>(&found))
    {
        if (on == listener::open)
            counts_.count_received("refused");
        return std::move(*refused);
    }
    auto const& match = std::get<route_match>(found);
    if (match.leads_to == endpoint::webhook)
        return ingest_->admit(match.parameter);
    return std::size_t(0);
}

asio::awaitable<http_response> app::handle(listener on, http_request request)
{
    auto found = find_route(on, request.method, request.target);
    if (auto* refused = std::get_if<http_response>(&found))
        co_return std::move(*refused);
    auto& match = std::get<route_match>(found);
    switch (match.leads_to)
    {
        case endpoint::webhook:
        {
            auto answer = co_await ingest_->receive(std::move(match.parameter), std::move(request));
            co_return answer;
        }
        case endpoint::start:
        {
            auto answer = co_await sign_in_->start(std::move(request));
            co_return answer;
        }
        case endpoint::callback:
        {
            auto answer = co_await sign_in_->callback(std::move(request));
            co_return answer;
        }
        case endpoint::healthz:
            co_return respond(200, "ok");
        case endpoint::readyz:
        {
            auto answer = co_await answer_readyz();
            co_return answer;
        }
        case endpoint::metrics:
        {
            auto answer = co_await answer_metrics();
            co_return answer;
        }
    }
    co_return respond(404, "there is nothing here");
}

// Ready means: a write reaches the disk, and the loops run.
asio::awaitable<http_response> app::answer_readyz()
{
    if (is_stopping_ || loops_.size() < 6 || steady_.size() < 1)
        co_return respond(503, "stopping");
    std::function<result<bool>(transaction&)> work = [](transaction& tx) { return probe_write(tx); };
    auto const written = co_await store_->write<bool>(std::move(work));
    if (!written)
    {
        log_.warning("not ready", {{"why", written.error().message}});
        co_return respond(503, "the store takes no writes");
    }
    co_return respond(200, "ready");
}

std::size_t app::count_faults(std::vector<link_grant_row> const& grants) const
{
    auto const is_fault = [this](link_grant_row const& row)
    {
        auto of = row.grant;
        auto const* link = links_->find(row.link.value);
        // Of one that was left out nobody knows whether it renews itself.
        of.renews_itself = link == nullptr || renews_itself(*link->kind);
        return fault_of(of, now()) != grant_fault::none;
    };
    return static_cast<std::size_t>(std::ranges::count_if(grants, is_fault));
}

asio::awaitable<http_response> app::answer_metrics()
{
    struct depths
    {
        inbox_depth inbox;
        delivery_depth deliveries;
        std::vector<link_grant_row> grants;
        std::int64_t watches = 0;
        std::vector<metrics::budget_reading> budgets;
    };
    std::function<result<depths>(transaction&)> work = [](transaction& tx) -> result<depths>
    {
        auto inbox = depth_of_inbox(tx);
        if (!inbox)
            return inbox.error();
        auto deliveries = depth_of_deliveries(tx);
        if (!deliveries)
            return deliveries.error();
        auto grants = list_grants(tx);
        if (!grants)
            return grants.error();
        auto const watches = count_watches(tx);
        if (!watches)
            return watches.error();
        auto budgets = read_budgets(tx);
        if (!budgets)
            return budgets.error();
        return depths{
            std::move(*inbox), std::move(*deliveries), std::move(*grants), *watches, std::move(*budgets)};
    };
    auto const read = co_await store_->read<depths>(std::move(work));
    if (!read)
        co_return respond(read.error());
    metrics::readings now_read;
    now_read.inbox = read->inbox;
    now_read.deliveries = read->deliveries;
    now_read.links_needing_reauth = count_faults(read->grants);
    now_read.held_destinations = deliver_->held_destinations();
    now_read.queued_writes = store_->queued_writes();
    now_read.connections = public_server_->connections();
    now_read.watches = read->watches;
    now_read.api_tasks = asks_.size();
    now_read.budgets = read->budgets;
    now_read.now = now();
    co_return respond(200, counts_.to_text(now_read), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace linkspan
