#include "core/watch/budget.hpp"

#include "core/watch/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace linkspan
{
namespace
{

constexpr std::size_t resource_name_bytes_max = 64;
constexpr double milliseconds_per_second = 1'000;

bool is_bucket(budget const& of)
{
    return of.resource == resource_class::data_center;
}

time_point begin_of_slot(time_point now)
{
    auto const since = now.time_since_epoch();
    auto const rest = (since % budget_slot + budget_slot) % budget_slot;
    return now - rest;
}

void refill(budget& of, time_point now)
{
    auto const passed = static_cast<double>((now - of.counted_at).count()) / milliseconds_per_second;
    of.tokens = std::min(of.tokens + passed * of.refill_per_second, static_cast<double>(of.limit));
    of.counted_at = now;
}

void shift_slots(budget& of, time_point slot)
{
    auto const count = static_cast<std::uint64_t>((slot - of.counted_at) / budget_slot);
    auto const by = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(count, budget_slots));
    std::shift_right(of.spent.begin(), of.spent.end(), by);
    std::fill_n(of.spent.begin(), by, 0);
    of.counted_at = slot;
}

// Brings the count to `now`.
void count_until(budget& of, time_point now)
{
    auto const moment = is_bucket(of) ? now : begin_of_slot(now);
    if (moment < of.counted_at)
    {
        if (of.counted_at - moment > clock_step_max)
            of.counted_at = moment;
        return;
    }
    if (is_bucket(of))
        refill(of, moment);
    else
        shift_slots(of, moment);
}

void forget_what_is_to_come(budget& of, time_point now)
{
    if (of.blocked_until)
        of.blocked_until = std::min(*of.blocked_until, now + block_max);
    if (of.probed_at)
        of.probed_at = std::min(*of.probed_at, now);
}

int spent_of(budget const& of)
{
    return std::accumulate(of.spent.begin(), of.spent.end(), 0);
}

int reserved(budget const& of, priority who)
{
    return static_cast<int>(reserve_of(who) * of.limit);
}

// What the priority may spend, of a budget that is counted until now; below 0 where others went further.
int allowance(budget const& of, priority who)
{
    auto const left = is_bucket(of) ? static_cast<int>(std::floor(of.tokens)) : of.limit - spent_of(of);
    return left - reserved(of, who);
}

// When slot i of a budget that is counted until now counts no more.
time_point end_of_slot(budget const& of, std::size_t i)
{
    return of.counted_at + budget_slot * static_cast<std::int64_t>(budget_slots - i);
}

// When `missing` more are free, if nothing is spent meanwhile.
time_point free_at(budget const& of, int missing, time_point now)
{
    if (is_bucket(of))
    {
        auto const wanted = missing - (of.tokens - std::floor(of.tokens));
        auto const wait = wanted / std::max(of.refill_per_second, 1e-3) * milliseconds_per_second;
        return std::max(of.counted_at, now) + milliseconds(static_cast<std::int64_t>(std::ceil(wait)));
    }
    int freed = 0;
    for (auto i = budget_slots; i-- > 0;)
    {
        freed += of.spent[i];
        if (freed >= missing)
            return std::max(end_of_slot(of, i), now);
    }
    return now + budget_hour;
}

void count(budget& of, int requests)
{
    if (is_bucket(of))
        of.tokens -= requests;
    else
        of.spent.front() += std::min(requests, limit_max);
}

constexpr auto watch_milliseconds = static_cast<double>(watch_end.count());

double refilled_in_window(budget const& of, double share)
{
    auto const refilled = of.refill_per_second * share * watch_milliseconds / milliseconds_per_second;
    return refilled + std::max(allowance(of, priority::watching), 0);
}

// Requests in a millisecond. The pace is such that no moment of the next hour forbids it: until a slot frees
// itself there is only what is left, and what the older ones gave back.
double steady_pace(budget const& of, double share, time_point now)
{
    auto const all = share * of.limit;
    auto const left = static_cast<double>(std::max(allowance(of, priority::watching), 0));
    double pace = all / static_cast<double>(budget_hour.count());
    double freed = 0;
    for (auto i = budget_slots; i-- > 0;)
    {
        if (of.spent[i] == 0)
            continue;
        auto const until = static_cast<double>((end_of_slot(of, i) - now).count());
        if (until > 0)
            pace = std::min(pace, (left + freed) / until);
        freed += of.spent[i];
    }
    return pace * (1 + std::max(all - spent_of(of), 0.0) / all);
}

}  // namespace

