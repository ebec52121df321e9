#include "links/slack/escape.hpp"

#include "core/base/utf8.hpp"

#include <algorithm>

namespace linkspan::slack
{
namespace
{

constexpr std::string_view ellipsis = "...";
constexpr std::size_t url_bytes_max = 2000;

std::string_view entity_of(char c)
{
    switch (c)
    {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        default:
            return {};
    }
}

// What one character becomes.
std::string_view escaped(std::string_view character, utf8_character c)
{
    if (!c.valid)
        return "?";
    if ((c.code < 0x20 && c.code != '\n' && c.code != '\t') || (c.code >= 0x7f && c.code < 0xa0))
        return {};
    auto const entity = entity_of(character.front());
    return entity.empty() ? character : entity;
}

}  // namespace

std::string escape(std::string_view text, std::size_t bytes_max)
{
    std::string safe;
    std::size_t cut_at = 0;  // the longest beginning that leaves room for the ellipsis
    while (!text.empty())
    {
        auto const c = first_character(text);
        safe += escaped(text.substr(0, c.bytes), c);
        text.remove_prefix(c.bytes);
        if (safe.size() + ellipsis.size() <= bytes_max)
            cut_at = safe.size();
        if (safe.size() > bytes_max)
        {
            safe.resize(cut_at);
            return bytes_max < ellipsis.size() ? safe : safe.append(ellipsis);
        }
    }
    return safe;
}

std::optional<std::string> link_target(std::string_view url)
{
    if (!url.starts_with("https://") && !url.starts_with("http://"))
        return std::nullopt;
    auto const is_bad = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
    if (url.size() > url_bytes_max || std::any_of(url.begin(), url.end(), is_bad))
        return std::nullopt;
    std::string target;
    for (char const c : url)
    {
        if (c == '|')
            target += "%7C";
        else if (auto const entity = entity_of(c); !entity.empty())
            target += entity;
        else
            target += c;
    }
    return target;
}

bool is_plain(std::string_view text)
{
    return text.find_first_of("*_~`\n") == text.npos;
}

}  // namespace linkspan::slack
