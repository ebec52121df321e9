#include "tests/support/published_specs.hpp"

#include "tests/support/environment.hpp"

#include <boost/json/parse.hpp>

namespace linkspan::test
{

std::optional<std::filesystem::path> published_spec(char const* file)
{
    auto const folder = specs();
    if (!folder || !std::filesystem::exists(*folder / file))
        return std::nullopt;
    return *folder / file;
}

std::string spec_is_missing(char const* file)
{
    return "LINKSPAN_SPECS is not set, or has no " + std::string(file);
}

// pagelen and fields are of every list and every answer; the introduction of the API describes them
// (developer.atlassian.com/cloud/bitbucket/rest/intro, Pagination and Partial responses).
std::optional<openapi> published_cloud()
{
    auto const file = published_spec(cloud_spec);
    if (!file)
        return std::nullopt;
    return openapi(boost::json::parse(read_file(*file)), "/2.0", {"pagelen", "fields"});
}

std::optional<openapi> published_data_center()
{
    auto const file = published_spec(data_center_spec);
    if (!file)
        return std::nullopt;
    return openapi(boost::json::parse(read_file(*file)), "/rest");
}

}  // namespace linkspan::test
