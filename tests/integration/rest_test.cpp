#include "links/net/rest.hpp"

#include "tests/support/run_loop.hpp"
#include "tests/support/scripted_peer.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using namespace test;

http_request asked_with(std::vector<http_header> headers)
{
    http_request out("GET", "https://api.example.com:8443/v1/me?secret=path");
    out.headers = std::move(headers);
    return out;
}

exchange answered(int status, std::string body, std::vector<http_header> headers = {})
{
    exchange out;
    out.fate = exchange_fate::answered;
    out.response = http_response(status, std::move(body));
    out.response.headers = std::move(headers);
    return out;
}

error refusal_of(int status, std::string body = "{}", std::vector<http_header> headers = {})
{
    auto const said = read_rest(
        asked_with({bearer("canary-token-0001")}), answered(status, std::move(body), std::move(headers))
    );
    EXPECT_FALSE(said) << status;
    return said ? error() : said.error();
}

TEST(rest, gives_an_answer_with_its_body)
{
    auto const said = read_rest(asked_with({}), answered(200, R"({"login":"ada"})"));
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(text_at(said->body, "/login"), "ada");
    EXPECT_EQ(said->raw.status, 200);
    EXPECT_TRUE(read_rest(asked_with({}), answered(201, "[]")));
    EXPECT_TRUE(read_rest(asked_with({}), answered(204, ""))->body.is_null());
}

TEST(rest, reads_deep_answers_within_a_limit)
{
    auto const said = [](std::size_t depth)
    {
        exchange ended;
        ended.fate = exchange_fate::answered;
        ended.response = http_response(200, std::string(depth, '[') + std::string(depth, ']'));
        return read_rest(http_request("GET", "https://api.example.com/"), std::move(ended));
    };
    EXPECT_TRUE(said(rest_depth_max));
    auto const deeper = said(rest_depth_max + 1);
    ASSERT_FALSE(deeper);
    EXPECT_NE(deeper.error().message.find("too deep"), std::string::npos) << deeper.error().message;
}

TEST(rest, has_one_code_for_every_status)
{
    for (int const status : {401, 403})
        EXPECT_EQ(refusal_of(status).code, errc::unauthorized) << status;
    for (int const status : {301, 302, 307, 404, 405, 410})
        EXPECT_EQ(refusal_of(status).code, errc::not_found) << status;
    for (int const status : {400, 409, 413, 415, 422})
        EXPECT_EQ(refusal_of(status).code, errc::invalid) << status;
    for (int const status : {407, 408, 500, 502, 503, 504})
        EXPECT_EQ(refusal_of(status).code, errc::unavailable) << status;
    EXPECT_EQ(refusal_of(429).code, errc::rate_limited);
    EXPECT_EQ(refusal_of(403, "{}", {{"x-ratelimit-remaining", "0"}}).code, errc::rate_limited);
    EXPECT_EQ(refusal_of(403, "{}", {{"x-ratelimit-remaining", "7"}}).code, errc::unauthorized);
    EXPECT_EQ(refusal_of(403, "{}", {{"Retry-After", "60"}}).code, errc::rate_limited);
    for (std::string const body : {"", "<html>", "null x"})
        EXPECT_EQ(refusal_of(200, body).code, errc::not_found) << body;
    for (std::string const body : {"{\"a\":", " [1,", "{]"})
        EXPECT_EQ(refusal_of(200, body).code, errc::unavailable) << body;
}

TEST(rest, names_the_host_and_repeats_no_path)
{
    auto const why = refusal_of(404, R"({"message":"Not Found"})");
    EXPECT_EQ(why.message, "api.example.com:8443 answers 404: Not Found");
    EXPECT_NE(refusal_of(429, "{}", {{"Retry-After", "30"}}).message.find("wait for 30"), std::string::npos);
}

