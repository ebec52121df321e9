#pragma once
#include "core/bitbucket/reading.hpp"

#include <string>
#include <string_view>

namespace linkspan
{

// Stamps for what the service gives none: the same for each delivery of one happening, and another where the
// content differs.

// The content alone.
std::string hash_of_content(std::string_view content);

// The content and the moment of the delivery, where it tells one. Without it, a change that is made again
// counts as the first.
std::string stamp_of_content(std::string_view content, reading const& said);

}  // namespace linkspan
