#pragma once
#include "links/net/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace linkspan::test
{

// An http_server on a thread of its own, with an application made for tests:
//
//     /echo      200, the request's body
//     /describe  200, "METHOD target" and one line for each header
//     /hold      waits for let_go(), then 200 "held"
//     /throw     throws             /refuse        the admission answers 404
//     /broken    a header with CR   /admit-throws  the admission throws
//     /big       200, 8 MiB         /empty         204
//     /small     a body of at most 10 bytes; elsewhere at most 1 MiB, on /large 64 MiB
class running_server
{
public:
    explicit running_server(server_limits limits = {});
    ~running_server();
    running_server(running_server const&) = delete;
    running_server& operator=(running_server const&) = delete;

    std::uint16_t port() const { return port_; }
    void let_go();
    std::future<void> drain(milliseconds grace);
    void cut();

    std::size_t connections();
    std::size_t in_flight_bytes();
    std::size_t holding();   // requests that wait for let_go()
    std::size_t admitted();  // calls of admit
    std::size_t handled();   // calls of handle
    std::vector<std::pair<int, std::string>> refused();
    result<> listen_again(std::string const& host, std::uint16_t port);  // a second server on the same loop

    // Whether `condition` becomes true within ten seconds; it is asked again and again.
    template <class Condition>
    static bool eventually(Condition condition)
    {
        auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!condition())
            if (std::chrono::steady_clock::now() > end)
                return false;
        return true;
    }

private:
    // Runs f on the loop's thread, where alone the server may be used.
    template <class F>
    auto ask(F f)
    {
        std::packaged_task<decltype(f())()> task(std::move(f));
        auto answer = task.get_future();
        boost::asio::post(loop_, [&task] { task(); });
        return answer.get();
    }

    admission admit(http_request const& head);
    boost::asio::awaitable<http_response> handle(http_request request);
    boost::asio::awaitable<void> hold();

    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
    std::set<boost::asio::steady_timer*> holding_;
    std::size_t admitted_ = 0;
    std::size_t handled_ = 0;
    std::vector<std::pair<int, std::string>> refused_;
    http_server server_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace linkspan::test
