#include "tests/support/raw_peer.hpp"
#include "tests/support/running_server.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::raw_peer;
using test::running_server;

std::string post_text(std::string const& target, std::string const& body, std::string const& more = "")
{
    return "POST " + target + " HTTP/1.1\r\nHost: a\r\n" + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string get_text(std::string const& target, std::string const& more = "")
{
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}

std::string chunked(std::string const& target, std::string const& chunks)
{
    return "POST " + target + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

TEST(http_server, answers_with_what_the_handler_made_of_the_request)
{
    running_server server;
    raw_peer peer(server.port());
    peer.send("PUT /describe HTTP/1.1\r\nHost: a\r\nX-Event-Key:  repo:push \r\nx-event-key: again\r\n\r\n");
    auto const answer = peer.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "PUT /describe\nHost=a\nX-Event-Key=repo:push\nx-event-key=again\n");
    EXPECT_EQ(find_header(answer.headers, "Connection"), "");
    auto const date = std::string(find_header(answer.headers, "Date"));
    EXPECT_EQ(date.size(), 29u);
    EXPECT_EQ(date.substr(25), " GMT");
}

TEST(http_server, takes_the_path_out_of_an_absolute_target)
{
    running_server server;
    raw_peer peer(server.port());
    peer.send(get_text("HTTP://a:80/describe?"));
    EXPECT_EQ(peer.receive().body, "GET /describe?\nHost=a\n");
}

TEST(http_server, keeps_the_connection_for_further_requests)
{
    running_server server;
    raw_peer peer(server.port());
    for (int i = 0; i < 50; ++i)
    {
        auto const body = std::string(static_cast<std::size_t>(i) * 997, 'x') + std::to_string(i);
        peer.send(post_text("/echo", body));
        EXPECT_EQ(peer.receive().body, body);
    }
    EXPECT_EQ(server.connections(), 1u);
}

TEST(http_server, answers_pipelined_requests_in_order)
{
    running_server server;
    raw_peer peer(server.port());
    std::string all;
    for (int i = 0; i < 300; ++i)
        all += post_text("/echo", std::to_string(i)) + "\r\n" + chunked("/echo", "1\r\nc\r\n0\r\n\r\n") +
               get_text("/describe");
    peer.send(all);
    for (int i = 0; i < 300; ++i)
    {
        ASSERT_EQ(peer.receive().body, std::to_string(i));
        ASSERT_EQ(peer.receive().body, "c");
        ASSERT_EQ(peer.receive().status, 200);
    }
}

TEST(http_server, reads_requests_that_come_byte_by_byte)
{
    running_server server;
    raw_peer peer(server.port());
    peer.send_in_pieces(post_text("/echo", "hello", "X-Long: " + std::string(300, 'l') + "\r\n"), 1);
    EXPECT_EQ(peer.receive().body, "hello");
    peer.send_in_pieces(
        chunked("/echo", "3;ext=\"a b\"\r\nabc\r\n00a\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n"), 1
    );
    EXPECT_EQ(peer.receive().body, "abc0123456789");
    peer.send_in_pieces(chunked("/echo", "0\r\n\r\n"), 1);
    EXPECT_EQ(peer.receive().body, "");
}

TEST(http_server, reads_and_writes_bodies_far_over_its_buffers)
{
    running_server server;
    raw_peer peer(server.port());
    std::string body(20u << 20, '\0');
    for (std::size_t i = 0; i < body.size(); ++i)
        body[i] = static_cast<char>(i * 31 + i / 251);
    peer.send(post_text("/large", body));
    EXPECT_TRUE(peer.receive().body == body);

    raw_peer slow(server.port());  // does not read until all is asked for: the server must wait for it
    slow.send(get_text("/big") + get_text("/big") + get_text("/describe"));
    EXPECT_EQ(slow.receive().body.size(), 8u << 20);
    EXPECT_EQ(slow.receive().body.size(), 8u << 20);
    EXPECT_EQ(slow.receive().status, 200);
}

TEST(http_server, tells_to_continue_only_after_the_admission)
{
    running_server server;
    raw_peer peer(server.port());
    std::string const head = " HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n";
    peer.send("POST /echo" + head);
    EXPECT_EQ(peer.receive().status, 100);
    peer.send("hello");
    EXPECT_EQ(peer.receive().body, "hello");

    peer.send("POST /echo" + head + "hello");  // has it already
    EXPECT_EQ(peer.receive().status, 200);

    peer.send("POST /refuse" + head);
    EXPECT_EQ(peer.receive().status, 404);
    EXPECT_TRUE(peer.ended());
}

TEST(http_server, answers_head_without_a_body)
{
    running_server server;
    raw_peer peer(server.port());
    peer.send("HEAD /big HTTP/1.1\r\nHost: a\r\n\r\n" + get_text("/describe"));
    auto const answer = peer.receive(true);
    EXPECT_EQ(find_header(answer.headers, "Content-Length"), std::to_string(8u << 20));
    EXPECT_EQ(peer.receive().body, "GET /describe\nHost=a\n");
}

TEST(http_server, sends_no_length_with_204)
{
    running_server server;
    raw_peer peer(server.port());
    peer.send(get_text("/empty") + get_text("/describe"));
    auto const answer = peer.receive();
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(find_header(answer.headers, "Content-Length"), "");
    EXPECT_EQ(peer.receive().status, 200);
}

TEST(http_server, ends_the_connection_after_http_1_0_and_close)
{
    running_server server;
    for (std::string const request :
         {"GET /describe HTTP/1.0\r\n\r\n", "GET /describe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"})
    {
        raw_peer peer(server.port());
        peer.send(request);
        auto const answer = peer.receive();
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(find_header(answer.headers, "Connection"), "close");
        EXPECT_TRUE(peer.ended());
    }
    raw_peer kept(server.port());
    for (int i = 0; i < 2; ++i)
    {
        kept.send("GET /describe HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
        EXPECT_EQ(find_header(kept.receive().headers, "Connection"), "keep-alive");
    }
}

TEST(http_server, answers_a_peer_that_has_ended_its_side)
{
    running_server server;
    raw_peer peer(server.port());
    peer.send(post_text("/echo", "last"));
    peer.end_sending();
    EXPECT_EQ(peer.receive().body, "last");
    EXPECT_TRUE(peer.ended());
}

TEST(http_server, lets_the_admission_answer)
{
    running_server server;
    raw_peer peer(server.port());
    peer.send(
        get_text("/refuse") + post_text("/refuse", "") + post_text("/refuse", "body") + get_text("/describe")
    );
    EXPECT_EQ(peer.receive().body, "no such thing");  // without a body the connection goes on
    EXPECT_EQ(peer.receive().status, 404);
    auto const last = peer.receive();
    EXPECT_EQ(last.status, 404);
    EXPECT_EQ(find_header(last.headers, "Connection"), "close");
    EXPECT_TRUE(peer.ended());
    EXPECT_EQ(server.handled(), 0u);
    EXPECT_TRUE(server.refused().empty());
}

TEST(http_server, answers_500_for_every_fault_of_the_application)
{
    running_server server;
    raw_peer peer(server.port());
    for (std::string const target : {"/throw", "/admit-throws", "/broken"})
    {
        peer.send(get_text(target));
        auto const answer = peer.receive();
        EXPECT_EQ(answer.status, 500) << target;
        EXPECT_EQ(answer.body, "internal error\n");
        EXPECT_EQ(find_header(answer.headers, "Set-Cookie"), "");
    }
    auto const told = server.refused();
    ASSERT_EQ(told.size(), 3u);
    EXPECT_EQ(told[0], std::make_pair(500, std::string("handler: handler is broken")));
    EXPECT_EQ(told[1], std::make_pair(500, std::string("admission: admission is broken")));
    EXPECT_EQ(told[2].first, 500);
    peer.send(post_text("/echo", "still here"));
    EXPECT_EQ(peer.receive().body, "still here");
}

TEST(http_server, refuses_to_listen_where_it_cannot)
{
    running_server server;
    auto const taken = server.listen_again("127.0.0.1", server.port());
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, errc::conflict);
    EXPECT_NE(taken.error().message.find(std::to_string(server.port())), std::string::npos);
    for (auto const* host : {"localhost", "", "127.0.0.256", "192.0.2.1"})
    {
        auto const bad = server.listen_again(host, 0);
        ASSERT_FALSE(bad) << host;
        EXPECT_EQ(bad.error().code, errc::invalid) << host;
    }
    EXPECT_TRUE(server.listen_again("::1", 0) || server.listen_again("::1", 0).error().code == errc::invalid);
}

class malformed : public testing::TestWithParam<std::string>
{
};

TEST_P(malformed, is_answered_400_and_closed)
{
    running_server server;
    raw_peer peer(server.port());
    peer.send(GetParam() + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    auto const answer = peer.receive();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(find_header(answer.headers, "Connection"), "close");
    EXPECT_TRUE(peer.ended());
    EXPECT_EQ(server.handled(), 0u);
    ASSERT_EQ(server.refused().size(), 1u);
    EXPECT_EQ(server.refused()[0].first, 400);
}

std::string with_headers(std::string const& lines)
{
    return "POST /echo HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    http_server,
    malformed,
    testing::Values(
        "GET\r\n\r\n",
        "GET / HTTP/1.1\n\n",
        " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1x\r\nHost: a\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n",
        std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 29),
        "\x16\x03\x01\x02\x01\x01\xfc\x03\x03 \r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        with_headers("No colon\r\n"),
        with_headers("Space : a\r\n"),
        with_headers(": no name\r\n"),
        with_headers("Bare: a\rb\r\n"),
        with_headers("Bare: a\nb: c\r\n"),
        with_headers(std::string("Nul: a\0b\r\n", 10)),
        with_headers(std::string("N\0l: a\r\n", 8))
    )
);

INSTANTIATE_TEST_SUITE_P(
    smuggling,
    malformed,
    testing::Values(
        with_headers("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        with_headers("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
        with_headers("Content-Length: 5\r\nContent-Length: 6\r\n"),
        with_headers("Content-Length: 0\r\nContent-Length: 0\r\n"),
        with_headers("Content-Length: 0, 0\r\n"),
        with_headers("Content-Length: 0,\r\n"),
        with_headers("Content-Length: +0\r\n"),
        with_headers("Content-Length: -1\r\n"),
        with_headers("Content-Length: 0x0\r\n"),
        with_headers("Content-Length:\r\n"),
        with_headers("Content-Length: 18446744073709551616\r\n"),
        with_headers("Content-Length: 0\r\n 5\r\n"),
        with_headers("Transfer-Encoding: identity\r\n"),
        with_headers("Transfer-Encoding: gzip\r\n"),
        with_headers("Transfer-Encoding: gzip, chunked\r\n"),
        with_headers("Transfer-Encoding: chunked, identity\r\n"),
        with_headers("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        with_headers("Transfer-Encoding: identity\r\nContent-Length: 0\r\n"),
        with_headers("Transfer-Encoding: xchunked\r\n"),
        with_headers("Transfer-Encoding : chunked\r\n"),
        with_headers("Transfer-Encoding: \vchunked\r\n"),
        "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        chunked("/echo", "x\r\n"),
        chunked("/echo", "-1\r\n"),
        chunked("/echo", "10000000000000000\r\n"),
        chunked("/echo", "1\r\nab\r\n"),
        chunked("/echo", "1\n"),
        chunked("/echo", "0\r\nbad trailer\r\n\r\n"),
        chunked("/echo", "0\r\nContent-Length: 5\r\n\r\n")
    )
);

}  // namespace
}  // namespace linkspan
