#include "core/base/utf8.hpp"

#include <algorithm>
#include <array>

namespace linkspan
{
namespace
{

constexpr std::string_view ellipsis = "...";

unsigned byte_at(std::string_view text, std::size_t i) noexcept
{
    return static_cast<unsigned char>(text[i]);
}

bool is_blank(utf8_character c) noexcept
{
    return c.valid &&
           (c.code <= 0x20 || (c.code >= 0x7f && c.code <= 0xa0) || c.code == 0x2028 || c.code == 0x2029);
}

bool is_obeyed(char32_t code) noexcept
{
    return (code >= 0x7f && code < 0xa0) || code == 0x061c || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

utf8_character first_character(std::string_view text) noexcept
{
    unsigned const lead = byte_at(text, 0);
    if (lead < 0x80)
        return {lead, 1, true};
    std::size_t const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size)
        return {};
    char32_t code = lead & (0xffu >> (size + 1));
    for (std::size_t i = 1; i < size; ++i)
    {
        if ((byte_at(text, i) & 0xc0) != 0x80)
            return {};
        code = (code << 6) | (byte_at(text, i) & 0x3f);
    }
    constexpr std::array<char32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
    if (code < smallest[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return {};
    return {code, size, true};
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) noexcept
{
    if (text.size() <= bytes_max)
        return text;
    // A character has at most four bytes: only the last three before the cut can begin one that it would
    // split.
    for (std::size_t back = 1; back <= 3 && back <= bytes_max; ++back)
    {
        auto const c = first_character(text.substr(bytes_max - back));
        if (c.valid && c.bytes > back)
            return text.substr(0, bytes_max - back);
    }
    return text.substr(0, bytes_max);
}

std::string single_line(std::string_view text, std::size_t bytes_max)
{
    std::string line;
    bool gap = false;
    while (!text.empty())
    {
        auto const c = first_character(text);
        if (is_blank(c))
            gap = !line.empty();
        else
        {
            if (gap)
                line += ' ';
            gap = false;
            line += text.substr(0, c.bytes);
        }
        text.remove_prefix(c.bytes);
        if (line.size() > bytes_max)
        {
            bool const fits = bytes_max >= ellipsis.size();
            line.resize(utf8_prefix(line, fits ? bytes_max - ellipsis.size() : bytes_max).size());
            return fits ? line.append(ellipsis) : line;
        }
    }
    return line;
}

std::string plain_line(std::string_view text, std::size_t bytes_max)
{
    std::string plain;
    // More than that cannot matter, and the text may be long.
    for (auto rest = text.substr(0, std::min(text.size(), 4 * bytes_max)); !rest.empty();)
    {
        auto const c = first_character(rest);
        if (!c.valid)
            plain += "\xef\xbf\xbd";
        else if (is_obeyed(c.code))
            plain += ' ';
        else
            plain += rest.substr(0, c.bytes);
        rest.remove_prefix(c.bytes);
    }
    return single_line(plain, bytes_max);
}

std::string plain_json(std::string_view json)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string plain;
    plain.reserve(json.size());
    while (!json.empty())
    {
        auto const c = first_character(json);
        if (c.valid && !is_obeyed(c.code))
            plain += json.substr(0, c.bytes);
        else
        {
            auto const code = c.valid ? c.code : char32_t(0xfffd);
            plain += "\\u";
            for (int shift = 12; shift >= 0; shift -= 4)
                plain += digits[(code >> shift) & 15];
        }
        json.remove_prefix(c.bytes);
    }
    return plain;
}

}  // namespace linkspan
