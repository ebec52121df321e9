#include "links/registry.hpp"
#include "tests/support/template_peer.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::template_case;

// As Bitbucket answers for a person; an app_user has fewer members, and anybody may keep some private.
constexpr char const* user_answer =
    R"({"display_name":"Ada Example","links":{},"created_on":"2020-03-25T02:22:09.000000+00:00","type":"user",)"
    R"("uuid":"{11111111-2222-3333-4444-555555555555}","account_id":"557058:ada","nickname":"ada",)"
    R"("username":"ada_example"})";

std::map<std::string, std::string> user_facts()
{
    return {
        {"account_id", "557058:ada"},
        {"created_on", "2020-03-25T02:22:09.000000+00:00"},
        {"display_name", "Ada Example"},
        {"nickname", "ada"},
        {"type", "user"},
        {"username", "ada_example"},
        {"uuid", "{11111111-2222-3333-4444-555555555555}"}};
}

constexpr char const* refusal_body =
    R"({"type":"error","error":{"message":"Token is invalid, expired, or not supported for this endpoint."}})";

template_case consumer_case()
{
    return {
        .name = "bitbucket-app-oauth",
        .fields =
            {{"client_id", "consumer-key"},
             {"client_secret", "consumer-secret-canary"},
             {"access_token", "bearer-canary-0001"},
             {"api_url", "{peer}/2.0"}},
        .credential = "access_token",
        .calls =
            {{.target = "/2.0/user",
              .credential = {{"Authorization", "Bearer bearer-canary-0001"}},
              .headers = {{"Accept", "application/json"}},
              .answer = user_answer,
              .answer_headers = {{"X-OAuth-Scopes", "account, pullrequest:write, webhook"}}}},
        .account = "Ada Example (ada)",
        .kind = "OAuth token of a person",
        .scopes = "account pullrequest:write webhook",
        .facts = user_facts(),
        .refusal = {401, refusal_body}};
}

TEST(bitbucket_templates, app_oauth_says_who_consented)
{
    test::expect_identity(consumer_case());
}

TEST(bitbucket_templates, a_person_without_any_name_is_no_fault)
{
    auto of = consumer_case();
    of.calls.front().answer =
        R"({"type":"user","uuid":"{1}","display_name":null,"nickname":null,"account_id":null,"links":null})";
    of.account = "somebody without a name";
    of.facts = {{"type", "user"}, {"uuid", "{1}"}};
    test::expect_identity(of);
}

TEST(bitbucket_templates, a_missing_scope_is_told_in_the_words_of_the_service)
{
    auto of = consumer_case();
    of.calls.front().status = 403;
    of.calls.front().answer =
        R"({"type":"error","error":{"message":"Your credentials lack one or more required privilege scopes.",)"
        R"("detail":{"required":["account"],"granted":["pullrequest"]}}})";
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, of.calls);
    auto const said = test::ask_identity(of, loop, peer.url());
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, errc::unauthorized);
    EXPECT_NE(said.error().message.find("lack one or more required privilege scopes"), std::string::npos);
}

TEST(bitbucket_templates, client_credentials_say_what_the_consumer_acts_as)
{
    test::expect_identity(
        {.name = "bitbucket-client-credentials",
         .fields =
             {{"client_id", "consumer-key"},
              {"client_secret", "consumer-secret-canary"},
              {"access_token", "bearer-canary-0002"},
              {"api_url", "{peer}/2.0/"}},
         .credential = "access_token",
         .calls =
             {{.target = "/2.0/user",
               .credential = {{"Authorization", "Bearer bearer-canary-0002"}},
               .answer =
                   R"({"type":"app_user","display_name":"Linkspan","uuid":"{2}","kind":"repository_access"})",
               .answer_headers = {{"X-OAuth-Scopes", "account"}}}},
         .account = "Linkspan",
         .kind = "OAuth token of the consumer itself",
         .scopes = "account",
         .facts = {{"display_name", "Linkspan"}, {"type", "app_user"}, {"uuid", "{2}"}},
         .refusal = {401, refusal_body}}
    );
}

TEST(bitbucket_templates, user_token_goes_as_basic_with_the_address)
{
    test::expect_identity(
        {.name = "bitbucket-user-token",
         .fields =
             {{"email", "ada@acme.example"}, {"api_token", "ATATTcanary0001"}, {"api_url", "{peer}/2.0"}},
         .credential = "api_token",
         .calls =
             {{.target = "/2.0/user",
               // ada@acme.example:ATATTcanary0001
               .credential = {{"Authorization", "Basic YWRhQGFjbWUuZXhhbXBsZTpBVEFUVGNhbmFyeTAwMDE="}},
               .answer = user_answer,
               .answer_headers = {{"X-OAuth-Scopes", "read:user:bitbucket, read:pullrequest:bitbucket"}}}},
         .account = "Ada Example (ada)",
         .kind = "API token of a person",
         .scopes = "read:user:bitbucket read:pullrequest:bitbucket",
         .facts = user_facts(),
         .refusal = {401, refusal_body}}
    );
}

