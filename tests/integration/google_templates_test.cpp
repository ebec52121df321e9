#include "links/registry.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/template_peer.hpp"
#include "tests/support/test_keys.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::template_case;
namespace json = boost::json;

constexpr char const* info_answer =
    R"({"azp":"client.apps.example","aud":"client.apps.example","sub":"1001","exp":"1795170600","expires_in":"3599",)"
    R"("scope":"openid https://www.googleapis.com/auth/userinfo.email","access_type":"offline"})";

template_case user_case()
{
    auto const has_token = [](std::string const& body) { return body == "access_token=ya29.canary-0001"; };
    return {
        .name = "google-user-oauth",
        .fields =
            {{"client_id", "client.apps.example"},
             {"client_secret", "GOCSPX-canary"},
             {"access_token", "ya29.canary-0001"},
             {"api_url", "{peer}/oauth2/v3"}},
        .credential = "access_token",
        .calls =
            {{.target = "/oauth2/v3/userinfo",
              .credential = {{"Authorization", "Bearer ya29.canary-0001"}},
              .answer =
                  R"({"sub":"1001","name":"Ada Example","email":"ada@acme.example","hd":"acme.example"})"},
             {.method = "POST",
              .target = "/oauth2/v3/tokeninfo",
              .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
              .is_body = has_token,
              .answer = info_answer}},
        .account = "Ada Example (ada@acme.example)",
        .kind = "OAuth token of a person",
        .scopes = "openid https://www.googleapis.com/auth/userinfo.email",
        .facts =
            {{"client_id", "client.apps.example"},
             {"domain", "acme.example"},
             {"email", "ada@acme.example"},
             {"id", "1001"},
             {"name", "Ada Example"}},
        .refusal = {401, R"({"error":"invalid_request","error_description":"Invalid Credentials"})"}};
}

TEST(google_templates, user_oauth_says_who_consented)
{
    test::expect_identity(user_case());
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, user_case().calls);
    auto const said = test::ask_identity(user_case(), loop, peer.url());
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(said->expires_at, from_milliseconds(1'795'170'600'000));
}

TEST(google_templates, a_person_without_name_and_address_is_no_fault)
{
    auto of = user_case();
    of.calls.front().answer = R"({"sub":"1001","name":null,"email":null})";
    of.account = "account 1001";
    of.facts = {{"client_id", "client.apps.example"}, {"id", "1001"}};
    test::expect_identity(of);
}

TEST(google_templates, a_token_that_tokeninfo_does_not_know_is_refused)
{
    auto of = user_case();
    of.calls.back().status = 400;
    of.calls.back().answer = R"({"error":"invalid_token","error_description":"Invalid Value"})";
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, of.calls);
    auto const said = test::ask_identity(of, loop, peer.url());
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, errc::unauthorized);
    EXPECT_NE(said.error().message.find("Invalid Value"), std::string::npos);
}

TEST(google_templates, user_oauth_asks_for_a_refresh_token_every_time)
{
    link_fields fields;
    fields["client_id"] = secret("id");
    fields["client_secret"] = secret("secret");
    fields["scopes"] = secret("https://www.googleapis.com/auth/calendar.readonly");
    auto const client = oauth_client_of(*find_template("google-user-oauth"), fields);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ(client->authorize_params, "access_type=offline&prompt=consent");
    EXPECT_EQ(client->authorize_url, "https://accounts.google.com/o/oauth2/v2/auth");
    EXPECT_EQ(client->token_url, "https://oauth2.googleapis.com/token");
    EXPECT_EQ(client->revoke_url, "https://oauth2.googleapis.com/revoke");
    EXPECT_EQ(client->scopes, "email https://www.googleapis.com/auth/calendar.readonly openid profile");
}

// --- service accounts
// -----------------------------------------------------------------------------------------

json::object key_object(std::string const& token_uri, std::string const& private_key)
{
    json::object key;
    key["type"] = "service_account";
    key["project_id"] = "acme-links";
    key["private_key_id"] = "key-1";
    key["private_key"] = private_key;
    key["client_email"] = "linkspan@acme-links.iam.example";
    key["token_uri"] = token_uri;
    return key;
}

std::string key_text(std::string const& token_uri = "{peer}/token")
{
    return json::serialize(key_object(token_uri, test::rsa_key(test::key_form::pkcs8)));
}

template_case account_case()
{
    auto of = user_case();
    of.name = "google-service-account";
    of.fields.erase("client_id");
    of.fields.erase("client_secret");
    of.fields["key"] = key_text();
    of.calls.front().answer = R"({"sub":"1002","email":"linkspan@acme-links.iam.example"})";
    of.account = "linkspan@acme-links.iam.example";
    of.kind = "token of a service account";
    of.facts = {
        {"client_id", "client.apps.example"}, {"email", "linkspan@acme-links.iam.example"}, {"id", "1002"}};
    return of;
}

TEST(google_templates, service_account_says_which_it_is)
{
    test::expect_identity(account_case());
}

// The assertion of a form "grant_type=...&assertion=...".
std::string assertion_in(std::string const& body)
{
    std::string const begin = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    return body.starts_with(begin) ? body.substr(begin.size()) : std::string();
}

struct account_token
{
    token_answer said;
    std::string url;                      // of the peer
    std::vector<std::string> assertions;  // that the peer got
};

