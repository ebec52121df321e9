#include "cmd/linkspan/link_state.hpp"

#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/profile_store.hpp"

namespace linkspan
{
namespace
{

// A link that receives webhooks and does nothing else.
bool is_webhook_alone(link_template const& kind)
{
    return kind.receives && kind.oauth == nullptr && kind.identify == nullptr;
}

}  // namespace

std::string_view name_of(link_standing standing) noexcept
{
    switch (standing)
    {
        case link_standing::ready:
            return "ready";
        case link_standing::authorized:
            return "authorized";
        case link_standing::missing:
            return "missing";
        case link_standing::unproven:
            return "unproven";
        case link_standing::unauthorized:
            return "unauthorized";
        case link_standing::needs_reauth:
            return "needs_reauth";
        case link_standing::unknown_template:
            return "unknown_template";
    }
    return "unknown_template";
}

bool link_state::needs_person() const
{
    return standing != link_standing::ready && standing != link_standing::authorized;
}

link_state state_of(link_row const& link, link_template const* kind, grant const& of, time_point now)
{
    link_state out;
    if (kind == nullptr)
    {
        out.standing = link_standing::unknown_template;
        return out;
    }
    for (auto const& name : missing_fields(*kind, link))
        out.detail += (out.detail.empty() ? "" : ", ") + name;
    if (kind->oauth != nullptr)
        out.fault = fault_of(of, now);
    if (!out.detail.empty())
        out.standing = link_standing::missing;
    else if (is_webhook_alone(*kind) && !has_proof(link))
    {
        out.standing = link_standing::unproven;
        out.detail = "takes nothing until webhook_secret is set";
    }
    else if (out.fault != grant_fault::none)
    {
        out.standing = link_standing::needs_reauth;
        out.detail = reason_of(of, out.fault);
    }
    else if (kind->oauth != nullptr && of.state == grant_state::authorized)
    {
        out.standing = link_standing::authorized;
        if (of.failures > 0)
            out.detail = "the last refresh failed: " + of.last_failure;
    }
    else if (needs_sign_in(*kind))
    {
        out.standing = link_standing::unauthorized;
        out.detail = "linkspan start-oauth " + name_of(link);
    }
    return out;
}

std::string remedy_of(grant_fault fault, link_template const& kind, std::string const& name)
{
    if (fault == grant_fault::misused && needs_sign_in(kind))
        return "linkspan update-link " + name;
    return (needs_sign_in(kind) ? "linkspan start-oauth " : "linkspan set-creds ") + name;
}

std::string text_of(link_state const& state)
{
    if (state.standing == link_standing::unproven)
        return state.detail;
    if (state.standing == link_standing::unauthorized)
        return "not authorized yet: " + state.detail;
    if (state.standing == link_standing::unknown_template)
        return "unknown template";
    return std::string(name_of(state.standing)) + (state.detail.empty() ? "" : ": " + state.detail);
}

std::string duration_text(milliseconds length)
{
    auto const all = std::chrono::duration_cast<seconds>(length).count();
    constexpr std::int64_t minute = 60;
    constexpr std::int64_t hour = 60 * minute;
    constexpr std::int64_t day = 24 * hour;
    auto const number = [](std::int64_t count, char const* unit)
    { return std::to_string(count) + " " + unit; };
    if (all < minute)
        return number(all, "s");
    if (all < hour)
        return number(all / minute, "min");
    if (all < day)
    {
        auto const minutes = all % hour / minute;
        return number(all / hour, "h") + (minutes == 0 ? "" : " " + number(minutes, "min"));
    }
    return number(all / day, all / day == 1 ? "day" : "days");
}

std::string relative_time(time_point moment, time_point now)
{
    auto const distance = moment - now;
    if (distance < seconds(1) && distance > -seconds(1))
        return "now";
    return distance > milliseconds(0) ? "in " + duration_text(distance) : duration_text(-distance) + " ago";
}

}  // namespace linkspan
