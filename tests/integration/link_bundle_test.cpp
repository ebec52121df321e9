#include "cmd/linkspan/link_bundle.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

std::string bundle_of(std::string const& link)
{
    return R"({"format":"linkspan-links","version":1,"exported_at":"2026-11-20T09:00:00Z","links":[)" + link +
           "]}";
}

constexpr char const* whole =
    R"({"id":"a","name":null,"template":"console","allow_unsigned":false,"created_at":1,"fields":{"k":"v"},"facts":{}})";

TEST(link_bundle_text, holds_any_bytes)
{
    portable_link link;
    link.row.id = link_id("aaaaaaaaaaaaaaaa");
    link.row.template_name = "console";
    std::string bytes;
    for (int i = 0; i < 256; ++i)
        bytes += static_cast<char>(i);
    link.fields.emplace("key", secret(bytes));
    link.fields.emplace("long", secret(std::string(100'000, 'k')));
    auto const back = from_json_text(to_json_text({link}, time_point())).value();
    ASSERT_EQ(back.size(), 1u);
    EXPECT_EQ(back[0].fields.at("key").reveal(), bytes);
    EXPECT_EQ(back[0].fields.at("long").reveal().size(), 100'000u);
    EXPECT_FALSE(back[0].row.name);
    EXPECT_FALSE(back[0].grant);
}

TEST(link_bundle_text, that_is_none_says_why)
{
    ASSERT_TRUE(from_json_text(secret(bundle_of(whole))));
    std::pair<std::string, std::string> const cases[] = {
        {"", "holds no links of linkspan"},
        {"[]", "holds no links of linkspan"},
        {R"({"format":"other","version":1,"links":[]})", "holds no links of linkspan"},
        {R"({"format":"linkspan-links","version":2,"links":[]})", "a later version"},
        {R"({"format":"linkspan-links","links":[]})", "a later version"},
        {R"({"format":"linkspan-links","version":1})", "no list of links"},
        {bundle_of("7"), "link 1 in it is not whole"},
        {bundle_of(std::string(whole) + ",{}"), "link 2 in it is not whole"}};
    for (auto const& [text, part] : cases)
    {
        auto const read = from_json_text(secret(text));
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, errc::invalid);
        EXPECT_NE(read.error().message.find(part), std::string::npos) << read.error().message;
    }
}

TEST(link_bundle_text, with_a_member_that_is_missing_or_of_another_type_is_refused)
{
    std::string const token =
        R"({"generation":1,"consent":1,"access_token":"a","refresh_token":"","token_type":"Bearer","scopes":"","obtained_at":1,"expires_at":null,"refused_at":null})";
    std::string const grant =
        R"({"state":1,"reason":null,"since_at":1,"generation":1,"last_generation":1,"consent":1,"worked_at":null})";
    auto const linked = [&](std::string const& grant_text, std::string const& tokens_text)
    {
        std::string link = whole;
        link.pop_back();
        return secret(bundle_of(link + R"(,"grant":)" + grant_text + R"(,"tokens":)" + tokens_text + "}"));
    };
    ASSERT_TRUE(from_json_text(linked(grant, "[" + token + "]")));
    EXPECT_FALSE(from_json_text(linked(grant, "7")));
    EXPECT_FALSE(from_json_text(linked("7", "[]")));
    EXPECT_FALSE(from_json_text(linked(grant, "[7]")));
    auto const replaced = [](std::string text, std::string const& what, std::string const& with)
    { return text.replace(text.find(what), what.size(), with); };
    for (auto const* member :
         {"\"generation\":1", "\"consent\":1", "\"obtained_at\":1", "\"access_token\":\"a\""})
    {
        EXPECT_FALSE(from_json_text(linked(grant, "[" + replaced(token, member, "\"x\":1") + "]"))) << member;
        EXPECT_FALSE(from_json_text(linked(grant, "[" + replaced(token, member, "\"x\":null") + "]")))
            << member;
    }
    EXPECT_FALSE(
        from_json_text(linked(grant, "[" + replaced(token, "\"generation\":1", "\"generation\":2") + "]"))
    ) << "a token newer than the newest";
    EXPECT_FALSE(
        from_json_text(linked(grant, "[" + replaced(token, "\"generation\":1", "\"generation\":0") + "]"))
    );
    EXPECT_FALSE(from_json_text(linked(replaced(grant, "\"state\":1", "\"state\":3"), "[]")));
    EXPECT_FALSE(
        from_json_text(linked(replaced(grant, "\"last_generation\":1", "\"last_generation\":0"), "[]"))
    );
    for (auto const* member :
         {"\"id\":\"a\"",
          "\"template\":\"console\"",
          "\"allow_unsigned\":false",
          "\"created_at\":1",
          "\"fields\":{\"k\":\"v\"}",
          "\"facts\":{}"})
        EXPECT_FALSE(from_json_text(secret(bundle_of(replaced(whole, member, "\"x\":1"))))) << member;
    EXPECT_FALSE(from_json_text(secret(bundle_of(replaced(whole, "\"k\":\"v\"", "\"k\":7")))));
    EXPECT_FALSE(from_json_text(secret(bundle_of(replaced(whole, "\"id\":\"a\"", "\"id\":\"\"")))));
}

}  // namespace
}  // namespace linkspan::test
