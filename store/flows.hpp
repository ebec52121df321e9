#pragma once
#include "core/base/ids.hpp"
#include "core/base/secret.hpp"
#include "store/database.hpp"
#include "store/vault.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

using flow_id = number_id<struct flow_tag>;

// One sign-in of a person:
//
//   started --begin--> at_service --take--> exchanging --end--> done | failed
//
// Ten minutes from its start nothing moves it any more but end_flow(). Hashes: links/oauth's hash_of().
enum class flow_state
{
    started,
    at_service,
    exchanging,
    done,
    failed,
};

inline constexpr milliseconds flow_life{10 * 60 * 1000};

// Where a verifier is sealed: at its link, in this field, with the flow's id as version.
inline constexpr std::string_view flow_verifier_field = "flow.verifier";

struct flow
{
    flow_id id;
    link_id link;
    bool is_pasted = false;  // its callback comes to the waiting command alone
    flow_state state = flow_state::started;
    std::string redirect_url;
    std::string detail;  // done: who authorized what; failed: why, in the service's words
    time_point created_at;
    time_point expires_at;

    flow() = default;
};

// Makes a flow that a browser begins with its ticket.
result<flow_id> start_flow(
    transaction& tx, link_id const& id, std::string_view ticket_hash, std::string_view redirect_url
);

// /start: spends the ticket. errc::not_found: no such ticket for this link; errc::conflict: it was used
// already; errc::timeout: it has expired. The verifier is sealed.
struct flow_secrets
{
    std::string state_hash;
    std::string cookie_hash;  // empty: pasted
    secret verifier;

    flow_secrets() = default;
};
result<flow> begin_flow(
    transaction& tx,
    vault const& keys,
    link_id const& id,
    std::string_view ticket_hash,
    flow_secrets const& secrets
);

// A flow without a ticket, at the service at once, whose callback is pasted into the command that waits.
result<flow> start_pasted_flow(
    transaction& tx,
    vault const& keys,
    link_id const& id,
    std::string_view redirect_url,
    flow_secrets const& secrets
);

// The callback: spends the state. cookie_hash: of the browser's cookie, empty where it has none; nothing:
// pasted. errc::not_found: no such state; errc::conflict: it was used already, or the sign-in has ended;
// errc::timeout: it has expired; errc::unauthorized: it belongs to another browser, or to a terminal, and is
// not spent; errc::unavailable: the verifier does not open.
struct taken_flow
{
    linkspan::flow flow;
    secret verifier;

    taken_flow() = default;
};
result<taken_flow> take_flow(
    transaction& tx,
    vault const& keys,
    std::string_view state_hash,
    std::optional<std::string> const& cookie_hash
);

// The first end stays: a later one changes nothing. errc::not_found, as find_flow(): its link is gone.
result<> end_flow(transaction& tx, flow_id id, bool is_done, std::string_view detail);

result<flow> find_flow(transaction& tx, flow_id id);

// Drops those that ended or expired an hour ago and more.
result<std::int64_t> forget_flows(transaction& tx, std::int64_t at_most);

}  // namespace linkspan
