#pragma once
#include "links/net/server.hpp"

#include <boost/asio/io_context.hpp>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace linkspan::test
{

// An HTTP server on loopback, on a thread of its own, that keeps every request and answers it with the next
// of its statuses (the last one again and again).
class webhook_recorder
{
public:
    explicit webhook_recorder(std::vector<int> statuses = {202}, std::string answer = {});
    ~webhook_recorder();
    webhook_recorder(webhook_recorder const&) = delete;
    webhook_recorder& operator=(webhook_recorder const&) = delete;

    std::string address() const;  // "127.0.0.1:12345"
    std::string url() const { return "http://" + address(); }
    std::vector<http_request> requests() const;

private:
    boost::asio::awaitable<http_response> handle(http_request request);

    boost::asio::io_context loop_{1};
    std::vector<int> statuses_;
    std::string answer_;
    mutable std::mutex mutex_;
    std::vector<http_request> requests_;
    http_server server_;
    std::thread thread_;
};

}  // namespace linkspan::test
