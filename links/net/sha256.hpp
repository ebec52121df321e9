#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace linkspan
{

// SHA-256 (FIPS 180-4). Ends the process where OpenSSL cannot compute it, as hmac_sha256 does.
std::array<std::uint8_t, 32> sha256(std::string_view bytes);

// Two lower-case hexadecimal digits for each byte, as AWS Signature Version 4 and webhooks write digests.
std::string to_hex(std::span<std::uint8_t const> bytes);

}  // namespace linkspan
