#pragma once
#include "core/event/kind.hpp"

namespace linkspan
{

// Whether this version makes events of the kind, from deliveries or from what it asks for. The others have
// their names for later.
bool is_made(event_kind kind) noexcept;

}  // namespace linkspan
