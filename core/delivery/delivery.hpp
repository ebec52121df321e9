#pragma once
#include "core/base/time.hpp"
#include "core/delivery/outcome.hpp"

#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// The life of one message to one destination:
//
//   pending --begin--> pending (attempt n, due again later) --settle--> done
//      ^                                                     |--------> pending, due at T   (retry, hold)
//      |_____________________________________________________|--------> dead, with a reason
//
// begin() is stored before anything is sent, so that a crash in between costs a wait, never the message.

// How long to wait after each failed attempt. The last wait repeats until attempts_max.
struct retry_schedule
{
    std::vector<milliseconds> waits = {
        seconds(5),
        seconds(30),
        seconds(120),
        seconds(600),
        seconds(1800),
        seconds(3600),
        seconds(7200),
        seconds(14400)};
    int attempts_max = 20;                          // about two and a half days with the waits above
    milliseconds service_wait_min = seconds(1);     // a service that says "0" is not asked again at once
    milliseconds service_wait_max = seconds(3600);  // the most that a Retry-After may ask for
    milliseconds hold_wait = seconds(300);  // between two looks whether a held destination works again

    milliseconds wait_after(int attempt) const;
};

struct delivery_progress
{
    int attempts = 0;
    time_point due_at;
};

// Counts an attempt that is about to be made: should nobody settle it, it is due again at due_at.
delivery_progress begin(delivery_progress before, retry_schedule const& schedule, time_point now);

enum class verdict_kind
{
    done,
    retry,  // again at due_at
    hold,   // the destination is at fault: it waits as a whole, and this message does not count an attempt
    dead,
};

struct verdict
{
    verdict_kind kind = verdict_kind::retry;
    time_point due_at;
    std::string reason;
    // Whether the attempt counts towards attempts_max. It does not where the message is not at fault: the
    // destination is, or the service named the time at which it will take it (a busy channel must not kill a
    // queue).
    bool is_counted = true;
};

// What follows from an attempt's outcome: the only table of that.
verdict settle(
    delivery_progress const& progress, outcome const& result, retry_schedule const& schedule, time_point now
);

std::string_view name_of(verdict_kind kind) noexcept;

}  // namespace linkspan
