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

std::string_view find_header(std::vector<http_header> const& headers, std::string_view name)
{
    for (auto const& header : headers)
        if (is_named(header, name))
            return header.value;
    return {};
}

}  // namespace linkspan
