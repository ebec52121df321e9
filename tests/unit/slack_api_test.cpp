#include "links/net/retry_after.hpp"
#include "links/slack/api.hpp"
#include "links/slack/slack.hpp"
#include "tests/support/environment.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace linkspan
{
namespace
{

using enum outcome_kind;
using slack::read_answer;

exchange answered(int status, std::string body, std::vector<http_header> headers = {})
{
    exchange ended;
    ended.fate = exchange_fate::answered;
    ended.response = http_response(status, std::move(body));
    ended.response.headers = std::move(headers);
    return ended;
}

exchange ended_by(exchange_fate fate)
{
    exchange ended;
    ended.fate = fate;
    ended.reason = "no route to host";
    return ended;
}

std::string refusal(std::string_view code)
{
    return R"({"ok":false,"error":")" + std::string(code) + "\"}";
}

TEST(slack_api, ok_is_accepted_with_its_ts)
{
    auto const said = read_answer(answered(200, R"({"ok":true,"channel":"C1","ts":"1503435956.000247"})"));
    EXPECT_EQ(said.kind, accepted);
    EXPECT_EQ(said.reference, "1503435956.000247");
    EXPECT_EQ(read_answer(answered(200, R"({"ok":true})")).kind, accepted);
}

TEST(slack_api, errors_come_with_status_200)
{
    std::map<std::string, outcome_kind> const expected = {
        {"invalid_auth", rejected_destination},
        {"token_revoked", rejected_destination},
        {"missing_scope", rejected_destination},
        {"channel_not_found", rejected_destination},
        {"not_in_channel", rejected_destination},
        {"is_archived", rejected_destination},
        {"restricted_action_read_only_channel", rejected_destination},
        {"rate_limited", retry_after},
        {"ratelimited", retry_after},
        {"service_unavailable", retry_after},
        {"request_timeout", retry_after},
        {"internal_error", unknown},
        {"fatal_error", unknown},
        {"msg_too_long", rejected_message},
        {"no_text", rejected_message},
        {"invalid_blocks", rejected_message},
        {"too_many_attachments", rejected_message},
    };
    for (auto const& [code, kind] : expected)
    {
        auto const said = read_answer(answered(200, refusal(code)));
        EXPECT_EQ(said.kind, kind) << code;
        EXPECT_NE(said.detail.find(code), std::string::npos) << said.detail;
        EXPECT_EQ(said.advice.empty(), kind == retry_after || kind == unknown) << code;
    }
}

TEST(slack_api, every_destination_fault_says_what_to_do)
{
    std::set<std::string_view> seen;
    for (auto const& row : slack::error_codes())
    {
        EXPECT_TRUE(seen.insert(row.code).second) << row.code << " twice";
        EXPECT_EQ(row.advice.empty(), row.kind == retry_after || row.kind == unknown) << row.code;
        EXPECT_NE(row.kind, accepted) << row.code;
    }
}

TEST(slack_api, an_unknown_code_holds_the_destination)
{
    auto const said = read_answer(answered(200, refusal("brand_new_code")));
    EXPECT_EQ(said.kind, rejected_destination);
    EXPECT_NE(said.detail.find("brand_new_code"), std::string::npos);
    EXPECT_FALSE(said.advice.empty());
    EXPECT_EQ(read_answer(answered(200, R"({"ok":false})")).kind, rejected_destination);
    auto const odd = read_answer(answered(200, refusal("a b\\n<script>" + std::string(500, 'x'))));
    EXPECT_LT(odd.detail.size(), 120u);
    EXPECT_EQ(odd.detail.find_first_of("<\n"), std::string::npos);
}

TEST(slack_api, a_missing_scope_is_named)
{
    auto const said =
        read_answer(answered(200, R"({"ok":false,"error":"missing_scope","needed":"chat:write"})"));
    EXPECT_NE(said.detail.find("chat"), std::string::npos);
}

TEST(slack_api, knows_every_code_of_the_specification)
{
    auto const folder = test::specs();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_SPECS is not set";
    auto const spec = boost::json::parse(test::read_file(*folder / "slack-web.swagger.json"));
    auto const& codes =
        spec.at_pointer("/paths/~1chat.postMessage/post/responses/default/schema/properties/error/enum");
    EXPECT_GT(codes.as_array().size(), 10u);
    for (auto const& code : codes.as_array())
    {
        bool known = false;
        for (auto const& row : slack::error_codes())
            known = known || row.code == std::string_view(code.as_string());
        EXPECT_TRUE(known) << code;
    }
}

TEST(slack_api, rate_limits_say_how_long)
{
    auto const wait_of = [](std::string value) {
        return read_answer(answered(429, "", {{"retry-after", std::move(value)}})).wait;
    };
    EXPECT_EQ(wait_of("30"), seconds(30));
    EXPECT_EQ(wait_of("0"), seconds(0));
    EXPECT_EQ(wait_of("86400"), retry_after_max);
    EXPECT_EQ(wait_of("99999999999999999999999"), retry_after_max);
    for (auto const* garbage : {"", "-1", "soon", "1.5", "30s", "-99999999999999999999999"})
        EXPECT_FALSE(wait_of(garbage)) << garbage;
    auto const without = read_answer(answered(429, refusal("ratelimited")));
    EXPECT_EQ(without.kind, retry_after);
    EXPECT_FALSE(without.wait);
    EXPECT_EQ(read_answer(answered(200, refusal("ratelimited"), {{"Retry-After", "7"}})).wait, seconds(7));
}

TEST(slack_api, statuses_without_an_answer_of_slack)
{
    EXPECT_EQ(read_answer(answered(503, "", {{"Retry-After", "5"}})).kind, retry_after);
    EXPECT_EQ(read_answer(answered(503, "", {{"Retry-After", "5"}})).wait, seconds(5));
    for (int const status : {500, 502, 504, 599})
        EXPECT_EQ(read_answer(answered(status, "<html>")).kind, unknown) << status;
    EXPECT_EQ(read_answer(answered(200, "<html>Sign in</html>")).kind, unknown);
    EXPECT_EQ(read_answer(answered(200, R"({"ok":tr)")).kind, unknown);
    EXPECT_EQ(read_answer(answered(200, "[]")).kind, unknown);
    EXPECT_EQ(read_answer(answered(200, R"({"ok":"yes"})")).kind, unknown);
    EXPECT_EQ(read_answer(answered(204, "")).kind, unknown);
    for (int const status : {301, 302, 400, 401, 403, 404, 405, 407, 410})
        EXPECT_EQ(read_answer(answered(status, "<html>")).kind, rejected_destination) << status;
    EXPECT_EQ(read_answer(answered(400, refusal("invalid_arguments"))).kind, rejected_message);
    EXPECT_EQ(read_answer(answered(401, refusal("invalid_auth"))).kind, rejected_destination);
    EXPECT_EQ(read_answer(answered(408, "")).kind, retry_after);
    EXPECT_EQ(read_answer(answered(413, "")).kind, rejected_message);
}

TEST(slack_api, exchanges_without_an_answer)
{
    EXPECT_EQ(read_answer(ended_by(exchange_fate::not_sent)).kind, retry_after);
    EXPECT_EQ(read_answer(ended_by(exchange_fate::cancelled)).kind, retry_after);
    EXPECT_EQ(read_answer(ended_by(exchange_fate::unknown)).kind, unknown);
    EXPECT_NE(
        read_answer(ended_by(exchange_fate::unknown)).detail.find("no route to host"), std::string::npos
    );
}

TEST(slack_api, the_request)
{
    auto const request = slack::post_message_request("https://slack.com/api/", "xoxb-1", "{}");
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "https://slack.com/api/chat.postMessage");
    EXPECT_EQ(find_header(request.headers, "authorization"), "Bearer xoxb-1");
    EXPECT_EQ(find_header(request.headers, "content-type"), "application/json; charset=utf-8");
}

