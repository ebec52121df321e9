#include "core/watch/retry.hpp"

#include <algorithm>

namespace linkspan
{

look_retry after_failure(look_retry before, look_fault fault, time_point now)
{
    // After a clock was set back the row begins anew.
    if (before.failures == 0 || before.failing_since > now)
        before.failing_since = now;
    auto wait = look_retry_min;
    for (int i = 0; i < before.failures && wait < look_retry_max; ++i)
        wait *= 2;
    before.until = now + std::min(wait, look_retry_max);
    ++before.failures;
    before.fault = fault;
    if (fault != look_fault::missing)
        before.missing_since.reset();
    else if (!before.missing_since || *before.missing_since > now)
        before.missing_since = now;
    return before;
}

bool gives_up(look_retry const& of, time_point window_end, time_point now)
{
    if (of.failures == 0)
        return false;
    if (of.missing_since && now - *of.missing_since >= missing_time)
        return true;
    return now - std::max(window_end, of.failing_since) >= give_up_time;
}

}  // namespace linkspan
