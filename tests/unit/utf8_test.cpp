#include "core/base/utf8.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

TEST(utf8, a_prefix_ends_between_characters)
{
    std::string_view const text = "a\u00e9\u20ac\U0001f600";  // 1, 2, 3 and 4 bytes
    std::size_t const expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (std::size_t max = 0; max < std::size(expected); ++max)
        EXPECT_EQ(utf8_prefix(text, max).size(), expected[max]) << max;
}

TEST(utf8, takes_bytes_that_are_no_characters_one_by_one)
{
    for (std::string_view const text :
         {"\x80",
          "\xc0\xaf",
          "\xc3",
          "\xe2\x82",
          "\xed\xa0\x80",
          "\xf4\x90\x80\x80",
          "\xff",
          "\xf0\x80\x80\x80"})
    {
        EXPECT_FALSE(first_character(text).valid);
        EXPECT_EQ(first_character(text).bytes, 1u);
    }
    EXPECT_EQ(first_character("\u20ac!").code, 0x20acu);
    EXPECT_EQ(utf8_prefix("\x80\x80\x80\x80\x80", 3).size(), 3u);
}

TEST(utf8, one_line)
{
    EXPECT_EQ(single_line("  a\r\n\tb\u0085c\u2028 ", 100), "a b c");
    EXPECT_EQ(single_line("abcdef", 6), "abcdef");
    EXPECT_EQ(single_line("abcdefg", 6), "abc...");
    EXPECT_EQ(single_line("ab\u20accdef", 6), "ab...");
    EXPECT_EQ(single_line("abc", 2), "ab");
    EXPECT_EQ(single_line("\n \n", 10), "");
}

TEST(utf8, json_without_what_a_terminal_obeys)
{
    EXPECT_EQ(plain_json("{\"a\": \"\u20ac\\u001b\"}"), "{\"a\": \"\u20ac\\u001b\"}");
    EXPECT_EQ(plain_json("\"\u009b31m\""), "\"\\u009b31m\"") << "a control sequence in one character";
    EXPECT_EQ(plain_json("\"\x7f\u202e\u2066\u2028\""), "\"\\u007f\\u202e\\u2066\\u2028\"");
    EXPECT_EQ(plain_json("\"\x9b\xff\""), "\"\\ufffd\\ufffd\"");
}

TEST(plain_line, has_nothing_that_is_obeyed)
{
    EXPECT_EQ(plain_line("  a\r\n\tb\x1b[31m ", 100), "a b [31m");
    EXPECT_EQ(plain_line("a\u202eb\u2028c\u0085d", 100), "a b c d");
    EXPECT_EQ(plain_line("a\xff\xc3", 100), "a\ufffd\ufffd");
    EXPECT_EQ(plain_line("\u00e4\u00f6", 100), "\u00e4\u00f6");
    EXPECT_EQ(plain_line("", 100), "");
    EXPECT_EQ(plain_line(std::string(1000, 'x'), 10), "xxxxxxx...");
    EXPECT_EQ(plain_line(std::string(1000, ' ') + "x", 10), "");
}

}  // namespace
}  // namespace linkspan
