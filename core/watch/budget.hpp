#pragma once
#include "core/base/time.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace linkspan
{

// How many requests a credential may make, of one class of resources: a state that the caller stores, so that
// processes share it. A request is counted before it is sent, and counts also if nobody answers.
//
//   open --refused (429)--> blocked until T --one request--> probing --any other answer--> open
//                              ^-------------refused, longer------|
//
// Limits: https://support.atlassian.com/bitbucket-cloud/docs/api-request-limits/ (Cloud, requests in any
// hour) and Data Center's rate limiting (a token bucket for each user, which an administrator sets).

// What Cloud counts apart: each has a budget of its own.
enum class resource_class
{
    repositories,  // /2.0/repositories and all that is not one of the others
    raw_files,
    hooks,
    data_center,  // everything of a Data Center instance
};
std::string_view name_of(resource_class of) noexcept;

inline constexpr int repositories_per_hour = 1'000;
inline constexpr int raw_files_per_hour = 5'000;
inline constexpr int hooks_per_hour = 1'000;
inline constexpr int bucket_size = 60;
inline constexpr double bucket_refill_per_second = 5;
// Administrators may set less, and no answer says so: each refusal halves what is reckoned with, and each
// answer of the time behind it raises it a little.
inline constexpr double bucket_refill_min = 0.1;
inline constexpr double bucket_refill_gain = 1.01;

// Who asks, most urgent first.
enum class priority
{
    person,  // somebody waits for the answer
    watching,
    catch_up,
    backfill,
};
std::string_view name_of(priority of) noexcept;

// The share of the limit that each leaves to the more urgent ones.
constexpr double reserve_of(priority of)
{
    return std::array{0.0, 0.1, 0.2, 0.5}[static_cast<std::size_t>(of)];
}

// Watching paces itself to the first share, less than it may take, so that a day full of comments leaves
// catch-up its part. Denser than at room 1 it gets only within the second: backfill goes on beside it.
inline constexpr double watching_share = 0.7;
inline constexpr double dense_watching_share = 0.4;

// Requests are counted in slots, and a slot counts until the whole of it is an hour old. An answer may be
// late: what Bitbucket counts may be this much younger than what we count, no call takes longer.
inline constexpr milliseconds budget_slot{15'000};
inline constexpr milliseconds budget_hour{3'600'000};
inline constexpr milliseconds arrival_delay_max{30'000};
inline constexpr std::size_t budget_slots = (budget_hour + arrival_delay_max) / budget_slot + 1;

// A clock that is set back by no more than this stands still meanwhile; by more, and the time since the last
// count is taken for nothing. Both count too much, never too little.
inline constexpr milliseconds clock_step_max{60'000};

// What an answer may say of the limit; another number is not believed.
inline constexpr int limit_min = 10;
inline constexpr int limit_max = 100'000;
// X-RateLimit-NearLimit says that less than this share is left.
inline constexpr double near_limit_share = 0.2;

// How long nothing is sent after a refusal: doubled for each in a row, or what the answer asks for, within
// these bounds. A probe whose answer is not heard of counts as answered after probe_wait.
inline constexpr milliseconds block_min{30'000};
inline constexpr milliseconds block_max{900'000};
inline constexpr milliseconds probe_wait{60'000};

struct budget
{
    resource_class resource = resource_class::repositories;
    int limit = repositories_per_hour;      // in an hour; the bucket's size on Data Center
    double refill_per_second = 0;           // Data Center only
    double tokens = 0;                      // Data Center only: left at counted_at; below 0: owed
    time_point counted_at;                  // the beginning of the newest slot, or when `tokens` was right
    std::array<int, budget_slots> spent{};  // Cloud only: requests in each slot, the newest first
    int refusals = 0;                       // in a row
    std::optional<time_point> blocked_until;
    std::optional<time_point> probed_at;
    std::string resource_name;  // X-RateLimit-Resource of the first answer that had it

    budget() = default;
};

// Nothing spent yet.
budget fresh_budget(resource_class of, time_point now);

struct budget_answer
{
    bool is_granted = false;
    time_point ask_again_at;  // when it would be granted, if nobody else asked; granted: now

    budget_answer() = default;
};

// Grants `requests` (1 or more) at once, and counts them, or none of them. Never so many that with all that
// was granted within an hour they exceed the limit less the priority's reserve. More than that at once is
// never granted. While blocked nothing is, and behind it one asker at a time until an answer is heard.
budget_answer admit(budget& of, priority who, int requests, time_point now);

// Counts requests that were made without being asked for: further pages, a redirect.
void spend(budget& of, int requests, time_point now);

// Requests in an hour: of a bucket what it is refilled with.
int hourly_limit(budget const& of);

// What counts as spent now: within the hour, or what a bucket lacks until it is full.
int spent_of(budget const& of, time_point now);

// What this priority may still spend now; 0 or more.
int left_for(budget const& of, priority who, time_point now);

// What an answer says of the limit. Absent: the answer does not say.
struct rate_answer
{
    bool is_refused = false;            // status 429
    std::optional<int> limit;           // X-RateLimit-Limit
    std::optional<bool> is_near_limit;  // X-RateLimit-NearLimit
    std::string resource;               // X-RateLimit-Resource
    std::optional<milliseconds> wait;   // Retry-After; Bitbucket mostly does not say

    rate_answer() = default;
};

// Corrects the budget by an answer to one of its requests. The limit of another resource than the first
// answers named is not taken. Near the limit while we count less: somebody else spends of the same
// credential, and it counts as spent now.
void hear(budget& of, rate_answer const& answer, time_point now);

// How dense watching may be (the room of next_look), where so many pull requests are watched: what the
// greatest pace gives each that could be kept for an hour, within watching's share. While much of that share
// is unspent it may be up to twice as much. All watches get the same room, so they slow down alike.
double room(budget const& of, int watched, time_point now);

}  // namespace linkspan
