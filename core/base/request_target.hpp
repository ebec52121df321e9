#pragma once
#include "core/base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

struct query_parameter
{
    std::string name;
    std::string value;  // Empty for "?a" as for "?a=".

    bool operator==(query_parameter const&) const = default;
};

// What an HTTP request asks for: "/webhook/x%20y?a=1" is the segments "webhook" and "x y" and the parameter a
// = 1.
struct request_target
{
    std::vector<std::string> segments;  // Decoded. None for "/"; "/a/" has an empty one at its end.
    std::vector<query_parameter>
        query;  // Decoded, "+" as a space, in the order of the target; "&&" adds none.

    bool operator==(request_target const&) const = default;
};

// Our longest address is that of an OAuth answer: its code may be a JWT of some kilobytes
// (callback_bytes_max).
inline constexpr std::size_t request_target_bytes_max = 8 * 1024;
inline constexpr std::size_t request_target_segments_max = 8;
inline constexpr std::size_t request_target_parameters_max = 32;

// Splits and decodes a request target in origin form (RFC 9112, 3.2.1; RFC 3986 for its characters).
// errc::invalid, with a message that says what is wrong and never repeats the target, for: an empty one,
// another form (absolute, authority, "*"), a character that RFC 3986 does not allow, bad percent encoding, a
// NUL or control character after decoding, a "." or ".." segment however it is encoded, more than the limits
// above. An encoded slash stays inside its segment. The decoded bytes may be no valid UTF-8.
result<request_target> parse_request_target(std::string_view target);

}  // namespace linkspan
