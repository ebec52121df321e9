#pragma once
#include "tests/support/test_authority.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace linkspan::test
{

// Lets programs speak to https://bitbucket.org when a simulator on 127.0.0.1 is meant: an HTTP proxy on
// loopback that takes CONNECT to port 443 of the hosts that it knows, ends the TLS of each with a certificate
// of an authority of its own, and carries the bytes to a plain port. A second port speaks TLS at once and
// goes by the name that the client gives (SNI), for a browser with --host-resolver-rules. In a thread of its
// own; every member may be called from any thread.
class tls_proxy
{
public:
    // Host name -> port of 127.0.0.1. Other hosts are answered 403 and kept in refused().
    explicit tls_proxy(std::map<std::string, std::uint16_t> hosts);
    // The same with another authority's certificate: an expired one, or one for other names.
    tls_proxy(std::map<std::string, std::uint16_t> hosts, std::shared_ptr<test_authority const> authority);
    ~tls_proxy();
    tls_proxy(tls_proxy const&) = delete;
    tls_proxy& operator=(tls_proxy const&) = delete;

    std::uint16_t port() const { return port_; }
    std::uint16_t tls_port() const { return tls_port_; }
    std::string proxy_url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::filesystem::path ca_file() const { return authority_->ca_file(); }
    std::string const& key_pin() const { return authority_->key_pin(); }

    std::vector<std::string> connected() const;  // the host of every TLS session that came about, in order
    std::vector<std::string> refused() const;    // what was asked for besides

private:
    struct tunnel;

    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::acceptor& acceptor, bool is_proxy);
    boost::asio::awaitable<void> carry(boost::asio::ip::tcp::socket socket, bool is_proxy);
    boost::asio::awaitable<std::string> read_host(boost::asio::ip::tcp::socket& socket);
    void note(std::vector<std::string>& list, std::string text);

    boost::asio::io_context loop_{1};
    std::shared_ptr<test_authority const> authority_;
    std::map<std::string, std::uint16_t> const hosts_;
    boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
    boost::asio::ip::tcp::acceptor proxy_;
    boost::asio::ip::tcp::acceptor direct_;
    std::uint16_t port_ = 0;
    std::uint16_t tls_port_ = 0;

    mutable std::mutex mutex_;  // guards what follows
    std::vector<std::string> connected_;
    std::vector<std::string> refused_;

    std::thread thread_;  // last: it uses all the rest
};

}  // namespace linkspan::test
