#pragma once
#include "core/base/time.hpp"
#include "links/net/http.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace linkspan::test
{

// What a scripted peer does with one request: waits `after`, writes `bytes` as they are, then goes on reading
// the same connection, or closes it, or falls silent.
struct peer_action
{
    enum class ending
    {
        keep,
        close,
        silence,
    };

    std::string bytes;
    ending then = ending::keep;
    milliseconds after{0};

    peer_action() = default;
    peer_action(std::string bytes, ending then, milliseconds after = milliseconds(0))
        : bytes(std::move(bytes)), then(then), after(after)
    {
    }
};

peer_action answer_with(int status, std::string const& body, milliseconds after = milliseconds(0));
peer_action answer_chunked(std::vector<std::string> const& chunks);
peer_action answer_part(std::string bytes);  // then closes
peer_action close_without_answer();
peer_action never_answer();

struct peer_request
{
    http_request request;   // with its target as the peer saw it
    int connection = 0;     // 1, 2, ... in order of acceptance
    int on_connection = 0;  // 1, 2, ... within the connection
};

// An HTTP/1.1 server on 127.0.0.1 that misbehaves as told, on plain sockets, on the loop of the test. It
// reads a request whole (header, and a body of Content-Length), asks the script, and does it. Not
// thread-safe.
class scripted_peer
{
public:
    using script = std::function<peer_action(peer_request const&)>;

    scripted_peer(boost::asio::io_context& loop, script on_request);
    ~scripted_peer();
    scripted_peer(scripted_peer const&) = delete;
    scripted_peer& operator=(scripted_peer const&) = delete;

    std::uint16_t port() const;
    std::string url(std::string const& path = "/") const;  // "http://127.0.0.1:<port><path>"

    std::vector<peer_request> const& received() const;  // all complete requests, in order
    int connections() const;                            // accepted so far
    int open_connections() const;

    void close_on_accept();  // from now on
    void stop();             // closes the listener and every connection

private:
    struct state;
    std::shared_ptr<state> state_;
};

// A port of 127.0.0.1 on which nobody listens.
std::uint16_t closed_port(boost::asio::io_context& loop);

}  // namespace linkspan::test