account_token obtain_account_token(test::peer_action action, std::map<std::string, std::string> changed = {})
{
    auto of = account_case();
    for (auto const& [name, value] : changed)
        of.fields[name] = value;
    boost::asio::io_context loop{1};
    test::scripted_peer peer(loop, [action](test::peer_request const&) { return action; });
    http_client client(loop);
    link_services services(client, [] { return test::template_test_now; });
    services.request_timeout = milliseconds(2000);
    auto asked = find_template(of.name)->oauth->obtain(services, test::fields_of(of, peer.url("")));
    account_token out{test::run(loop, std::move(asked)), peer.url(""), {}};
    for (auto const& one : peer.received())
    {
        EXPECT_EQ(one.request.method, "POST");
        EXPECT_EQ(one.request.target, "/token");
        EXPECT_EQ(find_header(one.request.headers, "Content-Type"), "application/x-www-form-urlencoded");
        out.assertions.push_back(assertion_in(one.request.body));
    }
    return out;
}

constexpr char const* granted =
    R"({"access_token":"ya29.canary-0002","expires_in":3599,"token_type":"Bearer"})";

TEST(google_templates, service_account_gets_a_token_for_its_signature)
{
    auto const got = obtain_account_token(
        test::answer_with(200, granted),
        {{"scopes", "https://www.googleapis.com/auth/chat.bot"}, {"subject", "ada@acme.example"}}
    );
    ASSERT_EQ(got.said.fate, token_fate::granted) << got.said.words;
    EXPECT_EQ(got.said.tokens.access_token.reveal(), "ya29.canary-0002");
    EXPECT_EQ(got.said.tokens.expires_at, test::template_test_now + seconds(3599));
    EXPECT_EQ(got.said.tokens.facts.at("project_id"), "acme-links");
    ASSERT_EQ(got.assertions.size(), 1u);
    ASSERT_TRUE(test::is_signed_rs256(got.assertions.front()));
    EXPECT_EQ(json::parse(test::jwt_header(got.assertions.front())).at("kid"), "key-1");
    auto const claims = json::parse(test::jwt_claims(got.assertions.front()));
    auto const now = to_milliseconds(test::template_test_now) / 1000;
    std::string const scopes =
        "https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/chat.bot";
    EXPECT_EQ(claims.at("iss"), "linkspan@acme-links.iam.example");
    EXPECT_EQ(claims.at("scope").as_string(), scopes);
    EXPECT_EQ(claims.at("aud").as_string(), got.url + "/token");
    EXPECT_EQ(claims.at("iat"), now);
    EXPECT_EQ(claims.at("exp"), now + 3600);
    EXPECT_EQ(claims.at("sub"), "ada@acme.example");
    EXPECT_EQ(got.said.tokens.scopes, scopes);
}

TEST(google_templates, service_account_tells_what_a_person_mends_from_what_time_mends)
{
    auto const refused = obtain_account_token(
        test::answer_with(400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})")
    );
    EXPECT_EQ(refused.said.fate, token_fate::misused);
    EXPECT_NE(refused.said.words.find("Invalid JWT Signature"), std::string::npos);
    EXPECT_EQ(obtain_account_token(test::answer_with(503, "busy")).said.fate, token_fate::unavailable);
    EXPECT_EQ(obtain_account_token(test::close_without_answer()).said.fate, token_fate::unavailable);
    EXPECT_EQ(obtain_account_token(test::answer_with(200, "<html>")).said.fate, token_fate::unavailable);
    auto const broken = obtain_account_token(test::answer_with(200, granted), {{"key", "{}"}});
    EXPECT_EQ(broken.said.fate, token_fate::misused);
    EXPECT_TRUE(broken.assertions.empty());
}

TEST(google_templates, a_key_file_that_does_not_fit_is_refused_by_what_is_wrong)
{
    auto const& kind = *find_template("google-service-account");
    auto const judged = [&](std::string text)
    {
        link_fields fields;
        fields["key"] = secret(std::move(text));
        auto const fit = kind.check(fields);
        return fit ? std::string("taken") : fit.error().message;
    };
    auto const good = key_object("https://oauth2.googleapis.com/token", test::rsa_key(test::key_form::pkcs8));
    EXPECT_EQ(judged(json::serialize(good)), "taken");
    auto const without = [&](std::string_view name)
    {
        auto key = good;
        key.erase(name);
        return judged(json::serialize(key));
    };
    EXPECT_NE(judged("key.json").find("no JSON object"), std::string::npos);
    EXPECT_NE(judged(std::string(70'000, ' ')).find("too long"), std::string::npos);
    EXPECT_NE(without("type").find("service_account"), std::string::npos);
    EXPECT_NE(without("client_email").find("no client_email"), std::string::npos);
    EXPECT_NE(without("token_uri").find("no token_uri"), std::string::npos);
    auto key = good;
    key["token_uri"] = "http://oauth2.example.com/token";
    EXPECT_NE(judged(json::serialize(key)).find("https"), std::string::npos);
    key = good;
    key["private_key"] = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n";
    auto const bad = judged(json::serialize(key));
    EXPECT_NE(bad.find("private_key"), std::string::npos);
    EXPECT_EQ(bad.find("canary"), std::string::npos);
}

}  // namespace
}  // namespace linkspan
