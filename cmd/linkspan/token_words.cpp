#include "cmd/linkspan/token_words.hpp"

#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/link_state.hpp"

namespace linkspan
{

std::string const& called(open_link const& link)
{
    return link.name ? *link.name : link.id.value;
}

error needs_person(open_link const& link, grant const& state)
{
    auto const& name = called(link);
    auto const way = remedy_of(grant_fault::ended, *link.kind, name);
    if (state.state == grant_state::needs_reauth)
        return error(
            errc::unauthorized,
            "link " + name + " needs to be authorized again (" + state.reason + "); type: " + way
        );
    if (state.generation != 0)
        return error(
            errc::unauthorized,
            "the token of link " + name + " is used up and the service gave no refresh token; type: " + way
        );
    return error(errc::unauthorized, "link " + name + " is not authorized yet; type: " + way);
}

error backs_off(open_link const& link, grant const& state, time_point now)
{
    auto const& name = called(link);
    auto const wait = state.retry_at ? std::chrono::ceil<seconds>(*state.retry_at - now) : seconds(0);
    auto const again = "it is tried again in " + std::to_string(wait.count()) + " s";
    auto const fault = fault_of(state, now);
    if (fault == grant_fault::misused)
        return error(
            errc::unauthorized,
            "link " + name + " gets no new token: " + reason_of(state, fault) +
                "; type: " + remedy_of(fault, *link.kind, name) + "; " + again
        );
    return error(
        errc::unavailable, "link " + name + " gets no new token (" + state.last_failure + "); " + again
    );
}

error not_stored(open_link const& link, error const& why)
{
    auto const& name = called(link);
    auto const further =
        needs_sign_in(*link.kind)
            ? "; where the service takes the one before no more: linkspan start-oauth " + name
            : std::string();
    return error(
        why.code,
        "link " + name + ": the new token came, could not be stored and is lost (" + why.message +
            "); mend that, then type: linkspan refresh-link " + name + further
    );
}

}  // namespace linkspan
