#include "core/event/kinds_made.hpp"

namespace linkspan
{

bool is_made(event_kind kind) noexcept
{
    using enum event_kind;
    return kind != pull_request_reopened && kind != comment_reaction_added &&
           kind != comment_reaction_removed && kind != hook_pinged;
}

}  // namespace linkspan
