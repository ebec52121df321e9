#include "links/net/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace linkspan
{
namespace
{

[[noreturn]] void give_up(char const* what)
{
    std::fprintf(stderr, "linkspan: OpenSSL cannot %s\n", what);
    std::abort();
}

secret random_key()
{
    std::string bytes(32, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1)
        give_up("make random bytes");
    secret key(bytes);
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return key;
}

}  // namespace

std::array<std::uint8_t, 32> hmac_sha256(secret const& key, std::string_view bytes)
{
    std::array<std::uint8_t, 32> digest = {};
    unsigned length = 0;
    auto const text = key.reveal();
    if (text.size() > INT_MAX)
        give_up("take a key of 2 GiB");
    auto const key_bytes = static_cast<int>(text.size());
    auto const* const message = reinterpret_cast<unsigned char const*>(bytes.data());
    if (HMAC(EVP_sha256(), text.data(), key_bytes, message, bytes.size(), digest.data(), &length) ==
            nullptr ||
        length != digest.size())
        give_up("compute an HMAC-SHA256");
    return digest;
}

bool equal_in_constant_time(std::span<std::uint8_t const> left, std::span<std::uint8_t const> right)
{
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool secret_equals(secret const& expected, std::string_view presented)
{
    static secret const key = random_key();
    auto const left = hmac_sha256(key, expected.reveal());
    auto const right = hmac_sha256(key, presented);
    return equal_in_constant_time(left, right);
}

}  // namespace linkspan