TEST(slack_api, api_urls)
{
    EXPECT_EQ(*slack::checked_api_url("https://slack-gov.com/api"), "https://slack-gov.com/api/");
    for (auto const* url :
         {"https://slack.com/api/", "http://127.0.0.1:8080/api/", "http://localhost:80/", "http://[::1]:80/"})
        EXPECT_EQ(*slack::checked_api_url(url), url);
    for (auto const* url :
         {"",
          "slack.com",
          "http://slack.com/api/",
          "ftp://127.0.0.1/",
          "https:///api/",
          "https://user:pw@slack.com/",
          "https://slack.com/api?x=1",
          "https://slack.com/#x",
          "http://127.0.0.1.evil.example/",
          "http://localhost.evil/"})
    {
        auto const judged = slack::checked_api_url(url);
        ASSERT_FALSE(judged) << url;
        EXPECT_EQ(judged.error().code, errc::invalid);
        EXPECT_NE(judged.error().message.find("api_url"), std::string::npos);
        EXPECT_EQ(judged.error().message.find("user:pw"), std::string::npos);
    }
}

TEST(slack_template, judges_its_token_without_showing_it)
{
    auto const judge = [](std::string token)
    {
        link_fields fields;
        fields["bot_token"] = secret(std::move(token));
        return slack::bot_token.check(fields);
    };
    EXPECT_TRUE(judge("xoxb-123-456-AbC"));
    for (auto const* token : {"xoxb-", "xoxp-123", "xoxb-12 3", "xoxb-12\r\nX: y", " xoxb-1"})
    {
        auto const judged = judge(token);
        ASSERT_FALSE(judged) << token;
        EXPECT_NE(judged.error().message.find("bot_token"), std::string::npos);
        EXPECT_EQ(judged.error().message.find("12"), std::string::npos) << judged.error().message;
    }
}

}  // namespace
}  // namespace linkspan
