#include "links/net/jwt.hpp"

#include "links/net/base64.hpp"
#include "links/net/sha256.hpp"
#include "tests/support/test_keys.hpp"

#include <boost/algorithm/string/replace.hpp>
#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::key_form;
using test::rsa_key;

constexpr std::string_view claims = R"({"iss":"Iv1.acme","iat":1795000000,"exp":1795000540})";

std::string refusal_of(std::string const& key)
{
    auto const fit = check_rs256_key(secret(key));
    auto const made = sign_rs256(secret(key), rs256_header, claims);
    EXPECT_FALSE(fit.has_value());
    EXPECT_FALSE(made.has_value());
    if (fit.has_value() || made.has_value())
        return {};
    EXPECT_EQ(fit.error().code, errc::invalid);
    EXPECT_EQ(fit.error().message, made.error().message);
    return fit.error().message;
}

void expect_signs(std::string const& key)
{
    EXPECT_TRUE(check_rs256_key(secret(key)).has_value());
    auto const made = sign_rs256(secret(key), rs256_header, claims);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_TRUE(test::is_signed_rs256(*made));
    EXPECT_EQ(test::jwt_header(*made), rs256_header);
    EXPECT_EQ(test::jwt_claims(*made), claims);
}

TEST(jwt, is_signed_with_both_forms_of_an_rsa_key)
{
    auto const pkcs1 = rsa_key(key_form::pkcs1);
    auto const pkcs8 = rsa_key(key_form::pkcs8);
    ASSERT_TRUE(pkcs1.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    ASSERT_TRUE(pkcs8.starts_with("-----BEGIN PRIVATE KEY-----"));
    expect_signs(pkcs1);
    expect_signs(pkcs8);
    // One signature each: RS256 has no randomness.
    EXPECT_EQ(
        sign_rs256(secret(pkcs1), rs256_header, claims).value(),
        sign_rs256(secret(pkcs8), rs256_header, claims).value()
    );
}

TEST(jwt, takes_keys_as_they_are_pasted)
{
    for (auto const form : {key_form::pkcs1, key_form::pkcs8})
    {
        auto const key = rsa_key(form);
        expect_signs(boost::algorithm::replace_all_copy(key, "\n", "\\n"));
        expect_signs(boost::algorithm::replace_all_copy(key, "\n", "\\r\\n"));
        expect_signs(boost::algorithm::replace_all_copy(key, "\n", "\r\n"));
        expect_signs(boost::algorithm::replace_all_copy(key, "\n", " "));
        expect_signs("\"" + boost::algorithm::replace_all_copy(key, "\n", "\\n") + "\"\n");
        expect_signs("\n  " + key + "  \n");
        expect_signs("Bag Attributes\n    friendlyName: acme\n" + key);
        expect_signs(key.substr(0, key.size() - 1));
    }
}

TEST(jwt, a_changed_byte_is_noticed_by_who_verifies)
{
    auto made = sign_rs256(secret(rsa_key(key_form::pkcs8)), rs256_header, claims).value();
    made[made.find('.') + 3] ^= 1;
    EXPECT_FALSE(test::is_signed_rs256(made));
}

TEST(jwt, says_what_is_wrong_with_a_key)
{
    EXPECT_NE(refusal_of("").find("is no PEM text"), std::string::npos);
    EXPECT_NE(refusal_of("canary-secret").find("is no PEM text"), std::string::npos);
    auto const key = rsa_key(key_form::pkcs8);
    EXPECT_NE(refusal_of(key.substr(0, 400)).find("is cut off"), std::string::npos);
    EXPECT_NE(refusal_of(key.substr(0, 20)).find("is cut off"), std::string::npos);
    EXPECT_NE(
        refusal_of(rsa_key(key_form::encrypted)).find("encrypted with a passphrase"), std::string::npos
    );
    EXPECT_NE(
        refusal_of(rsa_key(key_form::encrypted_pkcs1)).find("encrypted with a passphrase"), std::string::npos
    );
    EXPECT_NE(refusal_of(rsa_key(key_form::public_half)).find("only the public half"), std::string::npos);
    EXPECT_NE(refusal_of(test::ec_key(key_form::pkcs1)).find("is an EC key"), std::string::npos);
    EXPECT_NE(refusal_of(test::ec_key(key_form::pkcs8)).find("is no RSA key"), std::string::npos);
    EXPECT_NE(refusal_of(rsa_key(key_form::pkcs1, 1024)).find("has 1024 bits"), std::string::npos);
    EXPECT_NE(
        refusal_of("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----")
            .find("SSH key"),
        std::string::npos
    );
    EXPECT_NE(
        refusal_of("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----").find("public half"),
        std::string::npos
    );
    EXPECT_NE(
        refusal_of("-----BEGIN canary-----\nx\n-----END canary-----").find("of another kind"),
        std::string::npos
    );
    auto damaged = key;
    damaged[200] = '!';
    EXPECT_NE(refusal_of(damaged).find("is damaged"), std::string::npos);
    EXPECT_NE(
        refusal_of(std::string(private_key_bytes_max + 1, 'x')).find("longer than 16384"), std::string::npos
    );
}

TEST(jwt, refusals_never_repeat_the_key)
{
    std::string const canary = "canarycanarycanary";
    for (auto const& text :
         {canary,
          "-----BEGIN PRIVATE KEY-----" + canary,
          "-----BEGIN " + canary + "-----\n" + canary + "\n-----END " + canary + "-----",
          "-----BEGIN PRIVATE KEY-----\n" + canary + "\n-----END PRIVATE KEY-----"})
        EXPECT_EQ(refusal_of(text).find("canary"), std::string::npos) << refusal_of(text);
}

// FIPS 180-4, examples of NIST.
TEST(sha256, of_known_texts)
{
    EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(
        to_hex(sha256(std::string(1'000'000, 'a'))),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
}

TEST(base64url, has_its_own_letters_and_no_padding)
{
    EXPECT_EQ(encode_base64url(""), "");
    EXPECT_EQ(encode_base64url("f"), "Zg");
    EXPECT_EQ(encode_base64url("fo"), "Zm8");
    EXPECT_EQ(encode_base64url("foo"), "Zm9v");
    EXPECT_EQ(encode_base64url("\xfb\xff\xfe"), "-__-");
}

}  // namespace
}  // namespace linkspan
