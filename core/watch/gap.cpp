#include "core/watch/gap.hpp"

#include "core/event/kind.hpp"
#include "core/watch/schedule.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

bool is_task(event_kind kind)
{
    return kind >= event_kind::task_added && kind <= event_kind::task_deleted;
}

bool is_build(event_kind kind)
{
    return kind >= event_kind::build_started && kind <= event_kind::build_stopped;
}

// An edit's own window begins with the edit before it, which an answer does not show: of one that is told to
// be late the creation says the least.
bool is_edited_early(event const& happening)
{
    auto const* said = std::get_if<comment_detail>(&happening.detail);
    if (happening.kind != event_kind::comment_edited || said == nullptr)
        return false;
    return !said->comment.created_at || happening.occurred_at - *said->comment.created_at < watch_window;
}

}  // namespace

bool has_webhook(event const& happening)
{
    auto const kind = happening.kind;
    if (kind == event_kind::pull_request_reopened || kind == event_kind::comment_reaction_added ||
        kind == event_kind::comment_reaction_removed)
        return false;
    if (happening.edition == edition::cloud)
        return !is_task(happening.kind) && !is_edited_early(happening);
    return !is_build(happening.kind) && happening.kind != event_kind::comment_resolved &&
           happening.kind != event_kind::comment_reopened;
}

bool is_missed(event const& happening, milliseconds lead)
{
    bool const is_asked_for =
        happening.origin == event_origin::poll || happening.origin == event_origin::catch_up;
    return is_asked_for && has_webhook(happening) &&
           happening.received_at - happening.occurred_at - lead >= webhook_lateness_max;
}

void clock_lead::hear(event const& happening)
{
    auto const taken = happening.received_at - happening.occurred_at;
    // Of what has no moment of its own it says nothing: it counts as of when it came.
    if (happening.origin == event_origin::webhook && taken != milliseconds(0))
        least_ = std::min(least_.value_or(taken), taken);
}

milliseconds clock_lead::value() const
{
    auto const least = least_.value_or(milliseconds(0));
    return least > milliseconds(0) && least <= clock_lead_max ? least : milliseconds(0);
}

void count(repository_gaps& of, event const& happening, milliseconds lead)
{
    if (happening.origin == event_origin::chat)
        return;
    bool const is_sent = happening.origin == event_origin::webhook;
    auto const place = is_sent ? 0U : happening.origin == event_origin::poll ? 1U : 2U;
    ++of.by_origin[place];
    if (is_sent)
        of.last_webhook_at = std::max(of.last_webhook_at, std::optional(happening.received_at));
    else if (is_missed(happening, lead))
    {
        ++of.missed;
        of.latest = std::max(of.latest, happening.received_at - happening.occurred_at - lead);
        if (!of.last_missed_at || happening.occurred_at >= *of.last_missed_at)
        {
            of.last_missed_at = happening.occurred_at;
            of.last_missed_kind = name_of(happening.kind);
        }
    }
}

std::string_view name_of(hook_state state) noexcept
{
    switch (state)
    {
        case hook_state::working:
            return "working";
        case hook_state::lossy:
            return "lossy";
        case hook_state::silent:
            return "silent";
        case hook_state::unknown:
            return "unknown";
    }
    return "unknown";
}

hook_state state_of(repository_gaps const& of)
{
    if (of.missed == 0)
        return of.last_webhook_at ? hook_state::working : hook_state::unknown;
    return of.last_webhook_at && *of.last_webhook_at > *of.last_missed_at ? hook_state::lossy
                                                                          : hook_state::silent;
}

}  // namespace linkspan
