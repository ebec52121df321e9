#pragma once
#include "core/event/event.hpp"

#include <boost/json/array.hpp>

#include <string>
#include <vector>

namespace linkspan
{

// What lists of the REST API say of a push or a pull request. An item without what is read of it is passed
// over.

// The paths of Cloud's diffstat or of Data Center's changes, each once, in their order; of a file that was
// moved the old one and the new one.
std::vector<std::string> shown_paths(edition of, boost::json::array const& changes);

// The commits of a list of commits, as events have them (docs/reference/events.md), in its order.
std::vector<commit> shown_commits(edition of, boost::json::array const& commits);

}  // namespace linkspan
