#include "links/net/hmac.hpp"

#include "core/bitbucket/signature.hpp"
#include "tests/support/environment.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace linkspan
{
namespace
{

std::string hex(std::span<std::uint8_t const> bytes)
{
    std::string text;
    for (auto const byte : bytes)
    {
        text += "0123456789abcdef"[byte >> 4U];
        text += "0123456789abcdef"[byte & 15U];
    }
    return text;
}

std::string string_in(boost::json::value const& object, char const* key)
{
    return std::string(object.at(key).as_string());
}

// Expected values from Python's hmac module.
TEST(hmac, agrees_with_another_implementation)
{
    EXPECT_EQ(
        hex(hmac_sha256(secret(), "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
    );
    EXPECT_EQ(
        hex(hmac_sha256(secret("key of linkspan"), "a body")),
        "98e8413b0f11b9a14308d0372a8c634232980a83f0885545c9bd877d03895eb7"
    );
    std::string body;
    for (int i = 0; i < 5000; ++i)
        body += std::string("\0\xff", 2);
    EXPECT_EQ(
        hex(hmac_sha256(secret(std::string(200, 'k')), body)),  // A key longer than a block is hashed first.
        "2b1dbf0fb98a103cb23381aa9763e866f03432ab169abd1ccc650cc47ae909cf"
    );
}

TEST(hmac, verifies_recorded_deliveries)
{
    auto const folder = test::payloads();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded signatures";
    auto const vectors = boost::json::parse(test::read_file(*folder / "SIGNATURES.json")).as_array();
    std::size_t verified = 0;
    for (auto const& vector : vectors)
    {
        auto const file = string_in(vector, "file");
        auto const claimed = bitbucket::parse_signature(string_in(vector, "value"));
        ASSERT_TRUE(claimed) << file;
        std::string body = test::read_file(*folder / file);
        secret const key(string_in(vector, "secret"));
        EXPECT_TRUE(equal_in_constant_time(claimed->bytes, hmac_sha256(key, body))) << file;
        ++verified;
        body.back() = static_cast<char>(body.back() ^ 1);
        EXPECT_FALSE(equal_in_constant_time(claimed->bytes, hmac_sha256(key, body))) << file;
    }
    EXPECT_EQ(verified, 17U);
    std::printf("%zu of 17 recorded signatures run\n", verified);
}

TEST(hmac, compares_bytes)
{
    std::array<std::uint8_t, 3> const some = {1, 2, 3};
    EXPECT_TRUE(equal_in_constant_time(some, std::array<std::uint8_t, 3>{1, 2, 3}));
    EXPECT_FALSE(equal_in_constant_time(some, std::array<std::uint8_t, 3>{1, 2, 4}));
    EXPECT_FALSE(equal_in_constant_time(some, std::array<std::uint8_t, 3>{0, 2, 3}));
    EXPECT_FALSE(equal_in_constant_time(some, std::span(some).first(2)));
    EXPECT_TRUE(equal_in_constant_time({}, {}));
}

TEST(hmac, compares_secrets_of_any_length)
{
    secret const expected("correct horse");
    EXPECT_TRUE(secret_equals(expected, "correct horse"));
    for (auto const* text : {"", "correct hors", "correct horse ", "Correct horse", "correct horsf"})
        EXPECT_FALSE(secret_equals(expected, text)) << text;
    EXPECT_FALSE(secret_equals(expected, std::string_view("correct horse\0", 14)));
    EXPECT_TRUE(secret_equals(secret(), ""));
    EXPECT_FALSE(secret_equals(secret(), "x"));
}

}  // namespace
}  // namespace linkspan
