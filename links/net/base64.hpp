#pragma once
#include "core/base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace linkspan
{

// Far above a header that the server takes.
inline constexpr std::size_t base64_text_bytes_max = 64U << 10U;

// Base64 with padding and without line breaks (RFC 4648, 4), as HTTP Basic wants it (RFC 7617).
std::string encode_base64(std::string_view bytes);

// Base64 for URLs, without padding (RFC 4648, 5; RFC 7515, 2).
std::string encode_base64url(std::string_view bytes);

// The bytes of a text that encode_base64 could have made; errc::invalid for anything else: line breaks,
// blanks, missing or surplus padding, another alphabet, set bits behind the end, more than
// base64_text_bytes_max. Messages never repeat the text: it may be a password.
result<std::string> decode_base64(std::string_view text);

}  // namespace linkspan
