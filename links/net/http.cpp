#include "links/net/http.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

// Names of headers are ASCII. Not boost::iequals: that asks the locale for every letter.
char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_named(http_header const& header, std::string_view name)
{
    return header.name.size() == name.size() && std::equal(
                                                    name.begin(),
                                                    name.end(),
                                                    header.name.begin(),
                                                    [](char a, char b) { return lower(a) == lower(b); }
                                                );
}

}  // namespace

bool is_http_token(std::string_view text)
{
    auto const is_allowed = [](char c)
    {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    };
    return !text.empty() && std::ranges::all_of(text, is_allowed);
}

std::string_view find_header(std::vector<http_header> const& headers, std::string_view name)
{
    for (auto const& header : headers)
        if (is_named(header, name))
            return header.value;
    return {};
}

}  // namespace linkspan
