#include "core/bitbucket/json_document.hpp"

#include "core/bitbucket/json_reader.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

// What `path` says as an integer, or what is wrong.
std::string integer_in(std::string const& text, std::string const& path)
{
    json_document const document(text);
    if (!document.fault().empty())
        return document.fault();
    std::string fault;
    auto const read = json_reader(document.root(), fault).integer(path);
    return read ? std::to_string(*read) : fault;
}

TEST(json_document, of_members_of_one_name_the_first_counts)
{
    EXPECT_EQ(integer_in(R"({"a":1,"a":2})", "a"), "1");
    EXPECT_EQ(integer_in(R"({"a":{"b":1},"a":{"b":2}})", "a/b"), "1");
    std::string fault;
    json_document const document(R"({"in":{"b":1,"a":2,"b":3}})");
    EXPECT_EQ(json_reader(document.root(), fault).names("in"), (std::vector<std::string>{"b", "a"}));
}

TEST(json_document, one_number_beyond_all_bounds_spoils_nothing_else)
{
    std::vector<std::string> const numbers{
        "18446744073709551616", "-9223372036854775809", "1e400", "-1e400", std::string(400, '9')};
    for (auto const& huge : numbers)
    {
        EXPECT_EQ(integer_in(R"({"huge":)" + huge + R"(,"a":[{"b":7}]})", "a/0/b"), "7") << huge;
        EXPECT_EQ(integer_in(R"({"a":[)" + huge + "]}", "a/0"), "/a/0: expected an integer") << huge;
    }
}

TEST(json_document, says_where_a_text_is_none)
{
    EXPECT_EQ(integer_in(R"({"a":1,})", "a"), "syntax error at byte 7");
    EXPECT_EQ(integer_in(R"({"a":1}})", "a"), "extra data at byte 7");
    EXPECT_EQ(integer_in("{\"a\":\"\n\"}", "a"), "syntax error at byte 6");
    EXPECT_EQ(integer_in(R"({"a":01})", "a"), "syntax error at byte 6");
    EXPECT_EQ(integer_in(R"({"a":1e99999999999})", "a"), "exponent overflow at byte 16");
}

TEST(json_document, goes_no_deeper_than_its_limit)
{
    auto const nested = [](std::size_t depth)
    { return R"({"a":7,"b":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}"; };
    EXPECT_EQ(integer_in(nested(json_depth_max), "a"), "7");
    EXPECT_EQ(integer_in(nested(json_depth_max + 1), "a"), "too deep at byte 42");
    EXPECT_EQ(integer_in(R"({"big":1e999,"a":7,"b":)" + nested(json_depth_max - 1) + "}", "a"), "7");
}

// A thread's spare memory is handed from one document to the next, and taken by one at a time.
TEST(json_document, documents_of_one_thread_keep_apart)
{
    std::string fault;
    for (std::size_t const length : {std::size_t(10), std::size_t(200'000), std::size_t(5'000'000)})
    {
        json_document const outer(R"({"a":")" + std::string(length, 'o') + R"("})");
        {
            json_document const inner(R"({"a":")" + std::string(length, 'i') + R"("})");
            EXPECT_EQ(json_reader(inner.root(), fault).text("a"), std::string(length, 'i'));
        }
        json_document const next(R"({"a":"next"})");
        EXPECT_EQ(json_reader(outer.root(), fault).text("a"), std::string(length, 'o'));
        EXPECT_EQ(json_reader(next.root(), fault).text("a"), "next");
    }
}

}  // namespace
}  // namespace linkspan
