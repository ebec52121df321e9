#pragma once
#include "core/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace linkspan
{

// Whether Bitbucket Data Center calls a webhook, as far as its statistics tell. No part of its API tells the
// state of the circuit breaker: behind five failures in a row the server skips a hook for ten seconds, behind
// each further one for twice as long, up to ten hours. It is inferred.

inline constexpr std::int64_t breaker_failures = 5;

// What the server tells of one webhook; what it leaves out is unknown.
struct hook_record
{
    bool is_active = true;
    std::optional<std::int64_t> successes;   // within the time that the server counts
    std::optional<std::int64_t> failures;    // refused and not reached, together
    std::optional<time_point> succeeded_at;  // the last time
    std::optional<time_point> failed_at;

    hook_record() = default;
};

enum class hook_health
{
    answered,  // what was sent last was taken
    failing,   // the last failed
    skipped,   // and five or more: the circuit breaker is likely to be open
    inactive,  // switched off by somebody
    missing,   // no webhook of the repository calls Linkspan
    unknown,
};
std::string_view name_of(hook_health health) noexcept;  // "answered"

// Never `missing`. Without the moments of the last ones, failures count only where there is no success.
hook_health health_of(hook_record const& told);

}  // namespace linkspan
