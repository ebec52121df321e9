#include "core/route/glob.hpp"

#include <cstddef>

namespace linkspan
{

bool glob_matches(std::string_view pattern, std::string_view text, glob_text of) noexcept
{
    // What the narrow star and '?' stop at; a text of words has none.
    auto const is_border = [of](char c) { return of == glob_text::name && c == '/'; };
    static constexpr auto none = std::string_view::npos;
    // Where to go back to: behind the last '*' (which may not eat '/') and behind the last '**' (which may).
    std::size_t star = none, star_text = 0, wide = none, wide_text = 0;
    std::size_t p = 0, t = 0;
    for (;;)
    {
        if (p < pattern.size() && pattern[p] == '*')
        {
            if (p + 1 < pattern.size() && pattern[p + 1] == '*')
            {
                wide = p += 2;
                wide_text = t;
                star = none;
            }
            else
            {
                star = ++p;
                star_text = t;
            }
            continue;
        }
        if (p == pattern.size() && t == text.size())
            return true;
        if (p < pattern.size() && t < text.size() &&
            (pattern[p] == text[t] || (pattern[p] == '?' && !is_border(text[t]))))
        {
            ++p, ++t;
            continue;
        }
        if (star != none && star_text < text.size() && !is_border(text[star_text]))
        {
            t = ++star_text;
            p = star;
        }
        else if (wide != none && wide_text < text.size())
        {
            t = ++wide_text;
            p = wide;
            star = none;
        }
        else
            return false;
    }
}

bool is_literal(std::string_view pattern) noexcept
{
    return pattern.find_first_of("*?") == std::string_view::npos;
}

}  // namespace linkspan
