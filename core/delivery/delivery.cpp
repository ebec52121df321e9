#include "core/delivery/delivery.hpp"

#include <algorithm>

namespace linkspan
{

milliseconds retry_schedule::wait_after(int attempt) const
{
    if (waits.empty())
        return milliseconds(0);
    auto const index = std::min(static_cast<std::size_t>(std::max(attempt - 1, 0)), waits.size() - 1);
    return waits[index];
}

delivery_progress begin(delivery_progress before, retry_schedule const& schedule, time_point now)
{
    delivery_progress out = before;
    out.attempts = before.attempts + 1;
    out.due_at = now + schedule.wait_after(out.attempts);
    return out;
}

verdict settle(
    delivery_progress const& progress, outcome const& result, retry_schedule const& schedule, time_point now
)
{
    verdict out;
    out.reason = result.detail;
    auto const again = [&](milliseconds wait)
    {
        out.kind = verdict_kind::retry;
        out.due_at = now + wait;
        if (progress.attempts >= schedule.attempts_max)
        {
            out.kind = verdict_kind::dead;
            out.reason = "gave up after " + std::to_string(progress.attempts) + " attempts: " + result.detail;
        }
    };
    switch (result.kind)
    {
        case outcome_kind::accepted:
            out.kind = verdict_kind::done;
            break;
        case outcome_kind::retry_after:
            if (!result.wait)
            {
                again(schedule.wait_after(progress.attempts));
                break;
            }
            out.due_at = now + std::clamp(*result.wait, schedule.service_wait_min, schedule.service_wait_max);
            out.is_counted = false;
            break;
        case outcome_kind::unknown:
            again(schedule.wait_after(progress.attempts));
            break;
        case outcome_kind::rejected_destination:
            out.kind = verdict_kind::hold;
            out.is_counted = false;
            out.due_at = now + schedule.hold_wait;
            break;
        case outcome_kind::rejected_message:
            out.kind = verdict_kind::dead;
            break;
    }
    return out;
}

std::string_view name_of(verdict_kind kind) noexcept
{
    switch (kind)
    {
        case verdict_kind::done:
            return "done";
        case verdict_kind::retry:
            return "retry";
        case verdict_kind::hold:
            return "hold";
        case verdict_kind::dead:
            return "dead";
    }
    return "dead";
}

}  // namespace linkspan
