#include "links/registry.hpp"
#include "tests/support/template_peer.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::template_case;

constexpr char const* one_site =
    R"([{"id":"cloud-1","name":"acme","url":"https://acme.atlassian.net","scopes":["read:jira-work"],)"
    R"("avatarUrl":"https://avatars.example/1"},)"
    // Atlassian lists a site once for each product.
    R"({"id":"cloud-1","name":"acme","url":"https://acme.atlassian.net",)"
    R"("scopes":["read:confluence-content.summary"]}])";

constexpr char const* many_sites =
    R"([{"id":"cloud-1","name":"acme","url":"https://acme.atlassian.net","scopes":["read:jira-work"]},)"
    R"({"id":"cloud-2","name":"Acme Labs","url":"https://labs.atlassian.net","scopes":["read:issue:jira"]},)"
    R"({"id":"cloud-3","name":"docs","url":"https://docs.atlassian.net",)"
    R"("scopes":["read:confluence-content.summary"]}])";

constexpr char const* person_answer =
    R"({"account_type":"atlassian","account_id":"557058:ada","email":"ada@acme.example","name":"Ada Example",)"
    R"("picture":"https://avatars.example/ada","account_status":"active"})";

template_case oauth_case(std::string const& name, std::string const& product)
{
    http_header const proof{"Authorization", "Bearer atlassian-canary-0001"};
    return {
        .name = name,
        .fields =
            {{"client_id", "app-id"},
             {"client_secret", "app-secret-canary"},
             {"access_token", "atlassian-canary-0001"},
             {"api_url", "{peer}"}},
        .credential = "access_token",
        .calls =
            {{.target = "/oauth/token/accessible-resources", .credential = {proof}, .answer = one_site},
             {.target = "/me", .credential = {proof}, .answer = person_answer}},
        .account = "Ada Example at https://acme.atlassian.net",
        .kind = "OAuth token of a person",
        .facts =
            {{"account_id", "557058:ada"},
             {"cloud_id", "cloud-1"},
             {"email", "ada@acme.example"},
             {"name", "Ada Example"},
             {"site_api_url", "{peer}/ex/" + product + "/cloud-1"},
             {"site_name", "acme"},
             {"site_scopes", "read:jira-work read:confluence-content.summary"},
             {"site_url", "https://acme.atlassian.net"}},
        .refusal = {401, R"({"code":401,"message":"Unauthorized"})"}};
}

TEST(atlassian_templates, jira_oauth_finds_its_site)
{
    test::expect_identity(oauth_case("jira-app-oauth", "jira"));
}

TEST(atlassian_templates, confluence_oauth_finds_its_site)
{
    auto of = oauth_case("confluence-app-oauth", "confluence");
    test::expect_identity(of);
}

TEST(atlassian_templates, a_person_without_name_and_address_is_no_fault)
{
    auto of = oauth_case("jira-app-oauth", "jira");
    of.calls.back().answer = R"({"account_id":"557058:ada","email":null,"name":null})";
    of.account = "somebody without a name at https://acme.atlassian.net";
    of.facts.erase("email");
    of.facts.erase("name");
    test::expect_identity(of);
}

TEST(atlassian_templates, several_sites_are_chosen_by_url_name_or_cloud_id)
{
    for (auto const* wanted :
         {"https://labs.atlassian.net/jira/", "labs.atlassian.net", "labs", "acme labs", "cloud-2"})
    {
        auto of = oauth_case("jira-app-oauth", "jira");
        of.fields["site"] = wanted;
        of.calls.front().answer = many_sites;
        of.account = "Ada Example at https://labs.atlassian.net";
        of.facts["cloud_id"] = "cloud-2";
        of.facts["site_api_url"] = "{peer}/ex/jira/cloud-2";
        of.facts["site_name"] = "Acme Labs";
        of.facts["site_scopes"] = "read:issue:jira";
        of.facts["site_url"] = "https://labs.atlassian.net";
        test::expect_identity(of);
    }
}

TEST(atlassian_templates, the_only_site_of_the_product_needs_no_choice)
{
    auto of = oauth_case("confluence-app-oauth", "confluence");
    of.calls.front().answer = many_sites;
    of.account = "Ada Example at https://docs.atlassian.net";
    of.facts["cloud_id"] = "cloud-3";
    of.facts["site_api_url"] = "{peer}/ex/confluence/cloud-3";
    of.facts["site_name"] = "docs";
    of.facts["site_scopes"] = "read:confluence-content.summary";
    of.facts["site_url"] = "https://docs.atlassian.net";
    test::expect_identity(of);
}

error refused_for(char const* site, char const* sites)
{
    auto of = oauth_case("jira-app-oauth", "jira");
    if (site != nullptr)
        of.fields["site"] = site;
    of.calls.front().answer = sites;
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, of.calls);
    auto const said = test::ask_identity(of, loop, peer.url());
    EXPECT_FALSE(said);
    return said ? error() : said.error();
}

