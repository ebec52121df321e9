#pragma once
#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "links/net/http.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

namespace linkspan
{

// Limits of one listener. Each protects the process from a peer: see docs/reference/http.md.
struct server_limits
{
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t connections_max = 1024;           // further ones wait in the kernel's queue
    std::size_t in_flight_bytes_max = 64u << 20;  // bodies being held at once, over all connections; then 503
    milliseconds header_timeout{10'000};          // from the first byte of a request to the end of its header
    milliseconds body_timeout{30'000};            // from the header to the last byte of the body
    milliseconds idle_timeout{60'000};            // between two requests of a kept-alive connection
    milliseconds write_timeout{30'000};

    server_limits() {}
};

// What the application makes of a request's header, before its body is read: the most bytes that the body may
// have, or an answer at once (404, 405, 413, ...), after which the connection closes if a body was announced.
using admission = std::variant<std::size_t, http_response>;

// The status of a handler's response that closes the connection without an answer: a peer that dies, for
// tests.
inline constexpr int close_unanswered = -1;

// The application's side. Both run on the loop's thread. An exception out of either is answered 500.
struct http_handler
{
    std::function<admission(http_request const& head)> admit;  // head.body is empty
    std::function<boost::asio::awaitable<http_response>(http_request request)> handle;
};

// Told about everything that the server answers by itself, so that `cmd` can log and count it. Apart from the
// text of a handler's exception, `why` holds nothing that the peer sent. Status 0: no answer; a connection
// could not be accepted (it is tried again after 100 ms), or broke.
struct server_observer
{
    std::function<void(int status, std::string_view why)> refused = [](int, std::string_view) {};
};

// HTTP/1.1 in, on one Asio loop (Boost.Beast inside). Answers by itself: 400 malformed, 408 too slow (where
// an answer is still possible), 413 body over its limit, 431 header over its limit, 503 in_flight_bytes_max
// reached, 500 for an exception of the handler. "Expect: 100-continue" is honoured. Not thread-safe.
class http_server
{
public:
    http_server(
        boost::asio::io_context& loop,
        server_limits limits,
        http_handler handler,
        server_observer observer = {}
    );
    ~http_server();  // destroy only after the loop has stopped or drain() and cut() have been completed
    http_server(http_server const&) = delete;
    http_server& operator=(http_server const&) = delete;

    // Binds and begins to accept. host is an IP address ("127.0.0.1", "::1"); port 0 lets the kernel choose.
    // errc::conflict when the port is taken (the message says so), errc::invalid for a bad address.
    result<> listen(std::string const& host, std::uint16_t port);

    std::uint16_t port() const;  // the bound port; 0 before listen()

    // Stops accepting, closes idle connections, lets requests in flight finish (their answers say
    // "Connection: close"). Returns when no connection is left, or when `grace` has passed.
    boost::asio::awaitable<void> drain(milliseconds grace);

    // Stops accepting and closes every connection at once. A handler that is running is not stopped: its
    // connection is counted until it returns, and drain() waits for it.
    void cut();

    std::size_t connections() const;
    std::size_t in_flight_bytes() const;

private:
    class impl;
    std::shared_ptr<impl> impl_;
};

}  // namespace linkspan
