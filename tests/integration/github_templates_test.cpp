#include "links/github/api.hpp"
#include "links/registry.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/template_peer.hpp"
#include "tests/support/test_keys.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::template_case;

std::vector<http_header> api_headers()
{
    return {{"Accept", "application/vnd.github+json"}, {"X-GitHub-Api-Version", "2022-11-28"}};
}

template_case pat_case()
{
    return {
        .name = "github-user-pat",
        .fields = {{"pat", "ghp_canary0001"}, {"base_url", "{peer}"}},
        .credential = "pat",
        .calls =
            {{.target = "/api/v3/user",
              .credential = {{"Authorization", "Bearer ghp_canary0001"}},
              .headers = api_headers(),
              .answer =
                  R"({"login":"ada","id":1,"name":"Ada Example","email":"ada@acme.example","type":"User"})",
              .answer_headers =
                  {{"X-OAuth-Scopes", "repo, read:org"},
                   {"github-authentication-token-expiration", "2026-12-20 09:30:00 UTC"}}}},
        .account = "Ada Example (ada)",
        .kind = "classic personal access token",
        .scopes = "repo read:org",
        .facts =
            {{"email", "ada@acme.example"},
             {"id", "1"},
             {"login", "ada"},
             {"name", "Ada Example"},
             {"type", "User"}},
        .refusal = {
            401, R"({"message":"Bad credentials","documentation_url":"https://docs.github.com/rest"})"}};
}

result<link_identity> ask(template_case const& of)
{
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, of.calls, of.refusal);
    return test::ask_identity(of, loop, peer.url());
}

TEST(github_templates, pat_says_whose_it_is_and_when_it_ends)
{
    test::expect_identity(pat_case());
    EXPECT_EQ(ask(pat_case())->expires_at, parse_time("2026-12-20T09:30:00Z"));
    auto of = pat_case();
    of.calls.front().answer_headers.back().value = "2026-12-20 09:30:00 +0200";
    EXPECT_EQ(ask(of)->expires_at, parse_time("2026-12-20T07:30:00Z"));
    of.calls.front().answer_headers.back().value = "some day, perhaps in winter";
    EXPECT_EQ(ask(of)->expires_at, std::nullopt);
}

TEST(github_templates, a_name_and_an_address_that_are_null_are_no_fault)
{
    auto of = pat_case();
    of.calls.front().answer = R"({"login":"ada","id":1,"name":null,"email":null,"type":null})";
    of.account = "ada";
    of.facts = {{"id", "1"}, {"login", "ada"}};
    test::expect_identity(of);
}

TEST(github_templates, a_fine_grained_token_tells_no_scopes)
{
    auto of = pat_case();
    of.fields["pat"] = "github_pat_canary";
    of.fields["api_url"] = "{peer}";
    of.calls.front().target = "/user";
    of.calls.front().credential = {{"Authorization", "Bearer github_pat_canary"}};
    of.calls.front().answer_headers.clear();
    of.kind = "fine-grained personal access token";
    of.scopes = std::nullopt;
    test::expect_identity(of);
}

TEST(github_templates, an_emptied_rate_limit_is_no_refusal_of_the_token)
{
    auto of = pat_case();
    of.calls.front().status = 403;
    of.calls.front().answer = R"({"message":"API rate limit exceeded for user ID 1."})";
    of.calls.front().answer_headers = {{"X-RateLimit-Remaining", "0"}};
    auto const said = ask(of);
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, errc::rate_limited);
    EXPECT_NE(said.error().message.find("API rate limit exceeded"), std::string::npos);
}

TEST(github_templates, app_user_says_who_consented)
{
    auto of = pat_case();
    of.name = "github-app-user";
    of.fields = {
        {"client_id", "Iv23canary"},
        {"client_secret", "client-secret-canary"},
        {"access_token", "ghp_canary0001"},
        {"base_url", "{peer}"}};
    of.credential = "access_token";
    of.kind = "OAuth token of a person";
    test::expect_identity(of);
}

TEST(github_templates, app_user_finds_its_endpoints_at_the_base_url)
{
    link_fields fields;
    fields["client_id"] = secret("Iv23canary");
    fields["client_secret"] = secret("canary");
    auto const& kind = *find_template("github-app-user");
    auto client = oauth_client_of(kind, fields);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ(client->authorize_url, "https://github.com/login/oauth/authorize");
    EXPECT_EQ(client->token_url, "https://github.com/login/oauth/access_token");
    fields["base_url"] = secret("https://github.example.com/");
    client = oauth_client_of(kind, fields);
    EXPECT_EQ(client->authorize_url, "https://github.example.com/login/oauth/authorize");
    EXPECT_EQ(client->token_url, "https://github.example.com/login/oauth/access_token");
    EXPECT_TRUE(kind.check(fields));
}

