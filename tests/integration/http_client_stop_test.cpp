// How exchanges end when we end them: cancellation, deadlines, destruction.
#include "links/net/deadline.hpp"
#include "tests/support/client_fixture.hpp"
#include "tests/support/scripted_peer.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;
using test::answer_with;
using test::peer_request;
using test::post;
using test::scripted_peer;

class http_client_stop_test : public test::client_fixture
{
};

TEST_F(http_client_stop_test, cancelled_before_and_after_it_was_sent)
{
    scripted_peer peer(loop, [](peer_request const&) { return test::never_answer(); });
    spawn("sent", post(peer.url("/sent")));
    test::run_until(loop, [&peer] { return peer.received().size() == 1; });
    spawn("unsent", post(peer.url("/unsent")));
    test::run_until(loop, [this] { return client->in_flight() == 2; });  // handed to libcurl, no socket yet
    stops["sent"].emit(asio::cancellation_type::terminal);
    stops["unsent"].emit(asio::cancellation_type::terminal);
    run_until_ended(2);
    EXPECT_EQ(results["sent"].fate, exchange_fate::unknown);
    EXPECT_EQ(results["unsent"].fate, exchange_fate::cancelled);
    EXPECT_NE(results["sent"].reason.find("stopped by us before the answer"), std::string::npos);
    EXPECT_NE(results["unsent"].reason.find("stopped by us before anything was sent"), std::string::npos);
    test::run_until(loop, [&peer] { return peer.open_connections() == 0; });
    EXPECT_EQ(peer.received().size(), 1u);
}

TEST_F(http_client_stop_test, a_coroutine_that_was_cancelled_before_sends_nothing)
{
    scripted_peer peer(loop, [](peer_request const&) { return answer_with(200, ""); });
    asio::cancellation_signal stop;
    exchange ended;
    bool is_done = false;
    auto body = [this, &stop, &ended, url = peer.url()]() -> asio::awaitable<void>
    {
        co_await asio::this_coro::throw_if_cancelled(false);
        stop.emit(asio::cancellation_type::terminal);
        auto request = post(url);
        ended = co_await client->send(std::move(request));
        EXPECT_FALSE(co_await asio::this_coro::throw_if_cancelled())
            << "the caller's choice must be left as it was";
    };
    auto on_end = [&is_done](std::exception_ptr failure)
    {
        EXPECT_EQ(failure, nullptr);
        is_done = true;
    };
    asio::co_spawn(loop, body, asio::bind_cancellation_slot(stop.slot(), on_end));
    test::run_until(loop, [&is_done] { return is_done; });
    EXPECT_EQ(ended.fate, exchange_fate::cancelled);
    EXPECT_TRUE(peer.received().empty());
}

