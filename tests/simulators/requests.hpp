#pragma once
#include "links/net/server.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace linkspan::test
{

inline constexpr std::size_t simulator_body_bytes_max = 1u << 20;

// Lets every request in, and has it answered by `handle`.
inline http_handler handler_of(std::function<boost::asio::awaitable<http_response>(http_request)> handle)
{
    http_handler handler;
    handler.admit = [](http_request const&) -> admission { return simulator_body_bytes_max; };
    handler.handle = std::move(handle);
    return handler;
}

// The token of "Authorization: Bearer TOKEN"; empty where there is none.
inline std::string bearer_token(http_request const& request)
{
    constexpr std::string_view begin = "Bearer ";
    auto const header = find_header(request.headers, "Authorization");
    return header.starts_with(begin) ? std::string(header.substr(begin.size())) : std::string();
}

}  // namespace linkspan::test
