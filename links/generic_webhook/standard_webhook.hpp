#pragma once
#include "core/base/error.hpp"
#include "core/base/secret.hpp"
#include "core/base/time.hpp"
#include "links/net/http.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace linkspan::generic_webhook
{

// Signatures as Standard Webhooks 1.0 has them (github.com/standard-webhooks/standard-webhooks): HMAC-SHA256
// of
// "<id>.<seconds>.<body>".

inline constexpr std::string_view key_begin = "whsec_";
inline constexpr std::size_t key_bytes_min = 24;
inline constexpr std::size_t key_bytes_max = 64;

// The key behind "whsec_" and base64. errc::invalid, without repeating it.
result<secret> read_key(std::string_view text);

// webhook-id, webhook-timestamp and webhook-signature. The id is the same for every attempt of one message.
std::vector<http_header> sign(secret const& key, std::string_view id, std::string_view body, time_point now);

}  // namespace linkspan::generic_webhook
