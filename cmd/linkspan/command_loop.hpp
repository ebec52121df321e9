#pragma once
#include "cmd/linkspan/config.hpp"
#include "links/link.hpp"
#include "links/net/client.hpp"
#include "links/net/clock.hpp"
#include "links/net/task_group.hpp"

#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <string>

namespace linkspan
{

// The loop of a command that speaks to services: it runs while the command waits for one answer.
class command_loop
{
public:
    explicit command_loop(server_config const& settings);
    ~command_loop();
    command_loop(command_loop const&) = delete;
    command_loop& operator=(command_loop const&) = delete;

    boost::asio::io_context& context() { return loop_; }
    linkspan::clock& clock() { return clock_; }
    http_client& client() { return client_; }
    link_services& services() { return services_; }

    // Runs work to its end. errc::internal where it ends with an exception.
    template <class T>
    result<T> run(boost::asio::awaitable<result<T>> work)
    {
        std::optional<result<T>> answer;
        tasks_.spawn("the command", kept<T>(std::move(work), answer));
        loop_.restart();
        loop_.run();
        if (!answer)
            return error(errc::internal, "the command ended without an answer: " + failure_);
        return std::move(*answer);
    }

private:
    template <class T>
    static boost::asio::awaitable<void> kept(
        boost::asio::awaitable<result<T>> work, std::optional<result<T>>& answer
    )
    {
        auto got = co_await std::move(work);
        answer.emplace(std::move(got));
    }

    boost::asio::io_context loop_{1};
    linkspan::clock clock_;
    http_client client_;
    link_services services_;
    std::string failure_ = "no reason is known";
    task_group tasks_;
};

}  // namespace linkspan
