#include "store/build_watches.hpp"

#include "store/statement.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

// instance, repository, pull_request, full_name, pushed_at, asked_at
watched_builds read_build_watch(SQLite::Statement& statement)
{
    watched_builds out;
    out.place.instance = text_at(statement, 0);
    out.place.repository = text_at(statement, 1);
    out.place.pull_request = number_at(statement, 2);
    out.full_name = text_at(statement, 3);
    out.state.pushed_at = time_at(statement, 4);
    out.state.asked_at = optional_time_at(statement, 5);
    return out;
}

}  // namespace

void watch_builds(transaction& tx, watch_place const& of, event const& pushed, time_point pushed_at)
{
    bound(
        tx,
        "INSERT INTO build_watch (instance, repository, pull_request, full_name, pushed_at) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (instance, repository, pull_request) DO UPDATE SET "
        "full_name = excluded.full_name, pushed_at = excluded.pushed_at, asked_at = NULL "
        "WHERE excluded.pushed_at > pushed_at",
        of.instance,
        of.repository,
        of.pull_request,
        pushed.repository->full_name,
        std::min(pushed_at, tx.now())
    )
        .exec();
}

void drop_build_watch(transaction& tx, watch_place const& of)
{
    bound(
        tx,
        "DELETE FROM build_watch WHERE instance = ? AND repository = ? AND pull_request = ?",
        of.instance,
        of.repository,
        of.pull_request
    )
        .exec();
}

result<std::vector<watched_builds>> list_build_watches(transaction& tx, std::string_view instance)
{
    return guarded(
        "list the watches of builds",
        [&]() -> result<std::vector<watched_builds>>
        {
            std::vector<watched_builds> out;
            auto& statement = bound(
                tx,
                "SELECT instance, repository, pull_request, full_name, pushed_at, asked_at FROM build_watch "
                "WHERE instance = ? ORDER BY repository, pull_request",
                instance
            );
            while (statement.executeStep())
                out.push_back(read_build_watch(statement));
            return out;
        }
    );
}

result<std::optional<watched_builds>> find_build_watch(transaction& tx, watch_place const& of)
{
    return guarded(
        "find the watch of builds",
        [&]() -> result<std::optional<watched_builds>>
        {
            auto& statement = bound(
                tx,
                "SELECT instance, repository, pull_request, full_name, pushed_at, asked_at FROM build_watch "
                "WHERE instance = ? AND repository = ? AND pull_request = ?",
                of.instance,
                of.repository,
                of.pull_request
            );
            if (!statement.executeStep())
                return std::optional<watched_builds>();
            auto out = read_build_watch(statement);
            statement.reset();
            return std::optional(std::move(out));
        }
    );
}

result<> save_build_look(transaction& tx, watch_place const& of, time_point asked_at)
{
    return guarded(
        "save the watch of builds",
        [&]() -> result<>
        {
            bound(
                tx,
                "UPDATE build_watch SET asked_at = ?1 WHERE instance = ?2 AND repository = ?3 AND "
                "pull_request = ?4 AND pushed_at <= ?1",
                asked_at,
                of.instance,
                of.repository,
                of.pull_request
            )
                .exec();
            return {};
        }
    );
}

result<> end_build_watch(transaction& tx, watch_place const& of)
{
    return guarded(
        "end the watch of builds",
        [&]() -> result<>
        {
            drop_build_watch(tx, of);
            return {};
        }
    );
}

}  // namespace linkspan
