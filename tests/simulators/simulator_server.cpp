#include "tests/simulators/simulator_server.hpp"

#include "tests/simulators/requests.hpp"

#include <boost/asio/post.hpp>

#include <stdexcept>

namespace linkspan::test
{

simulator_server::simulator_server(
    boost::asio::io_context& loop,
    std::function<boost::asio::awaitable<http_response>(http_request)> handle,
    std::uint16_t port
)
    : loop_(loop), server_(loop, server_limits(), handler_of(std::move(handle))), work_(loop.get_executor())
{
    if (auto const listening = server_.listen("127.0.0.1", port); !listening)
        throw std::runtime_error(listening.error().message);
    port_ = server_.port();
    thread_ = std::thread([this] { loop_.run(); });
}

simulator_server::~simulator_server()
{
    boost::asio::post(loop_, [this] { server_.cut(); });
    work_.reset();
    thread_.join();
}

std::string simulator_server::url() const
{
    return "http://127.0.0.1:" + std::to_string(port_);
}

}  // namespace linkspan::test
