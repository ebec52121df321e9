#pragma once
#include "tests/support/openapi.hpp"

#include <filesystem>
#include <optional>

namespace linkspan::test
{

// What services publish about their APIs, in LINKSPAN_SPECS. It is read in place.
inline constexpr char const* cloud_spec = "bitbucket-cloud.openapi.json";
inline constexpr char const* data_center_spec = "bitbucket-data-center.openapi.json";
inline constexpr char const* port_spec = "port.openapi.yaml";
inline constexpr char const* slack_spec = "slack-web.swagger.json";

// Nothing where it is not there: the test then skips, and says spec_is_missing() of it.
std::optional<std::filesystem::path> published_spec(char const* file);
std::string spec_is_missing(char const* file);

// The descriptions of Bitbucket's two editions.
std::optional<openapi> published_cloud();
std::optional<openapi> published_data_center();

}  // namespace linkspan::test