TEST(rest, finds_the_words_where_services_have_them)
{
    for (auto const* body :
         {R"({"error":{"message":"the words"}})",
          R"({"message":"the words"})",
          R"({"error":"code","error_description":"the words"})",
          R"({"errorMessages":["the words"],"errors":{}})",
          R"({"errors":[{"context":null,"message":"the words"}]})",
          R"({"result":"error","msg":"the words"})",
          R"({"errcode":"M_UNKNOWN_TOKEN","error":"the words"})",
          R"({"message":"","error":"the words"})",
          R"("the words")"})
        EXPECT_EQ(service_words(http_response(401, body), {}), "the words") << body;
    for (auto const* body :
         {"", "<html>the words</html>", "{}", R"({"message":null,"error":{"message":1}})", "[]"})
        EXPECT_EQ(service_words(http_response(401, body), {}), "") << body;
    auto const safe =
        service_words(http_response(401, R"({"message":"two\nlines\u001b[31m\r\n\u0000end"})"), {});
    EXPECT_EQ(safe.find_first_of(std::string_view("\n\r\x1b\0", 4)), std::string::npos);
    auto const cut =
        service_words(http_response(401, "{\"message\":\"" + std::string(5000, 'x') + "\"}"), {});
    EXPECT_EQ(cut.size(), service_words_bytes_max);
}

TEST(rest, hides_what_the_request_proves_with)
{
    auto const hidden = [](http_header header, std::string const& words)
    {
        http_request asked;
        asked.headers.push_back(std::move(header));
        return without_credentials(words, asked);
    };
    EXPECT_EQ(hidden(bearer("canary-token-0001"), "no canary-token-0001!"), "no ***!");
    EXPECT_EQ(hidden({"x-api-key", "canary-key-0001"}, "canary-key-0001"), "***");
    EXPECT_EQ(hidden({"PRIVATE-TOKEN", "canary-key-0001"}, "<canary-key-0001>"), "<***>");
    auto const proof = basic("ada@acme.example", "canary-password");
    EXPECT_EQ(hidden(proof, "canary-password of ada@acme.example"), "*** of ada@acme.example");
    EXPECT_EQ(hidden(proof, proof.value), "Basic ***");
    EXPECT_EQ(hidden({"Accept", "application/json"}, "application/json"), "application/json");
    // Also where the words are cut off in the middle of it.
    auto const long_words = std::string(service_words_bytes_max - 10, 'x') + " canary-token-0001";
    auto const why = refusal_of(401, "{\"message\":\"" + long_words + "\"}");
    EXPECT_EQ(why.message.find("canary"), std::string::npos) << why.message;
}

TEST(rest, reads_the_date_of_an_answer)
{
    auto const date = [](std::string text)
    {
        http_response answer(200);
        answer.headers.push_back({"date", std::move(text)});
        return date_of(answer);
    };
    EXPECT_EQ(date("Sun, 06 Nov 1994 08:49:37 GMT"), parse_time("1994-11-06T08:49:37Z"));
    EXPECT_EQ(date("Fri, 20 Nov 2026 09:29:58 GMT"), parse_time("2026-11-20T09:29:58Z"));
    for (auto const* bad :
         {"",
          "Sunday, 06-Nov-94 08:49:37 GMT",
          "Sun, 06 Nox 1994 08:49:37 GMT",
          "Sun, 31 Feb 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:37 CET"})
        EXPECT_EQ(date(bad), std::nullopt) << bad;
    EXPECT_EQ(date_of(http_response(200)), std::nullopt);
}

TEST(rest, reads_texts_and_passes_over_what_is_none)
{
    auto const of = boost::json::parse(
        R"({"a":{"b":"two\nlines"},"n":-7,"u":18446744073709551615,"null":null,"list":["x"],"flag":true})"
    );
    EXPECT_EQ(text_at(of, "/a/b"), "two lines");
    EXPECT_EQ(text_at(of, "/n"), "-7");
    EXPECT_EQ(text_at(of, "/u"), "18446744073709551615");
    EXPECT_EQ(text_at(of, "/list/0"), "x");
    for (auto const* pointer : {"/null", "/list", "/flag", "/a", "/missing", "/a/b/c", "/list/9", "bad", ""})
        EXPECT_EQ(text_at(of, pointer), "") << pointer;
    EXPECT_EQ(url_encoded("a b/{c}~.-_\xc3\xa4"), "a%20b%2F%7Bc%7D~.-_%C3%A4");
    http_response answer(200);
    answer.headers.push_back({"X-OAuth-Scopes", " account,  pullrequest:write ,webhook"});
    EXPECT_EQ(words_of_header(answer, "x-oauth-scopes"), "account pullrequest:write webhook");
    EXPECT_EQ(words_of_header(answer, "x-other"), std::nullopt);
}

result<rest_answer> get(scripted_peer::script script, milliseconds timeout = milliseconds(20'000))
{
    boost::asio::io_context loop{1};
    scripted_peer peer(loop, std::move(script));
    http_client client(loop);
    std::vector<http_header> headers{bearer("canary-token-0001")};
    auto asked = rest_get(client, peer.url("/me"), std::move(headers), timeout);
    return run(loop, std::move(asked));
}

TEST(rest, asks_with_its_headers_and_follows_no_redirect)
{
    int requests = 0;
    auto const moved = get(
        [&](peer_request const& seen)
        {
            ++requests;
            EXPECT_EQ(seen.request.method, "GET");
            EXPECT_EQ(find_header(seen.request.headers, "Authorization"), "Bearer canary-token-0001");
            EXPECT_EQ(find_header(seen.request.headers, "Accept"), "application/json");
            return peer_action(
                "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
                peer_action::ending::keep
            );
        }
    );
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, errc::not_found);
    EXPECT_NE(moved.error().message.find("a redirect"), std::string::npos);
    EXPECT_EQ(requests, 1);
}

TEST(rest, does_not_wait_for_ever_and_does_not_read_for_ever)
{
    auto const silent = get([](peer_request const&) { return never_answer(); }, milliseconds(200));
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().code, errc::timeout);
    auto const long_answer = "\"" + std::string(rest_answer_bytes_max, 'x') + "\"";
    auto const flood = get([&](peer_request const&) { return answer_with(200, long_answer); });
    ASSERT_FALSE(flood);
    EXPECT_EQ(flood.error().code, errc::not_found);
    EXPECT_NE(flood.error().message.find("more than 1048576 bytes"), std::string::npos);
}

TEST(rest, a_service_that_is_not_there_is_unavailable)
{
    boost::asio::io_context loop{1};
    http_client client(loop);
    auto const url = "http://127.0.0.1:" + std::to_string(closed_port(loop)) + "/me";
    auto asked = rest_get(client, url, {}, milliseconds(20'000));
    auto const said = run(loop, std::move(asked));
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, errc::unavailable);
}

}  // namespace
}  // namespace linkspan
