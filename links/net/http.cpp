#include "links/net/http.hpp"

#include <boost/algorithm/string/predicate.hpp>

namespace linkspan
{

std::string_view find_header(std::vector<http_header> const& headers, std::string_view name)
{
    for (auto const& header : headers)
        if (boost::algorithm::iequals(header.name, name))
            return header.value;
    return {};
}

}  // namespace linkspan
