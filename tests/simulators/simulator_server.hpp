#pragma once
#include "links/net/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <string>
#include <thread>

namespace linkspan::test
{

// A simulated service's HTTP on loopback, in a thread of its own that runs the loop. Declare it last: it uses
// all the rest, and is gone first.
class simulator_server
{
public:
    // port 0: any free one. Throws std::runtime_error where it cannot listen.
    simulator_server(
        boost::asio::io_context& loop,
        std::function<boost::asio::awaitable<http_response>(http_request)> handle,
        std::uint16_t port = 0
    );
    ~simulator_server();  // cuts every connection
    simulator_server(simulator_server const&) = delete;
    simulator_server& operator=(simulator_server const&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url() const;  // "http://127.0.0.1:<port>"

private:
    boost::asio::io_context& loop_;
    http_server server_;
    std::uint16_t port_ = 0;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::thread thread_;
};

}  // namespace linkspan::test
