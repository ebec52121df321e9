#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/config_values.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace linkspan
{
namespace
{

constexpr std::string_view expected =
    "must be an address and a port such as \"127.0.0.1:14470\" or \"[::1]:14470\"";

// The one form of an IP address; nothing where it is none.
std::string canonical(std::string const& host, int family)
{
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (host.find('\0') != std::string::npos || ::inet_pton(family, host.c_str(), bytes.data()) != 1)
        return {};
    return ::inet_ntop(family, bytes.data(), text.data(), text.size());
}

result<std::string> read_host(std::string_view host, bool is_bracketed)
{
    if (host.empty() && !is_bracketed)
        return listen_address().host;
    if (host == "localhost")
        return invalid("must have an IP address, not a name; write 127.0.0.1 instead of localhost");
    if (host == "*")
        return invalid("must have an IP address; write 0.0.0.0 (or [::]) for all addresses of this machine");
    if (host.find(':') != std::string_view::npos && !is_bracketed)
        return invalid("must have an IPv6 address in brackets, such as \"[::1]:14470\"");
    auto out = canonical(std::string(host), is_bracketed ? AF_INET6 : AF_INET);
    if (out.empty())
        return invalid(std::string(expected) + "; names are not looked up");
    return out;
}

bool is_any(std::string_view host)
{
    return host == "0.0.0.0" || host == "::";
}

}  // namespace

result<listen_address> parse_listen_address(std::string_view text)
{
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos || (text.front() == '[' && text.find("]:") != colon - 1))
        return invalid(std::string(expected) + (text.find(':') == text.npos ? "; the port is missing" : ""));
    bool const is_bracketed = text.front() == '[';
    auto const host = is_bracketed ? text.substr(1, colon - 2) : text.substr(0, colon);
    auto const port = text.substr(colon + 1);
    auto named = read_host(host, is_bracketed);
    if (!named)
        return named.error();
    listen_address out;
    out.host = *std::move(named);
    auto const [end, fault] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (port.empty() || fault != std::errc() || end != port.data() + port.size())
        return invalid("must end in a port from 0 to 65535 (0: any free one)");
    return out;
}

std::string to_text(listen_address const& address)
{
    bool const is_v6 = address.host.find(':') != std::string::npos;
    return (is_v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

result<> judge_listen(std::string& text)
{
    auto const read = parse_listen_address(text);
    if (!read)
        return read.error();
    text = to_text(*read);
    return {};
}

result<> check_listeners(server_config const& server)
{
    auto const& webhooks = server.listen;
    auto const& admin = server.admin_listen;
    bool const meet = webhooks.host == admin.host || is_any(webhooks.host) || is_any(admin.host);
    if (webhooks.port == 0 || webhooks.port != admin.port || !meet)
        return {};
    return invalid(
        "listen (" + to_text(webhooks) + ") and admin_listen (" + to_text(admin) +
        ") need the same port; give one of them another port"
    );
}

}  // namespace linkspan
