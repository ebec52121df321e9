#include "links/registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace linkspan
{
namespace
{

using plain_fields = std::map<std::string, std::string>;

result<api_entrance> entered(std::string_view name, plain_fields const& plain)
{
    link_fields fields;
    for (auto const& [field, value] : plain)
        fields[field] = secret(value);
    return find_template(name)->open_api(fields);
}

constexpr char const* cloud_url = "https://api.bitbucket.org/2.0/";

struct entrance_case
{
    std::string_view name;
    edition asks;
    plain_fields fields;  // all that are needed
    std::string base_url;
    std::string proof;
};
void PrintTo(entrance_case const& one, std::ostream* out)
{
    *out << one.name;
}

class api_entrances : public testing::TestWithParam<entrance_case>
{
};

INSTANTIATE_TEST_SUITE_P(
    all,
    api_entrances,
    testing::Values(
        entrance_case{
            "bitbucket-access-token",
            edition::cloud,
            {{"token", "ATCTT-canary"}},
            cloud_url,
            "Bearer ATCTT-canary"},
        entrance_case{
            "bitbucket-user-token",
            edition::cloud,
            {{"email", "ada@example.com"}, {"api_token", "ATATT-canary"}},
            cloud_url,
            "Basic YWRhQGV4YW1wbGUuY29tOkFUQVRULWNhbmFyeQ=="},
        entrance_case{
            "bitbucket-app-oauth",
            edition::cloud,
            {{"access_token", "oauth-canary"}},
            cloud_url,
            "Bearer oauth-canary"},
        entrance_case{
            "bitbucket-client-credentials",
            edition::cloud,
            {{"access_token", "oauth-canary"}},
            cloud_url,
            "Bearer oauth-canary"},
        entrance_case{
            "bitbucket-dc-token",
            edition::data_center,
            {{"base_url", "https://git.example.com/bitbucket"}, {"token", "dc-canary"}},
            "https://git.example.com/bitbucket/",
            "Bearer dc-canary"},
        entrance_case{
            "bitbucket-dc-oauth",
            edition::data_center,
            {{"base_url", "https://git.example.com//"}, {"access_token", "oauth-canary"}},
            "https://git.example.com/",
            "Bearer oauth-canary"}
    ),
    [](auto const& of)
    {
        std::string out(of.param.name);
        std::ranges::replace(out, '-', '_');
        return out;
    }
);

TEST_P(api_entrances, have_the_place_and_the_proof)
{
    auto const& of = GetParam();
    auto const* const kind = find_template(of.name);
    EXPECT_EQ(kind->asks, of.asks);
    auto const entrance = entered(of.name, of.fields);
    ASSERT_TRUE(entrance) << entrance.error().message;
    EXPECT_EQ(entrance->base_url, of.base_url);
    EXPECT_EQ(entrance->proof.name, "Authorization");
    EXPECT_EQ(entrance->proof.value, of.proof);
}

TEST_P(api_entrances, may_be_at_another_place)
{
    auto const& of = GetParam();
    auto fields = of.fields;
    auto const* const field = of.asks == edition::cloud ? "api_url" : "base_url";
    fields[field] = "http://127.0.0.1:7990/2.0";
    EXPECT_EQ(entered(of.name, fields).value().base_url, "http://127.0.0.1:7990/2.0/");
    fields[field] = "http://canary.example.com/";
    auto const judged = entered(of.name, fields);
    ASSERT_FALSE(judged);
    EXPECT_EQ(judged.error().code, errc::invalid);
    EXPECT_EQ(judged.error().message.find(field), 0u) << judged.error().message;
    EXPECT_EQ(judged.error().message.find("canary"), std::string::npos) << judged.error().message;
}

// Also one that would break the header, and none of them is repeated.
TEST_P(api_entrances, need_every_field)
{
    auto const& of = GetParam();
    for (auto const& [field, value] : of.fields)
        for (auto const& wrong : {std::string(), value + "\nX-Canary: 1"})
        {
            auto fields = of.fields;
            fields[field] = wrong;
            auto const judged = entered(of.name, fields);
            ASSERT_FALSE(judged) << field;
            EXPECT_EQ(judged.error().code, errc::invalid) << field;
            EXPECT_EQ(judged.error().message.find(field), 0u) << judged.error().message;
            EXPECT_EQ(judged.error().message.find("anary"), std::string::npos) << judged.error().message;
        }
}

TEST(api_entrance, is_given_by_every_template_that_calls_bitbucket_and_by_no_other)
{
    std::set<std::string_view> asking;
    for (auto const* one : link_templates())
    {
        EXPECT_EQ(one->asks.has_value(), one->open_api != nullptr) << one->name;
        if (one->asks)
            asking.insert(one->name);
    }
    EXPECT_EQ(
        asking,
        (std::set<std::string_view>{
            "bitbucket-access-token",
            "bitbucket-app-oauth",
            "bitbucket-client-credentials",
            "bitbucket-dc-oauth",
            "bitbucket-dc-token",
            "bitbucket-user-token"})
    );
}

}  // namespace
}  // namespace linkspan
