#pragma once
#include "core/base/time.hpp"
#include "links/net/http.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>

namespace linkspan
{

// Limits and settings of one exchange.
struct exchange_options
{
    milliseconds timeout{30'000};  // the whole exchange, from name look-up to the last byte
    milliseconds connect_timeout{10'000};
    std::size_t response_bytes_max = 4u << 20;  // a longer body fails the exchange
    bool idempotent = false;  // may be sent a second time if a reused connection dies unanswered
    // On a connection of its own: one kept from before may have died meanwhile, which libcurl does not always
    // see.
    bool is_alone = false;

    exchange_options() {}
};

// How an exchange ended.
enum class exchange_fate
{
    answered,   // response holds a complete answer, of whatever status
    not_sent,   // nothing of the request can have reached the peer (no name, no connection, no TLS)
    unknown,    // sent at least in part, and no complete answer: the peer may have acted on it
    cancelled,  // stopped by us before anything was sent; once something was sent it is `unknown`
};

struct exchange
{
    exchange_fate fate = exchange_fate::not_sent;
    http_response response;     // when answered
    std::string reason;         // otherwise: what went wrong, without the request's headers or body
    bool is_oversized = false;  // unknown: because the answer is longer than we take

    exchange() = default;
};

// HTTP out, for the whole program: libcurl's multi interface on one Asio loop. Not thread-safe: everything
// happens on the loop's thread. A request is transmitted at most once unless it is idempotent. Destroy it
// only when the loop no longer runs and no send() is in flight: cancel() first, then let the callers finish.
class http_client
{
public:
    struct settings
    {
        std::string proxy;      // empty: none, and the environment's http_proxy is ignored
        std::string ca_bundle;  // path of a PEM file; empty: the system's
        std::string user_agent = "linkspan";
        long connections_max = 64;  // idle connections kept for reuse

        settings() {}
    };

    explicit http_client(boost::asio::io_context& loop, settings chosen = settings());
    ~http_client();
    http_client(http_client const&) = delete;
    http_client& operator=(http_client const&) = delete;

    // Sends one request. Never throws; cancelling the coroutine ends the exchange with `cancelled` or
    // `unknown`.
    boost::asio::awaitable<exchange> send(
        http_request request, exchange_options options = exchange_options()
    );

    // Ends every exchange in flight.
    void cancel();

    std::size_t in_flight() const;

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace linkspan
