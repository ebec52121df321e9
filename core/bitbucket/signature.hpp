#pragma once
#include "core/base/error.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace linkspan::bitbucket
{

// What a delivery claims in its X-Hub-Signature header: the HMAC-SHA256 of its raw body under the webhook's
// secret. https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/ (Data Center signs in the same
// way.)
struct signature
{
    std::array<std::uint8_t, 32> bytes = {};

    bool operator==(signature const&) const = default;  // Not in constant time: for tests.
};

// Reads the header's value: "sha256=" and 64 hexadecimal digits in either case, blanks around it ignored.
// Anything else is errc::unauthorized; the message names an algorithm that is known and not accepted, and
// never repeats digits.
result<signature> parse_signature(std::string_view header_value);

}  // namespace linkspan::bitbucket
