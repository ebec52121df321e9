#include "tests/support/running_server.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>

namespace linkspan::test
{

namespace asio = boost::asio;

running_server::running_server(server_limits limits)
    : server_(
          loop_,
          limits,
          http_handler{
              [this](http_request const& head) { return admit(head); },
              [this](http_request request) { return handle(std::move(request)); }},
          server_observer{[this](int status, std::string_view why) { refused_.emplace_back(status, why); }}
      )
{
    server_.listen("127.0.0.1", 0).value();
    port_ = server_.port();
    thread_ = std::thread([this] { loop_.run(); });
}

// The loop ends by itself when nothing is left to do: a server that forgets something hangs here.
running_server::~running_server()
{
    cut();
    let_go();
    work_.reset();
    thread_.join();
}

void running_server::let_go()
{
    asio::post(
        loop_,
        [this]
        {
            for (auto* timer : holding_)
                timer->cancel();
        }
    );
}

std::future<void> running_server::drain(milliseconds grace)
{
    return asio::co_spawn(loop_, server_.drain(grace), asio::use_future);
}

void running_server::cut()
{
    ask([this] { server_.cut(); });
}

std::size_t running_server::connections()
{
    return ask([this] { return server_.connections(); });
}

std::size_t running_server::in_flight_bytes()
{
    return ask([this] { return server_.in_flight_bytes(); });
}

std::size_t running_server::holding()
{
    return ask([this] { return holding_.size(); });
}

std::size_t running_server::admitted()
{
    return ask([this] { return admitted_; });
}

std::size_t running_server::handled()
{
    return ask([this] { return handled_; });
}

std::vector<std::pair<int, std::string>> running_server::refused()
{
    return ask([this] { return refused_; });
}

result<> running_server::listen_again(std::string const& host, std::uint16_t port)
{
    http_handler handler{
        [](http_request const&) { return admission(http_response(404)); },
        [](http_request) -> asio::awaitable<http_response> { co_return http_response(404); }};
    return ask(
        [this, &host, port, &handler]
        {
            http_server second(loop_, {}, handler);
            return second.listen(host, port);
        }
    );
}

admission running_server::admit(http_request const& head)
{
    ++admitted_;
    if (head.target == "/refuse")
        return http_response(404, "no such thing");
    if (head.target == "/admit-throws")
        throw std::runtime_error("admission is broken");
    if (head.target == "/large")
        return std::size_t(64u << 20);
    return std::size_t(head.target == "/small" ? 10 : 1u << 20);
}

asio::awaitable<http_response> running_server::handle(http_request request)
{
    ++handled_;
    http_response response(200);
    if (request.target == "/throw")
        throw std::runtime_error("handler is broken");
    if (request.target == "/hold")
    {
        co_await hold();
        response.body = "held";
    }
    else if (request.target == "/describe" || request.target == "/describe?")
    {
        response.body = request.method + " " + request.target + "\n";
        for (auto const& header : request.headers)
            response.body += header.name + "=" + header.value + "\n";
    }
    else if (request.target == "/big")
        response.body = std::string(8u << 20, 'b');
    else if (request.target == "/empty")
        response.status = 204;
    else if (request.target == "/broken")
        response.headers.push_back({"X-Broken", "a\r\nSet-Cookie: b"});
    else
        response.body = std::move(request.body);
    co_return response;
}

asio::awaitable<void> running_server::hold()
{
    asio::steady_timer timer(loop_, asio::steady_timer::time_point::max());
    holding_.insert(&timer);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    holding_.erase(&timer);
}

}  // namespace linkspan::test
