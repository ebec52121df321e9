#include "cmd/linkspan/config.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

TEST(listen_address, is_an_ip_address_and_a_port)
{
    struct row
    {
        char const* text;
        char const* host;
        std::uint16_t port;
        char const* back;
    };
    for (auto const& [text, host, port, back] :
         {row{"127.0.0.1:80", "127.0.0.1", 80, "127.0.0.1:80"},
          row{"0.0.0.0:0", "0.0.0.0", 0, "0.0.0.0:0"},
          row{":65535", "127.0.0.1", 65535, "127.0.0.1:65535"},
          row{"[::1]:80", "::1", 80, "[::1]:80"},
          row{"[0:0:0:0:0:0:0:1]:80", "::1", 80, "[::1]:80"},
          row{"[::]:80", "::", 80, "[::]:80"},
          row{"[::FFFF:1.2.3.4]:80", "::ffff:1.2.3.4", 80, "[::ffff:1.2.3.4]:80"}})
    {
        auto const read = parse_listen_address(text);
        ASSERT_TRUE(read) << text << ": " << read.error().message;
        EXPECT_EQ(*read, (listen_address{host, port})) << text;
        EXPECT_EQ(to_text(*read), back);
    }
}

TEST(listen_address, of_another_form_is_refused)
{
    struct row
    {
        std::string_view text;
        char const* said;
    };
    for (auto const& [text, said] :
         {row{"", "the port is missing"},
          row{"127.0.0.1", "the port is missing"},
          row{"14470", "the port is missing"},
          row{"127.0.0.1:", "must end in a port from 0 to 65535"},
          row{"127.0.0.1:65536", "must end in a port from 0 to 65535"},
          row{"127.0.0.1:-1", "must end in a port from 0 to 65535"},
          row{"127.0.0.1:+1", "must end in a port from 0 to 65535"},
          row{"127.0.0.1:8 0", "must end in a port from 0 to 65535"},
          row{"localhost:80", "write 127.0.0.1 instead of localhost"},
          row{"*:80", "write 0.0.0.0 (or [::])"},
          row{"::1:80", "in brackets"},
          row{"[::1]", "must be an address and a port"},
          row{"[::1]80", "must be an address and a port"},
          row{"[]:80", "names are not looked up"},
          row{"[127.0.0.1]:80", "names are not looked up"},
          row{"[", "must be an address and a port"},
          row{"[:", "must be an address and a port"},
          row{"]:1", "names are not looked up"},
          row{"[::1]:1]:2", "must be an address and a port"},
          row{"example.org:80", "names are not looked up"},
          row{"127.1:80", "names are not looked up"},
          row{"256.0.0.1:80", "names are not looked up"},
          row{std::string_view("127.0.0.1\0:80", 13), "names are not looked up"},
          row{"http://127.0.0.1:80", "in brackets"}})
    {
        auto const read = parse_listen_address(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, errc::invalid);
        EXPECT_NE(read.error().message.find(said), std::string::npos) << text << ": " << read.error().message;
    }
}

TEST(listeners, must_not_meet)
{
    auto const meet = [](char const* listen, char const* admin)
    {
        server_config server;
        server.listen = parse_listen_address(listen).value();
        server.admin_listen = parse_listen_address(admin).value();
        return !check_listeners(server);
    };
    EXPECT_TRUE(meet("127.0.0.1:1", "127.0.0.1:1"));
    EXPECT_TRUE(meet("0.0.0.0:1", "127.0.0.1:1"));
    EXPECT_TRUE(meet("[::1]:1", "[::]:1"));
    EXPECT_FALSE(meet("127.0.0.1:1", "127.0.0.1:2"));
    EXPECT_FALSE(meet("127.0.0.1:1", "127.0.0.2:1"));
    EXPECT_FALSE(meet("127.0.0.1:0", "127.0.0.1:0"));
}

TEST(check_public_url, takes_plain_http_for_this_machine_alone)
{
    auto const is_fine = [](char const* url, bool is_allowed = false)
    {
        server_config server;
        server.public_url = url;
        server.allow_http_public_url = is_allowed;
        return check_public_url(server).has_value();
    };
    for (auto const* url :
         {"",
          "https://example.org",
          "http://localhost:14470",
          "http://127.0.0.1",
          "http://127.3.2.1:1",
          "http://[::1]:2"})
        EXPECT_TRUE(is_fine(url)) << url;
    for (auto const* url :
         {"http://example.org", "http://10.0.0.1", "http://[2001:db8::1]", "http://localhost.example.org"})
    {
        EXPECT_FALSE(is_fine(url)) << url;
        EXPECT_TRUE(is_fine(url, true)) << url;
    }
}

TEST(override_server, judges_as_the_file_does)
{
    server_config server;
    ASSERT_TRUE(override_server(server, "listen", ":5"));
    EXPECT_EQ(server.listen, (listen_address{"127.0.0.1", 5}));
    ASSERT_TRUE(override_server(server, "public_url", "https://example.org/"));
    EXPECT_EQ(server.public_url, "https://example.org");
    ASSERT_TRUE(override_server(server, "grace_seconds", "3"));
    EXPECT_EQ(server.grace_seconds, 3);

    auto const before = server;
    auto const said = [&](char const* name, char const* text)
    {
        auto const set = override_server(server, name, text);
        return set ? std::string("nothing") : set.error().message;
    };
    EXPECT_EQ(said("log_level", "inf"), "log_level is \"inf\"; did you mean \"info\"?");
    EXPECT_EQ(said("grace_seconds", "3x"), "grace_seconds must be a number of seconds");
    EXPECT_EQ(said("grace_seconds", ""), "grace_seconds must be a number of seconds");
    EXPECT_EQ(said("grace_seconds", "301"), "grace_seconds is 301, but must be from 0 to 300");
    EXPECT_EQ(said("retry_seconds", "3"), "no single value of [server] is called retry_seconds");
    EXPECT_EQ(said("edition", "cloud"), "no single value of [server] is called edition");
    EXPECT_EQ(server, before);
}

}  // namespace
}  // namespace linkspan
