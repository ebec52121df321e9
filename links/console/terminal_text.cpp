#include "links/console/terminal_text.hpp"

#include "core/base/utf8.hpp"

namespace linkspan::console
{
namespace
{

constexpr char32_t escape = 0x1b;
constexpr char32_t string_terminator = 0x9c;

utf8_character take(std::string_view& rest)
{
    auto const c = first_character(rest);
    rest.remove_prefix(c.bytes);
    return c;
}

bool next_is(std::string_view rest, char32_t low, char32_t high)
{
    if (rest.empty())
        return false;
    auto const c = first_character(rest);
    return c.valid && c.code >= low && c.code <= high;
}

// Parameter and intermediate bytes, then one final byte (ECMA-48, 5.4). Anything else ends it.
void skip_control_sequence(std::string_view& rest)
{
    while (next_is(rest, 0x20, 0x3f))
        rest.remove_prefix(1);
    if (next_is(rest, 0x40, 0x7e))
        rest.remove_prefix(1);
}

// A control string (OSC, DCS, APC, PM, SOS) runs to BEL or ST. One that is never ended would swallow the rest
// of the text, so it ends at the line's end too.
void skip_control_string(std::string_view& rest)
{
    while (!rest.empty() && rest.front() != '\n')
    {
        auto const c = take(rest);
        if (c.valid && (c.code == 0x07 || c.code == string_terminator))
            return;
        if (c.valid && c.code == escape && next_is(rest, '\\', '\\'))
        {
            rest.remove_prefix(1);
            return;
        }
    }
}

bool begins_string(char32_t after_escape)
{
    return after_escape == ']' || after_escape == 'P' || after_escape == 'X' || after_escape == '^' ||
           after_escape == '_';
}

void skip_escape(std::string_view& rest)
{
    while (next_is(rest, 0x20, 0x2f))
        rest.remove_prefix(1);
    if (!next_is(rest, 0x30, 0x7e))
        return;
    auto const kind = take(rest).code;
    if (kind == '[')
        skip_control_sequence(rest);
    else if (begins_string(kind))
        skip_control_string(rest);
}

// Marks, embeddings, overrides and isolates: with them a text can show other lines than it holds.
bool turns_direction(char32_t code)
{
    return code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

bool is_control(char32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
}

}  // namespace

std::string terminal_text(std::string_view rest)
{
    std::string safe;
    safe.reserve(rest.size());
    while (!rest.empty())
    {
        auto const whole = rest;
        auto const c = take(rest);
        if (!c.valid)
            safe += '?';
        else if (c.code == '\n')
            safe += '\n';
        else if (c.code == '\t')
            safe += "    ";
        else if (c.code == escape)
            skip_escape(rest);
        else if (c.code == 0x9b)
            skip_control_sequence(rest);
        else if (c.code == 0x90 || c.code == 0x98 || (c.code >= 0x9d && c.code <= 0x9f))
            skip_control_string(rest);
        else if (!is_control(c.code) && !turns_direction(c.code))
            safe += whole.substr(0, c.bytes);
    }
    return safe;
}

}  // namespace linkspan::console
