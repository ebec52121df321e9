#include "cmd/linkspan/app.hpp"

#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/profile_store.hpp"
#include "store/facts.hpp"
#include "store/flows.hpp"
#include "store/uses.hpp"
#include "store/watches.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <future>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

constexpr milliseconds settle_time{2'000};    // behind the grace time: to store how the cut sends ended
constexpr milliseconds token_calls_beat{20};  // between two looks whether calls of token endpoints have ended
constexpr std::chrono::minutes housekeeping_beat{10};
constexpr std::int64_t forgotten_at_once = 1'000;  // delivery ids; keeps the transaction short

std::string what(std::exception_ptr const& failure)
{
    try
    {
        std::rethrow_exception(failure);
    }
    catch (std::exception const& caught)
    {
        return caught.what();
    }
    catch (...)
    {
        return "unknown exception";
    }
}

linkspan::clock make_clock(asio::io_context& loop, std::optional<time_point> start)
{
    return start ? linkspan::clock(loop, *start) : linkspan::clock(loop);
}

}  // namespace

app::app(app_settings settings, linkspan::log& log)
    : settings_(std::move(settings)),
      log_(log),
      clock_(make_clock(loop_, settings_.virtual_start)),
      loops_(
          loop_,
          [this](std::string const& task, std::exception_ptr failure)
          { fail(error(errc::internal, task + " ended: " + what(failure))); }
      ),
      steady_(
          loop_,
          [this](std::string const& task, std::exception_ptr failure)
          { fail(error(errc::internal, task + " ended: " + what(failure))); }
      ),
      sends_(
          loop_,
          [this](std::string const& task, std::exception_ptr failure)
          { fail(error(errc::internal, task + " ended: " + what(failure))); }
      ),
      asks_(
          loop_,
          [this](std::string const& task, std::exception_ptr failure)
          { fail(error(errc::internal, task + " ended: " + what(failure))); }
      ),
      ending_(loop_, [this](std::string const&, std::exception_ptr) { loop_.stop(); })
{
    settings_.paths.keys = key_reader_of(settings_.paths);
    if (settings_.virtual_start)
        virtual_now_ = to_milliseconds(*settings_.virtual_start);
}

app::~app()
{
    // The servers and the client first: what they hold runs on the loop.
    public_server_.reset();
    admin_server_.reset();
    store_.reset();
}

