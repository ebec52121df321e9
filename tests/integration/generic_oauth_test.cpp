#include "links/registry.hpp"
#include "tests/support/template_peer.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::template_case;

template_case generic_case()
{
    return {
        .name = "generic-oauth",
        .fields =
            {{"auth_url", "{peer}/authorize"},
             {"token_url", "{peer}/token"},
             {"client_id", "linkspan"},
             {"client_secret", "client-secret-canary"},
             {"userinfo_url", "{peer}/userinfo?version=2"},
             {"access_token", "generic-canary-0001"}},
        .credential = "access_token",
        .calls =
            {{.target = "/userinfo?version=2",
              .credential = {{"Authorization", "Bearer generic-canary-0001"}},
              .answer = R"({"sub":"1001","name":"Ada Example","preferred_username":"ada","email":null})"}},
        .account = "Ada Example (ada)",
        .kind = "OAuth token",
        .facts = {{"name", "Ada Example"}, {"sub", "1001"}},
        .foreign_answers = {"[]", "null"}};
}

TEST(generic_oauth, says_who_the_service_says)
{
    test::expect_identity(generic_case());
}

TEST(generic_oauth, without_userinfo_nobody_is_asked)
{
    auto of = generic_case();
    of.fields.erase("userinfo_url");
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, {});
    auto const said = test::ask_identity(of, loop, peer.url());
    ASSERT_TRUE(said);
    EXPECT_NE(said->account.find("no userinfo_url"), std::string::npos);
    EXPECT_TRUE(peer.received().empty());
}

link_fields fields()
{
    link_fields out;
    out["auth_url"] = secret("https://service.example.com/authorize");
    out["token_url"] = secret("https://service.example.com/token");
    out["client_id"] = secret("linkspan");
    return out;
}

TEST(generic_oauth, takes_the_manners_of_the_service_from_its_fields)
{
    auto const& kind = *find_template("generic-oauth");
    auto given = fields();
    auto client = oauth_client_of(kind, given);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ(client->proof, oauth::client_proof::basic);
    EXPECT_TRUE(client->pkce);
    given["client_proof"] = secret("body");
    given["pkce"] = secret("no");
    given["authorize_params"] = secret("access_type=offline&prompt=consent");
    given["revoke_url"] = secret("https://service.example.com/revoke");
    given["scopes"] = secret("write read");
    EXPECT_TRUE(kind.check(given));
    client = oauth_client_of(kind, given);
    EXPECT_EQ(client->proof, oauth::client_proof::body);
    EXPECT_FALSE(client->pkce);
    EXPECT_EQ(client->authorize_params, "access_type=offline&prompt=consent");
    EXPECT_EQ(client->revoke_url, "https://service.example.com/revoke");
    EXPECT_EQ(client->scopes, "read write");
}

TEST(generic_oauth, refuses_what_does_not_fit_and_names_the_field)
{
    auto const& kind = *find_template("generic-oauth");
    for (auto const& [name, value] : std::map<std::string, std::string>{
             {"auth_url", "service.example.com"},
             {"token_url", "http://service.example.com/token"},
             {"client_id", "two words"},
             {"client_secret", "line\n"},
             {"client_proof", "post"},
             {"pkce", "maybe"},
             {"authorize_params", "?a=b c"},
             {"revoke_url", "ftp://service.example.com"},
             {"userinfo_url", "https://user@service.example.com/"}})
    {
        auto given = fields();
        given[name] = secret(value);
        auto const fit = kind.check(given);
        ASSERT_FALSE(fit) << name;
        EXPECT_EQ(fit.error().code, errc::invalid) << name;
        EXPECT_NE(fit.error().message.find(name), std::string::npos) << fit.error().message;
    }
}

}  // namespace
}  // namespace linkspan
