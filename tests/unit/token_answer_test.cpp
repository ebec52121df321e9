#include "core/oauth/token.hpp"

#include <gtest/gtest.h>

#include <set>

namespace linkspan
{
namespace
{

constexpr auto answered_at = from_milliseconds(1'795'000'000'000);

token_answer read(int status, std::string_view body, token_dialect dialect = token_dialect::standard)
{
    return read_token_answer(status, body, dialect, answered_at);
}

token_answer slack_answer(std::string_view body)
{
    return read(200, body, token_dialect::slack);
}

void expect_granted(token_answer const& answer, std::string_view token)
{
    EXPECT_EQ(answer.fate, token_fate::granted) << answer.words;
    EXPECT_EQ(answer.tokens.access_token.reveal(), token);
    EXPECT_EQ(answer.tokens.obtained_at, answered_at);
    EXPECT_EQ(answer.words, "");
    EXPECT_EQ(answer.error_code, "");
}

void expect_none(token_answer const& answer, token_fate fate, std::string_view words)
{
    EXPECT_EQ(name_of(answer.fate), name_of(fate)) << answer.words;
    EXPECT_NE(answer.words.find(words), std::string::npos) << answer.words;
    EXPECT_TRUE(answer.tokens.access_token.empty());
    EXPECT_TRUE(answer.tokens.refresh_token.empty());
}

TEST(token_fate_names, are_all_different)
{
    std::set<std::string_view> names;
    for (auto const fate :
         {token_fate::granted,
          token_fate::refused,
          token_fate::misused,
          token_fate::unavailable,
          token_fate::unknown})
        names.insert(name_of(fate));
    EXPECT_EQ(names.size(), 5u);
    EXPECT_EQ(name_of(static_cast<token_fate>(77)), "unknown");
}

// RFC 6749, 5.1, the example.
TEST(token_answer, as_in_the_rfc)
{
    auto const answer = read(200, R"({
       "access_token":"2YotnFZFEjr1zCsicMWpAA",
       "token_type":"example",
       "expires_in":3600,
       "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA",
       "example_parameter":"example_value"
     })");
    expect_granted(answer, "2YotnFZFEjr1zCsicMWpAA");
    EXPECT_EQ(answer.tokens.refresh_token.reveal(), "tGzv3JOkF0XG5Qx2TlKWIA");
    EXPECT_EQ(answer.tokens.token_type, "example");
    EXPECT_EQ(answer.tokens.expires_at, answered_at + seconds(3600));
    EXPECT_EQ(answer.tokens.scopes, "");
    EXPECT_TRUE(answer.tokens.facts.empty());
}

TEST(token_answer, of_bitbucket_today_and_before)
{
    auto const today = read(
        200,
        R"({"scope":"account pullrequest:write","access_token":"a1=","expires_in":7200,"token_type":"bearer",)"
        R"("state":"authorization_code","refresh_token":"r1"})"
    );
    expect_granted(today, "a1=");
    EXPECT_EQ(today.tokens.scopes, "account pullrequest:write");
    EXPECT_EQ(today.tokens.token_type, "bearer");
    auto const before = read(200, R"({"scopes":"account,webhook","access_token":"a1"})");
    EXPECT_EQ(before.tokens.scopes, "account webhook");
    EXPECT_EQ(before.tokens.token_type, "Bearer");
    EXPECT_EQ(before.tokens.expires_at, std::nullopt);
    EXPECT_TRUE(before.tokens.refresh_token.empty());
}

TEST(token_answer, scopes_are_separated_by_one_blank)
{
    auto const scopes = [](std::string const& members)
    { return read(200, R"({"access_token":"a",)" + members + "}").tokens.scopes; };
    EXPECT_EQ(scopes(R"("scope":" a,b,,  c\td ")"), "a b c d");
    EXPECT_EQ(scopes(R"("scope":["a","b c",7,null])"), "a b c");
    EXPECT_EQ(scopes(R"("scope":"","scopes":["x"])"), "x");
    EXPECT_EQ(scopes(R"("scope":"one","scopes":"two")"), "one");
    EXPECT_EQ(scopes(R"("scope":null)"), "");
    EXPECT_EQ(scopes(R"("scope":7)"), "");
    EXPECT_EQ(scopes(R"("scope":"a\u001b[31m \u00e4\"\\b")"), "a [31m b");
}

TEST(token_answer, lives_are_counted_from_the_question)
{
    auto const life = [](std::string const& value) -> std::optional<std::int64_t>
    {
        auto const answer = read(200, R"({"access_token":"a","expires_in":)" + value + "}");
        EXPECT_EQ(answer.fate, token_fate::granted) << value;
        if (!answer.tokens.expires_at)
            return std::nullopt;
        return (*answer.tokens.expires_at - answered_at).count() / 1000;
    };
    EXPECT_EQ(life("3600"), 3600);
    EXPECT_EQ(life("\"3600\""), 3600);
    EXPECT_EQ(life("3600.9"), 3600);
    EXPECT_EQ(life("3.6e3"), 3600);
    EXPECT_EQ(life("1"), 1);
    for (auto const* none :
         {"0",
          "-1",
          "\"0\"",
          "\"\"",
          "\"soon\"",
          "\"3600 s\"",
          "null",
          "[]",
          "{}",
          "true",
          "-1e300",
          "\"nan\"",
          "0.5",
          "\"-1e999\""})
        EXPECT_EQ(life(none), std::nullopt) << none;
    for (auto const* huge :
         {"7200000000",
          "18446744073709551615",
          "1e300",
          "\"1e999\"",
          "\"99999999999999999999\"",
          "9223372036854775807"})
        EXPECT_EQ(life(huge), token_life_max.count()) << huge;
}

TEST(token_answer, takes_tokens_of_10_kB)
{
    std::string const access(10'000, 'a');
    std::string const refresh(10'000, 'r');
    auto const answer =
        read(200, R"({"access_token":")" + access + R"(","refresh_token":")" + refresh + R"("})");
    expect_granted(answer, access);
    EXPECT_EQ(answer.tokens.refresh_token.reveal(), refresh);
}

TEST(token_answer, of_github_as_a_form_and_as_json)
{
    auto const form = read(
        200,
        "access_token=gho_1%2B2&expires_in=28800&refresh_token=ghr_1&refresh_token_expires_in=15897600"
        "&scope=repo%2Cgist&token_type=bearer"
    );
    expect_granted(form, "gho_1+2");
    EXPECT_EQ(form.tokens.refresh_token.reveal(), "ghr_1");
    EXPECT_EQ(form.tokens.scopes, "repo gist");
    EXPECT_EQ(form.tokens.expires_at, answered_at + seconds(28800));
    EXPECT_EQ(form.tokens.facts.at("refresh_token_expires_in"), "15897600");
    auto const error_form =
        read(200, "error=bad_verification_code&error_description=The+code+passed+is+incorrect+or+expired.");
    expect_none(
        error_form, token_fate::refused, "bad_verification_code: The code passed is incorrect or expired."
    );
    EXPECT_EQ(error_form.error_code, "bad_verification_code");
    expect_none(
        read(200, R"({"error":"bad_refresh_token","error_description":"gone","error_uri":"https://x"})"),
        token_fate::refused,
        "bad_refresh_token: gone"
    );
    expect_none(read(200, R"({"error":"incorrect_client_credentials"})"), token_fate::misused, "incorrect");
}

TEST(token_answer, of_slack)
{
    auto const bot = slack_answer(
        R"({"ok":true,"app_id":"A1","authed_user":{"id":"U1"},"scope":"chat:write,users:read",)"
        R"("token_type":"bot","access_token":"xoxe.xoxb-1","bot_user_id":"U2","refresh_token":"xoxe-1",)"
        R"("expires_in":43200,"team":{"id":"T1","name":"Acme\u001b[2J"},"enterprise":null,)"
        R"("is_enterprise_install":false,"incoming_webhook":{"url":"https://hooks.example/canary"}})"
    );
    expect_granted(bot, "xoxe.xoxb-1");
    EXPECT_EQ(bot.tokens.refresh_token.reveal(), "xoxe-1");
    EXPECT_EQ(bot.tokens.token_type, "bot");
    EXPECT_EQ(bot.tokens.scopes, "chat:write users:read");
    EXPECT_EQ(bot.tokens.expires_at, answered_at + seconds(43200));
    std::map<std::string, std::string> const facts = {
        {"app_id", "A1"},
        {"authed_user.id", "U1"},
        {"bot_user_id", "U2"},
        {"is_enterprise_install", "false"},
        {"team.id", "T1"},
        {"team.name", "Acme [2J"}};
    EXPECT_EQ(bot.tokens.facts, facts);

    auto const user = slack_answer(
        R"({"ok":true,"app_id":"A1","authed_user":{"id":"U1","scope":"search:read","access_token":"xoxp-1",)"
        R"("token_type":"user","refresh_token":"xoxe-2","expires_in":60},"team":{"id":"T1"}})"
    );
    expect_granted(user, "xoxp-1");
    EXPECT_EQ(user.tokens.refresh_token.reveal(), "xoxe-2");
    EXPECT_EQ(user.tokens.scopes, "search:read");
    EXPECT_EQ(user.tokens.expires_at, answered_at + seconds(60));
    EXPECT_EQ(user.tokens.facts.at("team.id"), "T1");
}

TEST(token_answer, refusals_of_slack_have_status_200)
{
    for (auto const* code :
         {"invalid_code",
          "code_already_used",
          "code_expired",
          "invalid_refresh_token",
          "token_expired",
          "token_revoked",
          "account_inactive"})
        expect_none(
            slack_answer(std::string(R"({"ok":false,"error":")") + code + "\"}"), token_fate::refused, code
        );
    for (auto const* code :
         {"bad_client_secret",
          "invalid_client_id",
          "bad_redirect_uri",
          "invalid_grant_type",
          "brand_new_code"})
        expect_none(
            slack_answer(std::string(R"({"ok":false,"error":")") + code + "\"}"), token_fate::misused, code
        );
    for (auto const* code :
         {"ratelimited",
          "internal_error",
          "fatal_error",
          "service_unavailable",
          "request_timeout",
          "team_added_to_org"})
        expect_none(
            slack_answer(std::string(R"({"ok":false,"error":")") + code + "\"}"),
            token_fate::unavailable,
            code
        );
    // "ok": false is final, whatever stands beside it.
    expect_none(
        slack_answer(R"({"ok":false,"error":"invalid_code","access_token":"xoxb-1"})"),
        token_fate::refused,
        "invalid_code"
    );
    // In the standard dialect "ok" means nothing, and nobody looks into authed_user.
    expect_granted(read(200, R"({"ok":false,"access_token":"a"})"), "a");
    expect_none(
        read(200, R"({"authed_user":{"access_token":"a"}})"),
        token_fate::unavailable,
        "without an access_token"
    );
}

TEST(token_answer, codes_of_the_rfc)
{
    auto const with = [](int status, std::string const& code)
    { return read(status, R"({"error":")" + code + R"(","error_description":"as it says"})"); };
    for (auto const* code :
         {"invalid_request",
          "invalid_client",
          "unauthorized_client",
          "unsupported_grant_type",
          "invalid_scope",
          "redirect_uri_mismatch"})
    {
        expect_none(with(400, code), token_fate::misused, std::string(code) + ": as it says");
        EXPECT_EQ(with(400, code).error_code, code);
    }
    expect_none(with(400, "invalid_grant"), token_fate::refused, "invalid_grant: as it says");
    expect_none(with(401, "invalid_grant"), token_fate::refused, "invalid_grant: as it says");
    for (auto const* code : {"temporarily_unavailable", "server_error", "slow_down"})
        expect_none(with(400, code), token_fate::unavailable, code);
}

TEST(token_answer, an_unknown_refusal_never_kills_a_token)
{
    for (int const status : {400, 401, 403, 404, 409, 418})
    {
        expect_none(read(status, R"({"error":"brand_new"})"), token_fate::misused, "brand_new");
        expect_none(read(status, "<html>login</html>"), token_fate::misused, std::to_string(status));
        expect_none(read(status, ""), token_fate::misused, std::to_string(status));
        expect_none(read(status, "{}"), token_fate::misused, std::to_string(status));
    }
    expect_none(read(404, "gone"), token_fate::misused, "there is no token endpoint at this URL");
    expect_none(read(407, "gone"), token_fate::misused, "proxy wants a password");
    expect_none(read(302, "gone"), token_fate::misused, "answers with a redirect");
    // Not even a known code does with a status that says "later".
    for (int const status : {408, 425, 429, 500, 502, 503, 504})
    {
        expect_none(read(status, R"({"error":"invalid_grant"})"), token_fate::unavailable, "invalid_grant");
        expect_none(read(status, "<html>"), token_fate::unavailable, std::to_string(status));
    }
    // But what Atlassian says of a refresh token that is gone does.
    expect_none(
        read(403, R"({"error":"unauthorized_client","error_description":"refresh_token is invalid"})"),
        token_fate::refused,
        "refresh_token is invalid"
    );
}

TEST(token_answer, what_gateways_say_is_told)
{
    expect_none(
        read(400, R"({"type":"error","error":{"message":"Bad request","detail":"x"}})"),
        token_fate::misused,
        "Bad request"
    );
    expect_none(
        read(401, R"({"error":{"code":401,"status":"UNAUTHENTICATED","message":"no"}})"),
        token_fate::misused,
        "UNAUTHENTICATED: no"
    );
    expect_none(read(401, R"({"code":401,"message":"Unauthorized"})"), token_fate::misused, "Unauthorized");
    expect_none(read(400, R"({"errors":[{"message":"wrong client"}]})"), token_fate::misused, "wrong client");
    for (auto const* body : {R"({"errors":[]})", R"({"errors":[7]})", R"({"errors":{}})", R"({"error":7})"})
        expect_none(read(400, body), token_fate::misused, "status 400");
}

TEST(token_answer, a_2xx_without_a_token_replaces_nothing)
{
    for (auto const* body :
         {"",
          " ",
          "null",
          "[]",
          "7",
          "\"access_token=a\"",
          "{",
          R"({"access_token":"a")",
          R"({"access_token":"a"} x)",
          "<html>access_token=a</html>",
          "hello=world",
          "access_token=%zz",
          "\xff\xfe"})
        expect_none(read(200, body), token_fate::unavailable, "no JSON object");
    for (auto const* body :
         {"{}",
          R"({"access_token":""})",
          R"({"access_token":null})",
          R"({"access_token":7})",
          R"({"access_token":["a"]})",
          R"({"ACCESS_TOKEN":"a"})",
          "access_token="})
        expect_none(read(200, body), token_fate::unavailable, "without an access_token");
    for (auto const* body :
         {R"({"access_token":"a b"})",
          R"({"access_token":"a\r\nX: y"})",
          R"({"access_token":"a\u0000"})",
          R"({"access_token":"\u00e4"})"})
        expect_none(read(200, body), token_fate::unavailable, "a token that cannot be sent");
    std::string const deep =
        R"({"access_token":"a","x":)" + std::string(100, '[') + std::string(100, ']') + "}";
    expect_none(read(200, deep), token_fate::unavailable, "no JSON object");
    std::string const long_one =
        R"({"access_token":"a","x":")" + std::string(token_answer_bytes_max, 'x') + "\"}";
    expect_none(read(200, long_one), token_fate::unavailable, "more than 262144 bytes");
    expect_none(read(204, ""), token_fate::unavailable, "no JSON object");
}

TEST(token_answer, a_2xx_with_a_token_is_never_dropped)
{
    expect_granted(read(201, R"({"access_token":"a"})"), "a");
    expect_granted(read(200, "\xef\xbb\xbf \r\n{\"access_token\":\"a\"}\n"), "a");
    expect_granted(read(200, R"({"access_token":"a","error":null,"error_description":""})"), "a");
    expect_granted(read(200, R"({"access_token":"a","error":"warning_only"})"), "a");
    expect_granted(read(200, R"({"access_token":"a","access_token":"b"})"), "b");
    expect_granted(read(200, "access_token=a&access_token=b"), "b");
    auto const odd =
        read(200, R"({"access_token":"a","refresh_token":7,"token_type":{},"facts":1,"team":"x"})");
    expect_granted(odd, "a");
    EXPECT_TRUE(odd.tokens.refresh_token.empty());
    EXPECT_EQ(odd.tokens.token_type, "Bearer");
    EXPECT_TRUE(odd.tokens.facts.empty());
}

TEST(token_answer, words_are_one_safe_line_without_tokens)
{
    std::string const token = "canaryCANARY0123456789canaryCANARY0123456789";
    auto const echoed =
        read(400, R"({"error":"invalid_grant","error_description":"token )" + token + R"( is not known"})");
    EXPECT_EQ(echoed.words, "invalid_grant: token [...] is not known");
    EXPECT_EQ(read(400, R"({"error":")" + token + R"("})").error_code, "[...]");
    EXPECT_EQ(read(400, R"({"error":")" + token + token + R"("})").words.find("canary"), std::string::npos);

    auto const run = [](std::size_t bytes)
    { return read(400, R"({"error":"x","error_description":")" + std::string(bytes, 'a') + R"("})").words; };
    EXPECT_EQ(run(40), "x: " + std::string(40, 'a'));
    EXPECT_EQ(run(41), "x: [...]");

    auto const rude = read(
        400,
        R"({"error":"invalid_client\n\u001b[31m<b>","error_description":"<script>alert(1)</script>\r\n\u001b]0;x\u0007 )"
        "\xff"
        R"(\u202eevil\u2028"})"
    );
    // A byte that is no UTF-8 makes it no JSON at all.
    EXPECT_EQ(rude.words, "the token endpoint answers with status 400");
    auto const plain = read(
        400,
        R"({"error":"invalid_client\n\u001b[31m<b>","error_description":"<script>alert(1)</script>\r\n\u001b]0;x\u0007 \u202eevil\u2028"})"
    );
    EXPECT_EQ(plain.error_code, "invalid_client31mb");
    EXPECT_EQ(plain.words, "invalid_client31mb: <script>alert(1)</script> ]0;x evil");
    auto const long_words = read(
        400,
        R"({"error":"x","error_description":")" +
            []
            {
                std::string text;
                for (int i = 0; i < 1000; ++i)
                    text += "ab cd ";
                return text;
            }() +
            R"("})"
    );
    EXPECT_LE(long_words.words.size(), 500u);
}

}  // namespace
}  // namespace linkspan
