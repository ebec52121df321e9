#pragma once
#include "cmd/linkspan/api_asker.hpp"
#include "cmd/linkspan/catch_up.hpp"
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/deliver.hpp"
#include "cmd/linkspan/digest.hpp"
#include "cmd/linkspan/enrich.hpp"
#include "cmd/linkspan/ingest.hpp"
#include "cmd/linkspan/paths.hpp"
#include "cmd/linkspan/refresh.hpp"
#include "cmd/linkspan/routes.hpp"
#include "cmd/linkspan/sign_in.hpp"
#include "cmd/linkspan/token_keeper.hpp"
#include "cmd/linkspan/watch.hpp"
#include "links/net/client.hpp"
#include "links/net/clock.hpp"
#include "links/net/server.hpp"
#include "links/net/task_group.hpp"
#include "links/oauth/client.hpp"
#include "store/grants.hpp"
#include "store/store.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace linkspan
{

struct app_settings
{
    linkspan::config configuration;
    profile_paths paths;
    std::function<outcome(std::string_view text)> print;  // the console destination's way out
    bool colour = false;
    std::optional<time_point> virtual_start;  // tests: time stands still until advance() moves it
    durability durable = durability::full;    // tests: what a power cut takes
    // How long a stop waits, from its begin, for calls of token endpoints: an answer may hold the only token
    // that lives. Longer than any such call, and shorter than TimeoutStopSec of the systemd unit.
    milliseconds stop_token_time = oauth::token_call_timeout + seconds(2);

    app_settings() {}
};

// The daemon: owns the loop, the store, the links and the three loops of work, and carries values between
// them. What `linkspan serve` starts, and every end-to-end test.
//
//   open() --> run() ... stop() --> run() returns
//
// All but run() and open() may be called from any thread.
class app
{
public:
    // Takes the profile, migrates, opens the links, binds both listeners (they answer once run() runs).
    // Errors as store::open, vault::open and http_server::listen.
    static result<std::unique_ptr<app>> open(app_settings settings, linkspan::log& log);
    ~app();
    app(app const&) = delete;
    app& operator=(app const&) = delete;

    // Works until stop(), or until a loop or the store fails: then errc::internal says why.
    result<> run();

    // Stops taking requests, finishes what is in flight within [server] grace_seconds, calls of token
    // endpoints within stop_token_time, then lets run() return.
    void stop();

    // Virtual time only.
    void advance(milliseconds duration);

    // Virtual time only: when the next wait of the app ends, as the loop knows it when it comes to answer;
    // nothing where there is none. Not while run() does not run.
    std::optional<time_point> next_due();

    // Virtual time only, and as above: nothing is asked of Bitbucket, digested or written, but for what waits
    // for time. What the loop was told to do a moment ago may not have begun: who waits for the end of it
    // asks twice.
    bool is_quiet();

    listen_address public_address() const;
    listen_address admin_address() const;

private:
    app(app_settings settings, linkspan::log& log);

    result<> open_links();
    result<> start_listening();
    void make_keeper();
    void use(std::shared_ptr<link_directory const> links);
    keeper_store store_for_keeper();
    void make_sign_in();
    void make_watching();
    void tell_refresh(open_link const& link, std::string_view what, std::string_view why);
    void reload_links();
    boost::asio::awaitable<void> reload();
    boost::asio::awaitable<void> housekeeping();
    boost::asio::awaitable<void> shut_down();
    boost::asio::awaitable<void> wait_for_token_calls(std::chrono::steady_clock::time_point end);
    void fail(error why);

    admission admit(listener on, http_request const& head);
    boost::asio::awaitable<http_response> handle(listener on, http_request request);
    boost::asio::awaitable<http_response> answer_readyz();
    boost::asio::awaitable<http_response> answer_metrics();
    std::size_t count_faults(std::vector<link_grant_row> const& grants) const;
    http_handler handler_of(listener on);
    server_observer observer_of(listener on);
    time_point now() const;

    app_settings settings_;
    linkspan::log& log_;
    std::atomic<std::int64_t> virtual_now_{0};
    boost::asio::io_context loop_{1};
    linkspan::clock clock_;
    metrics counts_;
    std::unique_ptr<http_client> client_;
    std::unique_ptr<http_client> token_client_;  // apart: at a stop its calls are not cut with the others
    std::unique_ptr<sink_services> services_;
    std::unique_ptr<link_services> calls_;
    std::unique_ptr<token_keeper> keeper_;
    task_group loops_;   // end by cancellation
    task_group steady_;  // the digest loop: ends by itself, between two batches
    task_group sends_;
    task_group asks_;  // of Bitbucket's API: end by cancellation, and are made again
    task_group ending_;
    std::unique_ptr<linkspan::store> store_;  // behind the loop: its threads end first
    std::unique_ptr<sign_in> sign_in_;
    std::unique_ptr<ingest> ingest_;
    std::unique_ptr<digest_loop> digest_;
    std::unique_ptr<deliver_loop> deliver_;
    std::unique_ptr<refresh_loop> refresh_;
    std::unique_ptr<api_asker> asker_;
    std::unique_ptr<watch_loop> watch_;
    std::unique_ptr<catch_up_loop> catch_up_;
    std::unique_ptr<enrich_loop> enrich_;
    std::shared_ptr<link_directory const> links_;
    std::unique_ptr<http_server> public_server_;
    std::unique_ptr<http_server> admin_server_;
    std::optional<error> failure_;
    bool is_stopping_ = false;
    bool is_reloading_ = false;
    bool reloads_again_ = false;  // something changed while the links were read
};

}  // namespace linkspan
