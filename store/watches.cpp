#include "store/watches.hpp"

#include "core/watch/arming.hpp"
#include "store/build_watches.hpp"
#include "store/statement.hpp"
#include "store/watched_repositories.hpp"

namespace linkspan
{
namespace
{

// instance, repository, pull_request, full_name, changed_at, unseen_since_at, looked_at, looks_since_tasks
watched_pull_request read_watch(SQLite::Statement& statement)
{
    watched_pull_request out;
    out.place.instance = text_at(statement, 0);
    out.place.repository = text_at(statement, 1);
    out.place.pull_request = number_at(statement, 2);
    out.full_name = text_at(statement, 3);
    out.state.changed_at = time_at(statement, 4);
    out.state.unseen_since = optional_time_at(statement, 5);
    out.state.looked_at = optional_time_at(statement, 6);
    out.state.looks_since_tasks = static_cast<int>(number_at(statement, 7));
    return out;
}

std::optional<watched_pull_request> load_watch(transaction& tx, watch_place const& of)
{
    auto& statement = bound(
        tx,
        "SELECT instance, repository, pull_request, full_name, changed_at, unseen_since_at, looked_at, "
        "looks_since_tasks FROM watch WHERE instance = ? AND repository = ? AND pull_request = ?",
        of.instance,
        of.repository,
        of.pull_request
    );
    if (!statement.executeStep())
        return std::nullopt;
    auto out = read_watch(statement);
    statement.reset();
    return out;
}

void delete_watch(transaction& tx, watch_place const& of)
{
    bound(
        tx,
        "DELETE FROM watch WHERE instance = ? AND repository = ? AND pull_request = ?",
        of.instance,
        of.repository,
        of.pull_request
    )
        .exec();
}

void put_watch(transaction& tx, watch_place const& of, std::string_view full_name, watch const& state)
{
    bound(
        tx,
        "INSERT INTO watch (instance, repository, pull_request, full_name, changed_at, unseen_since_at, "
        "looked_at, looks_since_tasks) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (instance, repository, pull_request) DO UPDATE SET full_name = excluded.full_name, "
        "changed_at = excluded.changed_at, unseen_since_at = excluded.unseen_since_at, "
        "looks_since_tasks = excluded.looks_since_tasks",
        of.instance,
        of.repository,
        of.pull_request,
        full_name,
        state.changed_at,
        state.unseen_since,
        state.looked_at,
        state.looks_since_tasks
    )
        .exec();
}

void take_change(transaction& tx, watch_place const& of, event const& change, time_point changed_at)
{
    auto const before = load_watch(tx, of);
    auto const state =
        after_change(before ? std::optional(before->state) : std::nullopt, changed_at, tx.now());
    put_watch(tx, of, change.repository->full_name, state);
    bound(
        tx,
        "INSERT INTO watched_comment (instance, repository, pull_request, comment, changed_at) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (instance, repository, pull_request, comment) "
        "DO UPDATE SET changed_at = max(changed_at, excluded.changed_at)",
        of.instance,
        of.repository,
        of.pull_request,
        watched_number(change),
        std::min(changed_at, tx.now())
    )
        .exec();
}

std::int64_t read_open_tasks(transaction& tx, watch_place const& of)
{
    auto& statement = bound(
        tx,
        "SELECT count(*) FROM comment_state WHERE instance = ? AND repository = ? AND pull_request = ? AND "
        "comment < 0 AND json ->> '$.task' = 'open' AND json ->> '$.deleted' IS NULL",
        of.instance,
        of.repository,
        of.pull_request
    );
    auto const count = statement.executeStep() ? number_at(statement, 0) : 0;
    statement.reset();
    return count;
}

bool take_task_sign(transaction& tx, watch_place const& of, event const& happening)
{
    if (!moves_tasks(happening, read_open_tasks(tx, of)))
        return false;
    auto const before = load_watch(tx, of);
    auto const state = after_task_sign(before ? std::optional(before->state) : std::nullopt, tx.now());
    put_watch(tx, of, happening.repository->full_name, state);
    return true;
}

void take_deletion(transaction& tx, watch_place const& of, std::int64_t comment)
{
    auto const gone = bound(
                          tx,
                          "DELETE FROM watched_comment WHERE instance = ? AND repository = ? AND "
                          "pull_request = ? AND comment = ?",
                          of.instance,
                          of.repository,
                          of.pull_request,
                          comment
    )
                          .exec();
    if (gone == 0)
        return;
    bound(
        tx,
        "DELETE FROM watch WHERE instance = ?1 AND repository = ?2 AND pull_request = ?3 AND NOT EXISTS "
        "(SELECT 1 FROM watched_comment WHERE instance = ?1 AND repository = ?2 AND pull_request = ?3)",
        of.instance,
        of.repository,
        of.pull_request
    )
        .exec();
}

// A look behind its window has shown the last of a comment.
void forget_seen_comments(transaction& tx, watch_place const& of, time_point looked_at)
{
    bound(
        tx,
        "DELETE FROM watched_comment WHERE instance = ? AND repository = ? AND pull_request = ? AND "
        "changed_at <= ?",
        of.instance,
        of.repository,
        of.pull_request,
        looked_at - watch_end
    )
        .exec();
}

}  // namespace

result<bool> apply_to_watch(transaction& tx, event const& happening, milliseconds lead)
{
    return guarded(
        "watch the pull request",
        [&]() -> result<bool>
        {
            if (!happening.repository || !happening.pull_request)
                return false;
            // What was before is told by no look.
            if (happening.origin == event_origin::webhook)
                if (auto const watched =
                        ensure_watched(tx, happening.instance, happening.repository->full_name);
                    !watched)
                    return watched.error();
            watch_place of;
            of.instance = happening.instance;
            of.repository = happening.repository->id;
            of.pull_request = happening.pull_request->id;
            if (starts_builds(happening, lead))
            {
                watch_builds(tx, of, happening, moment_of(happening, lead));
                return true;
            }
            auto const effect = effect_of(happening, lead);
            auto const number = watched_number(happening);
            if (effect == watch_effect::over)
            {
                delete_watch(tx, of);
                drop_build_watch(tx, of);
            }
            else if (effect == watch_effect::comment_gone && number)
                take_deletion(tx, of, *number);
            else if (effect == watch_effect::change && number)
                take_change(tx, of, happening, moment_of(happening, lead));
            bool const has_sign = take_task_sign(tx, of, happening);
            return has_sign || (effect == watch_effect::change && number);
        }
    );
}

result<std::int64_t> count_open_tasks(transaction& tx, watch_place const& of)
{
    return guarded(
        "count the open tasks of a pull request",
        [&]() -> result<std::int64_t> { return read_open_tasks(tx, of); }
    );
}

result<std::vector<watched_pull_request>> list_watches(transaction& tx, std::string_view instance)
{
    return guarded(
        "list the watches",
        [&]() -> result<std::vector<watched_pull_request>>
        {
            std::vector<watched_pull_request> out;
            auto& statement = bound(
                tx,
                "SELECT instance, repository, pull_request, full_name, changed_at, unseen_since_at, "
                "looked_at, looks_since_tasks FROM watch WHERE instance = ? "
                "ORDER BY repository, pull_request",
                instance
            );
            while (statement.executeStep())
                out.push_back(read_watch(statement));
            return out;
        }
    );
}

result<std::optional<watched_pull_request>> find_watch(transaction& tx, watch_place const& of)
{
    return guarded(
        "find the watch", [&]() -> result<std::optional<watched_pull_request>> { return load_watch(tx, of); }
    );
}

result<> save_watch(transaction& tx, watch_place const& of, watch const& state)
{
    return guarded(
        "save the watch",
        [&]() -> result<>
        {
            bound(
                tx,
                "UPDATE watch SET changed_at = ?, unseen_since_at = ?, looked_at = ?, looks_since_tasks = ? "
                "WHERE instance = ? AND repository = ? AND pull_request = ?",
                state.changed_at,
                state.unseen_since,
                state.looked_at,
                state.looks_since_tasks,
                of.instance,
                of.repository,
                of.pull_request
            )
                .exec();
            if (state.looked_at)
                forget_seen_comments(tx, of, *state.looked_at);
            return {};
        }
    );
}

result<> end_watch(transaction& tx, watch_place const& of)
{
    return guarded(
        "end the watch",
        [&]() -> result<>
        {
            delete_watch(tx, of);
            return {};
        }
    );
}

result<std::int64_t> count_watches(transaction& tx)
{
    return guarded(
        "count the watches",
        [&]() -> result<std::int64_t>
        {
            auto& statement = tx.prepare(
                "SELECT count(*) FROM (SELECT instance, repository, pull_request FROM watch "
                "UNION SELECT instance, repository, pull_request FROM build_watch)"
            );
            statement.executeStep();
            auto const out = number_at(statement, 0);
            statement.reset();
            return out;
        }
    );
}

result<std::int64_t> forget_watches(transaction& tx, std::int64_t at_most)
{
    return guarded(
        "forget watches",
        [&]() -> result<std::int64_t>
        {
            auto const comments =
                bound(
                    tx,
                    "DELETE FROM watch WHERE (instance, repository, pull_request) IN (SELECT instance, "
                    "repository, pull_request FROM watch WHERE changed_at < ? LIMIT ?)",
                    tx.now() - watch_kept,
                    at_most
                )
                    .exec();
            auto const builds =
                bound(
                    tx,
                    "DELETE FROM build_watch WHERE (instance, repository, pull_request) IN (SELECT instance, "
                    "repository, pull_request FROM build_watch WHERE pushed_at < ? LIMIT ?)",
                    tx.now() - watch_kept,
                    at_most - comments
                )
                    .exec();
            return comments + builds;
        }
    );
}

}  // namespace linkspan
