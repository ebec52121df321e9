#pragma once
#include "core/base/secret.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace linkspan
{

// HMAC-SHA256 (RFC 2104, FIPS 198-1). Empty keys and messages are allowed. Ends the process where OpenSSL
// cannot compute it (no memory, a library without SHA-256): nothing could be verified then.
std::array<std::uint8_t, 32> hmac_sha256(secret const& key, std::string_view bytes);

// Whether two byte strings are equal. The time depends on their length alone; different lengths are unequal
// at once, so the length must be no secret: for digests. For texts that users chose: secret_equals.
bool equal_in_constant_time(std::span<std::uint8_t const> left, std::span<std::uint8_t const> right);

// Whether somebody presented this secret, without telling through time how much of it, or its length, was
// right: both are hashed to one size under a random key of this process, and the hashes are compared in
// constant time. (A plain constant-time comparison needs equal lengths and thus tells the length by refusing
// early.) The time depends on the length of each, not on whether they agree; the random key keeps an observer
// from preparing inputs.
bool secret_equals(secret const& expected, std::string_view presented);

}  // namespace linkspan
