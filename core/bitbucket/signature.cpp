#include "core/bitbucket/signature.hpp"

#include <algorithm>
#include <string>

namespace linkspan::bitbucket
{
namespace
{

constexpr std::string_view accepted = "sha256";
// Named in messages; from a list, because the text before "=" may be anything, a signature too.
constexpr std::array<std::string_view, 5> known_and_refused = {"md5", "sha1", "sha224", "sha384", "sha512"};

error refused(std::string const& why)
{
    return {errc::unauthorized, "X-Hub-Signature: " + why};
}

std::string_view trim(std::string_view text)
{
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// 16 where it is no hexadecimal digit.
unsigned value_of(char digit)
{
    if (digit >= '0' && digit <= '9')
        return static_cast<unsigned>(digit - '0');
    if (digit >= 'a' && digit <= 'f')
        return static_cast<unsigned>(digit - 'a') + 10;
    if (digit >= 'A' && digit <= 'F')
        return static_cast<unsigned>(digit - 'A') + 10;
    return 16;
}

}  // namespace

result<signature> parse_signature(std::string_view header_value)
{
    auto const value = trim(header_value);
    if (value.empty())
        return refused("empty");
    auto const equals = value.find('=');
    if (equals == std::string_view::npos)
        return refused("malformed, expected sha256=<64 hexadecimal digits>");
    auto const algorithm = value.substr(0, equals);
    if (std::ranges::find(known_and_refused, algorithm) != known_and_refused.end())
        return refused("algorithm " + std::string(algorithm) + " is not supported, only sha256");
    if (algorithm != accepted)
        return refused("unknown algorithm, only sha256 is supported");

    auto const digits = value.substr(equals + 1);
    signature found;
    if (digits.size() != 2 * found.bytes.size())
        return refused(
            "malformed, expected 64 hexadecimal digits and got " + std::to_string(digits.size()) +
            " characters"
        );
    for (std::size_t i = 0; i < found.bytes.size(); ++i)
    {
        unsigned const high = value_of(digits[2 * i]);
        unsigned const low = value_of(digits[2 * i + 1]);
        if (high > 15 || low > 15)
            return refused("malformed, a character is no hexadecimal digit");
        found.bytes[i] = static_cast<std::uint8_t>(high << 4U | low);
    }
    return found;
}

}  // namespace linkspan::bitbucket
