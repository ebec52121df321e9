#include "core/watch/arming.hpp"

#include "core/watch/builds.hpp"
#include "core/watch/schedule.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

bool is_change(event_kind kind)
{
    return kind == event_kind::comment_added || kind == event_kind::comment_edited ||
           kind == event_kind::task_added || kind == event_kind::task_edited;
}

bool is_deletion(event_kind kind)
{
    return kind == event_kind::comment_deleted || kind == event_kind::task_deleted;
}

bool is_closing(event_kind kind)
{
    return kind == event_kind::pull_request_merged || kind == event_kind::pull_request_declined ||
           kind == event_kind::pull_request_deleted;
}

bool was_seen_behind(milliseconds window, event const& happening, milliseconds lead)
{
    bool const by_look = happening.origin == event_origin::poll || happening.origin == event_origin::catch_up;
    return by_look && happening.received_at - moment_of(happening, lead) >= window;
}

}  // namespace

time_point moment_of(event const& happening, milliseconds lead)
{
    if (happening.origin == event_origin::webhook)
        return std::max(happening.occurred_at, happening.received_at - telling_time_max);
    return happening.occurred_at + std::max(lead, milliseconds(0));
}

watch_effect effect_of(event const& happening, milliseconds lead)
{
    if (is_change(happening.kind) && happening.origin != event_origin::chat)
        return was_seen_behind(watch_end, happening, lead) ? watch_effect::none : watch_effect::change;
    if (is_deletion(happening.kind))
        return watch_effect::comment_gone;
    return is_closing(happening.kind) ? watch_effect::over : watch_effect::none;
}

bool moves_tasks(event const& happening, std::int64_t known_open)
{
    auto const& about = happening.pull_request;
    if (happening.edition != edition::cloud || happening.origin != event_origin::webhook || !about)
        return false;
    bool const is_open = !about->state || *about->state == pull_request_state::open;
    return is_open && !is_closing(happening.kind) && about->tasks != known_open;
}

bool starts_builds(event const& happening, milliseconds lead)
{
    bool const is_push = happening.kind == event_kind::pull_request_opened ||
                         happening.kind == event_kind::pull_request_commits_pushed ||
                         happening.kind == event_kind::pull_request_reopened;
    return is_push && happening.edition == edition::data_center &&
           !was_seen_behind(build_window, happening, lead);
}

std::optional<std::int64_t> watched_number(event const& happening)
{
    if (auto const* told = std::get_if<comment_detail>(&happening.detail))
        return told->comment.id;
    if (auto const* told = std::get_if<task_detail>(&happening.detail))
        return happening.edition == edition::cloud ? -told->task.id : told->task.id;
    return std::nullopt;
}

}  // namespace linkspan
