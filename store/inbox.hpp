#pragma once
#include "core/base/ids.hpp"
#include "core/event/event.hpp"
#include "store/database.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// A delivery id is remembered this long: Bitbucket repeats within minutes.
inline constexpr std::chrono::hours delivery_id_kept{7 * 24};

// A verified delivery, as it came.
struct inbox_entry
{
    std::string link;
    linkspan::edition edition = linkspan::edition::cloud;
    std::string instance;  // "bitbucket.org", or the base URL of a Data Center
    std::string delivery;  // the sender's id of it; empty: never taken for a repetition
    std::string event_key;
    event_origin origin = event_origin::webhook;  // or of which look: poll, catch_up
    std::string headers;                          // JSON object, allow-listed
    std::string body;
    time_point received_at;
};

enum class inbox_state
{
    pending = 0,
    digested = 1,
    unrecognised = 2,  // a key that this version does not know; an upgrade may
    unreadable = 3,    // does not parse, or could not be digested three times
};

std::string_view name_of(inbox_state state) noexcept;
std::string_view name_of(event_origin origin) noexcept;  // "webhook", "poll", "catch_up", "chat"

struct inbox_row
{
    inbox_id id;
    std::string link;
    linkspan::edition edition = linkspan::edition::cloud;
    std::string instance;
    std::string event_key;
    event_origin origin = event_origin::webhook;
    time_point received_at;
    inbox_state state = inbox_state::pending;
    int attempts = 0;
    std::string body;
    std::string event_time;  // the X-Event-Time header as it came; empty where there was none
    std::optional<std::string> reason;
};

struct appended
{
    inbox_id id;  // 0 when it is a repetition
    bool is_repeated = false;
};

// Keeps a delivery, unless its id was seen on this link within delivery_id_kept.
result<appended> append(transaction& tx, inbox_entry const& entry);

// The oldest pending rows behind `after` with their bodies: at most rows_max, and no more than bytes_max (but
// one at least). A row that was tried before comes alone, so that a bad one takes no neighbour with it. With
// `attempts_min`, others are passed over: that looks at each pending row.
result<std::vector<inbox_row>> pending_rows(
    transaction& tx, std::size_t rows_max, std::size_t bytes_max, inbox_id after = {}, int attempts_min = 0
);

// Counts a try of these rows, before it is made.
result<> count_attempt(transaction& tx, std::vector<inbox_id> const& ids);
// Takes the count back: the try failed for a reason that says nothing about the row (disk full).
result<> uncount_attempt(transaction& tx, std::vector<inbox_id> const& ids);

result<> mark(transaction& tx, inbox_id id, inbox_state state, std::string_view reason = {});

// Forgets a row that has told nothing, with its body. No event may refer to it.
result<> forget_inbox_row(transaction& tx, inbox_id id);

// Rows that were set aside, newest first, without bodies.
result<std::vector<inbox_row>> list_set_aside(transaction& tx, std::size_t limit);

// The oldest rows behind `after` that were set aside, in one state or in both, with their bodies: at most
// rows_max, and no more than bytes_max (but one at least).
result<std::vector<inbox_row>> set_aside_rows(
    transaction& tx,
    std::optional<inbox_state> state,
    std::size_t rows_max,
    std::size_t bytes_max,
    inbox_id after = {}
);

// Puts rows that were set aside back into the queue, at their old place and as if never tried. Others are
// left as they are. Returns how many.
result<std::size_t> requeue(transaction& tx, std::vector<inbox_id> const& ids);

// One row with its body and headers. errc::not_found.
struct inbox_detail
{
    inbox_row row;
    std::string headers;
};
result<inbox_detail> find_inbox(transaction& tx, inbox_id id);

struct inbox_depth
{
    std::int64_t pending = 0;
    std::optional<time_point> oldest;
    std::int64_t unrecognised = 0;
    std::int64_t unreadable = 0;
};
result<inbox_depth> depth_of_inbox(transaction& tx);

// Forgets delivery ids older than delivery_id_kept, at most `limit` of them. Returns how many.
result<std::int64_t> forget_delivery_ids(transaction& tx, std::int64_t limit);

}  // namespace linkspan
