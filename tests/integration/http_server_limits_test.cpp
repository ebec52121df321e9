#include "tests/support/raw_peer.hpp"
#include "tests/support/request_texts.hpp"
#include "tests/support/running_server.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace linkspan
{
namespace
{

using test::get_describe;
using test::get_hold;
using test::post_head;
using test::raw_peer;
using test::running_server;
using told = std::vector<std::pair<int, std::string>>;

std::string const chunked_head = " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

// --- sizes ---

TEST(http_server_limits, take_a_header_of_the_limit_and_no_longer_one)
{
    running_server server;
    std::string const begin = "GET /describe HTTP/1.1\r\nHost: a\r\nX-Padding: ";
    for (auto const& [bytes, status] :
         {std::pair(16384u, 200), std::pair(16385u, 431), std::pair(20000u, 431)})
    {
        raw_peer peer(server.port());
        peer.send(begin + std::string(bytes - begin.size() - 4, 'p') + "\r\n\r\n");
        EXPECT_EQ(peer.receive().status, status) << bytes;
    }
    std::string const why = "header over 16384 bytes or 128 fields";
    EXPECT_EQ(server.refused(), (told{{431, why}, {431, why}}));
}

TEST(http_server_limits, answer_431_to_an_endless_header_while_the_peer_is_still_sending)
{
    running_server server;
    for (std::string const begin : {"GET /", "GET / HTTP/1.1\r\nX: ", "GET / HTTP/1.1\r\n", "GET"})
    {
        raw_peer peer(server.port());
        peer.send(begin + std::string(200'000, 'p'));
        auto const status = peer.receive().status;
        EXPECT_TRUE(status == 431 || (status == 400 && begin == "GET / HTTP/1.1\r\n")) << begin << status;
        peer.end_sending();
        EXPECT_TRUE(peer.ended());
    }
    raw_peer lines(server.port());
    std::string header = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 5'000; ++i)
        header += "X-" + std::to_string(i) + ": y\r\n";
    lines.send(header);
    EXPECT_EQ(lines.receive().status, 431);
}

TEST(http_server_limits, refuse_an_announced_body_without_reading_it)
{
    running_server server;
    raw_peer exact(server.port());
    exact.send(post_head("/small", 10) + "0123456789");
    EXPECT_EQ(exact.receive().body, "0123456789");

    raw_peer peer(server.port());
    peer.send(post_head("/small", 4u << 20));
    EXPECT_EQ(peer.receive().status, 413);  // before a byte of the body was sent
    EXPECT_EQ(server.refused(), (told{{413, "body over 10 bytes"}}));
    EXPECT_EQ(server.in_flight_bytes(), 0u);
    EXPECT_TRUE(peer.ended());
    exact.reset();
    EXPECT_TRUE(running_server::eventually([&] { return server.connections() == 0; })
    );  // though the peer stays
}

TEST(http_server_limits, let_a_peer_that_sends_first_and_reads_later_have_the_answer)
{
    running_server server;
    for (std::string const target : {"/small", "/refuse", "/admit-throws"})
    {
        raw_peer peer(server.port());
        peer.send(post_head(target, 4u << 20));
        peer.send(std::string(4u << 20, 'x'));
        peer.end_sending();
        auto const answer = peer.receive_all();  // throws on a reset
        EXPECT_EQ(answer.substr(0, 9), "HTTP/1.1 ") << target;
        EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    }
}

TEST(http_server_limits, end_a_refused_peer_that_never_stops_sending)
{
    running_server server;
    raw_peer peer(server.port());
    peer.send(post_head("/small", std::size_t(1) << 40));
    std::string const piece(1u << 20, 'x');
    auto const begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(running_server::eventually([&] { return !peer.try_send(piece); }));
    EXPECT_TRUE(running_server::eventually([&] { return server.connections() == 0; }));
    // By the number of bytes that it is willing to drop, not only by the time of two seconds.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1'500));
}

TEST(http_server_limits, answer_413_to_a_chunked_body_that_outgrows_its_limit)
{
    running_server server;
    raw_peer exact(server.port());
    exact.send("POST /small" + chunked_head + "4\r\nabcd\r\n6\r\nefghij\r\n0\r\n\r\n");
    EXPECT_EQ(exact.receive().body, "abcdefghij");

    for (std::string const chunks :
         {"b\r\n", "4\r\nabcd\r\n7\r\nefghijk\r\n0\r\n\r\n", "ffffffffffffffff\r\n"})
    {
        raw_peer peer(server.port());
        peer.send("POST /small" + chunked_head + chunks);
        EXPECT_EQ(peer.receive().status, 413) << chunks;
        peer.end_sending();
        EXPECT_TRUE(peer.ended());
    }
    EXPECT_EQ(server.handled(), 1u);
    EXPECT_EQ(server.in_flight_bytes(), 0u);
}

TEST(http_server_limits, bound_what_stands_between_chunks)
{
    running_server server;
    for (std::string const begin : {"1;", "0\r\nX-Trailer: "})
    {
        raw_peer peer(server.port());
        peer.send("POST /echo" + chunked_head + begin + std::string(100'000, 'e'));
        EXPECT_EQ(peer.receive().status, 400);
    }
}

// --- how much at once ---

TEST(http_server_limits, count_announced_bodies_over_all_connections)
{
    server_limits limits;
    limits.in_flight_bytes_max = 1000;
    running_server server(limits);
    raw_peer first(server.port());
    first.send(post_head("/hold", 600) + std::string(599, 'x'));
    EXPECT_TRUE(running_server::eventually([&] { return server.in_flight_bytes() == 600; }));

    raw_peer second(server.port());
    second.send(post_head("/echo", 401));
    auto const refusal = second.receive();
    EXPECT_EQ(refusal.status, 503);
    EXPECT_EQ(find_header(refusal.headers, "Retry-After"), "1");
    EXPECT_EQ(find_header(refusal.headers, "Connection"), "close");

    raw_peer third(server.port());
    third.send(post_head("/echo", 400) + std::string(400, 'y'));
    EXPECT_EQ(third.receive().status, 200);

    first.send("x");  // handled now, and still held
    EXPECT_TRUE(running_server::eventually([&] { return server.holding() == 1; }));
    EXPECT_EQ(server.in_flight_bytes(), 600u);
    server.let_go();
    EXPECT_EQ(first.receive().status, 200);
    EXPECT_EQ(server.in_flight_bytes(), 0u);
    EXPECT_EQ(server.refused(), (told{{503, "too many bytes of bodies in flight"}}));
}

TEST(http_server_limits, count_chunked_bodies_as_they_come)
{
    server_limits limits;
    limits.in_flight_bytes_max = 1000;
    running_server server(limits);
    std::string const chunk = "1f4\r\n" + std::string(500, 'x') + "\r\n";
    raw_peer first(server.port());
    first.send("POST /echo" + chunked_head + chunk);
    EXPECT_TRUE(running_server::eventually([&] { return server.in_flight_bytes() == 500; }));
    raw_peer second(server.port());
    second.send("POST /echo" + chunked_head + chunk + "1\r\ny\r\n0\r\n\r\n");
    EXPECT_EQ(second.receive().status, 503);
    first.send(chunk + "0\r\n\r\n");
    EXPECT_EQ(first.receive().body, std::string(1000, 'x'));
    EXPECT_EQ(server.in_flight_bytes(), 0u);
}

TEST(http_server_limits, give_back_what_a_vanished_peer_held)
{
    running_server server;
    for (bool const by_reset : {false, true})
    {
        raw_peer peer(server.port());
        peer.send(post_head("/echo", 5000) + "only this");
        EXPECT_TRUE(running_server::eventually([&] { return server.in_flight_bytes() == 5000; }));
        if (by_reset)
            peer.reset();
        else
        {
            peer.end_sending();
            EXPECT_TRUE(peer.ended());
        }
        EXPECT_TRUE(running_server::eventually([&] { return server.connections() == 0; }));
        EXPECT_EQ(server.in_flight_bytes(), 0u);
    }
    EXPECT_EQ(server.handled(), 0u);
    EXPECT_TRUE(server.refused().empty());
}

TEST(http_server_limits, survive_a_peer_that_vanishes_before_its_answer)
{
    running_server server;
    raw_peer peer(server.port());
    peer.send(get_hold);
    EXPECT_TRUE(running_server::eventually([&] { return server.holding() == 1; }));
    peer.reset();
    server.let_go();
    EXPECT_TRUE(running_server::eventually([&] { return server.connections() == 0; }));
}

TEST(http_server_limits, let_connections_over_the_maximum_wait_for_a_place)
{
    server_limits limits;
    limits.connections_max = 2;
    running_server server(limits);
    raw_peer first(server.port());
    raw_peer second(server.port());
    first.send(get_hold);
    second.send(get_hold);
    EXPECT_TRUE(running_server::eventually([&] { return server.holding() == 2; }));
    raw_peer third(server.port());
    third.send(get_describe);
    EXPECT_EQ(server.connections(), 2u);
    server.let_go();
    EXPECT_EQ(first.receive().body, "held");
    EXPECT_EQ(server.admitted(), 2u);
    first.reset();
    EXPECT_EQ(third.receive().status, 200);
    EXPECT_EQ(server.connections(), 2u);
}

// Lowers the limit of open files so that no further one can be had.
class no_files_left
{
public:
    no_files_left()
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        int const next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        ::close(next);
        rlimit const none{static_cast<rlim_t>(next), before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~no_files_left() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

TEST(http_server_limits, survive_a_process_without_file_descriptors)
{
    running_server server;
    EXPECT_EQ(server.connections(), 0u);
    boost::asio::io_context loop;
    boost::asio::ip::tcp::socket peer(
        loop, boost::asio::ip::tcp::v4()
    );  // has its descriptor before they run out
    {
        no_files_left const scarce;
        auto const begin = std::chrono::steady_clock::now();
        peer.connect({boost::asio::ip::make_address("127.0.0.1"), server.port()});
        EXPECT_TRUE(running_server::eventually([&] { return server.refused().size() >= 2; }));
        // It pauses between two attempts.
        EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(100));
    }
    EXPECT_TRUE(running_server::eventually([&] { return server.connections() == 1; }));
    auto const reports = server.refused();
    EXPECT_EQ(reports.front(), std::make_pair(0, std::string("accept: Too many open files")));
}

}  // namespace
}  // namespace linkspan
