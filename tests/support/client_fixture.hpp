#pragma once
#include "links/net/client.hpp"
#include "tests/support/run_loop.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

namespace linkspan::test
{

inline http_request post(std::string url, std::string body = "{}")
{
    http_request request("POST", std::move(url));
    request.body = std::move(body);
    return request;
}

inline exchange_options within(milliseconds timeout)
{
    exchange_options options;
    options.timeout = timeout;
    return options;
}

// A client on a loop of its own, for tests that run many exchanges beside each other.
class client_fixture : public testing::Test
{
protected:
    exchange send(http_request request, exchange_options options = exchange_options())
    {
        return run(loop, client->send(std::move(request), options));
    }

    // Starts a send beside the others; results[name] is there when it has ended.
    void spawn(std::string const& name, http_request request, exchange_options options = exchange_options())
    {
        auto on_end = [this, name](std::exception_ptr failure, exchange ended)
        {
            EXPECT_EQ(failure, nullptr);
            results[name] = std::move(ended);
        };
        boost::asio::co_spawn(
            loop,
            client->send(std::move(request), options),
            boost::asio::bind_cancellation_slot(stops[name].slot(), std::move(on_end))
        );
    }

    void run_until_ended(std::size_t count)
    {
        run_until(loop, [this, count] { return results.size() == count; });
        EXPECT_EQ(client->in_flight(), 0u);
    }

    boost::asio::io_context loop{1};
    std::map<std::string, boost::asio::cancellation_signal> stops;
    std::map<std::string, exchange> results;
    std::optional<http_client> client{std::in_place, loop};
};

}  // namespace linkspan::test
