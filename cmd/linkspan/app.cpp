#include "cmd/linkspan/app.hpp"

#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/respond.hpp"
#include "store/flows.hpp"
#include "store/uses.hpp"

#include <boost/asio/post.hpp>

#include <chrono>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

constexpr milliseconds settle_time{2'000};  // behind the grace time: to store how the cut sends ended
constexpr std::chrono::minutes housekeeping_beat{10};
constexpr std::int64_t forgotten_at_once = 1'000;  // delivery ids; keeps the transaction short
constexpr milliseconds reload_wait{1'000};

result<std::shared_ptr<link_directory const>> load_links(transaction& tx, key_reader& reader)
{
    auto const keys = keys_of_daemon(tx, reader);
    if (!keys)
        return keys.error();
    return link_directory::load(tx, *keys, "there is no master key");
}

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

void tell_sign_in(log& into, sign_in_news const& news)
{
    auto const level = news.is_good ? log_level::info : log_level::warning;
    if (news.link.empty())
        into.write(level, news.what, {{"why", news.why}});
    else
        into.write(level, news.what, {{"link", news.link}, {"why", news.why}});
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
    storing.writing.on_foreign_commit = [&self] { self.reload_links(); };
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
    self.services_ =
        std::make_unique<sink_services>(*self.client_, self.settings_.print, self.settings_.colour);
    self.services_->now = [&self] { return self.now(); };
    self.services_->request_timeout = seconds(server.request_timeout_seconds);

    self.make_keeper();
    self.make_sign_in();
    deliver_loop::parts const delivering{
        *self.store_, self.clock_, self.counts_, log, self.sends_, *self.services_, *self.keeper_};
    self.deliver_ = std::make_unique<deliver_loop>(delivering, self.settings_.configuration);
    digest_loop::parts const digesting{
        *self.store_, self.clock_, self.counts_, log, [&self](std::vector<lane> const& lanes) {
            self.deliver_->planned(lanes);
        }};
    self.digest_ = std::make_unique<digest_loop>(digesting, self.settings_.configuration.rules);
    ingest::parts const receiving{
        *self.store_, self.counts_, log, [&self] { return self.now(); }, [&self] { self.digest_->notify(); }};
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

// Before the loop runs: a profile whose credentials cannot be opened does not start.
result<> app::open_links()
{
    auto reading = command_store::open(settings_.paths.database);
    if (!reading)
        return reading.error();
    std::function<result<std::shared_ptr<link_directory const>>(transaction&)> const work =
        [this](transaction& tx) { return load_links(tx, *settings_.paths.keys); };
    if (auto const named = name_keys(*reading, *settings_.paths.keys, now()); !named)
        return named.error();
    auto links = reading->read(now(), work);
    if (!links)
        return links.error();
    for (auto const& problem : (*links)->problems())
        log_.error("link left out", {{"why", problem}});
    use(*links);
    return {};
}

void app::use(std::shared_ptr<link_directory const> links)
{
    links_ = links;
    ingest_->use(links);
    deliver_->use(links);
    refresh_->use(std::move(links));
}

void app::make_keeper()
{
    calls_ = std::make_unique<link_services>(*client_, [this] { return now(); });
    token_keeper::parts keeping{loop_, clock_, *calls_, store_for_keeper(), {}};
    keeping.tell = [this](open_link const& link, std::string_view what, std::string_view why)
    { tell_refresh(link, what, why); };
    keeping.actor = daemon_actor;
    keeper_ = std::make_unique<token_keeper>(std::move(keeping));
    refresh_ = std::make_unique<refresh_loop>(refresh_loop::parts{*store_, clock_, log_, sends_, *keeper_});
}

void app::tell_refresh(open_link const& link, std::string_view what, std::string_view why)
{
    bool const is_done = what == "refreshed";
    bool const needs_person = what == "needs_reauth";
    counts_.count_refresh(is_done || needs_person ? what : "failed");
    log_.write(
        is_done        ? log_level::info
        : needs_person ? log_level::error
                       : log_level::warning,
        "token " + std::string(what),
        {{"link", link.id.value}, {"template", link.kind->name}, {"why", why}}
    );
}

void app::make_sign_in()
{
    auto const tell = [this](sign_in_news const& news)
    {
        tell_sign_in(log_, news);
        // The writer sees commits of other processes only, and this one brought tokens and perhaps fields.
        if (news.has_tokens)
            reload_links();
    };
    sign_in_ =
        std::make_unique<sign_in>(sign_in::parts{*calls_, sign_in_store_of(*store_, settings_.paths), tell});
}

keeper_store app::store_for_keeper()
{
    return [this](keeper_work work) -> asio::awaitable<result<access>>
    {
        auto const links = links_;
        auto const reader = settings_.paths.keys;
        std::function<result<access>(transaction&)> const in_transaction =
            [links, reader, work](transaction& tx) -> result<access>
        {
            // Read inside: no rotation comes between, and a token that was just got must not be lost to one.
            auto const keys = reader->read(tx);
            if (keys)
                return work(tx, *keys);
            if (!links->keys())
                return keys.error();
            return work(tx, *links->keys());
        };
        co_return co_await store_->write<access>(in_transaction);
    };
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

// Stop accepting, finish what is in flight, settle what was sent, then end.
asio::awaitable<void> app::shut_down()
{
    auto const end = std::chrono::steady_clock::now() + seconds(settings_.configuration.server.grace_seconds);
    auto const left = [end]
    {
        auto const rest = end - std::chrono::steady_clock::now();
        return std::max(std::chrono::duration_cast<milliseconds>(rest), milliseconds(0));
    };
    deliver_->rest();
    digest_->rest();
    refresh_->rest();
    co_await public_server_->drain(left());
    public_server_->cut();
    loops_.cancel();
    co_await loops_.wait_empty(left());
    co_await steady_.wait_empty(left());
    co_await sends_.wait_empty(left());
    // What no answer came to in time is settled as unknown, or tried again where nothing was sent.
    client_->cancel();
    co_await sends_.wait_empty(settle_time);
    admin_server_->cut();
    clock_.cancel();
    loop_.stop();
}

asio::awaitable<void> app::housekeeping()
{
    for (;;)
    {
        co_await clock_.wait_until(clock_.now() + housekeeping_beat);
        for (auto const forget : {forget_delivery_ids, forget_flows, forget_uses})
        {
            std::function<result<std::int64_t>(transaction&)> const work = [forget](transaction& tx)
            { return forget(tx, forgotten_at_once); };
            auto forgotten = co_await store_->write<std::int64_t>(work);
            while (forgotten && *forgotten == forgotten_at_once)
                forgotten = co_await store_->write<std::int64_t>(work);
            if (!forgotten)
                log_.warning("housekeeping failed", {{"why", forgotten.error().message}});
        }
        std::function<result<std::int64_t>(transaction&)> const old_flows = [](transaction& tx)
        { return forget_flows(tx, forgotten_at_once); };
        auto const ended = co_await store_->write<std::int64_t>(old_flows);
        if (!ended)
            log_.warning("housekeeping failed", {{"why", ended.error().message}});
    }
}

void app::reload_links()
{
    if (!is_stopping_)
        loops_.spawn("reload of links", reload());
}

asio::awaitable<void> app::reload()
{
    using directory = std::shared_ptr<link_directory const>;
    auto const keys = settings_.paths.keys;
    std::function<result<directory>(transaction&)> const work = [keys](transaction& tx)
    { return load_links(tx, *keys); };
    auto links = co_await store_->read<directory>(work);
    while (!links)
    {
        // A rotated token must not wait for the next change of somebody.
        log_.error("links not read again, the old ones stay", {{"why", links.error().message}});
        co_await clock_.wait_until(clock_.now() + reload_wait);
        links = co_await store_->read<directory>(work);
    }
    for (auto const& problem : (*links)->problems())
        log_.error("link left out", {{"why", problem}});
    use(*links);
    log_.info("links read again", {{"links", std::int64_t((*links)->all().size())}});
}

// --- requests
// ---------------------------------------------------------------------------------------------------

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
    if (is_stopping_ || loops_.size() < 3 || steady_.size() < 1)
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

asio::awaitable<http_response> app::answer_metrics()
{
    struct depths
    {
        inbox_depth inbox;
        delivery_depth deliveries;
        std::size_t needing_reauth = 0;
    };
    std::function<result<depths>(transaction&)> work = [](transaction& tx) -> result<depths>
    {
        auto inbox = depth_of_inbox(tx);
        if (!inbox)
            return inbox.error();
        auto deliveries = depth_of_deliveries(tx);
        if (!deliveries)
            return deliveries.error();
        auto const needing = count_needing_reauth(tx);
        if (!needing)
            return needing.error();
        return depths{std::move(*inbox), std::move(*deliveries), *needing};
    };
    auto const read = co_await store_->read<depths>(std::move(work));
    if (!read)
        co_return respond(read.error());
    metrics::readings now_read;
    now_read.inbox = read->inbox;
    now_read.deliveries = read->deliveries;
    now_read.links_needing_reauth = read->needing_reauth;
    now_read.held_destinations = deliver_->held_destinations();
    now_read.queued_writes = store_->queued_writes();
    now_read.connections = public_server_->connections();
    now_read.now = now();
    co_return respond(200, counts_.to_text(now_read), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace linkspan
