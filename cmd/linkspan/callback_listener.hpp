#pragma once
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/sign_in.hpp"
#include "links/net/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <vector>

namespace linkspan
{

// What linkspan start-oauth answers while no linkspan serve does: /start and /callback. Webhooks that come
// meanwhile are told to come again (503).
class callback_listener
{
public:
    callback_listener(boost::asio::io_context& loop, sign_in& endpoints);

    // Listens there, and on the same port of the other loopback address where that is free: browsers take
    // "localhost" for either. Errors as http_server::listen().
    result<> listen(listen_address const& where);

    std::uint16_t port() const;

    // Lets the last page reach its reader, then closes.
    boost::asio::awaitable<void> close();

private:
    admission admit(http_request const& head);
    boost::asio::awaitable<http_response> answer(http_request request);
    std::unique_ptr<http_server> make_server();

    boost::asio::io_context& loop_;
    sign_in& endpoints_;
    std::vector<std::unique_ptr<http_server>> servers_;
};

}  // namespace linkspan
