#include "core/watch/hook.hpp"

namespace linkspan
{

std::string_view name_of(hook_health health) noexcept
{
    switch (health)
    {
        case hook_health::answered:
            return "answered";
        case hook_health::failing:
            return "failing";
        case hook_health::skipped:
            return "skipped";
        case hook_health::inactive:
            return "inactive";
        case hook_health::missing:
            return "missing";
        case hook_health::unknown:
            return "unknown";
    }
    return "unknown";
}

hook_health health_of(hook_record const& told)
{
    if (!told.is_active)
        return hook_health::inactive;
    bool const has_moments = told.succeeded_at || told.failed_at;
    bool const has_failed = told.failed_at || told.failures.value_or(0) > 0;
    bool const has_succeeded = told.succeeded_at || told.successes.value_or(0) > 0;
    if (!has_failed && !has_succeeded)
        return hook_health::unknown;
    bool const is_failing =
        has_moments ? told.failed_at && (!told.succeeded_at || *told.failed_at > *told.succeeded_at)
                    : has_failed && !has_succeeded;
    if (!is_failing)
        return hook_health::answered;
    return told.failures.value_or(0) >= breaker_failures ? hook_health::skipped : hook_health::failing;
}

}  // namespace linkspan
