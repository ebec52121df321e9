#include "core/oauth/form.hpp"

#include <algorithm>
#include <optional>

namespace linkspan
{
namespace
{

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

std::optional<std::string> decoded(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (text[i] != '%')
        {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        unsigned const high = i + 2 < text.size() ? value_of(text[i + 1]) : 16;
        unsigned const low = i + 2 < text.size() ? value_of(text[i + 2]) : 16;
        if (high > 15 || low > 15)
            return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

result<std::vector<form_field>> decode_form(std::string_view text)
{
    std::vector<form_field> fields;
    while (!text.empty())
    {
        auto const part = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        if (part.empty())
            continue;
        if (fields.size() == form_fields_max)
            return error(
                errc::invalid, "the form has more than " + std::to_string(form_fields_max) + " fields"
            );
        auto const equals = std::min(part.find('='), part.size());
        auto name = decoded(part.substr(0, equals));
        auto value = decoded(part.substr(std::min(equals + 1, part.size())));
        if (!name || !value)
            return error(errc::invalid, "the form has a bad percent encoding");
        fields.emplace_back(std::move(*name), std::move(*value));
    }
    return fields;
}

std::string encode_form(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (char const c : text)
    {
        if (is_unreserved(c))
        {
            out += c;
            continue;
        }
        auto const byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

void add_field(std::string& form, std::string_view name, std::string_view value)
{
    if (!form.empty())
        form += '&';
    form.append(encode_form(name)).append("=").append(encode_form(value));
}

}  // namespace linkspan