// Whatever the moment: no request arrives twice, none that "was not sent" has arrived, and every send ends.
TEST_F(http_client_stop_test, cancellation_at_random_moments)
{
    std::mt19937 random(20'26);
    auto const any_of = [&random](int count)
    { return static_cast<int>(random() % static_cast<unsigned>(count)); };
    scripted_peer peer(
        loop,
        [&any_of](peer_request const& seen)
        {
            int const chance = any_of(20);
            if (chance == 0)
                return test::close_without_answer();
            if (chance == 1)
                return test::answer_part("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
            return answer_with(200, seen.request.target, milliseconds(any_of(8)));
        }
    );
    constexpr int waves = 8;
    constexpr int per_wave = 250;
    std::vector<std::unique_ptr<asio::steady_timer>> timers;
    for (int wave = 0; wave < waves; ++wave)
    {
        for (int i = 0; i < per_wave; ++i)
        {
            auto const name = std::to_string(wave * per_wave + i);
            spawn(name, post(peer.url("/" + name), std::string(2000, 'x')));
            if (any_of(2) == 0)
                continue;
            timers.push_back(
                std::make_unique<asio::steady_timer>(loop, std::chrono::microseconds(any_of(60'000)))
            );
            timers.back()->async_wait([this, name](auto const&)
                                      { stops[name].emit(asio::cancellation_type::terminal); });
        }
        run_until_ended(static_cast<std::size_t>((wave + 1) * per_wave));
    }
    std::map<std::string, int> arrived;
    for (auto const& seen : peer.received())
        ++arrived[seen.request.target.substr(1)];
    std::map<exchange_fate, int> count;
    for (auto const& [name, ended] : results)
    {
        ++count[ended.fate];
        bool const may_have_arrived =
            ended.fate == exchange_fate::answered || ended.fate == exchange_fate::unknown;
        EXPECT_LE(arrived[name], may_have_arrived ? 1 : 0) << name << " " << ended.reason;
        EXPECT_GE(arrived[name], ended.fate == exchange_fate::answered ? 1 : 0) << name;
        EXPECT_NE(ended.fate, exchange_fate::not_sent) << ended.reason;
    }
    std::cout << waves * per_wave << " requests: answered " << count[exchange_fate::answered] << ", unknown "
              << count[exchange_fate::unknown] << ", cancelled before anything was sent "
              << count[exchange_fate::cancelled] << "\n";
    EXPECT_GT(count[exchange_fate::answered], 0);
    EXPECT_GT(count[exchange_fate::unknown], 0);
}

TEST_F(http_client_stop_test, cancel_ends_all_and_the_client_goes_on)
{
    scripted_peer peer(
        loop,
        [](peer_request const& seen)
        { return seen.request.target == "/again" ? answer_with(200, "") : test::never_answer(); }
    );
    for (int i = 0; i < 30; ++i)
        spawn(std::to_string(i), post(peer.url()));
    test::run_until(loop, [&peer] { return peer.received().size() == 10; });
    client->cancel();
    EXPECT_EQ(client->in_flight(), 0u);
    run_until_ended(30);
    for (auto const& [name, ended] : results)
        EXPECT_TRUE(ended.fate == exchange_fate::unknown || ended.fate == exchange_fate::cancelled)
            << ended.reason;
    EXPECT_EQ(send(post(peer.url("/again"))).fate, exchange_fate::answered);
}

TEST_F(http_client_stop_test, destruction_closes_idle_connections)
{
    scripted_peer peer(loop, [](peer_request const&) { return answer_with(200, "", milliseconds(5)); });
    for (int i = 0; i < 10; ++i)
        spawn(std::to_string(i), post(peer.url()));
    run_until_ended(10);
    EXPECT_EQ(peer.open_connections(), 10);
    client.reset();
    test::run_until(loop, [&peer] { return peer.open_connections() == 0; });
}

TEST_F(http_client_stop_test, no_more_idle_connections_than_allowed)
{
    scripted_peer peer(loop, [](peer_request const&) { return answer_with(200, "", milliseconds(5)); });
    http_client::settings settings;
    settings.connections_max = 3;
    client.emplace(loop, settings);
    for (int i = 0; i < 10; ++i)
        spawn(std::to_string(i), post(peer.url()));
    run_until_ended(10);
    test::run_until(loop, [&peer] { return peer.open_connections() <= 3; });
}

// Against the contract, but a process that goes down by an exception does it: nothing leaks, nothing dangles.
TEST_F(http_client_stop_test, destruction_with_exchanges_in_flight_drops_them)
{
    scripted_peer peer(loop, [](peer_request const&) { return test::never_answer(); });
    for (int i = 0; i < 5; ++i)
        spawn(std::to_string(i), post(peer.url()));
    test::run_until(loop, [&peer] { return peer.received().size() == 3; });
    client.reset();
    test::run_until(loop, [&peer] { return peer.open_connections() == 0; });
    EXPECT_TRUE(results.empty());
}

TEST_F(http_client_stop_test, idle_connections_do_not_keep_the_loop_running)
{
    scripted_peer peer(loop, [](peer_request const&) { return answer_with(200, ""); });
    EXPECT_EQ(send(post(peer.url())).fate, exchange_fate::answered);
    peer.stop();
    EXPECT_NO_THROW(loop.run());  // ends, or the test's time limit does
}

TEST_F(http_client_stop_test, a_deadline_ends_the_exchange_and_closes_its_connection)
{
    scripted_peer peer(loop, [](peer_request const&) { return test::never_answer(); });
    auto const ended = test::run(loop, with_deadline(milliseconds(30), client->send(post(peer.url()))));
    EXPECT_FALSE(ended.has_value());
    EXPECT_EQ(client->in_flight(), 0u);
    test::run_until(loop, [&peer] { return peer.open_connections() == 0; });
}

TEST_F(http_client_stop_test, a_deadline_that_is_met_changes_nothing)
{
    scripted_peer peer(loop, [](peer_request const&) { return answer_with(200, "in time"); });
    auto const ended =
        test::run(loop, with_deadline(std::chrono::seconds(30), client->send(post(peer.url()))));
    ASSERT_TRUE(ended.has_value());
    EXPECT_EQ(ended->response.body, "in time");
}

asio::awaitable<int> fails()
{
    throw std::logic_error("of its own");
    co_return 0;
}

TEST_F(http_client_stop_test, a_deadline_lets_an_exception_through)
{
    EXPECT_THROW(test::run(loop, with_deadline(std::chrono::seconds(30), fails())), std::logic_error);
}

TEST_F(http_client_stop_test, a_deadline_passes_the_cancellation_of_its_caller_on)
{
    scripted_peer peer(loop, [](peer_request const&) { return test::never_answer(); });
    asio::cancellation_signal stop;
    std::optional<exchange> ended;
    bool is_done = false;
    auto on_end = [&ended, &is_done](std::exception_ptr failure, std::optional<exchange> returned)
    {
        EXPECT_EQ(failure, nullptr);
        ended = std::move(returned);
        is_done = true;
    };
    asio::co_spawn(
        loop,
        with_deadline(std::chrono::seconds(30), client->send(post(peer.url()))),
        asio::bind_cancellation_slot(stop.slot(), on_end)
    );
    test::run_until(loop, [&peer] { return peer.received().size() == 1; });
    stop.emit(asio::cancellation_type::terminal);
    test::run_until(loop, [&is_done] { return is_done; });
    ASSERT_TRUE(ended.has_value()) << "cancelled is not late";
    EXPECT_EQ(ended->fate, exchange_fate::unknown);
}

}  // namespace
}  // namespace linkspan
