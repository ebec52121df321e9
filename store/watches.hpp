#pragma once
#include "core/event/event.hpp"
#include "core/watch/schedule.hpp"
#include "store/database.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// Which pull requests are asked about, until when (core/watch/schedule.hpp). A watch begins with an event, in
// the transaction that stores the event, and is there until it has ended: it outlives the process.
struct watch_place
{
    std::string instance;
    std::string repository;  // its id
    std::int64_t pull_request = 0;

    watch_place() = default;
    bool operator==(watch_place const&) const = default;
};

struct watched_pull_request
{
    watch_place place;
    std::string full_name;  // of the repository, as the newest change told it
    watch state;

    watched_pull_request() = default;
};

// Applies a new event to the watches of its pull request, those of its builds among them
// (store/build_watches.hpp). True: a watch began, or took in a change. The change
// counts from when it happened (moment_of, to which lead goes), not from when it was told, but never from the
// future. A watch ends where its pull request is closed, and where the last comment is deleted behind whose
// window no look has come.
result<bool> apply_to_watch(transaction& tx, event const& happening, milliseconds lead = {});

// How many tasks of a pull request of Cloud are open, as far as is known.
result<std::int64_t> count_open_tasks(transaction& tx, watch_place const& of);

// All of one instance, in the order of their places.
result<std::vector<watched_pull_request>> list_watches(transaction& tx, std::string_view instance);

// Nothing where the pull request is not watched.
result<std::optional<watched_pull_request>> find_watch(transaction& tx, watch_place const& of);

// Stores the state behind a look. Nothing where the watch has ended meanwhile. It replaces what is there:
// find, decide and save in one transaction, or a change that came in between is lost.
result<> save_watch(transaction& tx, watch_place const& of, watch const& state);

// Nothing where it has ended already.
result<> end_watch(transaction& tx, watch_place const& of);

// How many pull requests are watched, for comments or builds, of all instances.
result<std::int64_t> count_watches(transaction& tx);

// Ends those that nobody looks at any more, as of an instance that lost its link: their last change is older
// than this. Far more than the slowest pace of looking, one in 15 hours, lets happen.
inline constexpr milliseconds watch_kept{std::int64_t(7) * 24 * 3600 * 1000};
result<std::int64_t> forget_watches(transaction& tx, std::int64_t at_most);

}  // namespace linkspan
