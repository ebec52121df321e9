#include "tests/support/raw_peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <stdexcept>

namespace linkspan::test
{

namespace asio = boost::asio;

raw_peer::raw_peer(std::uint16_t port) : socket_(loop_)
{
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
    socket_.set_option(asio::ip::tcp::no_delay(true));
    timeval const limit{10, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

void raw_peer::send(std::string_view text)
{
    asio::write(socket_, asio::buffer(text));
}

bool raw_peer::try_send(std::string_view text)
{
    boost::system::error_code failed;
    asio::write(socket_, asio::buffer(text), failed);
    return !failed;
}

void raw_peer::send_in_pieces(std::string_view text, std::size_t piece_bytes)
{
    for (std::size_t at = 0; at < text.size(); at += piece_bytes)
        send(text.substr(at, piece_bytes));
}

void raw_peer::end_sending()
{
    socket_.shutdown(asio::socket_base::shutdown_send);
}

void raw_peer::reset()
{
    socket_.set_option(asio::socket_base::linger(true, 0));
    socket_.close();
}

bool raw_peer::more()
{
    // Not asio's read: it waits in poll() where the kernel's time limit says "would block".
    std::array<char, 65536> piece;
    auto const count = ::recv(socket_.native_handle(), piece.data(), piece.size(), 0);
    if (count < 0)
        throw std::runtime_error(
            "receive: " + boost::system::error_code(errno, boost::system::system_category()).message()
        );
    received_.append(piece.data(), static_cast<std::size_t>(count));
    return count > 0;
}

http_response raw_peer::receive(bool to_head)
{
    std::size_t end = received_.find("\r\n\r\n");
    for (; end == std::string::npos; end = received_.find("\r\n\r\n"))
        if (!more())
            throw std::runtime_error("the connection ended before an answer: '" + received_ + "'");
    auto const head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    if (head.compare(0, 9, "HTTP/1.1 ") != 0)
        throw std::runtime_error("no answer: " + head);

    http_response response(std::stoi(head.substr(9, 3)));
    for (auto at = head.find("\r\n") + 2; at < head.size();)
    {
        auto const line_end = head.find("\r\n", at);
        auto const colon = head.find(": ", at);
        response.headers.push_back({head.substr(at, colon - at), head.substr(colon + 2, line_end - colon - 2)}
        );
        at = line_end + 2;
    }
    auto const length = std::string(find_header(response.headers, "Content-Length"));
    auto const body_bytes = to_head || length.empty() ? 0 : std::stoul(length);
    while (received_.size() < body_bytes)
        if (!more())
            throw std::runtime_error("the connection ended within a body");
    response.body = received_.substr(0, body_bytes);
    received_.erase(0, body_bytes);
    return response;
}

std::string raw_peer::receive_all()
{
    while (more())
        ;
    return std::move(received_);
}

bool raw_peer::ended()
{
    return receive_all().empty();
}

}  // namespace linkspan::test
