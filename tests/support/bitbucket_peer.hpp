#pragma once
#include "links/bitbucket/pages.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace linkspan::test
{

// One answer of a Bitbucket, whole. "{peer}" in headers and body stands for the peer's base URL, without a
// slash at its end.
struct bitbucket_answer
{
    int status = 200;
    std::string body = "{}";
    std::vector<http_header> headers{};
};

inline constexpr char const* canary_token = "canary-token-0001";

// A Bitbucket on loopback that gives these answers, one after another, and then 404; and a client that asks
// it.
class bitbucket_peer : public testing::Test
{
protected:
    bitbucket_peer();

    // base: what follows the host, "/2.0/" or "/".
    bitbucket::api_access access(std::string const& base = "/2.0/");

    void answer_with(int status, std::string body, std::vector<http_header> headers = {});
    void answer_with(peer_action action) { actions_.push_back(std::move(action)); }

    template <class T>
    T ask(boost::asio::awaitable<T> work)
    {
        return run(loop_, std::move(work));
    }

    std::string filled(std::string text) const;  // with the peer's URL for each "{peer}"
    std::vector<std::string> asked() const;      // the targets of all requests, in order
    std::vector<peer_request> const& received() const { return peer_.received(); }
    http_request const& asked_last() const { return peer_.received().back().request; }
    boost::asio::io_context& loop() { return loop_; }

private:
    boost::asio::io_context loop_{1};
    std::deque<peer_action> actions_;
    scripted_peer peer_;
    http_client client_{loop_};
};

// The whole answer as bytes, with a Content-Length.
std::string bytes_of(bitbucket_answer const& answer);

}  // namespace linkspan::test
