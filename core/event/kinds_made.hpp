#pragma once
#include "core/event/kind.hpp"

namespace linkspan
{

// Whether deliveries of this version make events of the kind. The others have their names for later:
// docs/reference/events.md marks them "-".
bool is_made(event_kind kind) noexcept;

}  // namespace linkspan
