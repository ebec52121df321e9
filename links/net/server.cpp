#include "links/net/server.hpp"

#include "links/net/connection.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <list>
#include <vector>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;
using boost::system::error_code;

// After a failed accept (no file descriptor left, mostly) before the next one.
constexpr milliseconds accept_pause{100};

// How late a deadline may be noticed, at most; shorter where the limits themselves are short.
constexpr milliseconds sweep_period_max{250};
constexpr milliseconds sweep_period_min{1};

milliseconds sweep_period(server_limits const& limits)
{
    auto const shortest =
        std::min({limits.header_timeout, limits.body_timeout, limits.idle_timeout, limits.write_timeout});
    return std::clamp(shortest / 4, sweep_period_min, sweep_period_max);
}

}  // namespace

class http_server::impl : public std::enable_shared_from_this<impl>
{
public:
    impl(asio::io_context& loop, server_limits limits, http_handler handler, server_observer observer)
        : loop_(loop),
          shared_(std::make_shared<server_shared>(limits, std::move(handler), std::move(observer))),
          acceptor_(loop),
          accept_timer_(loop),
          sweeper_(loop),
          sweep_period_(sweep_period(limits))
    {
    }

    result<> listen(std::string const& host, std::uint16_t port);
    static asio::awaitable<void> drain(std::shared_ptr<impl> self, milliseconds grace);
    void cut();

    std::uint16_t port() const { return port_; }
    std::size_t connections() const { return connections_.size(); }
    std::size_t in_flight_bytes() const { return shared_->in_flight_bytes; }

private:
    using acceptor = asio::ip::tcp::acceptor;
    using connection_list = std::list<std::shared_ptr<connection>>;

    void accept();
    void accepted(error_code failed, connection::socket peer);
    void stop_accepting();
    void start(connection::socket peer);
    void ended(connection_list::iterator which, std::exception_ptr failure);
    void sweep_later();

    asio::io_context& loop_;
    std::shared_ptr<server_shared> shared_;
    acceptor acceptor_;
    std::uint16_t port_ = 0;
    bool accepting_ = false;  // an accept, or the pause after a failed one, is pending
    asio::steady_timer accept_timer_;
    asio::steady_timer sweeper_;
    bool sweeping_ = false;
    milliseconds const sweep_period_;
    connection_list connections_;
    std::vector<std::shared_ptr<asio::steady_timer>> drains_;
};

result<> http_server::impl::listen(std::string const& host, std::uint16_t port)
{
    auto const where = "listen on " + host + " port " + std::to_string(port) + ": ";
    if (acceptor_.is_open())
        return error(errc::conflict, where + "listening already on port " + std::to_string(port_));
    error_code failed;
    auto const address = asio::ip::make_address(host, failed);
    if (failed)
        return error(errc::invalid, where + "not an IP address");
    asio::ip::tcp::endpoint const endpoint(address, port);
    acceptor fresh(loop_);
    fresh.open(endpoint.protocol(), failed);
    if (!failed)
        fresh.set_option(acceptor::reuse_address(true), failed);
    if (!failed)
        fresh.bind(endpoint, failed);
    if (!failed)
        fresh.listen(acceptor::max_listen_connections, failed);
    if (failed == asio::error::address_in_use)
        return error(errc::conflict, where + "the port is taken by another program");
    if (failed == boost::system::errc::address_not_available ||
        failed == boost::system::errc::permission_denied)
        return error(errc::invalid, where + failed.message());
    if (failed)
        return error(errc::unavailable, where + failed.message());
    acceptor_ = std::move(fresh);
    port_ = acceptor_.local_endpoint(failed).port();
    accept();
    return {};
}

void http_server::impl::accept()
{
    if (accepting_ || !acceptor_.is_open() || connections_.size() >= shared_->limits.connections_max)
        return;
    accepting_ = true;
    acceptor_.async_accept(
        [self = shared_from_this()](error_code failed, connection::socket peer)
        {
            self->accepting_ = false;
            self->accepted(failed, std::move(peer));
        }
    );
}

void http_server::impl::accepted(error_code failed, connection::socket peer)
{
    if (!acceptor_.is_open())
        return;
    if (!failed)
    {
        start(std::move(peer));
        accept();
        return;
    }
    shared_->observer.refused(0, "accept: " + failed.message());
    accepting_ = true;
    accept_timer_.expires_after(accept_pause);
    accept_timer_.async_wait(
        [self = shared_from_this()](error_code)
        {
            self->accepting_ = false;
            self->accept();
        }
    );
}

void http_server::impl::stop_accepting()
{
    error_code ignored;
    acceptor_.close(ignored);
    accept_timer_.cancel();
}

void http_server::impl::start(connection::socket peer)
{
    auto fresh = std::make_shared<connection>(std::move(peer), shared_);
    auto const which = connections_.insert(connections_.end(), fresh);
    asio::co_spawn(
        loop_,
        connection::run(fresh),
        [self = shared_from_this(), which](std::exception_ptr failure) { self->ended(which, failure); }
    );
    sweep_later();
}

void http_server::impl::ended(connection_list::iterator which, std::exception_ptr failure)
{
    if (failure)
        shared_->observer.refused(0, "connection: ended by an exception");
    connections_.erase(which);
    accept();
    if (!connections_.empty())
        return;
    sweeper_.cancel();
    for (auto const& waiting : drains_)
        waiting->cancel();
}

// Runs only while there are connections, so that an idle server does not wake up.
void http_server::impl::sweep_later()
{
    if (sweeping_)
        return;
    sweeping_ = true;
    sweeper_.expires_after(sweep_period_);
    sweeper_.async_wait(
        [self = shared_from_this()](error_code)
        {
            self->sweeping_ = false;
            if (self->connections_.empty())
                return;
            auto const now = connection::clock::now();
            for (auto const& one : self->connections_)
                one->sweep(now);
            self->sweep_later();
        }
    );
}

asio::awaitable<void> http_server::impl::drain(std::shared_ptr<impl> self, milliseconds grace)
{
    self->stop_accepting();
    self->shared_->draining = true;
    for (auto const& one : self->connections_)
        one->close_if_idle();
    if (self->connections_.empty())
        co_return;
    auto const timer = std::make_shared<asio::steady_timer>(self->loop_, grace);
    self->drains_.push_back(timer);
    error_code ignored;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    std::erase(self->drains_, timer);
}

void http_server::impl::cut()
{
    stop_accepting();
    for (auto const& one : connections_)
        one->close();
}

http_server::http_server(
    asio::io_context& loop, server_limits limits, http_handler handler, server_observer observer
)
    : impl_(std::make_shared<impl>(loop, limits, std::move(handler), std::move(observer)))
{
}

http_server::~http_server()
{
    impl_->cut();
}

result<> http_server::listen(std::string const& host, std::uint16_t port)
{
    return impl_->listen(host, port);
}

std::uint16_t http_server::port() const
{
    return impl_->port();
}

asio::awaitable<void> http_server::drain(milliseconds grace)
{
    return impl::drain(impl_, grace);
}

void http_server::cut()
{
    impl_->cut();
}

std::size_t http_server::connections() const
{
    return impl_->connections();
}

std::size_t http_server::in_flight_bytes() const
{
    return impl_->in_flight_bytes();
}

}  // namespace linkspan
