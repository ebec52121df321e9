#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <string>

namespace linkspan
{

// What rules do, did and would do: the answers of the one engine (core/route). Each reads only. errc::invalid
// where the configuration has faults.

// `linkspan explain EVENT`: what each rule makes of a stored event and why, where the event went, and which
// event of the same cause was told instead. errc::not_found, errc::conflict as find_event().
struct explain_options : command_options
{
    std::string event;  // an id, or its beginning
};
result<> explain_event(terminal& on, explain_options const& options);

// `linkspan routes`: which rules may take events of a repository and kind, and lead to a destination.
// errc::invalid for a repository or a kind that none can be, errc::not_found for an unknown destination.
struct routes_options : command_options
{
    std::string repository;   // a full name; empty: any
    std::string destination;  // empty: any
    std::string kind;         // glob; empty: any
};
result<> show_routes(terminal& on, routes_options const& options);

inline constexpr std::size_t planned_events = 10'000;  // unless --limit says otherwise
inline constexpr std::size_t planned_events_max = 1'000'000;

// `linkspan plan --config NEW --since TIME`: what another configuration would have sent of the stored events,
// beside what the current one would have. errc::not_found where NEW is not there.
struct plan_options : command_options
{
    std::string new_config;
    std::string since;
    std::size_t limit = planned_events;
};
result<> plan_change(terminal& on, plan_options const& options);

}  // namespace linkspan
