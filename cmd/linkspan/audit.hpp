#pragma once
#include "store/links.hpp"
#include "store/uses.hpp"

#include <string>
#include <string_view>

namespace linkspan
{

// Who runs this command, for the audit: "get-creds by ada"; the user's number where it has no name.
std::string actor_of(std::string_view command);

// One use of a link by a command, now.
link_use use_by(
    std::string_view command, link_row const& link, std::string_view action, std::string_view detail = {}
);

}  // namespace linkspan