TEST(github_templates, the_api_stands_where_each_github_has_it)
{
    auto const at = [](std::string base)
    {
        link_fields fields;
        fields["base_url"] = secret(std::move(base));
        return github::api_url_of(fields).value();
    };
    EXPECT_EQ(github::api_url_of({}).value(), "https://api.github.com/");
    EXPECT_EQ(at("https://github.com/"), "https://api.github.com/");
    EXPECT_EQ(at("https://acme.ghe.com"), "https://api.acme.ghe.com/");
    EXPECT_EQ(at("https://github.example.com"), "https://github.example.com/api/v3/");
    EXPECT_EQ(at("https://notgithub.com"), "https://notgithub.com/api/v3/");
}

// --- the app itself
// -------------------------------------------------------------------------------------------

// A JWT of the app, signed by its key, from a minute ago, for ten minutes in all.
bool is_app_jwt(http_request const& seen)
{
    auto const header = find_header(seen.headers, "Authorization");
    if (!header.starts_with("Bearer ") || !test::is_signed_rs256(header.substr(7)))
        return false;
    auto const claims = boost::json::parse(test::jwt_claims(header.substr(7)));
    auto const now = to_milliseconds(test::template_test_now) / 1000;
    return claims.at("iss") == "Iv23canary" && claims.at("iat") == now - 60 && claims.at("exp") == now + 540;
}

constexpr char const* app_answer =
    R"({"id":7,"slug":"linkspan-of-acme","name":"Linkspan of Acme","owner":{"login":"acme"},"description":null})";
constexpr char const* installation_answer =
    R"({"id":42,"account":{"login":"acme"},"repository_selection":"all","suspended_at":null,)"
    R"("permissions":{"contents":"read","pull_requests":"write"}})";

template_case github_app_case(test::key_form form = test::key_form::pkcs1)
{
    return {
        .name = "github-app-jwt",
        .fields =
            {{"client_id", "Iv23canary"},
             {"private_key", test::rsa_key(form)},
             {"app_slug", "linkspan-of-acme"},
             {"install_id", "42"},
             {"api_url", "{peer}"}},
        .credential = "private_key",
        .wrong_value = test::rsa_key(form, 3072),
        .calls =
            {{.target = "/app", .headers = api_headers(), .is_proven = is_app_jwt, .answer = app_answer},
             {.target = "/app/installations/42",
              .headers = api_headers(),
              .is_proven = is_app_jwt,
              .answer = installation_answer}},
        .account = "Linkspan of Acme at acme",
        .kind = "installation of a GitHub app",
        .scopes = "contents:read pull_requests:write",
        .facts =
            {{"app_id", "7"},
             {"app_owner", "acme"},
             {"app_slug", "linkspan-of-acme"},
             {"install_account", "acme"},
             {"install_id", "42"},
             {"repository_selection", "all"}},
        .refusal = {401, R"({"message":"A JSON web token could not be decoded"})"}};
}

TEST(github_templates, app_proves_itself_with_a_key_of_either_form)
{
    test::expect_identity(github_app_case(test::key_form::pkcs1));
    test::expect_identity(github_app_case(test::key_form::pkcs8));
}

TEST(github_templates, app_with_another_client_id_is_refused)
{
    auto of = github_app_case();
    of.credential = "client_id";
    of.wrong_value = "Iv23another";
    test::expect_identity(of);
}

TEST(github_templates, a_suspended_installation_is_told)
{
    auto of = github_app_case();
    of.calls.back().answer = R"({"id":42,"account":{"login":"acme"},"suspended_at":"2026-11-01T00:00:00Z"})";
    auto const said = ask(of);
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, errc::unauthorized);
    EXPECT_NE(said.error().message.find("suspended"), std::string::npos);
}

// obtain() against such a peer.
struct installation_token
{
    token_answer said;
    std::vector<std::string> faults;
    std::size_t answered = 0;
};

installation_token obtain_installation_token(
    std::vector<test::expected_call> calls, std::map<std::string, std::string> changed = {}
)
{
    auto of = github_app_case();
    for (auto const& [name, value] : changed)
        of.fields[name] = value;
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, std::move(calls), of.refusal);
    http_client client(loop);
    link_services services(client, [] { return test::template_test_now; });
    auto asked = find_template(of.name)->oauth->obtain(services, test::fields_of(of, peer.url()));
    auto said = test::run(loop, std::move(asked));
    return {std::move(said), peer.faults(), peer.answered()};
}

test::expected_call installation_call()
{
    return {
        .method = "POST",
        .target = "/app/installations/42/access_tokens",
        .headers = api_headers(),
        .is_proven = is_app_jwt,
        .status = 201,
        .answer =
            R"({"token":"ghs_canary0001","expires_at":"2026-11-20T10:30:00Z",)"
            R"("permissions":{"contents":"read","pull_requests":"write"},"repository_selection":"selected"})"};
}

