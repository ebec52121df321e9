#include "core/oauth/grant.hpp"

#include <algorithm>
#include <cmath>

namespace linkspan
{
namespace
{

// A token that was got later than now, by more than clocks are corrected: the clock was set back since.
constexpr milliseconds clock_step_max{60'000};

// A fifth of the life, and no more than `most`.
milliseconds margin_of(grant const& of, milliseconds most)
{
    if (!of.expires_at)
        return most;
    auto const life = *of.expires_at - of.obtained_at;
    return std::clamp(milliseconds(life / 5), milliseconds(0), most);
}

bool backs_off(grant const& of, time_point now)
{
    return of.retry_at && *of.retry_at > now && *of.retry_at <= now + 2 * refresh_wait_max;
}

bool is_usable(grant const& of, std::int64_t refused_generation, time_point now)
{
    if (of.generation == 0 || of.generation <= refused_generation)
        return false;
    auto const end = usable_until(of);
    return !end || *end > now;
}

}  // namespace

bool is_leased(grant const& of, time_point now) noexcept
{
    return of.lease_until && *of.lease_until > now && *of.lease_until <= now + lease_time + lease_lead_max;
}

bool can_renew(grant const& of) noexcept
{
    return of.state != grant_state::needs_reauth && (of.has_refresh_token || of.renews_itself);
}

grant_fault fault_of(grant const& of, time_point now)
{
    if (of.state == grant_state::needs_reauth)
        return grant_fault::refused;
    if (is_usable(of, 0, now))
        return grant_fault::none;
    if (!can_renew(of))
        return of.generation != 0 ? grant_fault::ended : grant_fault::none;
    return of.reason.empty() ? grant_fault::none : grant_fault::misused;
}

std::string reason_of(grant const& of, grant_fault fault)
{
    switch (fault)
    {
        case grant_fault::none:
            return {};
        case grant_fault::refused:
            return of.reason;
        case grant_fault::ended:
            return "its token has ended, and the service gave no refresh token";
        case grant_fault::misused:
            return "the service refuses the link's client or settings: " + of.reason;
    }
    return {};
}

std::optional<time_point> usable_until(grant const& of)
{
    if (of.generation == 0 || !of.expires_at)
        return std::nullopt;
    return *of.expires_at - margin_of(of, last_use_margin);
}

std::string_view name_of(grant_state state) noexcept
{
    switch (state)
    {
        case grant_state::none:
            return "none";
        case grant_state::authorized:
            return "authorized";
        case grant_state::needs_reauth:
            return "needs_reauth";
    }
    return "none";
}

token_step next_step(grant const& of, std::int64_t refused_generation, double jitter, time_point now)
{
    if (is_usable(of, refused_generation, now))
    {
        auto const due = next_refresh_at(of, jitter, now);
        bool const is_due = due && *due <= now && !is_leased(of, now) && !backs_off(of, now);
        return is_due ? token_step::use_and_refresh : token_step::use;
    }
    if (!can_renew(of))
        return token_step::consent;
    if (is_leased(of, now))
        return token_step::wait;
    return backs_off(of, now) ? token_step::back_off : token_step::refresh;
}

std::optional<time_point> next_refresh_at(grant const& of, double jitter, time_point now)
{
    // Without a token in use, only where that was given up for another: nobody need ask for its refresh.
    if (!can_renew(of) || (of.generation == 0 && of.state != grant_state::authorized))
        return std::nullopt;
    bool const is_idle = !of.last_used_at || now - *of.last_used_at > keep_alive;
    if (is_idle && of.renews_itself)
        return std::nullopt;
    auto due = of.obtained_at + keep_alive;
    if (!is_idle && of.expires_at)
    {
        auto const margin = margin_of(of, early_refresh_max);
        due = *of.expires_at - margin -
              milliseconds(std::int64_t(static_cast<double>(margin.count()) * jitter / 5));
    }
    // Nobody knows how old it is.
    if (of.obtained_at > now + clock_step_max)
        due = now;
    if (backs_off(of, now))
        due = std::max(due, *of.retry_at);
    if (is_leased(of, now))
        due = std::max(due, *of.lease_until);
    return due;
}

milliseconds refresh_wait(
    int failures, double jitter, std::optional<milliseconds> asked, std::optional<milliseconds> unheard_for
)
{
    constexpr int doublings_max = 7;  // refresh_wait_max is reached by then
    auto const doubled = refresh_wait_min * (1 << std::clamp(failures - 1, 0, doublings_max));
    auto const wait = std::min<milliseconds>(doubled, refresh_wait_max);
    auto const spread = std::int64_t(static_cast<double>(wait.count()) * (jitter - 0.5) * 2 / 5);
    auto const most = unheard_for && *unheard_for < rotation_grace ? unheard_wait_max : refresh_wait_max;
    return std::min(std::max(wait + milliseconds(spread), asked.value_or(milliseconds(0))), most);
}

}  // namespace linkspan
