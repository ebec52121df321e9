#include "core/watch/schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace linkspan
{
namespace
{

// Spans of the model of edits, and the margin, in which there are none.
constexpr std::array<double, 4> span_ends = {60'000, 240'000, 600'000, 630'000};
static_assert(span_ends[2] == watch_window.count() && span_ends[3] == watch_end.count());

using shape = std::array<double, span_ends.size()>;

// Looks in each span. The first is where, from four looks on, the 95th percentile is that of a fixed interval
// with as many requests; the second, where neither it nor the median gets better without the other getting
// worse. ./dev bench watch shows both.
constexpr shape shape_at_rest = {6, 2.25, 3.738, 0.012};
constexpr shape shape_evened = {8.5, 10.5, 16.5, 0.5};

// Rounding of a room that was computed from a whole number of looks.
constexpr double looks_tolerance = 1e-6;

shape shape_of(double looks)
{
    shape out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        if (looks <= looks_at_rest)
            out[i] = shape_at_rest[i] * looks / looks_at_rest;
        else if (looks >= looks_evened)
            out[i] = shape_evened[i] * looks / looks_evened;
        else
            out[i] = shape_at_rest[i] + (shape_evened[i] - shape_at_rest[i]) * (looks - looks_at_rest) /
                                            (looks_evened - looks_at_rest);
    return out;
}

// How many looks belong between a change and `age` milliseconds behind it.
double looks_until(double age, shape const& of)
{
    double looks = 0;
    double begin = 0;
    for (std::size_t i = 0; i < of.size(); ++i)
    {
        if (age < span_ends[i])
            return looks + of[i] * std::max(age - begin, 0.0) / (span_ends[i] - begin);
        looks += of[i];
        begin = span_ends[i];
    }
    return looks;
}

double age_at(double looks, shape const& of)
{
    double begin = 0;
    for (std::size_t i = 0; i < of.size(); ++i)
    {
        if (looks < of[i])
            return begin + (span_ends[i] - begin) * std::max(looks, 0.0) / of[i];
        looks -= of[i];
        begin = span_ends[i];
    }
    return begin;
}

bool is_before_its_past(watch const& of, time_point now)
{
    return of.changed_at > now || (of.looked_at && *of.looked_at > now) ||
           (of.unseen_since && *of.unseen_since > now);
}

bool is_over(watch const& of)
{
    return !of.unseen_since && of.looked_at && *of.looked_at - of.changed_at >= watch_end;
}

}  // namespace

watch after_change(std::optional<watch> const& before, time_point changed_at, time_point now)
{
    changed_at = std::min(changed_at, now);
    watch out;
    if (before)
        out = *before;
    out.changed_at = before ? std::max(std::min(before->changed_at, now), changed_at) : changed_at;
    bool const is_seen = out.looked_at && *out.looked_at >= changed_at;
    if (!is_seen)
        out.unseen_since = out.unseen_since ? std::min(*out.unseen_since, changed_at) : changed_at;
    return out;
}

watch after_task_sign(std::optional<watch> const& before, time_point now)
{
    auto out = before ? *before : after_change(std::nullopt, now - watch_end, now);
    out.looks_since_tasks = 2 * looks_per_task_look;
    return out;
}

watch after_look(watch before, bool with_tasks, time_point asked_at, time_point now)
{
    asked_at = std::min(asked_at, now);
    before.changed_at = std::min(before.changed_at, now);
    if (before.unseen_since)
        before.unseen_since = std::min(*before.unseen_since, now);
    if (before.changed_at <= asked_at)
        before.unseen_since.reset();
    else if (!before.unseen_since || *before.unseen_since <= asked_at)
        before.unseen_since = before.changed_at;
    before.looked_at = asked_at;
    before.looks_since_tasks = with_tasks ? 0 : before.looks_since_tasks + 1;
    return before;
}

watch after_half_look(watch before, time_point asked_at, time_point now)
{
    return after_look(
        before, false, std::min(asked_at, before.changed_at + watch_end - milliseconds(1)), now
    );
}

double looks_in_window(double room)
{
    // Not a number is no room.
    auto const looks = looks_at_rest * (room > room_min ? std::min(room, room_max) : room_min);
    return looks < 1 ? looks : std::floor(looks + looks_tolerance);
}

double requests_of(double looks)
{
    return looks < 1 ? 2 * looks : looks + std::max(std::floor(looks / looks_per_task_look), 1.0);
}

double room_for(double requests)
{
    if (!(requests >= 2))
        return std::max(requests / 2 / looks_at_rest, room_min);
    int looks = looks_max;
    while (looks > 1 && requests_of(looks) > requests)
        --looks;
    return static_cast<double>(looks) / looks_at_rest;
}

std::optional<due_look> next_look(watch const& of, double room, time_point now)
{
    if (is_over(of) && !is_before_its_past(of, now))
        return std::nullopt;
    auto const looks = looks_in_window(room);
    auto const whole = std::max(looks, 1.0);
    auto const longer = whole / looks;  // above 1 where not even one look fits
    auto const spans = shape_of(whole);
    bool const is_unseen = of.unseen_since.has_value();
    auto const looked_at = of.looked_at.value_or(of.changed_at);
    auto const age = is_unseen ? 0.0 : static_cast<double>((looked_at - of.changed_at).count());
    auto const done = looks_until(age / longer, spans);
    // What is less than half a look at the end is no look of its own.
    auto const next = done + 1 > whole - 0.5 ? span_ends.back() : age_at(done + 1, spans);

    due_look out;
    out.stretch = std::max(looks_at_rest / looks, 1.0);
    auto const begin = is_unseen ? *of.unseen_since : of.changed_at;
    out.due_at = is_before_its_past(of, now) ? now : begin + milliseconds(std::llround(longer * next));
    out.is_last = std::max(out.due_at, now) - of.changed_at >= watch_end;
    auto const since = of.looks_since_tasks + 1;
    bool const is_turn = since >= looks_per_task_look && whole - (done + 1) >= looks_per_task_look - 0.5;
    out.with_tasks = out.is_last || is_turn || since >= 2 * looks_per_task_look;
    return out;
}

}  // namespace linkspan
