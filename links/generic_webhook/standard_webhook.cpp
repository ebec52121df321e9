#include "links/generic_webhook/standard_webhook.hpp"

#include "links/net/base64.hpp"
#include "links/net/hmac.hpp"

namespace linkspan::generic_webhook
{

result<secret> read_key(std::string_view text)
{
    error const wrong(
        errc::invalid,
        "secret must be whsec_ and 24 to 64 random bytes in base64: make one with "
        "echo whsec_$(openssl rand -base64 32)"
    );
    if (!text.starts_with(key_begin))
        return wrong;
    auto const bytes = decode_base64(text.substr(key_begin.size()));
    if (!bytes || bytes->size() < key_bytes_min || bytes->size() > key_bytes_max)
        return wrong;
    return secret(*bytes);
}

std::vector<http_header> sign(secret const& key, std::string_view id, std::string_view body, time_point now)
{
    auto const time = std::to_string(std::chrono::floor<seconds>(now).time_since_epoch().count());
    std::string signed_text(id);
    signed_text.append(".").append(time).append(".").append(body);
    auto const digest = hmac_sha256(key, signed_text);
    return {
        {"webhook-id", std::string(id)},
        {"webhook-timestamp", time},
        {"webhook-signature", "v1," + encode_base64(std::string(digest.begin(), digest.end()))}};
}

}  // namespace linkspan::generic_webhook
