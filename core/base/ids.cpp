#include "core/base/ids.hpp"

namespace linkspan
{

event_id make_event_id(time_point now, std::span<std::uint8_t const, 10> random)
{
    std::array<std::uint8_t, 16> bytes{};
    auto const moment = static_cast<std::uint64_t>(to_milliseconds(now));
    for (std::size_t i = 0; i < 6; ++i)
        bytes[i] = static_cast<std::uint8_t>(moment >> (40 - 8 * i));
    for (std::size_t i = 0; i < 10; ++i)
        bytes[6 + i] = random[i];
    bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0f));
    bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));

    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i)
    {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return event_id(std::move(text));
}

link_id make_link_id(std::span<std::uint8_t const, 10> random)
{
    static constexpr char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    std::string text;
    unsigned buffer = 0;
    int bits = 0;
    for (auto const byte : random)
    {
        buffer = (buffer << 8) | byte;
        for (bits += 8; bits >= 5; bits -= 5)
            text += alphabet[(buffer >> (bits - 5)) & 31];
    }
    return link_id(std::move(text));
}

}  // namespace linkspan