template_case access_case()
{
    return {
        .name = "bitbucket-access-token",
        .fields =
            {{"token", "ATCTTcanary0001"},
             {"workspace", "acme"},
             {"repository", "widgets"},
             {"api_url", "{peer}/2.0"}},
        .credential = "token",
        .calls =
            {{.target = "/2.0/repositories/acme/widgets",
              .credential = {{"Authorization", "Bearer ATCTTcanary0001"}},
              .answer = R"({"type":"repository","full_name":"acme/widgets","uuid":"{3}",)"
                        R"("workspace":{"uuid":"{4}","slug":"acme"},"owner":null})",
              .answer_headers = {{"X-OAuth-Scopes", "pullrequest"}}}},
        .account = "acme/widgets",
        .kind = "repository access token",
        .scopes = "pullrequest",
        .facts =
            {{"repository", "acme/widgets"},
             {"repository_uuid", "{3}"},
             {"workspace", "acme"},
             {"workspace_uuid", "{4}"}},
        .refusal = {401, refusal_body}};
}

TEST(bitbucket_templates, access_token_of_a_repository_says_what_it_opens)
{
    test::expect_identity(access_case());
}

TEST(bitbucket_templates, access_token_of_a_workspace_reads_its_first_repository)
{
    auto of = access_case();
    of.fields.erase("repository");
    of.fields["workspace"] = "{4}";
    of.calls.front().target = "/2.0/repositories/%7B4%7D?pagelen=1";
    of.calls.front().answer =
        R"({"pagelen":1,"values":[{"full_name":"acme/widgets","workspace":{"uuid":"{4}"}}]})";
    of.account = "the workspace {4}";
    of.kind = "project or workspace access token";
    of.facts = {{"workspace", "{4}"}, {"workspace_uuid", "{4}"}};
    test::expect_identity(of);
    of.calls.front().answer = R"({"values":[]})";
    of.facts = {{"workspace", "{4}"}};
    test::expect_identity(of);
}

template_case data_center_case(std::string name, std::string credential)
{
    return {
        .name = std::move(name),
        .fields = {{credential, "dc-token-canary"}, {"base_url", "{peer}/bitbucket"}},
        .credential = credential,
        .calls =
            {{.target = "/bitbucket/rest/api/latest/users?limit=1",
              .credential = {{"Authorization", "Bearer dc-token-canary"}},
              .answer = R"({"size":1,"limit":1,"isLastPage":false,"values":[{"name":"admin"}],"start":0})",
              .answer_headers = {{"X-AUSERNAME", "ada"}}}},
        .account = "ada",
        .kind = "HTTP access token",
        .facts = {{"instance", "{peer}/bitbucket/"}, {"username", "ada"}},
        .refusal = {
            401,
            R"({"errors":[{"context":null,"message":"Authentication failed. Please check your credentials and try )"
            R"(again.","exceptionName":"com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException"}]})"}};
}

TEST(bitbucket_templates, data_center_token_says_who_asked)
{
    test::expect_identity(data_center_case("bitbucket-dc-token", "token"));
}

TEST(bitbucket_templates, data_center_token_of_a_repository_is_nobodys)
{
    auto of = data_center_case("bitbucket-dc-token", "token");
    of.calls.front().answer_headers.clear();
    of.account = "the token of a project or repository";
    of.facts.erase("username");
    test::expect_identity(of);
}

TEST(bitbucket_templates, data_center_oauth_says_who_consented)
{
    auto of = data_center_case("bitbucket-dc-oauth", "access_token");
    of.fields["client_id"] = "0123456789abcdef";
    of.fields["client_secret"] = "dc-secret-canary";
    of.kind = "OAuth token of a person";
    test::expect_identity(of);
}

TEST(bitbucket_templates, data_center_oauth_finds_its_endpoints_at_the_base_url)
{
    auto const& kind = *find_template("bitbucket-dc-oauth");
    link_fields fields;
    fields["base_url"] = secret("https://bitbucket.example.com/context/");
    fields["client_id"] = secret("id");
    fields["client_secret"] = secret("secret");
    auto const client = oauth_client_of(kind, fields);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ(client->authorize_url, "https://bitbucket.example.com/context/rest/oauth2/latest/authorize");
    EXPECT_EQ(client->token_url, "https://bitbucket.example.com/context/rest/oauth2/latest/token");
    EXPECT_EQ(client->proof, oauth::client_proof::body);
    EXPECT_TRUE(client->pkce);
    EXPECT_EQ(client->scopes, "REPO_READ");
}

TEST(bitbucket_templates, app_oauth_asks_for_what_the_consumer_has)
{
    auto const& kind = *find_template("bitbucket-app-oauth");
    link_fields fields;
    fields["client_id"] = secret("id");
    fields["client_secret"] = secret("secret");
    auto const client = oauth_client_of(kind, fields);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ(client->authorize_url, "https://bitbucket.org/site/oauth2/authorize");
    EXPECT_EQ(client->token_url, "https://bitbucket.org/site/oauth2/access_token");
    EXPECT_EQ(client->proof, oauth::client_proof::basic);
    EXPECT_EQ(client->scopes, "");
    EXPECT_TRUE(client->pkce);
    EXPECT_EQ(kind.receives, edition::cloud);
}

}  // namespace
}  // namespace linkspan
