#pragma once
#include "core/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

// When to use, refresh and give up the tokens of a link. Pure: the store remembers, a loop carries out.
//
//   none --consent--> authorized --every refresh token refused--> needs_reauth --consent--> authorized
enum class grant_state
{
    none,
    authorized,
    needs_reauth,  // only a person can help: linkspan start-oauth, or set-creds
};
std::string_view name_of(grant_state state) noexcept;

// What is known of a link's tokens, without any secret.
struct grant
{
    grant_state state = grant_state::none;
    // Why it needs a person: needs_reauth, or the service has refused the link itself (its client, its
    // scopes) since the token in use came.
    std::string reason;
    std::int64_t generation = 0;  // of the token in use; 0: there is none
    time_point obtained_at;
    std::optional<time_point> expires_at;  // nothing: it has no end, or the service does not say
    bool has_refresh_token = false;        // one that nobody has refused
    bool renews_itself = false;            // its template needs no refresh token: the caller says so
    bool has_worked = false;               // the service has taken the token in use
    std::string scopes;                    // granted; empty: the service does not say
    int failures = 0;                      // refreshes in a row that got no token
    std::string last_failure;
    std::optional<time_point> retry_at;  // no refresh before
    std::optional<time_point>
        unheard_since;  // of the first answer that was lost and may have rotated the token
    std::optional<time_point> lease_until;   // somebody refreshes now
    std::optional<time_point> last_used_at;  // by anybody, for anything but a refresh

    grant() = default;
};

// Whether somebody refreshes now. A lease from far in the future (lease_lead_max) is one of a clock that was
// set back since.
bool is_leased(grant const& of, time_point now) noexcept;

// Whether another token may be got without a person.
bool can_renew(grant const& of) noexcept;

// Why only a person can get a token that works.
enum class grant_fault
{
    none,     // or nobody has consented yet
    refused,  // needs_reauth: the token in use may live to its end, and none comes behind it
    ended,    // the token has ended, and the service gave no refresh token
    misused,  // none works, and the service refuses the link itself: it is tried on, in vain until that is
              // mended
};
grant_fault fault_of(grant const& of, time_point now);

// The fault in one line; empty where there is none.
std::string reason_of(grant const& of, grant_fault fault);

// When the token in use is handed out no more; nothing: it has no end, or there is none.
std::optional<time_point> usable_until(grant const& of);

// A token is refreshed before its end: by this much, or a fifth of its life where that is less.
inline constexpr milliseconds early_refresh_max{15 * 60 * 1000};
// Below this rest a token is handed out no more: the service's clock may be ahead, and calls take time.
inline constexpr milliseconds last_use_margin{30'000};
// An idle link is refreshed this often all the same: unused refresh tokens die (Bitbucket: after 3 months).
inline constexpr milliseconds keep_alive{24 * 3600 * 1000};
// One refresh of one link at a time, over all processes; longer than any call of a token endpoint.
inline constexpr milliseconds lease_time{60'000};
// Who reads a lease may have taken the time before it waited for the store, and so before the lease was made:
// longer than anybody waits for that.
inline constexpr milliseconds lease_lead_max{30'000};
inline constexpr milliseconds refresh_wait_min{30'000};
inline constexpr milliseconds refresh_wait_max{3600 * 1000};
// After an answer that was lost the old refresh token may live no longer than this (Bitbucket: about ten
// minutes behind its first use): within it nobody waits longer than unheard_wait_max, whatever was asked for.
inline constexpr milliseconds rotation_grace{600'000};
inline constexpr milliseconds unheard_wait_max{120'000};

// What somebody who needs a token now does.
enum class token_step
{
    use,              // hand it out
    use_and_refresh,  // hand it out; it is time to get the next one
    refresh,          // get another one first
    wait,             // somebody else is at it: look again when the lease ends, or it is committed
    back_off,         // none that works, and it is too early to ask again
    consent,          // none that works, and only a person can help
};

// refused_generation: the service has refused the token of this generation; 0: none. jitter: from 0 to 1, of
// the link, so that many links do not refresh in the same second.
token_step next_step(grant const& of, std::int64_t refused_generation, double jitter, time_point now);

// When a token should be refreshed though nobody asks; nothing: never.
std::optional<time_point> next_refresh_at(grant const& of, double jitter, time_point now);

// How long to wait after the nth failure in a row (1, 2, ...): doubled from refresh_wait_min, with jitter of
// a fifth, or as long as the service asked for. unheard_for: how long ago the first answer was lost that may
// have rotated the token; nothing: none was.
milliseconds refresh_wait(
    int failures,
    double jitter,
    std::optional<milliseconds> asked,
    std::optional<milliseconds> unheard_for = std::nullopt
);

}  // namespace linkspan