TEST(atlassian_templates, several_sites_without_a_choice_are_listed)
{
    auto const none = refused_for(nullptr, many_sites);
    EXPECT_EQ(none.code, errc::invalid);
    EXPECT_NE(none.message.find("opens 2 sites"), std::string::npos) << none.message;
    EXPECT_NE(none.message.find("https://labs.atlassian.net (Acme Labs)"), std::string::npos) << none.message;
    EXPECT_NE(none.message.find("--kv site="), std::string::npos) << none.message;
    auto const wrong = refused_for("https://other.atlassian.net", many_sites);
    EXPECT_EQ(wrong.code, errc::invalid);
    EXPECT_NE(wrong.message.find("https://acme.atlassian.net (acme)"), std::string::npos) << wrong.message;
    auto const nothing = refused_for(nullptr, "[]");
    EXPECT_EQ(nothing.code, errc::unauthorized);
    EXPECT_NE(nothing.message.find("start-oauth"), std::string::npos) << nothing.message;
    EXPECT_EQ(refused_for(nullptr, R"({"sites":[]})").code, errc::not_found);
}

TEST(atlassian_templates, oauth_asks_for_a_refresh_token_and_for_consent)
{
    for (auto const* name : {"jira-app-oauth", "confluence-app-oauth"})
    {
        link_fields fields;
        fields["client_id"] = secret("id");
        fields["client_secret"] = secret("secret");
        auto const client = oauth_client_of(*find_template(name), fields);
        ASSERT_TRUE(client) << client.error().message;
        EXPECT_NE(client->scopes.find("offline_access"), std::string::npos) << name;
        EXPECT_NE(client->scopes.find("read:me"), std::string::npos) << name;
        EXPECT_EQ(client->authorize_params, "audience=api.atlassian.com&prompt=consent") << name;
        EXPECT_EQ(client->authorize_url, "https://auth.atlassian.com/authorize") << name;
        EXPECT_EQ(client->token_url, "https://auth.atlassian.com/oauth/token") << name;
        EXPECT_EQ(client->proof, oauth::client_proof::body) << name;
    }
}

template_case token_case(std::string name, std::string target, std::string answer)
{
    return {
        .name = std::move(name),
        .fields =
            {{"base_url", "{peer}/site"}, {"email", "ada@acme.example"}, {"api_token", "ATATTcanary0001"}},
        .credential = "api_token",
        .calls =
            {{.target = std::move(target),
              .credential = {{"Authorization", "Basic YWRhQGFjbWUuZXhhbXBsZTpBVEFUVGNhbmFyeTAwMDE="}},
              .answer = std::move(answer)}},
        .account = "Ada Example (ada@acme.example)",
        .kind = "API token of a person",
        .facts =
            {{"account_id", "557058:ada"},
             {"email", "ada@acme.example"},
             {"name", "Ada Example"},
             {"site_url", "{peer}/site"}},
        .refusal = {401, "Client must be authenticated to access this resource."}};
}

TEST(atlassian_templates, jira_token_goes_as_basic_with_the_address)
{
    test::expect_identity(token_case(
        "jira-user-token",
        "/site/rest/api/3/myself",
        R"({"accountId":"557058:ada","emailAddress":"ada@acme.example","displayName":"Ada Example"})"
    ));
}

template_case confluence_token_case()
{
    return token_case(
        "confluence-user-token",
        "/site/wiki/rest/api/user/current",
        R"({"type":"known","accountId":"557058:ada","email":"ada@acme.example","displayName":"Ada Example"})"
    );
}

TEST(atlassian_templates, confluence_token_goes_as_basic_with_the_address)
{
    test::expect_identity(confluence_token_case());
}

TEST(atlassian_templates, an_address_and_a_name_that_are_kept_private_are_no_fault)
{
    auto of = confluence_token_case();
    of.calls.front().answer = R"({"type":"known","accountId":"557058:ada","email":"","displayName":null})";
    of.account = "somebody without a name";
    of.facts.erase("email");
    of.facts.erase("name");
    test::expect_identity(of);
}

TEST(atlassian_templates, the_wiki_behind_a_pasted_address_is_taken_off)
{
    auto of = confluence_token_case();
    of.fields["base_url"] = "{peer}/site/wiki";
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, of.calls);
    auto const said = test::ask_identity(of, loop, peer.url());
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(said->facts.at("site_url"), peer.url("/site"));
}

TEST(atlassian_templates, nobody_is_not_taken_for_an_account)
{
    auto of = confluence_token_case();
    of.calls.front().answer = R"({"type":"anonymous","displayName":"Anonymous"})";
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, of.calls);
    auto const said = test::ask_identity(of, loop, peer.url());
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, errc::unauthorized);
}

}  // namespace
}  // namespace linkspan
