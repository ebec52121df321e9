#pragma once
#include "core/event/event.hpp"

#include <span>
#include <string_view>

namespace linkspan
{

// The event keys of an edition that read_delivery() reads, aliases among them, in the order of
// docs/reference/events.md.
std::span<std::string_view const> event_keys(edition of);

}  // namespace linkspan
