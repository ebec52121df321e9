#include "links/net/base64.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

TEST(base64, encodes_every_remainder)
{
    EXPECT_EQ(encode_base64(""), "");
    EXPECT_EQ(encode_base64("a"), "YQ==");
    EXPECT_EQ(encode_base64("ab"), "YWI=");
    EXPECT_EQ(encode_base64("abc"), "YWJj");
    EXPECT_EQ(encode_base64("user:pass"), "dXNlcjpwYXNz");
    EXPECT_EQ(encode_base64(std::string_view("\0\xff\xfe", 3)), "AP/+");
}

TEST(base64, reads_what_it_writes)
{
    std::string bytes;
    for (int i = 0; i < 300; ++i)
    {
        auto const back = decode_base64(encode_base64(bytes));
        ASSERT_TRUE(back) << i;
        EXPECT_EQ(*back, bytes);
        bytes += static_cast<char>(i * 7);
    }
}

TEST(base64, encodes_long_inputs_without_a_seam)
{
    std::string const bytes(200'000, '\0');
    auto const text = encode_base64(bytes);
    EXPECT_EQ(text, std::string(266'666, 'A') + "A=");
}

TEST(base64, refuses_everything_else_and_never_repeats_it)
{
    for (auto const* text :
         {"Y",
          "YQ",
          "YQ=",
          "YQ===",
          "====",
          "=",
          "Y===",
          "YQ==YQ==",
          "YW=j",
          " YQ==",
          "YQ==\n",
          "YQ= =",
          "Y Q=",
          "YW_j",
          "YW-j",
          "YR==",
          "YWJ=",
          "YWI=YWI=",
          "\xC3\xA4\xC3\xA4"})
    {
        auto const bytes = decode_base64(text);
        ASSERT_FALSE(bytes) << text;
        EXPECT_EQ(bytes.error().code, errc::invalid);
        EXPECT_EQ(bytes.error().message.find("YQ"), std::string::npos);
    }
    EXPECT_FALSE(decode_base64(std::string_view("YW\0j", 4)));
}

TEST(base64, holds_its_limit)
{
    EXPECT_TRUE(decode_base64(std::string(base64_text_bytes_max, 'A')));
    EXPECT_FALSE(decode_base64(std::string(base64_text_bytes_max + 4, 'A')));
}

}  // namespace
}  // namespace linkspan