std::string_view name_of(resource_class of) noexcept
{
    return std::array<std::string_view, 4>{
        "repositories", "raw_files", "hooks", "data_center"}[static_cast<std::size_t>(of)];
}

std::string_view name_of(priority of) noexcept
{
    return std::array<std::string_view, 4>{
        "person", "watching", "catch_up", "backfill"}[static_cast<std::size_t>(of)];
}

budget fresh_budget(resource_class of, time_point now)
{
    budget out;
    out.resource = of;
    out.limit = std::array{
        repositories_per_hour, raw_files_per_hour, hooks_per_hour, bucket_size}[static_cast<std::size_t>(of)];
    out.counted_at = is_bucket(out) ? now : begin_of_slot(now);
    if (is_bucket(out))
    {
        out.refill_per_second = bucket_refill_per_second;
        out.tokens = bucket_size;
    }
    return out;
}

budget_answer admit(budget& of, priority who, int requests, time_point now)
{
    count_until(of, now);
    forget_what_is_to_come(of, now);
    requests = std::max(requests, 1);
    budget_answer out;
    out.ask_again_at = now;
    if (of.blocked_until)
    {
        if (now < *of.blocked_until)
            out.ask_again_at = *of.blocked_until;
        else if (of.probed_at && now < *of.probed_at + probe_wait)
            out.ask_again_at = *of.probed_at + probe_wait;
    }
    if (out.ask_again_at > now)
        return out;
    auto const missing = requests - allowance(of, who);
    if (missing > 0)
    {
        bool const is_possible = requests <= of.limit - reserved(of, who);
        out.ask_again_at = is_possible ? free_at(of, missing, now) : now + budget_hour;
        return out;
    }
    count(of, requests);
    if (of.blocked_until)
        of.probed_at = now;
    out.is_granted = true;
    return out;
}

void spend(budget& of, int requests, time_point now)
{
    count_until(of, now);
    count(of, std::max(requests, 0));
}

int hourly_limit(budget const& of)
{
    return is_bucket(of) ? static_cast<int>(of.refill_per_second * 3'600) : of.limit;
}

int spent_of(budget const& of, time_point now)
{
    budget counted = of;
    count_until(counted, now);
    return counted.limit - allowance(counted, priority::person);
}

int left_for(budget const& of, priority who, time_point now)
{
    budget counted = of;
    count_until(counted, now);
    return std::max(allowance(counted, who), 0);
}

void hear(budget& of, rate_answer const& answer, time_point now)
{
    count_until(of, now);
    if (of.resource_name.empty())
        of.resource_name = answer.resource.substr(0, resource_name_bytes_max);
    bool const is_of_this = answer.resource.empty() || of.resource_name == answer.resource;
    if (answer.limit && is_of_this && *answer.limit >= limit_min && *answer.limit <= limit_max)
        of.limit = *answer.limit;
    if (answer.is_near_limit.value_or(false) && is_of_this)
    {
        auto const left_at_most = static_cast<int>(near_limit_share * of.limit);
        count(of, std::max(allowance(of, priority::person) - left_at_most, 0));
    }
    of.probed_at.reset();
    if (!answer.is_refused)
    {
        // Of a request that left before the refusal the answer says nothing about now.
        if (of.blocked_until && now < *of.blocked_until)
            return;
        of.blocked_until.reset();
        of.refusals = 0;
        if (is_bucket(of) && of.refill_per_second < bucket_refill_per_second)
            of.refill_per_second =
                std::min(of.refill_per_second * bucket_refill_gain, bucket_refill_per_second);
        return;
    }
    // The same refusal to several that were on their way together counts once.
    if (!of.blocked_until || now >= *of.blocked_until)
    {
        ++of.refusals;
        if (is_bucket(of))
            of.refill_per_second = std::max(of.refill_per_second / 2, bucket_refill_min);
    }
    auto const doubled = block_min * (std::int64_t(1) << std::clamp(of.refusals - 1, 0, 10));
    of.blocked_until = now + std::clamp(answer.wait.value_or(doubled), block_min, block_max);
    if (is_bucket(of))
        of.tokens = std::min(of.tokens, 0.0);
}

double room(budget const& of, int watched, time_point now)
{
    budget counted = of;
    count_until(counted, now);
    auto const room_within = [&](double share)
    {
        auto const requests = is_bucket(counted) ? refilled_in_window(counted, share)
                                                 : steady_pace(counted, share, now) * watch_milliseconds;
        return room_for(requests / std::max(watched, 1));
    };
    auto const all = room_within(watching_share);
    return all <= 1 ? all : std::max(room_within(dense_watching_share), 1.0);
}

}  // namespace linkspan
