#include "core/event/kinds_made.hpp"

namespace linkspan
{

bool is_made(event_kind kind) noexcept
{
    return kind != event_kind::hook_pinged;
}

}  // namespace linkspan
