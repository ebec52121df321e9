#include "tests/simulators/html.hpp"

#include <utility>

namespace linkspan::test
{

std::string unescaped(std::string text)
{
    constexpr std::pair<std::string_view, std::string_view> entities[] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
    for (auto const& [entity, letter] : entities)
        for (auto at = text.find(entity); at != text.npos; at = text.find(entity, at + 1))
            text.replace(at, entity.size(), letter);
    return text;
}

std::string html_attribute(std::string_view tag, std::string_view name)
{
    auto const mark = " " + std::string(name) + "=\"";
    auto const at = tag.find(mark);
    if (at == tag.npos)
        return {};
    tag.remove_prefix(at + mark.size());
    return unescaped(std::string(tag.substr(0, tag.find('"'))));
}

}  // namespace linkspan::test
