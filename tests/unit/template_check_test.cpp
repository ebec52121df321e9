#include "cmd/linkspan/field_input.hpp"
#include "cmd/linkspan/link_kinds.hpp"
#include "links/registry.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace linkspan
{
namespace
{

using field_texts = std::map<std::string, std::string>;

struct fitness_case
{
    std::string name;
    field_texts good;
    field_texts bad;  // each alone makes the fields unfit
};

link_fields as_fields(field_texts const& values)
{
    link_fields out;
    for (auto const& [name, value] : values)
        out[name] = secret(value);
    return out;
}

std::vector<fitness_case> const& cases()
{
    static std::vector<fitness_case> const all = {
        {"bitbucket-app-oauth",
         {{"client_id", "key"}, {"client_secret", "canary-secret"}},
         {{"client_id", "k e y"},
          {"client_secret", "canary-secret\n"},
          {"webhook_secret", " canary"},
          {"api_url", "http://bitbucket.example.com"},
          {"auth_url", "bitbucket.example.com"},
          {"token_url", "http://bitbucket.example.com/token"}}},
        {"bitbucket-client-credentials",
         {{"client_id", "key"}, {"client_secret", "canary-secret"}},
         {{"client_id", "k e y"}, {"client_secret", "two canaries"}, {"token_url", "canary"}}},
        {"bitbucket-user-token",
         {{"email", "ada@acme.example"}, {"api_token", "ATATTcanary0001"}},
         {{"email", "ada"},
          {"api_token", "ATATTcanary 0001"},
          {"api_url", "https://ada:canary@bitbucket.example.com"}}},
        {"bitbucket-access-token",
         {{"token", "ATCTTcanary0001"}, {"workspace", "acme"}},
         {{"token", "ATATTcanary0001"},
          {"workspace", "acme/widgets"},
          {"repository", ".."},
          {"api_url", "canary"}}},
        {"bitbucket-dc-oauth",
         {{"base_url", "https://bitbucket.example.com"},
          {"client_id", "id"},
          {"client_secret", "canary-secret"}},
         {{"base_url", "http://bitbucket.example.com"}, {"client_secret", "canary secret"}}},
        {"bitbucket-dc-token",
         {{"base_url", "https://bitbucket.example.com/x/"}, {"token", "canary-token"}},
         {{"base_url", "https://bitbucket.example.com/?canary"}, {"token", "canary\r\ntoken"}}},
        {"confluence-app-oauth",
         {{"client_id", "id"}, {"client_secret", "canary-secret"}},
         {{"client_id", "i d"}, {"api_url", "api.atlassian.com"}}},
        {"confluence-user-token",
         {{"base_url", "https://acme.atlassian.net"},
          {"email", "ada@acme.example"},
          {"api_token", "canary-token"}},
         {{"base_url", "acme.atlassian.net"}, {"email", "ada"}, {"api_token", "canary token"}}},
        {"jira-app-oauth",
         {{"client_id", "id"}, {"client_secret", "canary-secret"}},
         {{"client_secret", "canary\tsecret"}, {"token_url", "ftp://canary.example"}}},
        {"jira-user-token",
         {{"base_url", "https://acme.atlassian.net/"},
          {"email", "ada@acme.example"},
          {"api_token", "canary-token"}},
         {{"base_url", "https://acme.atlassian.net/#canary"}, {"email", "a:b@acme.example"}}},
        {"github-app-user",
         {{"client_id", "Iv23"}, {"client_secret", "canary-secret"}},
         {{"client_id", "Iv 23"}, {"base_url", "github.example.com"}, {"api_url", "http://canary.example"}}},
        {"github-user-pat",
         {{"pat", "ghp_canary"}},
         {{"pat", "ghp canary"}, {"webhook_secret", "canary\n"}, {"base_url", "https://canary@github.com"}}},
        {"github-webhook", {{"webhook_secret", "canary"}}, {{"webhook_secret", "canary "}}},
        {"google-user-oauth",
         {{"client_id", "id"}, {"client_secret", "canary-secret"}},
         {{"client_secret", "canary secret"},
          {"revoke_url", "canary"},
          {"api_url", "http://canary.example"}}},
    };
    return all;
}

TEST(template_checks, take_what_fits_and_name_the_field_that_does_not)
{
    for (auto const& of : cases())
    {
        auto const* const kind = find_template(of.name);
        ASSERT_NE(kind, nullptr) << of.name;
        auto const fit = kind->check(as_fields(of.good));
        EXPECT_TRUE(fit) << of.name << ": " << (fit ? "" : fit.error().message);
        for (auto const& [name, value] : of.bad)
        {
            auto changed = of.good;
            changed[name] = value;
            auto const judged = kind->check(as_fields(changed));
            ASSERT_FALSE(judged) << of.name << " takes " << name << " = " << value;
            EXPECT_EQ(judged.error().code, errc::invalid) << of.name;
            EXPECT_NE(judged.error().message.find(name), std::string::npos) << judged.error().message;
            EXPECT_EQ(judged.error().message.find("canary"), std::string::npos) << judged.error().message;
            auto const alone = kind->check(as_fields({{name, value}}));
            ASSERT_FALSE(alone) << of.name << " takes " << name << " = " << value << " alone";
            EXPECT_EQ(alone.error().message, judged.error().message);
        }
        for (auto const& [name, value] : of.good)
        {
            auto others = of.good;
            others.erase(name);
            EXPECT_TRUE(kind->check(as_fields(others))) << of.name << " without " << name;
        }
    }
}

TEST(template_checks, app_passwords_are_refused_with_the_day_they_ended)
{
    for (auto const* value : {"ATBBcanary0123456789ABCDEF0123", "abcdefghij0123456789"})
        for (auto const& [name, field] : std::map<std::string, std::string>{
                 {"bitbucket-user-token", "api_token"}, {"bitbucket-access-token", "token"}})
        {
            auto const fields = as_fields({{field, value}});  // whatever else is missing
            auto const judged = find_template(name)->check(fields);
            ASSERT_FALSE(judged) << name;
            auto const& said = judged.error().message;
            EXPECT_NE(said.find("2026-07-28"), std::string::npos) << said;
            EXPECT_NE(said.find("bitbucket-user-token"), std::string::npos) << said;
            EXPECT_NE(said.find("bitbucket-access-token"), std::string::npos) << said;
            EXPECT_EQ(said.find(value), std::string::npos) << said;
        }
}

TEST(template_checks, nobody_makes_a_link_of_an_app_password)
{
    for (auto const* name : {"bitbucket-app-password", "bitbucket_app_password"})
        EXPECT_NE(named_template(name).error().message.find("2026-07-28"), std::string::npos) << name;
    std::ostringstream out, err;
    std::istringstream in;
    terminal on{out, err, in};
    auto const given = read_fields(on, *find_template("bitbucket-user-token"), {"app_password=canary"});
    ASSERT_FALSE(given);
    EXPECT_NE(given.error().message.find("2026-07-28"), std::string::npos);
    EXPECT_EQ(given.error().message.find("canary"), std::string::npos);
    EXPECT_FALSE(ended_by_bitbucket("api_token"));
}

TEST(template_checks, tell_an_api_token_from_an_access_token)
{
    auto fields = as_fields({{"email", "ada@acme.example"}, {"api_token", "ATCTTcanary0001"}});
    EXPECT_NE(
        find_template("bitbucket-user-token")->check(fields).error().message.find("bitbucket-access-token"),
        std::string::npos
    );
    fields = as_fields({{"workspace", "acme"}, {"token", "ATATTcanary0001"}});
    EXPECT_NE(
        find_template("bitbucket-access-token")->check(fields).error().message.find("bitbucket-user-token"),
        std::string::npos
    );
}

}  // namespace
}  // namespace linkspan
