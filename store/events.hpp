#pragma once
#include "core/event/event.hpp"
#include "store/database.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// The row of a stored event; deliveries point to it.
using event_row = number_id<struct event_row_tag>;

// Nothing when an event of this key is there already: then it is not new, whatever path it came by.
result<std::optional<event_row>> insert_event(transaction& tx, event const& happening);

struct event_filter
{
    std::string kind;        // glob over kinds; empty: all
    std::string repository;  // glob over full names; empty: all
    std::optional<std::int64_t> pull_request;
    std::size_t limit = 50;

    event_filter() {}
};

// Newest first. Stops looking after scan_max rows that do not match.
result<std::vector<event>> list_events(transaction& tx, event_filter const& filter);

// By its whole id, or the only one that begins with the text (of 8 characters or more). errc::not_found,
// errc::conflict when several do.
result<event> find_event(transaction& tx, std::string_view id);

// How many characters of these ids name each of them alone among all stored events: id_shown_min at least, as
// many for each. Of the first eight, which are half of the time, a minute's events have the same.
inline constexpr std::size_t id_shown_min = 13;  // the whole time
result<std::size_t> telling_length(transaction& tx, std::vector<event_id> const& ids);

result<event> read_event(transaction& tx, event_row row);

// The events of one event's happening, itself among them, in the order in which they came: those of its cause
// that were received within cause_window of it, fifty at most.
result<std::vector<event>> events_of_cause(transaction& tx, event const& happening);

// Hands over what was received since a moment, in the order in which it came: the newest `limit` of it. One
// event at a time is held. Ends with the first error of the visitor.
struct visited_events
{
    std::size_t count = 0;
    bool has_more = false;  // older ones since then were left out
};
result<visited_events> visit_events(
    transaction& tx, time_point since, std::size_t limit, std::function<result<>(event const&)> const& visitor
);

}  // namespace linkspan
