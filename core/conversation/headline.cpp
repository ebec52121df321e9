#include "core/conversation/headline.hpp"

#include "core/base/utf8.hpp"

#include <algorithm>
#include <utility>

namespace linkspan
{
namespace
{

constexpr std::size_t people_told_max = 10;
constexpr std::size_t short_hash_size = 12;

}  // namespace

void headline::add(span_style style, std::string text, std::string url)
{
    if (text.empty())
        return;
    if (style == span_style::text && !spans_.empty() && spans_.back().style == span_style::text)
        spans_.back().text += text;
    else
        spans_.push_back({style, std::move(text), std::move(url)});
}

headline& headline::words(std::string_view text)
{
    add(span_style::text, std::string(text));
    return *this;
}

headline& headline::person(std::optional<linkspan::person> const& who)
{
    std::string name = who ? single_line(who->name, name_bytes_max) : std::string();
    if (name.empty())
        return words("Somebody");
    add(span_style::actor, std::move(name));
    return *this;
}

headline& headline::people(std::vector<linkspan::person> const& who)
{
    std::size_t const told = std::min(who.size(), people_told_max);
    for (std::size_t i = 0; i < told; ++i)
    {
        if (i > 0)
            words(i + 1 == who.size() ? " and " : ", ");
        std::string name = single_line(who[i].name, name_bytes_max);
        if (name.empty())
            words("somebody");
        else
            add(span_style::actor, std::move(name));
    }
    if (told < who.size())
        words(" and " + std::to_string(who.size() - told) + " more");
    return *this;
}

headline& headline::code(std::string_view text, std::size_t bytes_max)
{
    add(span_style::code, single_line(text, bytes_max));
    return *this;
}

headline& headline::link(std::string_view text, std::optional<std::string> const& url)
{
    std::string line = single_line(text, title_bytes_max);
    if (url && !url->empty())
        add(span_style::link, std::move(line), *url);
    else
        add(span_style::text, std::move(line));
    return *this;
}

headline& headline::code_after(std::string_view before, std::optional<std::string> const& text)
{
    if (text && !single_line(*text, title_bytes_max).empty())
        words(before).code(*text);
    return *this;
}

headline& headline::quoted_after(std::string_view before, std::optional<std::string> const& text)
{
    std::string const line = text ? single_line(*text, title_bytes_max) : std::string();
    if (!line.empty())
        words(before).words("\"" + line + "\"");
    return *this;
}

std::string count_of(std::size_t number, std::string_view one)
{
    return std::to_string(number) + " " + std::string(one) + (number == 1 ? "" : "s");
}

std::string_view short_hash(std::string_view hash)
{
    return hash.substr(0, short_hash_size);
}

}  // namespace linkspan
