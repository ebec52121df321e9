#include "core/bitbucket/signature.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace linkspan::bitbucket
{
namespace
{

std::string const lower = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";
std::string const upper = "00112233445566778899AABBCCDDEEFF0123456789ABCDEF0123456789ABCDEF";

TEST(signature, reads_both_letter_cases_and_ignores_blanks_around)
{
    auto const plain = parse_signature("sha256=" + lower);
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->bytes[0], 0x00);
    EXPECT_EQ(plain->bytes[1], 0x11);
    EXPECT_EQ(plain->bytes[15], 0xff);
    EXPECT_EQ(plain->bytes[31], 0xef);
    for (auto const& text : {"sha256=" + upper, " \tsha256=" + lower + "  ", "sha256=" + upper + "\t"})
    {
        auto const found = parse_signature(text);
        ASSERT_TRUE(found) << text;
        EXPECT_EQ(*found, *plain);
    }
}

TEST(signature, names_an_algorithm_that_it_does_not_support)
{
    for (std::string const algorithm : {"md5", "sha1", "sha224", "sha384", "sha512"})
    {
        auto const found = parse_signature(algorithm + "=" + lower);
        ASSERT_FALSE(found);
        EXPECT_EQ(found.error().code, errc::unauthorized);
        EXPECT_EQ(
            found.error().message,
            "X-Hub-Signature: algorithm " + algorithm + " is not supported, only sha256"
        );
    }
}

TEST(signature, refuses_what_is_malformed_and_never_repeats_it)
{
    std::vector<std::string> const malformed = {
        std::string(),
        std::string("  "),
        lower,
        "=" + lower,
        "sha256",
        "sha256=",
        "sha256=" + lower.substr(1),
        "sha256=" + lower + "0",
        "sha256 =" + lower,
        "sha256= " + lower.substr(1),
        "sha256=" + lower.substr(1) + "g",
        "sha256==" + lower.substr(1),
        "SHA256=" + lower,
        lower + "=" + lower,
        "sha256=sha256=" + lower,
        "sha256=" + lower + ", sha256=" + lower,
        "sha256=" + lower.substr(1) + std::string(1, '\0'),
        "\n sha256=" + lower};
    for (auto const& text : malformed)
    {
        auto const found = parse_signature(text);
        ASSERT_FALSE(found) << text;
        EXPECT_EQ(found.error().code, errc::unauthorized);
        EXPECT_EQ(found.error().message.find("aabbcc"), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace linkspan::bitbucket
