#pragma once
#include "store/events.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace linkspan
{

// Of the messages for a story's events that nobody has begun to send and that are due, those of one lane
// become one, where they are at least `messages_min` and their destination is one of `folding`: the last of
// them tells the others too (folded_into). The events themselves stay as they are.
result<> fold_deliveries(
    transaction& tx,
    std::vector<event_row> const& story,
    std::set<std::string> const& folding,
    std::size_t messages_min
);

// The events that a delivery tells besides its own, in their order. Those that cannot be read are left out.
result<std::vector<event>> folded_into(transaction& tx, delivery_id teller);

}  // namespace linkspan
