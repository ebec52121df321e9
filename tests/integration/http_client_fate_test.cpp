// How exchanges end when something goes wrong: what the client says must be what the peer has seen.
#include "tests/support/client_fixture.hpp"
#include "tests/support/scripted_peer.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <vector>

namespace linkspan
{
namespace
{

using std::chrono::steady_clock;
using test::answer_with;
using test::peer_action;
using test::peer_request;
using test::post;
using test::scripted_peer;
using test::within;

class http_client_fate_test : public test::client_fixture
{
};

exchange_options idempotent()
{
    exchange_options options;
    options.idempotent = true;
    return options;
}

// The n-th request of a connection is answered like this, all before it with 200.
scripted_peer::script from_request(int n, peer_action action)
{
    return [n, action](peer_request const& seen)
    { return seen.on_connection < n ? answer_with(200, "ok") : action; };
}

TEST_F(http_client_fate_test, two_hundred_at_once)
{
    scripted_peer peer(
        loop, [](peer_request const& seen) { return answer_with(200, seen.request.target, milliseconds(50)); }
    );
    auto const begin = steady_clock::now();
    for (int i = 0; i < 200; ++i)
        spawn(std::to_string(i), post(peer.url("/" + std::to_string(i)), std::string(6000, 'x')));
    run_until_ended(200);
    auto const taken = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    std::cout << "200 requests of 6 kB at once, answered after 50 ms: " << taken.count() << " ms, "
              << peer.connections() << " connections\n";
    RecordProperty("milliseconds", static_cast<int>(taken.count()));
    for (auto const& [name, ended] : results)
        EXPECT_EQ(ended.response.body, "/" + name) << ended.reason;
    EXPECT_EQ(peer.received().size(), 200u);
    EXPECT_LT(taken, milliseconds(200 * 50 / 2)) << "they must not queue behind each other";
}

TEST_F(http_client_fate_test, a_connection_is_used_again)
{
    scripted_peer peer(loop, from_request(1000, answer_with(500, "")));
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(send(post(peer.url())).response.status, 200);
    EXPECT_EQ(peer.connections(), 1);
}

TEST_F(http_client_fate_test, no_answer_in_time_is_unknown)
{
    scripted_peer peer(loop, [](peer_request const&) { return test::never_answer(); });
    auto const begin = steady_clock::now();
    auto const ended = send(post(peer.url()), within(milliseconds(50)));
    EXPECT_EQ(ended.fate, exchange_fate::unknown);
    EXPECT_NE(ended.reason.find("timed out after 50 ms without a complete"), std::string::npos)
        << ended.reason;
    EXPECT_GE(steady_clock::now() - begin, milliseconds(49));
    EXPECT_EQ(peer.received().size(), 1u);
    test::run_until(loop, [&peer] { return peer.open_connections() == 0; });  // it was let go of
}

TEST_F(http_client_fate_test, half_an_answer_in_time_is_unknown)
{
    for (auto const* part :
         {"HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"})
    {
        scripted_peer peer(
            loop, [part](peer_request const&) { return peer_action(part, peer_action::ending::silence); }
        );
        auto const ended = send(post(peer.url()), within(milliseconds(50)));
        EXPECT_EQ(ended.fate, exchange_fate::unknown);
        EXPECT_EQ(ended.response.body, "");
        EXPECT_NE(ended.reason.find("timed out"), std::string::npos) << ended.reason;
    }
}

TEST_F(http_client_fate_test, no_time_at_all_is_not_sent)
{
    scripted_peer peer(loop, [](peer_request const&) { return answer_with(200, ""); });
    auto const ended = send(post(peer.url()), within(milliseconds(0)));
    EXPECT_EQ(ended.fate, exchange_fate::not_sent);
    EXPECT_NE(ended.reason.find("timed out after 0 ms before anything was sent"), std::string::npos)
        << ended.reason;
}

// By our timer: libcurl 7.88's own may end them up to 200 ms late.
TEST_F(http_client_fate_test, every_time_out_is_kept)
{
    scripted_peer peer(loop, [](peer_request const&) { return test::never_answer(); });
    auto const begin = steady_clock::now();
    for (int i = 0; i < 100; ++i)
        spawn(std::to_string(i), post(peer.url()), within(milliseconds(1 + i % 20)));
    run_until_ended(100);
    EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(5));
    for (auto const& [name, ended] : results)
        EXPECT_NE(ended.reason.find(": timed out after "), std::string::npos) << ended.reason;
}

TEST_F(http_client_fate_test, nobody_listening_is_not_sent)
{
    auto const port = std::to_string(test::closed_port(loop));
    auto const ended = send(post("http://user:canary@127.0.0.1:" + port + "/canary?canary"));
    EXPECT_EQ(ended.fate, exchange_fate::not_sent);
    EXPECT_TRUE(ended.reason.starts_with("POST to http://127.0.0.1:" + port + ": ")) << ended.reason;
    EXPECT_NE(ended.reason.find("(Connection refused)"), std::string::npos) << ended.reason;
    EXPECT_EQ(ended.reason.find("canary"), std::string::npos) << ended.reason;
}

TEST_F(http_client_fate_test, a_name_that_does_not_resolve_is_not_sent)
{
    auto const ended = send(post("http://nobody.invalid/"), within(milliseconds(20'000)));
    EXPECT_EQ(ended.fate, exchange_fate::not_sent);
    EXPECT_NE(ended.reason.find("nobody.invalid"), std::string::npos) << ended.reason;
}

TEST_F(http_client_fate_test, a_peer_that_refuses_tls_is_not_sent)
{
    scripted_peer peer(loop, [](peer_request const&) { return answer_with(200, ""); });
    peer.close_on_accept();
    auto const ended = send(post("https://127.0.0.1:" + std::to_string(peer.port())));
    EXPECT_EQ(ended.fate, exchange_fate::not_sent);
    EXPECT_FALSE(ended.reason.empty());
    EXPECT_EQ(peer.connections(), 1);
}

TEST_F(http_client_fate_test, a_post_that_dies_on_a_reused_connection_is_sent_once_and_unknown)
{
    for (auto const* body : {"{\"text\": 1}", ""})
    {
        scripted_peer peer(loop, from_request(2, test::close_without_answer()));
        EXPECT_EQ(send(post(peer.url("/first"))).fate, exchange_fate::answered);
        auto const ended = send(post(peer.url("/second"), body));
        EXPECT_EQ(ended.fate, exchange_fate::unknown);
        EXPECT_NE(ended.reason.find("closed without an answer"), std::string::npos) << ended.reason;
        auto const times = std::ranges::count_if(
            peer.received(), [](peer_request const& seen) { return seen.request.target == "/second"; }
        );
        EXPECT_EQ(times, 1) << "the peer must not have it twice";
    }
}

TEST_F(http_client_fate_test, a_request_of_its_own_connection_uses_no_old_one_and_leaves_none)
{
    scripted_peer peer(loop, from_request(4, test::close_without_answer()));
    exchange_options alone;
    alone.is_alone = true;
    EXPECT_EQ(send(post(peer.url("/first"))).fate, exchange_fate::answered);
    EXPECT_EQ(send(post(peer.url("/second")), alone).fate, exchange_fate::answered);
    EXPECT_EQ(peer.connections(), 2) << "the first may have died meanwhile";
    EXPECT_EQ(send(post(peer.url("/third")), alone).fate, exchange_fate::answered);
    EXPECT_EQ(peer.connections(), 3);
}

TEST_F(http_client_fate_test, an_idempotent_request_that_dies_on_a_reused_connection_is_repeated)
{
    scripted_peer peer(loop, from_request(2, test::close_without_answer()));
    EXPECT_EQ(send(post(peer.url())).fate, exchange_fate::answered);
    auto const ended = send(http_request("GET", peer.url("/second")), idempotent());
    EXPECT_EQ(ended.fate, exchange_fate::answered) << ended.reason;
    EXPECT_EQ(ended.response.body, "ok");
    ASSERT_EQ(peer.received().size(), 3u);
    EXPECT_EQ(peer.received()[1].request.target, "/second");
    EXPECT_EQ(peer.received()[2].request.target, "/second");
    EXPECT_EQ(peer.connections(), 2);
}

TEST_F(http_client_fate_test, an_idempotent_request_is_repeated_once_at_most)
{
    bool is_dying = false;
    scripted_peer peer(
        loop,
        [&is_dying](peer_request const&)
        { return is_dying ? test::close_without_answer() : answer_with(200, "", milliseconds(5)); }
    );
    for (int i = 0; i < 4; ++i)  // several idle connections, all to die
        spawn(std::to_string(i), post(peer.url()));
    run_until_ended(4);
    ASSERT_EQ(peer.connections(), 4);
    is_dying = true;
    auto const ended = send(http_request("GET", peer.url("/second")), idempotent());
    EXPECT_EQ(ended.fate, exchange_fate::unknown);
    EXPECT_EQ(peer.received().size(), 4u + 2u);
}

TEST_F(http_client_fate_test, a_connection_closed_while_idle_costs_no_post)
{
    scripted_peer peer(
        loop,
        [](peer_request const& seen)
        {
            return peer_action(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                seen.connection < 4 ? peer_action::ending::close : peer_action::ending::keep
            );
        }
    );
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(send(post(peer.url())).fate, exchange_fate::answered);
    EXPECT_EQ(peer.received().size(), 4u);
    EXPECT_EQ(peer.connections(), 4);
}

TEST_F(http_client_fate_test, an_answer_that_breaks_off_is_unknown)
{
    for (auto const* part :
         {"",
          "HTTP/1.1 20",
          "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
          "220 this is no web server\r\n"})
    {
        scripted_peer peer(loop, [part](peer_request const&) { return test::answer_part(part); });
        auto const ended = send(post(peer.url()));
        EXPECT_EQ(ended.fate, exchange_fate::unknown) << part;
        EXPECT_EQ(ended.response.status, 0);
        EXPECT_FALSE(ended.reason.empty());
        EXPECT_EQ(peer.received().size(), 1u);
    }
}

// Takes every file descriptor but `left`.
class descriptor_shortage
{
public:
    explicit descriptor_shortage(int left)
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit low = before_;
        low.rlim_cur = 256;
        ::setrlimit(RLIMIT_NOFILE, &low);
        for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
            taken_.push_back(fd);
        for (; left > 0 && !taken_.empty(); --left, taken_.pop_back())
            ::close(taken_.back());
    }
    ~descriptor_shortage()
    {
        for (int const fd : taken_)
            ::close(fd);
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }
    descriptor_shortage(descriptor_shortage const&) = delete;
    descriptor_shortage& operator=(descriptor_shortage const&) = delete;

private:
    rlimit before_{};
    std::vector<int> taken_;
};

TEST_F(http_client_fate_test, without_a_file_descriptor_left_it_is_not_sent)
{
    std::string const closing = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    scripted_peer peer(
        loop, [closing](peer_request const&) { return peer_action(closing, peer_action::ending::close); }
    );
    // With enough it works (and the sanitizer, which needs descriptors to judge a type, has seen them all);
    // with none libcurl gets no socket, with one we get no duplicate of it.
    for (int const left : {50, 0, 1})
    {
        descriptor_shortage const shortage(left);
        spawn(std::to_string(left), post(peer.url()));
        test::run_until(loop, [this, left] { return results.contains(std::to_string(left)); });
    }
    EXPECT_EQ(results["50"].fate, exchange_fate::answered) << results["50"].reason;
    EXPECT_EQ(results["0"].fate, exchange_fate::not_sent);
    EXPECT_EQ(results["1"].fate, exchange_fate::not_sent);
    EXPECT_NE(results["1"].reason.find("no file descriptor is left"), std::string::npos)
        << results["1"].reason;
    scripted_peer later(
        loop, [](peer_request const&) { return answer_with(200, ""); }
    );  // the first may have had none either
    EXPECT_EQ(send(post(later.url())).fate, exchange_fate::answered) << "it recovers";
}

}  // namespace
}  // namespace linkspan
