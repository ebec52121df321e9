#pragma once
#include "links/net/http.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace linkspan::test
{

// A client that says exactly what a test wants it to say: one blocking TCP connection to a port of 127.0.0.1.
// Whatever takes longer than ten seconds fails with an exception.
class raw_peer
{
public:
    explicit raw_peer(std::uint16_t port);

    void send(std::string_view text);
    bool try_send(std::string_view text);  // false where the other side has reset the connection
    void send_in_pieces(std::string_view text, std::size_t piece_bytes);
    void end_sending();
    void reset();  // closes so that the other side sees a reset

    // One answer: its status line and header, and as many bytes of the body as Content-Length says.
    http_response receive(bool to_head = false);

    // Everything up to the end of the connection.
    std::string receive_all();

    // Whether the connection ends now, in order, without a further byte.
    bool ended();

private:
    bool more();  // false at the end of the connection

    boost::asio::io_context loop_;
    boost::asio::ip::tcp::socket socket_;
    std::string received_;
};

}  // namespace linkspan::test
