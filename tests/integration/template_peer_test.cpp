#include "tests/support/template_peer.hpp"

#include "links/registry.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/run_loop.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::expected_call;
using test::template_peer;

std::vector<expected_call> two_calls()
{
    return {
        {.target = "/me?full=1",
         .credential = {{"Authorization", "Bearer right"}},
         .headers = {{"Version", "7"}},
         .answer = R"({"at":"{peer}/me"})"},
        {.method = "POST",
         .target = "/hook/",
         .secret_end = "right",
         .is_body = [](std::string const& body) { return body == "{}"; },
         .status = 204,
         .answer = ""},
    };
}

class template_peer_test : public testing::Test
{
protected:
    http_response ask(http_request request)
    {
        return test::run(loop, client.send(std::move(request))).response;
    }

    http_request first() const
    {
        http_request request("GET", peer.url("/me?full=1"));
        request.headers = {{"Authorization", "Bearer right"}, {"Version", "7"}};
        return request;
    }

    boost::asio::io_context loop{1};
    http_client client{loop};
    template_peer peer{loop, two_calls(), {403, "no"}};
};

TEST_F(template_peer_test, answers_what_it_expects_in_order)
{
    auto const said = ask(first());
    EXPECT_EQ(said.status, 200);
    EXPECT_EQ(said.body, R"({"at":")" + peer.url("/me") + "\"}");
    EXPECT_EQ(find_header(said.headers, "Date"), test::peer_date);
    http_request second("POST", peer.url("/hook/right"));
    second.body = "{}";
    EXPECT_EQ(ask(std::move(second)).status, 204);
    EXPECT_EQ(peer.answered(), 2u);
    EXPECT_TRUE(peer.faults().empty());
    EXPECT_EQ(ask(first()).status, 404);
}

TEST_F(template_peer_test, refuses_what_differs)
{
    auto path = first();
    path.target = peer.url("/me");
    EXPECT_EQ(ask(std::move(path)).status, 404);
    auto method = first();
    method.method = "PUT";
    EXPECT_EQ(ask(std::move(method)).status, 405);
    auto credential = first();
    credential.headers.front().value = "Bearer wrong";
    auto const refused = ask(std::move(credential));
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.body, "no");
    auto missing = first();
    missing.headers.erase(missing.headers.begin());
    EXPECT_EQ(ask(std::move(missing)).status, 403);
    auto header = first();
    header.headers.back().value = "8";
    EXPECT_EQ(ask(std::move(header)).status, 400);
    EXPECT_EQ(peer.answered(), 0u);
    EXPECT_EQ(peer.faults().size(), 5u);
    EXPECT_EQ(ask(first()).status, 200);
    EXPECT_EQ(ask(http_request("POST", peer.url("/hook/wrong"))).status, 403);
    EXPECT_EQ(ask(http_request("POST", peer.url("/hook/right"))).status, 400);
}

TEST_F(template_peer_test, asks_for_a_proof_that_no_header_tells)
{
    template_peer signed_only(
        loop,
        {{.method = "POST",
          .target = "/token",
          .is_proven = [](http_request const& seen) { return seen.body == "secret"; }}}
    );
    http_request request("POST", signed_only.url("/token"));
    request.body = "other";
    EXPECT_EQ(ask(request).status, 401);
    request.body = "secret";
    EXPECT_EQ(ask(request).status, 200);
}

// The texts of all tests in this folder in which this word stands.
std::string tests_with(std::string const& folder, std::string_view word)
{
    std::string all;
    for (auto const& file :
         std::filesystem::directory_iterator(std::filesystem::path(LINKSPAN_SOURCE_DIR) / "tests" / folder))
        if (auto const text = test::read_file(file.path()); text.find(word) != text.npos)
            all += text;
    return all;
}

// A template is one row and one test: this keeps the test from being forgotten.
TEST(templates, each_has_a_case_for_what_it_asks_and_what_it_checks)
{
    auto const asked = tests_with("integration", "expect_identity(");
    auto const checked = tests_with("unit", "struct fitness_case") + tests_with("unit", "struct check_case") +
                         tests_with("integration", "kind.check(");
    for (auto const* one : link_templates())
    {
        auto const name = "\"" + std::string(one->name) + "\"";
        if (one->identify == nullptr)
            continue;
        EXPECT_NE(asked.find(name), asked.npos) << "no expect_identity for " << name;
        EXPECT_NE(checked.find(name), checked.npos) << "no faults of check() for " << name;
    }
}

}  // namespace
}  // namespace linkspan
