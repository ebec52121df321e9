#include "links/net/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace linkspan
{
namespace
{

// EVP takes an int for the size, so long inputs go in pieces; a multiple of 3 needs no padding.
constexpr std::size_t piece_bytes = 3U << 14U;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

error refused_base64(std::string const& why)
{
    return {errc::invalid, "not base64: " + why};
}

}  // namespace

std::string encode_base64(std::string_view bytes)
{
    // One byte more than the text: EVP_EncodeBlock ends it with a NUL.
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    std::size_t length = 0;
    for (std::size_t done = 0; done < bytes.size(); done += piece_bytes)
    {
        auto const piece = bytes.substr(done, piece_bytes);
        length += static_cast<std::size_t>(EVP_EncodeBlock(
            reinterpret_cast<unsigned char*>(text.data() + length),
            reinterpret_cast<unsigned char const*>(piece.data()),
            static_cast<int>(piece.size())
        ));
    }
    text.resize(length);
    return text;
}

std::string encode_base64url(std::string_view bytes)
{
    auto text = encode_base64(bytes);
    while (text.ends_with('='))
        text.pop_back();
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

result<std::string> decode_base64(std::string_view text)
{
    if (text.size() > base64_text_bytes_max)
        return refused_base64("longer than " + std::to_string(base64_text_bytes_max) + " bytes");
    if (text.size() % 4 != 0)
        return refused_base64("its length is no multiple of 4");
    if (text.empty())
        return std::string();
    std::size_t padding = 0;
    while (padding < 2 && text[text.size() - 1 - padding] == '=')
        ++padding;
    auto const digits = text.substr(0, text.size() - padding);
    // EVP_DecodeBlock skips blanks and reads "=" anywhere as zero bits.
    if (digits.find_first_not_of(alphabet) != std::string_view::npos)
        return refused_base64("it has a character that does not belong there");
    std::size_t const loose_bits = padding == 2 ? 0x0f : padding == 1 ? 0x03 : 0;
    if ((alphabet.find(digits.back()) & loose_bits) != 0)
        return refused_base64("its last character has bits behind the end");

    std::string bytes(text.size() / 4 * 3, '\0');
    int const length = EVP_DecodeBlock(
        reinterpret_cast<unsigned char*>(bytes.data()),
        reinterpret_cast<unsigned char const*>(text.data()),
        static_cast<int>(text.size())
    );
    if (length < 0)
        return refused_base64("it cannot be read");
    bytes.resize(static_cast<std::size_t>(length) - padding);
    return bytes;
}

}  // namespace linkspan
