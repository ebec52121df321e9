#pragma once
#include "core/base/error.hpp"
#include "core/base/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace linkspan
{

// Keys of 8,192 bits have 7 kB as PEM.
inline constexpr std::size_t private_key_bytes_max = 16 * 1024;

// RFC 7518, 3.3: a smaller key must not be used.
inline constexpr int rsa_bits_min = 2048;

inline constexpr std::string_view rs256_header = R"({"alg":"RS256","typ":"JWT"})";

// Whether sign_rs256 can sign with this key; errc::invalid says what it is instead and what to give. For
// judging a field before it is stored. Never repeats any of it.
result<> check_rs256_key(secret const& private_key);

// A signed JWT (RFC 7519, RFC 7515, RS256 of RFC 7518): header and claims are JSON texts and go in as they
// are; the header must say "alg": "RS256". The key is an RSA key as PEM, PKCS#1 ("BEGIN RSA PRIVATE KEY",
// GitHub) or PKCS#8 ("BEGIN PRIVATE KEY", Google), also as it is pasted: with a literal \n for each line
// break, with CR LF, with blanks in place of line breaks, in quotes. errc::invalid as check_rs256_key.
result<std::string> sign_rs256(secret const& private_key, std::string_view header, std::string_view claims);

}  // namespace linkspan
