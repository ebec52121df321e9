#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

// The little of HTTP/1.1 that both ends of a benchmark speak: blocking sockets, one thread for each
// connection, and messages with a Content-Length. Not linkspan's own server and client: a benchmark must not
// share their faults.
namespace linkspan::bench
{

inline sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in out = {};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return out;
}

template <class Number>
Number number_of(std::string_view text)
{
    Number out = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (failure != std::errc() || end != text.data() + text.size())
        throw std::runtime_error("not a number: " + std::string(text));
    return out;
}

// One end of a connection.
class wire
{
public:
    explicit wire(int socket) : socket_(socket)
    {
        int const yes = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    ~wire() { ::close(socket_); }
    wire(wire const&) = delete;
    wire& operator=(wire const&) = delete;

    bool write(std::string_view text)
    {
        while (!text.empty())
        {
            auto const sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    // The next message with its header; empty when the peer has closed. Valid until the next call.
    std::string_view read()
    {
        received_.erase(0, used_);
        used_ = 0;
        auto end = received_.find(head_end);
        while (end == received_.npos)
        {
            if (!fill())
                return {};
            end = received_.find(head_end);
        }
        used_ = end + head_end.size() + body_size(std::string_view(received_).substr(0, end));
        while (received_.size() < used_)
            if (!fill())
                return {};
        return std::string_view(received_).substr(0, used_);
    }

private:
    static constexpr std::string_view head_end = "\r\n\r\n";

    static std::size_t body_size(std::string_view head)
    {
        static constexpr std::string_view name = "content-length:";
        for (auto at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2))
            if (::strncasecmp(
                    head.data() + at + 2, name.data(), std::min(name.size(), head.size() - at - 2)
                ) == 0)
            {
                auto value = head.substr(at + 2 + name.size());
                value = value.substr(0, value.find("\r\n"));
                value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
                return number_of<std::size_t>(value);
            }
        return 0;
    }

    bool fill()
    {
        char part[16 * 1024];
        auto const got = ::recv(socket_, part, sizeof part, 0);
        if (got <= 0)
            return false;
        received_.append(part, static_cast<std::size_t>(got));
        return true;
    }

    int socket_;
    std::string received_;
    std::size_t used_ = 0;  // of received_, by the message that read() gave out
};

}  // namespace linkspan::bench
