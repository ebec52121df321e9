#pragma once
#include "core/event/event.hpp"

#include <string_view>
#include <vector>

namespace linkspan::test
{

// What the deliveries of one event key tell. A delivery about a pull request carries the whole of it: what it
// shows besides (a title that has changed meanwhile) is no news of its key and not listed.
struct key_kinds
{
    edition on = edition::cloud;
    std::string_view key;
    std::vector<event_kind> makes;
    std::string_view told = {};  // how, where the kinds alone do not say it
};

// A row for each key that is promised, of both editions, in the order of docs/reference/events.md. The tests
// of golden events hold each row to what our deliveries make.
std::vector<key_kinds> const& kinds_of_keys();

// Null where the key is not promised.
key_kinds const* kinds_of_key(edition on, std::string_view key);

}  // namespace linkspan::test
