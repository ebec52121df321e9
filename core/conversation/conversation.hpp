#pragma once
#include "core/event/event.hpp"

#include <string>
#include <vector>

namespace linkspan
{

// The conversations that an event belongs to: its pull request; for a build each open pull request whose head
// it is; else its repository; else its instance. Never empty. The order inside one conversation is kept when
// it is told.
std::vector<std::string> conversations_of(event const& happening);

}  // namespace linkspan
