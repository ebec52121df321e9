#pragma once
#include "core/delivery/delivery.hpp"
#include "core/route/cause.hpp"
#include "core/route/route.hpp"
#include "store/events.hpp"

#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// Messages that wait for each other: one destination, one conversation.
struct lane
{
    std::string destination;
    std::string conversation;

    lane() = default;
    lane(std::string destination, std::string conversation)
        : destination(std::move(destination)), conversation(std::move(conversation))
    {
    }
    auto operator<=>(lane const&) const = default;
};

// As numbers in the store.
enum class delivery_state
{
    pending = 0,
    done = 1,
    dead = 2,
    replaced = 3,   // another event of the same cause is told instead
    not_taken = 4,  // it waited for facts, and by these no rule takes it (store/waiting_deliveries.hpp)
};

// Plans the messages of a new event. Those that need facts wait for them, enrichment_wait at most, each at
// the place in its lane that it gets now (store/waiting_deliveries.hpp).
result<> plan_deliveries(
    transaction& tx, event_row happening, std::vector<planned_delivery> const& planned, time_point due_at
);

// The messages for events of an event's cause that were received within cause_window of it and planned within
// that time, and are neither replaced nor dead (core/route/cause.hpp).
result<std::vector<twin_delivery>> twins_of(transaction& tx, event const& happening);

// Ends messages that nobody has begun to send, and that another event's stand for. Returns their lanes, whose
// heads they may have been.
result<std::vector<lane>> replace_deliveries(
    transaction& tx, std::vector<std::int64_t> const& replaced, std::string_view reason
);

// A lane with something to send, and when its head is due. Lanes whose head waits for facts are none.
struct waiting_lane
{
    linkspan::lane lane;
    time_point due_at;
};
result<std::vector<waiting_lane>> waiting_lanes(transaction& tx);

// The head of a lane, its attempt counted.
struct begun_delivery
{
    delivery_id id;
    delivery_progress progress;
    linkspan::event event;               // as it is to be told (told_with_branch)
    std::vector<linkspan::event> story;  // told together with it, and before it (fold_deliveries)
};

// What became of the attempt before, if any.
struct settled_delivery
{
    delivery_id id;
    int attempt = 0;
    outcome result;
    verdict decided;
};

struct next_in_lane
{
    std::optional<begun_delivery> begun;  // to be sent now
    std::optional<time_point> due_at;  // else when the head is due; nothing: the lane is empty, or told later
};

// One step of a lane, in one transaction: settles the attempt that has just been made, if any, and begins the
// head if it is due. A head that waits is never overtaken; where it waits for facts the lane has nothing due.
// With `only_settle` nothing is begun (the program is stopping, or the destination is held).
result<next_in_lane> advance(
    transaction& tx,
    lane const& on,
    std::optional<settled_delivery> const& settled,
    retry_schedule const& schedule,
    bool only_settle
);

// Destinations that wait for a person.
struct hold
{
    std::string destination;
    std::string reason;
    std::string advice;
    time_point since_at;
    time_point look_at;  // when one message is tried again
};
result<> put_hold(transaction& tx, hold const& held);
result<> lift_hold(transaction& tx, std::string_view destination);
result<std::vector<hold>> list_holds(transaction& tx);

struct delivery_depth
{
    std::int64_t pending = 0;
    std::int64_t waiting = 0;  // for facts
    std::int64_t dead = 0;
    std::optional<time_point> oldest;  // planned_at of the oldest pending or waiting
};
result<delivery_depth> depth_of_deliveries(transaction& tx);

// The deliveries of one event, for `linkspan events show`.
struct delivery_history
{
    delivery_id id;
    std::string destination;
    std::string why;
    std::string state;  // "pending", "waiting", "done", "dead", "replaced", "not_taken"
    int attempts = 0;
    time_point due_at;  // waiting: when it is decided at the latest
    std::optional<std::string> reason;
};
result<std::vector<delivery_history>> deliveries_of(transaction& tx, event_id const& happening);

}  // namespace linkspan
