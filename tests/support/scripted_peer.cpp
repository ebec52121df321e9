#include "tests/support/scripted_peer.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cstdlib>
#include <list>
#include <utility>

namespace linkspan::test
{
namespace
{

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

tcp::endpoint any_loopback_port()
{
    return tcp::endpoint(asio::ip::address_v4::loopback(), 0);
}

http_request parse_head(std::string_view head)
{
    http_request parsed;
    auto const take_line = [&head]
    {
        auto const end = head.find("\r\n");
        auto const line = head.substr(0, end);
        head.remove_prefix(std::min(head.size(), line.size() + 2));
        return line;
    };
    auto const first = take_line();
    parsed.method = first.substr(0, first.find(' '));
    parsed.target = first.substr(first.find(' ') + 1);
    parsed.target.resize(parsed.target.find(' '));
    for (auto line = take_line(); !line.empty(); line = take_line())
    {
        auto const colon = line.find(':');
        auto value = line.substr(std::min(line.size(), colon + 1));
        value.remove_prefix(std::min(value.size(), value.find_first_not_of(' ')));
        parsed.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
    }
    return parsed;
}

}  // namespace

peer_action answer_with(int status, std::string const& body, milliseconds after)
{
    return peer_action(
        "HTTP/1.1 " + std::to_string(status) + " Scripted\r\nContent-Type: text/plain\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body,
        peer_action::ending::keep,
        after
    );
}

peer_action answer_chunked(std::vector<std::string> const& chunks)
{
    std::string bytes = "HTTP/1.1 200 Scripted\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (auto const& chunk : chunks)
    {
        std::string digits;
        for (auto left = chunk.size(); left != 0; left /= 16)
            digits.insert(digits.begin(), "0123456789abcdef"[left % 16]);
        bytes += digits + "\r\n" + chunk + "\r\n";
    }
    return peer_action(bytes + "0\r\nX-Trailer: late\r\n\r\n", peer_action::ending::keep);
}

peer_action answer_part(std::string bytes)
{
    return peer_action(std::move(bytes), peer_action::ending::close);
}

peer_action close_without_answer()
{
    return peer_action("", peer_action::ending::close);
}

peer_action never_answer()
{
    return peer_action("", peer_action::ending::silence);
}

struct scripted_peer::state : std::enable_shared_from_this<state>
{
    struct connection
    {
        tcp::socket socket;
        asio::steady_timer timer;
        std::string buffer;
        peer_request current;
        peer_action action;

        explicit connection(tcp::socket accepted) : socket(std::move(accepted)), timer(socket.get_executor())
        {
        }
    };
    using place = std::list<connection>::iterator;

    tcp::acceptor acceptor;
    std::uint16_t port;
    script on_request;
    std::list<connection> connections;
    std::vector<peer_request> received;
    int accepted = 0;
    bool is_closing_on_accept = false;

    state(asio::io_context& loop, script on_request)
        : acceptor(loop, any_loopback_port()),
          port(acceptor.local_endpoint().port()),
          on_request(std::move(on_request))
    {
        acceptor.listen(4096);
    }

    void accept()
    {
        acceptor.async_accept(
            [self = shared_from_this()](error_code failure, tcp::socket socket)
            {
                if (failure)
                    return;
                ++self->accepted;
                if (!self->is_closing_on_accept)
                {
                    self->connections.emplace_back(std::move(socket));
                    auto const added = std::prev(self->connections.end());
                    added->current.connection = self->accepted;
                    self->read_head(added);
                }
                self->accept();
            }
        );
    }

    // Every operation on a connection ends here when it fails; stop() makes them fail, and so none is left
    // behind.
    void drop(place at) { connections.erase(at); }

    void read_head(place at)
    {
        asio::async_read_until(
            at->socket,
            asio::dynamic_buffer(at->buffer),
            "\r\n\r\n",
            [self = shared_from_this(), at](error_code failure, std::size_t length)
            {
                if (failure)
                    return self->drop(at);
                at->current.request = parse_head(std::string_view(at->buffer).substr(0, length));
                ++at->current.on_connection;
                at->buffer.erase(0, length);
                self->read_body(at);
            }
        );
    }

    void read_body(place at)
    {
        auto const announced = find_header(at->current.request.headers, "content-length");
        std::size_t const length = announced.empty() ? 0 : std::stoul(std::string(announced));
        std::size_t const missing = length - std::min(length, at->buffer.size());
        asio::async_read(
            at->socket,
            asio::dynamic_buffer(at->buffer),
            asio::transfer_exactly(missing),
            [self = shared_from_this(), at, length](error_code failure, std::size_t)
            {
                if (failure)
                    return self->drop(at);
                at->current.request.body = at->buffer.substr(0, length);
                at->buffer.erase(0, length);
                self->received.push_back(at->current);
                at->action = self->on_request(at->current);
                self->wait(at);
            }
        );
    }

    void wait(place at)
    {
        at->timer.expires_after(at->action.after);
        at->timer.async_wait(
            [self = shared_from_this(), at](error_code failure)
            {
                if (failure || !at->socket.is_open())
                    return self->drop(at);
                self->write(at);
            }
        );
    }

    void write(place at)
    {
        asio::async_write(
            at->socket,
            asio::buffer(at->action.bytes),
            [self = shared_from_this(), at](error_code failure, std::size_t)
            {
                if (failure || at->action.then == peer_action::ending::close)
                    return self->drop(at);
                if (at->action.then == peer_action::ending::keep)
                    return self->read_head(at);
                self->await_close(at);
            }
        );
    }

    void await_close(place at)
    {
        at->socket.async_wait(
            tcp::socket::wait_read, [self = shared_from_this(), at](error_code) { self->drop(at); }
        );
    }

    void stop()
    {
        error_code ignored;
        acceptor.close(ignored);
        for (auto& connection : connections)
        {
            connection.socket.close(ignored);
            connection.timer.cancel();
        }
    }
};

scripted_peer::scripted_peer(asio::io_context& loop, script on_request)
    : state_(std::make_shared<state>(loop, std::move(on_request)))
{
    state_->accept();
}

scripted_peer::~scripted_peer()
{
    stop();
}

std::uint16_t scripted_peer::port() const
{
    return state_->port;
}

std::string scripted_peer::url(std::string const& path) const
{
    return "http://127.0.0.1:" + std::to_string(state_->port) + path;
}

std::vector<peer_request> const& scripted_peer::received() const
{
    return state_->received;
}

int scripted_peer::connections() const
{
    return state_->accepted;
}

int scripted_peer::open_connections() const
{
    return static_cast<int>(state_->connections.size());
}

void scripted_peer::close_on_accept()
{
    state_->is_closing_on_accept = true;
}

void scripted_peer::stop()
{
    state_->stop();
}

std::uint16_t closed_port(asio::io_context& loop)
{
    tcp::acceptor const short_lived(loop, any_loopback_port());
    return short_lived.local_endpoint().port();
}

}  // namespace linkspan::test
