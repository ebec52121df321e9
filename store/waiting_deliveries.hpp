#pragma once
#include "core/route/enrichment.hpp"
#include "store/deliveries.hpp"

#include <cstdint>
#include <vector>

namespace linkspan
{

// A message that waits for facts about its event (core/route/enrichment.hpp). It is not sent, and nothing
// behind it in its lane, until release_delivery() or drop_delivery() has decided about it.
struct waiting_delivery
{
    delivery_id id;
    event_row happening;
    planned_delivery plan;  // without its rule
    time_point due_at;      // when it is sent at the earliest
    time_point decide_by;
};

// Those to be decided first come first; the messages of one event stand together, unless `at_most` parts
// them.
result<std::vector<waiting_delivery>> list_waiting(transaction& tx, std::int64_t at_most);

// It is to be sent now, or at its due_at, as `one` says. One that was replaced meanwhile stays so.
result<> release_delivery(transaction& tx, waiting_delivery const& one);

// By what is known no rule takes it; the reason tells which. One that was replaced meanwhile stays so.
result<> drop_delivery(transaction& tx, delivery_id id, std::string_view reason);

// A message that is not taken from the start, for `linkspan events show` and `linkspan explain` to tell.
result<> note_not_taken(
    transaction& tx, event_row happening, planned_delivery const& plan, std::string_view reason
);

}  // namespace linkspan
