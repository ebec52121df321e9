#include "links/net/client.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace linkspan
{
namespace
{

using test::answer_with;
using test::peer_action;
using test::peer_request;
using test::scripted_peer;

http_request post_with_canary(std::string url, std::string body = "{}")
{
    http_request request("POST", std::move(url));
    request.headers.push_back({"Content-Type", "application/json"});
    request.headers.push_back({"Authorization", "Bearer canary-header"});
    request.body = std::move(body);
    return request;
}

scripted_peer::script always(peer_action action)
{
    return [action](peer_request const&) { return action; };
}

class http_client_test : public testing::Test
{
protected:
    exchange send(http_request request, exchange_options options = exchange_options())
    {
        return test::run(loop, client.send(std::move(request), options));
    }

    boost::asio::io_context loop{1};
    http_client client{loop};
};

// The reason is text for people and logs: something, and none of the request's own.
void expect_reason(exchange const& ended, std::string_view part)
{
    EXPECT_NE(ended.reason.find(part), std::string::npos) << ended.reason;
    EXPECT_EQ(ended.reason.find("canary"), std::string::npos) << ended.reason;
    EXPECT_EQ(ended.reason.find_first_of("\r\n"), std::string::npos) << ended.reason;
    EXPECT_FALSE(ended.reason.empty());
}

TEST_F(http_client_test, sends_the_request_as_it_is_and_returns_the_answer_as_it_is)
{
    scripted_peer peer(loop, always(answer_with(201, "made")));
    auto request = post_with_canary(peer.url("/a/b?c=d%20e"), std::string("nul \0 inside", 12));
    request.headers.push_back({"X-Empty", " "});
    auto const ended = send(std::move(request));
    ASSERT_EQ(ended.fate, exchange_fate::answered) << ended.reason;
    EXPECT_EQ(ended.response.status, 201);
    EXPECT_EQ(ended.response.body, "made");
    EXPECT_EQ(find_header(ended.response.headers, "content-type"), "text/plain");
    EXPECT_EQ(ended.reason, "");

    ASSERT_EQ(peer.received().size(), 1u);
    auto const& seen = peer.received()[0].request;
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/a/b?c=d%20e");
    EXPECT_EQ(seen.body, std::string("nul \0 inside", 12));
    EXPECT_EQ(find_header(seen.headers, "content-type"), "application/json");
    EXPECT_EQ(find_header(seen.headers, "user-agent"), "linkspan");
    std::string names;
    for (auto const& header : seen.headers)
        names += header.name + " ";
    EXPECT_NE(names.find("X-Empty "), std::string::npos) << names;
    EXPECT_EQ(names.find("Expect"), std::string::npos) << names;
}

// Above 1 MiB libcurl would ask for permission first, and wait a second for it.
TEST_F(http_client_test, sends_a_large_body_without_asking)
{
    scripted_peer peer(loop, always(answer_with(200, "")));
    std::string const body(3u << 20, 'x');
    EXPECT_EQ(send(post_with_canary(peer.url(), body)).fate, exchange_fate::answered);
    EXPECT_TRUE(peer.received().at(0).request.body == body);
    EXPECT_EQ(find_header(peer.received()[0].request.headers, "expect"), "");
}

TEST_F(http_client_test, invents_no_content_type)
{
    scripted_peer peer(loop, always(answer_with(200, "")));
    http_request request("PUT", peer.url());
    request.body = "x";
    EXPECT_EQ(send(std::move(request)).fate, exchange_fate::answered);
    EXPECT_EQ(find_header(peer.received().at(0).request.headers, "content-type"), "");
}

TEST_F(http_client_test, speaks_every_method)
{
    scripted_peer peer(
        loop,
        [](peer_request const& seen)
        {
            return seen.request.method == "HEAD"
                       ? peer_action("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", {})
                       : answer_with(200, "12345");
        }
    );
    for (auto const* method : {"GET", "HEAD", "DELETE", "POST", "PUT", "PATCH", "OPTIONS"})
    {
        auto const ended = send(http_request(method, peer.url()));
        ASSERT_EQ(ended.fate, exchange_fate::answered) << method << ended.reason;
        EXPECT_EQ(ended.response.body, method == std::string("HEAD") ? "" : "12345") << method;
        EXPECT_EQ(peer.received().back().request.method, method);
    }
    EXPECT_EQ(peer.connections(), 1);
}

TEST_F(http_client_test, any_status_is_an_answer_and_redirects_are_not_followed)
{
    scripted_peer peer(
        loop,
        [](peer_request const& seen)
        {
            if (seen.request.target == "/302")
                return peer_action("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", {});
            return answer_with(std::stoi(seen.request.target.substr(1)), "why");
        }
    );
    for (int const status : {302, 400, 401, 429, 500, 503})
    {
        auto const ended = send(post_with_canary(peer.url("/" + std::to_string(status))));
        EXPECT_EQ(ended.fate, exchange_fate::answered) << status << ended.reason;
        EXPECT_EQ(ended.response.status, status);
    }
    EXPECT_EQ(peer.received().size(), 6u);
}

TEST_F(http_client_test, joins_chunks_and_takes_no_trailer_for_a_header)
{
    scripted_peer peer(loop, always(test::answer_chunked({"one ", std::string(40'000, 'x'), " three"})));
    auto const ended = send(post_with_canary(peer.url()));
    ASSERT_EQ(ended.fate, exchange_fate::answered) << ended.reason;
    EXPECT_EQ(ended.response.body, "one " + std::string(40'000, 'x') + " three");
    EXPECT_EQ(find_header(ended.response.headers, "x-trailer"), "");
}

TEST_F(http_client_test, an_interim_answer_is_not_the_answer)
{
    scripted_peer peer(
        loop,
        always(peer_action(
            "HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Real: 2\r\nContent-Length: "
            "2\r\n\r\nok",
            {}
        ))
    );
    auto const ended = send(post_with_canary(peer.url()));
    ASSERT_EQ(ended.fate, exchange_fate::answered) << ended.reason;
    EXPECT_EQ(ended.response.status, 200);
    EXPECT_EQ(find_header(ended.response.headers, "x-hint"), "");
    EXPECT_EQ(find_header(ended.response.headers, "x-real"), "2");
}

// "squeezed " 1,000 times.
std::string gzipped_9000()
{
    static constexpr unsigned char bytes[] = {
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc6, 0x41, 0x0d, 0x00, 0x30,
        0x08, 0x04, 0x30, 0x2b, 0x13, 0xb7, 0x13, 0xb0, 0x10, 0x3e, 0x53, 0x8f, 0x0f, 0xd2, 0xbe, 0x5a,
        0xaf, 0x93, 0x9f, 0x7b, 0x4a, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44,
        0x44, 0x44, 0x44, 0x44, 0x44, 0x64, 0x6f, 0x06, 0x6a, 0x8a, 0x08, 0xce, 0x28, 0x23, 0x00, 0x00};
    return std::string(std::begin(bytes), std::end(bytes));
}

TEST_F(http_client_test, decompresses_and_counts_what_comes_out_against_the_limit)
{
    auto const body = gzipped_9000();
    scripted_peer peer(
        loop,
        always(peer_action(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body,
            {}
        ))
    );
    auto const ended = send(post_with_canary(peer.url()));
    ASSERT_EQ(ended.fate, exchange_fate::answered) << ended.reason;
    EXPECT_EQ(ended.response.body.size(), 9000u);
    EXPECT_NE(
        find_header(peer.received().at(0).request.headers, "accept-encoding").find("gzip"), std::string::npos
    );

    exchange_options tight;
    tight.response_bytes_max = 8999;
    auto const refused = send(post_with_canary(peer.url()), tight);
    EXPECT_EQ(refused.fate, exchange_fate::unknown);
    expect_reason(refused, "exceeds 8999 bytes");
}

TEST_F(http_client_test, a_body_over_its_limit_fails_the_exchange)
{
    scripted_peer peer(
        loop,
        [](peer_request const& seen)
        {
            return seen.request.target == "/chunked" ? test::answer_chunked({"12345", "678901"})
                                                     : answer_with(200, "12345678901");
        }
    );
    exchange_options options;
    options.response_bytes_max = 11;
    EXPECT_EQ(send(post_with_canary(peer.url("/")), options).fate, exchange_fate::answered);
    EXPECT_EQ(send(post_with_canary(peer.url("/chunked")), options).fate, exchange_fate::answered);
    options.response_bytes_max = 10;
    for (auto const* path : {"/", "/chunked"})
    {
        auto const ended = send(post_with_canary(peer.url(path)), options);
        EXPECT_EQ(ended.fate, exchange_fate::unknown) << path;
        EXPECT_EQ(ended.response.status, 0);
        EXPECT_EQ(ended.response.body, "");
        expect_reason(ended, "POST to " + peer.url("") + ": the body of the answer exceeds 10 bytes");
    }
}

TEST_F(http_client_test, a_flood_of_header_lines_fails_the_exchange)
{
    std::string flood = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 3000; ++i)
        flood += "X-Flood: 0123456789012345678901234567890\r\n";
    scripted_peer peer(loop, always(peer_action(flood + "Content-Length: 0\r\n\r\n", {})));
    auto const ended = send(post_with_canary(peer.url()));
    EXPECT_EQ(ended.fate, exchange_fate::unknown);
    expect_reason(ended, "the header of the answer exceeds 65536 bytes");
}

TEST_F(http_client_test, a_bad_url_is_refused_before_anything_is_sent)
{
    scripted_peer peer(loop, always(answer_with(200, "")));
    std::string const port = std::to_string(peer.port());
    std::vector<std::string> const urls = {
        "",
        "/canary",
        "127.0.0.1:" + port,
        "ftp://127.0.0.1:" + port + "/canary",
        "file:///etc/canary",
        "http://",
        "http://127.0.0.1:99999/canary",
        "http://127.0.0.1:" + port + "/can ary?canary",
        "http://canary:canary@127.0.0.1:" + port + "/\r\nX-Canary: 1",
        "http://127.0.0.1:" + port + "/a\tb",
        "http://127.0.0.1:" + port + std::string("/\0canary", 8),
        "http://[::1/canary",
    };
    for (auto const& url : urls)
    {
        auto const ended = send(post_with_canary(url));
        EXPECT_EQ(ended.fate, exchange_fate::not_sent) << url;
        expect_reason(ended, "POST");
    }
    EXPECT_TRUE(peer.received().empty());
    EXPECT_EQ(client.in_flight(), 0u);
}

TEST_F(http_client_test, a_method_or_header_that_would_break_the_message_is_refused)
{
    scripted_peer peer(loop, always(answer_with(200, "")));
    for (auto const& method :
         {std::string(), std::string("GET / HTTP/1.1\r\nX: 1"), std::string("G ET"), std::string("GET\0", 4)})
    {
        auto const ended = send(http_request(method, peer.url()));
        EXPECT_EQ(ended.fate, exchange_fate::not_sent) << method;
        expect_reason(ended, "the method is not a token");
    }
    std::vector<http_header> const headers = {
        {"", "canary"},
        {"X canary", "1"},
        {"X:canary", "1"},
        {"X\r\nY", "canary"},
        {"X", "1\r\nCanary: canary"},
        {"X", "1\ncanary"},
        {"X", std::string("1\0canary", 8)},
        {"Content-Length", "3"},
        {"transfer-encoding", "chunked"},
    };
    for (auto const& header : headers)
    {
        auto request = post_with_canary(peer.url());
        request.headers.push_back(header);
        auto const ended = send(std::move(request));
        EXPECT_EQ(ended.fate, exchange_fate::not_sent) << header.name << "=" << header.value;
        expect_reason(ended, "POST to " + peer.url("") + ": the ");
    }
    EXPECT_TRUE(peer.received().empty());
}

TEST_F(http_client_test, the_proxy_of_the_environment_is_ignored)
{
    ::setenv("http_proxy", ("http://127.0.0.1:" + std::to_string(test::closed_port(loop))).c_str(), 1);
    scripted_peer peer(loop, always(answer_with(200, "direct")));
    auto const ended = send(post_with_canary(peer.url()));
    ::unsetenv("http_proxy");
    EXPECT_EQ(ended.response.body, "direct") << ended.reason;
}

TEST_F(http_client_test, the_proxy_of_the_settings_is_used_whatever_the_environment_excepts)
{
    scripted_peer proxy(
        loop,
        [](peer_request const& seen)
        {
            bool const is_tunnel = seen.request.method == "CONNECT";
            return answer_with(is_tunnel ? 403 : 200, "from the proxy");
        }
    );
    ::setenv("no_proxy", "*", 1);
    http_client::settings settings;
    settings.proxy = "http://user:canary@127.0.0.1:" + std::to_string(proxy.port());
    http_client proxied(loop, settings);
    auto const plain = test::run(loop, proxied.send(post_with_canary("http://service.invalid/x")));
    EXPECT_EQ(plain.response.body, "from the proxy") << plain.reason;
    EXPECT_EQ(proxy.received().at(0).request.target, "http://service.invalid/x");

    auto const tunnel = test::run(loop, proxied.send(post_with_canary("https://service.invalid/x")));
    ::unsetenv("no_proxy");
    EXPECT_EQ(tunnel.fate, exchange_fate::not_sent);
    expect_reason(tunnel, "403");
    ASSERT_EQ(proxy.received().size(), 2u);
    EXPECT_EQ(find_header(proxy.received()[1].request.headers, "authorization"), "");
}

TEST_F(http_client_test, a_proxy_that_is_none_is_refused_without_its_password)
{
    for (auto const* proxy :
         {"gopher://user:canary@127.0.0.1:1", "http://user:canary@[127.0.0.1", "http://canary\n"})
    {
        http_client::settings settings;
        settings.proxy = proxy;
        http_client proxied(loop, settings);
        auto const ended = test::run(loop, proxied.send(post_with_canary("http://service.invalid/x")));
        EXPECT_EQ(ended.fate, exchange_fate::not_sent);
        expect_reason(ended, "the proxy of the settings is not a URL");
    }
}

TEST_F(http_client_test, a_missing_ca_bundle_is_said)
{
    scripted_peer peer(loop, always(answer_with(200, "")));
    http_client::settings settings;
    settings.ca_bundle = "/nowhere/missing.pem";
    http_client strict(loop, settings);
    auto const ended =
        test::run(loop, strict.send(post_with_canary("https://127.0.0.1:" + std::to_string(peer.port()))));
    EXPECT_EQ(ended.fate, exchange_fate::not_sent);
    expect_reason(ended, "missing.pem");
}

}  // namespace
}  // namespace linkspan
