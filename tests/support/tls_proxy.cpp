#include "tests/support/tls_proxy.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace linkspan::test
{
namespace
{

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

constexpr std::size_t head_bytes_max = 8192;

tcp::endpoint loopback(std::uint16_t port)
{
    return {asio::ip::make_address("127.0.0.1"), port};
}

std::vector<std::string> names_of(std::map<std::string, std::uint16_t> const& hosts)
{
    std::vector<std::string> names;
    for (auto const& [name, port] : hosts)
        names.push_back(name);
    return names;
}

// "bitbucket.org" of "CONNECT bitbucket.org:443 HTTP/1.1"; empty for anything else.
std::string host_of(std::string_view head)
{
    constexpr std::string_view verb = "CONNECT ";
    if (!head.starts_with(verb))
        return {};
    auto const target = head.substr(verb.size(), head.find(' ', verb.size()) - verb.size());
    return target.ends_with(":443") ? std::string(target.substr(0, target.size() - 4)) : std::string();
}

}  // namespace

struct tls_proxy::tunnel
{
    asio::ssl::stream<tcp::socket> outside;
    tcp::socket inside;

    tunnel(tcp::socket socket, asio::ssl::context& context, asio::io_context& loop)
        : outside(std::move(socket), context), inside(loop)
    {
    }

    template <class From, class To>
    static asio::awaitable<void> pump(From& from, To& to)
    {
        std::array<char, 16 * 1024> buffer;
        error_code failure;
        for (;;)
        {
            auto const count = co_await from.async_read_some(
                asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, failure)
            );
            if (failure)
                co_return;
            co_await asio::async_write(
                to, asio::buffer(buffer.data(), count), asio::redirect_error(asio::use_awaitable, failure)
            );
            if (failure)
                co_return;
        }
    }

    static asio::awaitable<void> inwards(std::shared_ptr<tunnel> self)
    {
        co_await pump(self->outside, self->inside);
        error_code ignored;
        self->inside.shutdown(tcp::socket::shutdown_send, ignored);
    }

    static asio::awaitable<void> outwards(std::shared_ptr<tunnel> self)
    {
        co_await pump(self->inside, self->outside);
        error_code ignored;
        co_await self->outside.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
        self->outside.lowest_layer().close(ignored);
        self->inside.close(ignored);
    }
};

tls_proxy::tls_proxy(std::map<std::string, std::uint16_t> hosts)
    : tls_proxy(hosts, std::make_shared<test_authority>(names_of(hosts)))
{
}

tls_proxy::tls_proxy(
    std::map<std::string, std::uint16_t> hosts, std::shared_ptr<test_authority const> authority
)
    : authority_(std::move(authority)),
      hosts_(std::move(hosts)),
      proxy_(loop_, loopback(0)),
      direct_(loop_, loopback(0)),
      port_(proxy_.local_endpoint().port()),
      tls_port_(direct_.local_endpoint().port())
{
    context_.use_certificate_chain_file(authority_->certificate_file().string());
    context_.use_private_key_file(authority_->key_file().string(), asio::ssl::context::pem);
    asio::co_spawn(loop_, serve(proxy_, true), asio::detached);
    asio::co_spawn(loop_, serve(direct_, false), asio::detached);
    thread_ = std::thread([this] { loop_.run(); });
}

tls_proxy::~tls_proxy()
{
    loop_.stop();
    thread_.join();
}

std::vector<std::string> tls_proxy::connected() const
{
    std::lock_guard const lock(mutex_);
    return connected_;
}

std::vector<std::string> tls_proxy::refused() const
{
    std::lock_guard const lock(mutex_);
    return refused_;
}

void tls_proxy::note(std::vector<std::string>& list, std::string text)
{
    std::lock_guard const lock(mutex_);
    list.push_back(std::move(text));
}

asio::awaitable<void> tls_proxy::serve(tcp::acceptor& acceptor, bool is_proxy)
{
    for (;;)
    {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        // A client that goes away ends its own connection only.
        auto const on_end = [](std::exception_ptr) {};
        asio::co_spawn(loop_, carry(std::move(socket), is_proxy), on_end);
    }
}

asio::awaitable<std::string> tls_proxy::read_host(tcp::socket& socket)
{
    std::string head;
    auto buffer = asio::dynamic_buffer(head, head_bytes_max);
    co_await asio::async_read_until(socket, buffer, "\r\n\r\n", asio::use_awaitable);
    auto host = host_of(head);
    bool const is_known = hosts_.contains(host);
    std::string const answer =
        is_known ? "HTTP/1.1 200 Connection established\r\n\r\n"
                 : "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    if (!is_known)
        note(refused_, head.substr(0, head.find('\r')));
    co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
    if (!is_known)
        host.clear();
    co_return host;
}

asio::awaitable<void> tls_proxy::carry(tcp::socket socket, bool is_proxy)
{
    std::string host;
    if (is_proxy)
    {
        host = co_await read_host(socket);
        if (host.empty())
            co_return;
    }
    auto const both = std::make_shared<tunnel>(std::move(socket), context_, loop_);
    co_await both->outside.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    if (!is_proxy)
    {
        char const* const name = SSL_get_servername(both->outside.native_handle(), TLSEXT_NAMETYPE_host_name);
        host = name == nullptr ? std::string() : std::string(name);
    }
    auto const found = hosts_.find(host);
    if (found == hosts_.end())
    {
        note(refused_, "TLS for " + host);
        co_return;
    }
    note(connected_, host);
    auto const endpoint = loopback(found->second);
    co_await both->inside.async_connect(endpoint, asio::use_awaitable);
    asio::co_spawn(loop_, tunnel::inwards(both), asio::detached);
    asio::co_spawn(loop_, tunnel::outwards(both), asio::detached);
}

}  // namespace linkspan::test
