#pragma once
#include "links/net/request_reader.hpp"
#include "links/net/response_text.hpp"
#include "links/net/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace linkspan
{

// What all connections of one server have in common.
struct server_shared
{
    server_limits limits;
    http_handler handler;
    server_observer observer;
    http_date date;
    std::size_t in_flight_bytes = 0;
    bool draining = false;

    server_shared(server_limits limits, http_handler handler, server_observer observer)
        : limits(limits), handler(std::move(handler)), observer(std::move(observer))
    {
    }
};

// The server's end of one TCP connection: reads requests, has them answered, one after the other.
//
//     idle --first byte--> header --admitted--> body --whole--> handling --answer--> writing --kept alive-->
//     idle
//                            \---------------------\--refused, late--> writing --> lingering --> closed
//
// No operation has a timer of its own: the server's one timer calls sweep() on every connection.
class connection
{
public:
    using socket = boost::asio::ip::tcp::socket;
    using clock = std::chrono::steady_clock;

    connection(socket peer, std::shared_ptr<server_shared> shared);
    ~connection();
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;

    // Serves until the connection is closed. `self` keeps it alive.
    static boost::asio::awaitable<void> run(std::shared_ptr<connection> self);

    // Ends what has taken too long at `now`.
    void sweep(clock::time_point now);

    void close_if_idle();
    void close();

private:
    enum class phase
    {
        idle,
        header,
        body,
        handling,
        writing,
        lingering,
    };

    // These return whether the connection goes on.
    boost::asio::awaitable<bool> serve_one();
    boost::asio::awaitable<bool> read_body();
    boost::asio::awaitable<bool> end_unread();
    boost::asio::awaitable<bool> refuse(int status, std::string why);
    boost::asio::awaitable<bool> answer(http_response response, bool keep_alive);

    boost::asio::awaitable<bool> fill();  // false: nothing more comes, or too late
    boost::asio::awaitable<bool> write(std::string_view text);
    boost::asio::awaitable<http_response> handle();
    boost::asio::awaitable<void> linger();

    std::optional<http_response> admit();
    http_response refusal(int status, std::string const& why);
    void enter(phase next, milliseconds limit);
    void take();
    bool hold(std::uint64_t bytes);
    bool hold_chunks();
    void release();
    std::string_view write_now(std::string_view text);

    socket socket_;
    std::shared_ptr<server_shared> shared_;
    request_reader reader_;
    phase phase_ = phase::idle;
    clock::time_point deadline_ = clock::time_point::max();
    bool late_ = false;           // the deadline of `header` or `body` has passed
    bool head_ = false;           // the request is HEAD
    std::size_t held_bytes_ = 0;  // our part of shared_->in_flight_bytes
    std::size_t buffer_bytes_;
    std::unique_ptr<char[]> buffer_;
    std::size_t begin_ = 0;  // buffer_[begin_, end_) was received and not yet taken
    std::size_t end_ = 0;
    std::string out_;  // the answer being written; kept for its memory
};

}  // namespace linkspan