TEST(github_templates, app_gets_a_token_of_its_installation)
{
    auto const got = obtain_installation_token({installation_call()});
    ASSERT_EQ(got.said.fate, token_fate::granted) << got.said.words;
    EXPECT_EQ(got.said.tokens.access_token.reveal(), "ghs_canary0001");
    EXPECT_TRUE(got.said.tokens.refresh_token.empty());
    EXPECT_EQ(got.said.tokens.scopes, "contents:read pull_requests:write");
    EXPECT_EQ(got.said.tokens.obtained_at, test::template_test_now);
    EXPECT_EQ(got.said.tokens.expires_at, parse_time("2026-11-20T10:30:00Z"));
    EXPECT_EQ(got.said.tokens.facts.at("install_id"), "42");
}

TEST(github_templates, app_finds_its_only_installation_by_itself)
{
    test::expected_call const list{
        .target = "/app/installations?per_page=100",
        .is_proven = is_app_jwt,
        .answer = R"([{"id":42,"account":{"login":"acme"}}])"};
    auto const got = obtain_installation_token({list, installation_call()}, {{"install_id", ""}});
    EXPECT_EQ(got.said.fate, token_fate::granted) << got.said.words;
    EXPECT_EQ(got.answered, 2u);
}

TEST(github_templates, app_does_not_choose_among_installations)
{
    test::expected_call list{
        .target = "/app/installations?per_page=100",
        .is_proven = is_app_jwt,
        .answer = R"([{"id":42,"account":{"login":"acme"}},{"id":43,"account":{"login":"grace"}}])"};
    auto got = obtain_installation_token({list}, {{"install_id", ""}});
    EXPECT_EQ(got.said.fate, token_fate::misused);
    EXPECT_NE(got.said.words.find("acme (42), grace (43)"), std::string::npos) << got.said.words;
    list.answer = "[]";
    got = obtain_installation_token({list}, {{"install_id", ""}});
    EXPECT_EQ(got.said.fate, token_fate::misused);
    EXPECT_NE(got.said.words.find("start-oauth"), std::string::npos) << got.said.words;
}

TEST(github_templates, app_tells_what_a_person_mends_from_what_time_mends)
{
    EXPECT_EQ(
        obtain_installation_token(
            {installation_call()}, {{"private_key", test::rsa_key(test::key_form::pkcs8, 3072)}}
        ).said.fate,
        token_fate::misused
    );
    EXPECT_EQ(
        obtain_installation_token({installation_call()}, {{"client_id", "Iv23another"}}).said.fate,
        token_fate::misused
    );
    EXPECT_EQ(
        obtain_installation_token({installation_call()}, {{"install_id", "41"}}).said.fate,
        token_fate::misused
    );
    EXPECT_EQ(
        obtain_installation_token({installation_call()}, {{"private_key", "no key"}}).said.fate,
        token_fate::misused
    );
    auto call = installation_call();
    call.status = 502;
    EXPECT_EQ(obtain_installation_token({call}).said.fate, token_fate::unavailable);
    call = installation_call();
    call.answer = R"({"token":null})";
    EXPECT_EQ(obtain_installation_token({call}).said.fate, token_fate::unavailable);
    call.answer = "<html>";
    EXPECT_NE(obtain_installation_token({call}).said.fate, token_fate::granted);
}

TEST(github_templates, app_is_installed_at_the_page_of_its_slug)
{
    link_fields fields;
    fields["client_id"] = secret("Iv23canary");
    fields["private_key"] = secret(test::rsa_key(test::key_form::pkcs1));
    fields["app_slug"] = secret("linkspan-of-acme");
    auto const& kind = *find_template("github-app-jwt");
    EXPECT_TRUE(kind.check(fields));
    EXPECT_EQ(
        oauth_client_of(kind, fields)->authorize_url,
        "https://github.com/apps/linkspan-of-acme/installations/new"
    );
    fields["base_url"] = secret("https://acme.ghe.com");
    EXPECT_EQ(
        oauth_client_of(kind, fields)->authorize_url,
        "https://acme.ghe.com/apps/linkspan-of-acme/installations/new"
    );
    fields["base_url"] = secret("https://github.example.com/");
    EXPECT_EQ(
        oauth_client_of(kind, fields)->authorize_url,
        "https://github.example.com/github-apps/linkspan-of-acme/installations/new"
    );
    for (auto const* bad : {"../evil", "a/b"})
    {
        fields["app_slug"] = secret(bad);
        EXPECT_EQ(kind.check(fields).error().code, errc::invalid) << bad;
    }
}

}  // namespace
}  // namespace linkspan