time_point app::now() const
{
    if (settings_.virtual_start)
        return from_milliseconds(virtual_now_.load());
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

result<std::unique_ptr<app>> app::open(app_settings settings, linkspan::log& log)
{
    std::unique_ptr<app> out(new app(std::move(settings), log));
    auto& self = *out;
    auto const& server = self.settings_.configuration.server;

    store::settings storing;
    storing.file = self.settings_.paths.database;
    storing.durable = self.settings_.durable;
    storing.writing.now = [&self] { return self.now(); };
    storing.writing.on_group = [&self](std::size_t writes) { self.counts_.observe_commit(writes); };
    storing.writing.on_foreign_commit = [&self]
    {
        self.reload_links();
        self.digest_->notify_from_start();
    };
    storing.writing.on_fatal = [&self](error why) { self.fail(std::move(why)); };
    auto opened = store::open(self.loop_, std::move(storing));
    if (!opened)
        return opened.error();
    self.store_ = std::move(*opened);

    http_client::settings sending;
    sending.proxy = server.proxy;
    sending.ca_bundle = server.ca_bundle;
    sending.user_agent = "linkspan/" LINKSPAN_VERSION;
    self.client_ = std::make_unique<http_client>(self.loop_, sending);
    self.token_client_ = std::make_unique<http_client>(self.loop_, sending);
    self.services_ =
        std::make_unique<sink_services>(*self.client_, self.settings_.print, self.settings_.colour);
    self.services_->now = [&self] { return self.now(); };
    self.services_->request_timeout = seconds(server.request_timeout_seconds);

    self.make_keeper();
    self.make_sign_in();
    self.make_watching();
    deliver_loop::parts const delivering{
        *self.store_, self.clock_, self.counts_, log, self.sends_, *self.services_, *self.keeper_};
    self.deliver_ = std::make_unique<deliver_loop>(delivering, self.settings_.configuration);
    digest_loop::parts const digesting{
        *self.store_,
        self.clock_,
        self.counts_,
        log,
        [&self](std::vector<lane> const& lanes) { self.deliver_->planned(lanes); },
        [&self] { self.watch_->notify(); },
        [&self] { self.enrich_->notify(); }};
    self.digest_ = std::make_unique<digest_loop>(digesting, rules_of(self.settings_.configuration));
    ingest::parts const receiving{
        *self.store_,
        self.counts_,
        log,
        [&self] { return self.now(); },
        [&self] { self.digest_->notify(); },
        [&self](std::string const& instance) { self.catch_up_->expect_losses(instance); }};
    self.ingest_ = std::make_unique<ingest>(receiving, self.settings_.configuration);

    if (auto const done = self.open_links(); !done)
        return done.error();
    // Nothing is received before it is known which rows ended the process before, if any did.
    self.steady_.spawn("clearing of suspects", self.digest_->clear_suspects());
    self.loop_.run();
    self.loop_.restart();
    if (self.failure_)
        return *self.failure_;
    if (auto const done = self.start_listening(); !done)
        return done.error();
    return out;
}

result<> app::start_listening()
{
    auto const& server = settings_.configuration.server;
    server_limits limits;
    limits.connections_max = static_cast<std::size_t>(server.connections_max);
    limits.in_flight_bytes_max = static_cast<std::size_t>(server.in_flight_bytes_max);
    public_server_ =
        std::make_unique<http_server>(loop_, limits, handler_of(listener::open), observer_of(listener::open));
    admin_server_ = std::make_unique<http_server>(
        loop_, server_limits(), handler_of(listener::admin), observer_of(listener::admin)
    );
    if (auto bound = public_server_->listen(server.listen.host, server.listen.port); !bound)
        return bound;
    return admin_server_->listen(server.admin_listen.host, server.admin_listen.port);
}

listen_address app::public_address() const
{
    return {settings_.configuration.server.listen.host, public_server_->port()};
}

listen_address app::admin_address() const
{
    return {settings_.configuration.server.admin_listen.host, admin_server_->port()};
}

result<> app::run()
{
    steady_.spawn("the digest loop", digest_->run());
    loops_.spawn("the deliver loop", deliver_->run());
    loops_.spawn("the refresh loop", refresh_->run());
    loops_.spawn("the watch loop", watch_->run());
    loops_.spawn("the catch-up loop", catch_up_->run());
    loops_.spawn("the enrich loop", enrich_->run());
    loops_.spawn("housekeeping", housekeeping());
    auto const guard = asio::make_work_guard(loop_);
    loop_.run();
    if (failure_)
        return *failure_;
    return {};
}

void app::stop()
{
    asio::post(
        loop_,
        [this]
        {
            if (std::exchange(is_stopping_, true))
                return;
            log_.info("stopping", {{"grace_seconds", settings_.configuration.server.grace_seconds}});
            ending_.spawn("shut down", shut_down());
        }
    );
}

void app::fail(error why)
{
    if (!failure_)
    {
        log_.error("the program stops", {{"why", why.message}});
        failure_ = std::move(why);
    }
    stop();
}

void app::advance(milliseconds duration)
{
    virtual_now_ += duration.count();
    asio::post(loop_, [this, duration] { clock_.advance(duration); });
}

std::optional<time_point> app::next_due()
{
    std::promise<std::optional<time_point>> answer;
    asio::post(loop_, [this, &answer] { answer.set_value(clock_.next_due()); });
    return answer.get_future().get();
}

bool app::is_quiet()
{
    std::promise<bool> answer;
    auto const look = [this, &answer]
    {
        answer.set_value(
            asks_.size() == catch_up_->paused() && store_->queued_writes() == 0 && digest_->is_waiting() &&
            watch_->is_waiting() && catch_up_->is_waiting() && enrich_->is_waiting()
        );
    };
    asio::post(loop_, look);
    return answer.get_future().get();
}

// Stop accepting, finish what is in flight, settle what was sent, then end.
asio::awaitable<void> app::shut_down()
{
    auto const begun = std::chrono::steady_clock::now();
    auto const end = begun + seconds(settings_.configuration.server.grace_seconds);
    auto const left = [end]
    {
        auto const rest = end - std::chrono::steady_clock::now();
        return std::max(std::chrono::duration_cast<milliseconds>(rest), milliseconds(0));
    };
    deliver_->rest();
    digest_->rest();
    refresh_->rest();
    watch_->rest();
    catch_up_->rest();
    enrich_->rest();
    keeper_->rest();
    co_await public_server_->drain(left());
    public_server_->cut();
    loops_.cancel();
    asks_.cancel();
    co_await loops_.wait_empty(left());
    co_await steady_.wait_empty(left());
    co_await sends_.wait_empty(left());
    // What no answer came to in time is settled as unknown, or tried again where nothing was sent.
    client_->cancel();
    co_await asks_.wait_empty(settle_time);
    co_await wait_for_token_calls(std::max(end, begun + settings_.stop_token_time));
    sign_in_->rest();
    token_client_->cancel();
    co_await sends_.wait_empty(settle_time);
    co_await public_server_->drain(settle_time);  // a sign-in that was cut off stores why
    admin_server_->cut();
    clock_.cancel();
    loop_.stop();
}

// Real time: no call waits for a virtual clock.
asio::awaitable<void> app::wait_for_token_calls(std::chrono::steady_clock::time_point end)
{
    asio::steady_timer timer(loop_);
    while (token_client_->in_flight() > 0 && std::chrono::steady_clock::now() < end)
    {
        timer.expires_after(token_calls_beat);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> app::housekeeping()
{
    for (;;)
    {
        co_await clock_.wait_until(clock_.now() + housekeeping_beat);
        for (auto const forget :
             {forget_delivery_ids, forget_flows, forget_uses, forget_watches, forget_facts})
        {
            std::function<result<std::int64_t>(transaction&)> const work = [forget](transaction& tx)
            { return forget(tx, forgotten_at_once); };
            auto forgotten = co_await store_->write<std::int64_t>(work);
            while (forgotten && *forgotten == forgotten_at_once)
                forgotten = co_await store_->write<std::int64_t>(work);
            if (!forgotten)
                log_.warning("housekeeping failed", {{"why", forgotten.error().message}});
        }
    }
}

}  // namespace linkspan
