#include "tests/support/raw_peer.hpp"
#include "tests/support/request_texts.hpp"
#include "tests/support/running_server.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using namespace std::chrono_literals;
using test::get_describe;
using test::get_hold;
using test::post_head;
using test::raw_peer;
using test::running_server;
using told = std::vector<std::pair<int, std::string>>;

// Limits of which only one is short, so that a slow machine does not run into another.
server_limits quick(milliseconds server_limits::*which, milliseconds limit = 100ms)
{
    server_limits limits;
    limits.*which = limit;
    return limits;
}

// --- how long ---

TEST(http_server_time, answer_408_to_a_slow_header)
{
    running_server server(quick(&server_limits::header_timeout));
    raw_peer peer(server.port());
    peer.send("GET /describe HTTP/1.1\r\nHo");
    auto const answer = peer.receive();
    EXPECT_EQ(answer.status, 408);
    EXPECT_EQ(find_header(answer.headers, "Connection"), "close");
    EXPECT_TRUE(peer.ended());
    EXPECT_EQ(server.refused(), (told{{408, "header not received in time"}}));
}

TEST(http_server_time, do_not_let_a_dripping_header_extend_its_time)
{
    running_server server(quick(&server_limits::header_timeout));
    raw_peer peer(server.port());
    peer.send("GET /describe HTTP/1.1\r\nX: ");
    while (server.refused().empty())
        peer.send("x");
    EXPECT_EQ(peer.receive().status, 408);
}

TEST(http_server_time, answer_408_to_a_slow_body)
{
    running_server server(quick(&server_limits::body_timeout));
    raw_peer peer(server.port());
    peer.send(post_head("/echo", 10) + "half");
    EXPECT_EQ(peer.receive().status, 408);
    EXPECT_EQ(server.refused(), (told{{408, "body not received in time"}}));
    EXPECT_EQ(server.in_flight_bytes(), 0u);
}

TEST(http_server_time, close_idle_connections_in_silence)
{
    running_server server(quick(&server_limits::idle_timeout, 500ms));
    raw_peer fresh(server.port());
    EXPECT_TRUE(fresh.ended());
    raw_peer used(server.port());
    used.send(get_describe);
    EXPECT_EQ(used.receive().status, 200);
    EXPECT_TRUE(used.ended());
    EXPECT_TRUE(server.refused().empty());
}

TEST(http_server_time, cut_a_peer_that_does_not_take_its_answer)
{
    running_server server(quick(&server_limits::write_timeout));
    raw_peer peer(server.port());
    peer.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(running_server::eventually([&] { return server.handled() == 1; }));
    EXPECT_TRUE(running_server::eventually([&] { return server.connections() == 0; }));
}

TEST(http_server_time, leave_the_handler_its_time)
{
    running_server server(quick(&server_limits::idle_timeout, 500ms));
    raw_peer held(server.port());
    held.send(get_hold);
    EXPECT_TRUE(running_server::eventually([&] { return server.holding() == 1; }));
    for (int i = 0; i < 2; ++i)  // each lasts one idle_timeout
    {
        raw_peer idle(server.port());
        EXPECT_TRUE(idle.ended());
    }
    server.let_go();
    EXPECT_EQ(held.receive().body, "held");
}

// --- the end ---

TEST(http_server_end, drains_requests_in_flight_and_closes_idle_connections)
{
    running_server server;
    raw_peer idle(server.port());
    idle.send(get_describe);
    EXPECT_EQ(idle.receive().status, 200);
    raw_peer held(server.port());
    held.send(get_hold + get_describe);  // the second one is not begun any more
    raw_peer half(server.port());
    half.send(post_head("/echo", 4) + "ha");
    EXPECT_TRUE(
        running_server::eventually([&] { return server.holding() == 1 && server.in_flight_bytes() == 4; })
    );

    auto drained = server.drain(10s);
    EXPECT_TRUE(idle.ended());
    EXPECT_THROW(raw_peer refused(server.port()), std::exception);
    half.send("lf");
    auto const half_answer = half.receive();
    EXPECT_EQ(half_answer.body, "half");
    EXPECT_EQ(find_header(half_answer.headers, "Connection"), "close");
    EXPECT_EQ(drained.wait_for(0s), std::future_status::timeout);
    server.let_go();
    auto const held_answer = held.receive();
    EXPECT_EQ(held_answer.body, "held");
    EXPECT_EQ(find_header(held_answer.headers, "Connection"), "close");
    EXPECT_TRUE(held.ended());
    held.reset();
    drained.get();
    EXPECT_EQ(server.connections(), 0u);
    EXPECT_EQ(server.handled(), 3u);
}

TEST(http_server_end, stops_waiting_after_the_grace_time)
{
    running_server server;
    raw_peer held(server.port());
    held.send(get_hold);
    EXPECT_TRUE(running_server::eventually([&] { return server.holding() == 1; }));
    auto const begin = std::chrono::steady_clock::now();
    server.drain(100ms).get();
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms);
    EXPECT_EQ(server.connections(), 1u);
}

TEST(http_server_end, drains_at_once_where_nobody_is_connected)
{
    running_server server;
    server.drain(10min).get();
    EXPECT_EQ(server.connections(), 0u);
}

TEST(http_server_end, cuts_every_connection)
{
    running_server server;
    raw_peer idle(server.port());
    raw_peer half(server.port());
    half.send(post_head("/echo", 4) + "ha");
    raw_peer held(server.port());
    held.send(get_hold);
    EXPECT_TRUE(running_server::eventually([&] { return server.holding() == 1 && server.connections() == 3; })
    );
    server.cut();
    EXPECT_TRUE(idle.ended());
    EXPECT_TRUE(half.ended());
    EXPECT_TRUE(held.ended());
    EXPECT_TRUE(running_server::eventually([&] { return server.connections() == 1; }));
    server.let_go();  // a handler cannot be cut: its connection goes when it returns
    EXPECT_TRUE(running_server::eventually([&] { return server.connections() == 0; }));
    EXPECT_EQ(server.in_flight_bytes(), 0u);
}

TEST(http_server_end, may_be_destroyed_after_its_loop_has_stopped)
{
    bool told = false;
    {
        boost::asio::io_context loop(1);
        http_handler handler{
            [](http_request const&) { return admission(std::size_t(10)); },
            [&loop](http_request) -> boost::asio::awaitable<http_response>
            {
                loop.stop();
                boost::asio::steady_timer never(loop, boost::asio::steady_timer::time_point::max());
                co_await never.async_wait(boost::asio::use_awaitable);
                co_return http_response(200);
            }};
        http_server server(loop, {}, handler);
        ASSERT_TRUE(server.listen("127.0.0.1", 0));
        raw_peer peer(server.port());
        raw_peer idle(server.port());
        peer.send(get_hold);
        loop.run();
        told = true;
    }
    EXPECT_TRUE(told);
}

}  // namespace
}  // namespace linkspan
