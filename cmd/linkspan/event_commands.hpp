#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"
#include "store/deliveries.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

inline constexpr std::size_t events_listed = 50;  // unless --limit says otherwise
inline constexpr std::size_t events_listed_max = 10'000;

// Shorter numbers are deliveries; longer ones may be the beginning of an event's id.
inline constexpr std::size_t delivery_digits_max = 7;

// What was typed for an event's id or the beginning of it, as the store has ids: in lower case, with dashes.
// Other texts stay as they are.
std::string typed_event_id(std::string_view text);

// `linkspan events list`: the newest events that match, the newest last. Deliveries that were set aside stand
// among them by time, unless a filter asks for what only events have. errc::invalid for patterns that nothing
// can match.
struct list_events_options : command_options
{
    std::string kind;        // glob
    std::string repository;  // glob
    std::optional<std::int64_t> pull_request;
    std::size_t limit = events_listed;
};
result<> list_happenings(terminal& on, list_events_options const& options);

// Why a message is where it is: the last reason, where there is one, and the rule that chose its destination.
std::string why_of(delivery_history const& one);

// `linkspan events show ID`: an event by its id or the beginning of it, or a delivery by its number, as in
// "12" or "delivery 12". With a format the event alone, as one of the published forms.
struct show_event_options : command_options
{
    std::string id;
    std::string format;  // "json", "cloudevents" or "cdevents"
};
result<> show_happening(terminal& on, show_event_options const& options);

}  // namespace linkspan
