#pragma once
#include <cstddef>
#include <string>

namespace linkspan::test
{

// What a client sends to a running_server.
inline std::string post_head(std::string const& target, std::size_t length)
{
    return "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) +
           "\r\n\r\n";
}

inline std::string const get_describe = "GET /describe HTTP/1.1\r\nHost: a\r\n\r\n";
inline std::string const get_hold = "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace linkspan::test
