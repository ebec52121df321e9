#pragma once
#include "core/watch/builds.hpp"
#include "store/watches.hpp"

namespace linkspan
{

// Whose builds are asked for, until when (core/watch/builds.hpp). A watch begins with a push, in the
// transaction that stores its event (apply_to_watch), and is there until it has ended.
struct watched_builds
{
    watch_place place;
    std::string full_name;  // of the repository, as the newest push told it
    build_watch state;

    watched_builds() = default;
};

// All of one instance, in the order of their places.
result<std::vector<watched_builds>> list_build_watches(transaction& tx, std::string_view instance);

// Nothing where the builds are not watched.
result<std::optional<watched_builds>> find_build_watch(transaction& tx, watch_place const& of);

// They were asked for. Nothing where the watch has ended; a push that came meanwhile stays unasked.
result<> save_build_look(transaction& tx, watch_place const& of, time_point asked_at);

// Nothing where it has ended already.
result<> end_build_watch(transaction& tx, watch_place const& of);

// Parts of apply_to_watch(), within its guard: they throw what SQLite throws.
void watch_builds(transaction& tx, watch_place const& of, event const& pushed, time_point pushed_at);
void drop_build_watch(transaction& tx, watch_place const& of);

}  // namespace linkspan
