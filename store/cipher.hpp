#pragma once
#include "core/base/error.hpp"
#include "core/base/secret.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace linkspan
{

// AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. What is sealed is nonce | ciphertext | tag.

inline constexpr std::size_t cipher_key_bytes = 32;
inline constexpr std::size_t cipher_extra_bytes = 12 + 16;  // nonce and tag

// `bound_to` is not in the result; it must be the same to open it.
result<std::string> encrypt(secret const& key, std::string_view plain, std::string_view bound_to);

// Nothing where it was sealed with another key, bound to something else, altered or cut.
std::optional<secret> decrypt(secret const& key, std::string_view sealed, std::string_view bound_to);

// Lower-case hexadecimal, two digits a byte.
std::string to_hex(std::string_view raw);
// Nothing where it is not that.
std::optional<secret> from_hex(std::string_view text);

// Overwrites the bytes and empties the text.
void wipe(std::string& text) noexcept;

// Fills a range from the kernel's random source.
void fill_random(std::span<std::uint8_t> out);

// As many random bytes.
std::string random_bytes(std::size_t count);

}  // namespace linkspan
