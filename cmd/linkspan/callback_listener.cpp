#include "cmd/linkspan/callback_listener.hpp"

#include "cmd/linkspan/respond.hpp"
#include "cmd/linkspan/routes.hpp"

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

constexpr milliseconds last_page_time{2'000};

// The loopback address that browsers may mean beside this one; empty: none.
std::string other_loopback(std::string const& host)
{
    if (host == "127.0.0.1" || host == "0.0.0.0")
        return "::1";
    return host == "::1" ? "127.0.0.1" : "";
}

}  // namespace

callback_listener::callback_listener(asio::io_context& loop, sign_in& endpoints)
    : loop_(loop), endpoints_(endpoints)
{
}

std::unique_ptr<http_server> callback_listener::make_server()
{
    http_handler handler;
    handler.admit = [this](http_request const& head) { return admit(head); };
    handler.handle = [this](http_request request) { return answer(std::move(request)); };
    return std::make_unique<http_server>(loop_, server_limits(), std::move(handler));
}

result<> callback_listener::listen(listen_address const& where)
{
    auto first = make_server();
    if (auto const bound = first->listen(where.host, where.port); !bound)
        return bound;
    auto const port = first->port();
    servers_.push_back(std::move(first));
    auto const other = other_loopback(where.host);
    if (other.empty())
        return {};
    auto second = make_server();
    if (second->listen(other, port))
        servers_.push_back(std::move(second));
    return {};
}

std::uint16_t callback_listener::port() const
{
    return servers_.empty() ? std::uint16_t(0) : servers_.front()->port();
}

asio::awaitable<void> callback_listener::close()
{
    for (auto const& server : servers_)
    {
        co_await server->drain(last_page_time);
        server->cut();
    }
}

admission callback_listener::admit(http_request const& head)
{
    auto found = find_route(listener::open, head.method, head.target);
    if (auto* refused = std::get_if<http_response>(&found))
        return std::move(*refused);
    auto const leads_to = std::get<route_match>(found).leads_to;
    if (leads_to == endpoint::start || leads_to == endpoint::callback)
        return std::size_t(0);
    return respond(error(errc::unavailable, "linkspan serve does not run"));
}

asio::awaitable<http_response> callback_listener::answer(http_request request)
{
    auto const found = find_route(listener::open, request.method, request.target);
    auto const* match = std::get_if<route_match>(&found);
    if (match != nullptr && match->leads_to == endpoint::start)
    {
        auto page = co_await endpoints_.start(std::move(request));
        co_return page;
    }
    auto page = co_await endpoints_.callback(std::move(request));
    co_return page;
}

}  // namespace linkspan
