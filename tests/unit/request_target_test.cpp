#include "core/base/request_target.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using segments = std::vector<std::string>;
using query = std::vector<query_parameter>;

request_target parsed(std::string_view text)
{
    auto const target = parse_request_target(text);
    return target ? *target : request_target{{"refused"}, {{"why", target.error().message}}};
}

std::string why_not(std::string_view text)
{
    auto const target = parse_request_target(text);
    if (target)
        return "accepted";
    EXPECT_EQ(target.error().code, errc::invalid);
    return target.error().message.substr(std::string_view("request target refused: ").size());
}

TEST(request_target, splits_and_decodes)
{
    EXPECT_EQ(parsed("/"), request_target());
    EXPECT_EQ(parsed("/webhook/01J"), (request_target{{"webhook", "01J"}, {}}));
    EXPECT_EQ(parsed("/a/"), (request_target{{"a", ""}, {}}));
    EXPECT_EQ(parsed("//a//b"), (request_target{{"", "a", "", "b"}, {}}));
    EXPECT_EQ(parsed("/a%20b/%C3%A4%2fb").segments, (segments{"a b", "\xC3\xA4/b"}));
    EXPECT_EQ(
        parsed("/a?x=1+2%2B3&y&z=&x=%3d&=v").query,
        (query{{"x", "1 2+3"}, {"y", ""}, {"z", ""}, {"x", "="}, {"", "v"}})
    );
    EXPECT_EQ(parsed("/a?"), (request_target{{"a"}, {}}));
    EXPECT_EQ(parsed("/a?&&b=c&"), (request_target{{"a"}, {{"b", "c"}}}));
    EXPECT_EQ(parsed("/a?u=http://h/p?q").query, (query{{"u", "http://h/p?q"}}));
    EXPECT_EQ(parsed("/.../..a/.a").segments, (segments{"...", "..a", ".a"}));
}

TEST(request_target, refuses_other_forms)
{
    EXPECT_EQ(why_not(""), "it is empty");
    for (auto const* text : {"http://host/a", "host:443", "*", "a/b", "?a=b", "\\a"})
        EXPECT_EQ(why_not(text), "it is not in origin form, which begins with a slash") << text;
}

TEST(request_target, refuses_bad_encoding)
{
    EXPECT_EQ(why_not("/a%"), "bad percent encoding at byte 2");
    EXPECT_EQ(why_not("/a%4"), "bad percent encoding at byte 2");
    EXPECT_EQ(why_not("/%4g"), "bad percent encoding at byte 1");
    EXPECT_EQ(why_not("/a?b=%zz"), "bad percent encoding at byte 5");
    EXPECT_EQ(why_not("/a b"), "byte 2 has to be percent-encoded");
    EXPECT_EQ(why_not(std::string_view("/a\0b", 4)), "byte 2 has to be percent-encoded");
    EXPECT_EQ(why_not("/a\r\nb"), "byte 2 has to be percent-encoded");
    EXPECT_EQ(why_not("/\xC3\xA4"), "byte 1 has to be percent-encoded");
    EXPECT_EQ(why_not("/a\x7f"), "byte 2 has to be percent-encoded");
    for (auto const* text : {"/a#b", "/a|b", "/a\\b", "/a?b=\"c\"", "/[a]", "/a?b=<"})
        EXPECT_EQ(why_not(text), "it has a character that is not allowed there") << text;
}

TEST(request_target, refuses_control_characters_and_dots_however_encoded)
{
    for (auto const* text : {"/a%00", "/%0a/b", "/%1F", "/%7f"})
        EXPECT_EQ(why_not(text), "its path has an encoded control character") << text;
    for (auto const* text : {"/a?b=%00", "/a?%0d=b", "/a?b=c&d=%7F"})
        EXPECT_EQ(why_not(text), "its query has an encoded control character") << text;
    for (auto const* text :
         {"/.",
          "/..",
          "/a/../b",
          "/a/%2e%2E/b",
          "/a/.%2e",
          "/%2e/",
          "/a/./b?c",
          "/./",
          "/./a",
          "/.//a",
          "/%2e//a"})
        EXPECT_EQ(why_not(text), "it has a dot segment") << text;
}

TEST(request_target, holds_its_limits)
{
    std::string const longest = "/" + std::string(request_target_bytes_max - 1, 'a');
    EXPECT_EQ(parsed(longest).segments.size(), 1U);
    EXPECT_EQ(why_not(longest + "a"), "it is longer than 8192 bytes");

    EXPECT_EQ(parsed("/1/2/3/4/5/6/7/8").segments.size(), request_target_segments_max);
    EXPECT_EQ(why_not("/1/2/3/4/5/6/7/8/"), "it has more than 8 segments");

    std::string many = "/?0";
    for (std::size_t i = 1; i < request_target_parameters_max; ++i)
        many += "&" + std::to_string(i);
    EXPECT_EQ(parsed(many).query.size(), request_target_parameters_max);
    EXPECT_EQ(why_not(many + "&x"), "it has more than 32 query parameters");
}

}  // namespace
}  // namespace linkspan
