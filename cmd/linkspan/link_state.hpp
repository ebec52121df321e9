#pragma once
#include "core/oauth/grant.hpp"
#include "links/link.hpp"
#include "store/links.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

// How a link stands, as list-links and get-link tell it.
enum class link_standing
{
    ready,             // all that is needed is there; its service has not been asked
    authorized,        // it has tokens
    missing,           // required fields are not set
    unproven,          // a webhook link without any proof: it takes nothing
    unauthorized,      // nobody has signed in yet
    needs_reauth,      // only a person can get a token again that works: fault_of() of core/oauth/grant
    unknown_template,  // made by another version
};
std::string_view name_of(link_standing standing) noexcept;

struct link_state
{
    link_standing standing = link_standing::ready;
    std::string detail;                     // why, and what to do; empty: nothing to say
    grant_fault fault = grant_fault::none;  // of needs_reauth

    bool needs_person() const;
};

// kind: null where this version does not have it. of: of a link without any, its default.
link_state state_of(link_row const& link, link_template const* kind, grant const& of, time_point now);

// What a person types against a fault of the link that is called so.
std::string remedy_of(grant_fault fault, link_template const& kind, std::string const& name);

// "missing: bot_token", "ready".
std::string text_of(link_state const& state);

// "in 1 h 40 min", "in 25 days", "3 min ago", "now": near enough for a person, in two units at most.
std::string relative_time(time_point moment, time_point now);

// "12 s", "1 h 40 min", "25 days".
std::string duration_text(milliseconds length);

}  // namespace linkspan
