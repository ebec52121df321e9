#include "store/events.hpp"

#include "core/bitbucket/heads.hpp"
#include "core/event/json.hpp"
#include "core/route/glob.hpp"
#include "store/statement.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

constexpr std::size_t scan_max = 100'000;
constexpr std::size_t id_prefix_min = 8;

// Open pull requests of one repository that have or had one commit as their head; more are no workflow, but
// an attack. Each is read whole, within the writer's transaction.
constexpr int heads_max = 20;

std::string_view word(build_state state)
{
    switch (state)
    {
        case build_state::started:
            return "started";
        case build_state::succeeded:
            return "succeeded";
        case build_state::failed:
            return "failed";
        case build_state::stopped:
            return "stopped";
    }
    return "started";
}

std::optional<build_state> build_state_named(std::string_view text)
{
    for (auto const state : {build_state::succeeded, build_state::failed, build_state::stopped})
        if (word(state) == text)
            return state;
    return std::nullopt;
}

result<std::optional<pull_request_snapshot>> load_snapshot(
    transaction& tx, std::string_view instance, std::string_view repository, std::int64_t pull_request
)
{
    auto& statement = bound(
        tx,
        "SELECT json FROM snapshot WHERE instance = ? AND repository = ? AND pull_request = ?",
        instance,
        repository,
        pull_request
    );
    if (!statement.executeStep())
        return std::optional<pull_request_snapshot>();
    auto read = snapshot_from_json(text_at(statement, 0));
    statement.reset();
    if (!read)
        return read.error();
    return std::optional<pull_request_snapshot>(std::move(*read));
}

result<std::optional<comment_snapshot>> load_comment(
    transaction& tx, std::string_view instance, reading const& said
)
{
    auto& statement = bound(
        tx,
        "SELECT json FROM comment_state WHERE instance = ? AND repository = ? AND pull_request = ? AND "
        "comment = ?",
        instance,
        said.repository->id,
        said.pull_request->id,
        said.comment->comment.id
    );
    if (!statement.executeStep())
        return std::optional<comment_snapshot>();
    auto read = comment_snapshot_from_json(text_at(statement, 0));
    statement.reset();
    if (!read)
        return read.error();
    return std::optional<comment_snapshot>(std::move(*read));
}

// Newest pull requests first.
result<> load_heads(
    transaction& tx,
    std::string_view instance,
    repository const& built_in,
    std::string_view commit,
    known_state& out
)
{
    auto const head = head_prefix(commit);
    if (!head)
        return {};
    auto& statement = bound(
        tx,
        "SELECT h.repository, s.json, h.pull_request FROM pull_request_head h JOIN snapshot s "
        "ON s.instance = h.instance AND s.repository = h.repository AND s.pull_request = h.pull_request "
        "WHERE h.instance = ?1 AND h.head = ?2 AND h.repository = ?3 AND s.is_open = 1 "
        "UNION ALL "
        "SELECT h.repository, s.json, h.pull_request FROM pull_request_head h JOIN snapshot s "
        "ON s.instance = h.instance AND s.repository = h.repository AND s.pull_request = h.pull_request "
        "WHERE h.instance = ?1 AND h.head = ?2 AND h.source = ?4 AND h.source <> '' AND h.repository <> ?3 "
        "AND s.is_open = 1 ORDER BY 3 DESC LIMIT ?5",
        instance,
        *head,
        built_in.id,
        built_in.full_name,
        heads_max
    );
    while (statement.executeStep())
    {
        auto const read = snapshot_from_json(text_at(statement, 1));
        if (!read)
            return read.error();
        add_head(*read, text_at(statement, 0), built_in, commit, out);
    }
    std::ranges::sort(
        out.heads,
        {},
        [](open_head const& one) { return std::pair(std::string_view(one.target_repository.id), one.id); }
    );
    return {};
}

void store_snapshot(
    transaction& tx,
    std::string_view instance,
    std::string_view repository,
    pull_request_snapshot const& snapshot
)
{
    auto const& state = snapshot.state;
    bound(
        tx,
        "INSERT INTO snapshot (instance, repository, pull_request, json, updated_at, is_open) "
        "VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (instance, repository, pull_request) DO UPDATE SET json = excluded.json, "
        "updated_at = excluded.updated_at, is_open = excluded.is_open",
        instance,
        repository,
        state.id,
        to_json_text(snapshot),
        tx.now(),
        state.state == pull_request_state::open && !snapshot.deleted ? 1 : 0
    )
        .exec();
    auto const head = state.source ? head_prefix(state.source->commit) : std::nullopt;
    if (head)
        bound(
            tx,
            "INSERT INTO pull_request_head (instance, head, repository, pull_request, source) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET source = excluded.source "
            "WHERE source <> excluded.source",
            instance,
            *head,
            repository,
            state.id,
            state.source->repository
        )
            .exec();
}

void store_comment(
    transaction& tx, std::string_view instance, reading const& said, comment_snapshot const& snapshot
)
{
    bound(
        tx,
        "INSERT INTO comment_state (instance, repository, pull_request, comment, json) VALUES (?, ?, ?, ?, "
        "?) "
        "ON CONFLICT (instance, repository, pull_request, comment) DO UPDATE SET json = excluded.json",
        instance,
        said.repository->id,
        said.pull_request->id,
        snapshot.id,
        to_json_text(snapshot)
    )
        .exec();
}

}  // namespace

result<std::optional<event_row>> insert_event(transaction& tx, event const& happening)
{
    return guarded(
        "store the event",
        [&]() -> result<std::optional<event_row>>
        {
            std::optional<std::int64_t> pull_request;
            if (happening.pull_request)
                pull_request = happening.pull_request->id;
            auto& statement = bound(
                tx,
                "INSERT INTO event (id, key, kind, repository, pull_request, occurred_at, received_at, "
                "inbox, json, cause) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                happening.id.value,
                happening.key,
                name_of(happening.kind),
                happening.repository ? std::string_view(happening.repository->full_name) : std::string_view(),
                pull_request,
                happening.occurred_at,
                happening.received_at,
                happening.raw.value,
                to_json_text(happening),
                happening.cause
            );
            if (statement.exec() == 0)
                return std::optional<event_row>();
            return std::optional<event_row>(event_row(tx.connection().raw().getLastInsertRowid()));
        }
    );
}

result<std::vector<event>> list_events(transaction& tx, event_filter const& filter)
{
    return guarded(
        "list the events",
        [&]() -> result<std::vector<event>>
        {
            std::vector<event> out;
            std::size_t scanned = 0;
            auto& statement =
                tx.prepare("SELECT kind, repository, pull_request, json FROM event ORDER BY seq DESC");
            while (out.size() < filter.limit && scanned++ < scan_max && statement.executeStep())
            {
                if (!filter.kind.empty() && !glob_matches(filter.kind, text_at(statement, 0)))
                    continue;
                if (!filter.repository.empty() && !glob_matches(filter.repository, text_at(statement, 1)))
                    continue;
                if (filter.pull_request &&
                    (statement.isColumnNull(2) || number_at(statement, 2) != *filter.pull_request))
                    continue;
                auto read = event_from_json(text_at(statement, 3));
                if (!read)
                    return read.error();
                out.push_back(std::move(*read));
            }
            statement.reset();
            return out;
        }
    );
}

result<event> find_event(transaction& tx, std::string_view id)
{
    return guarded(
        "find the event",
        [&]() -> result<event>
        {
            auto const missing = error(
                errc::not_found, "there is no event " + std::string(id) + "; linkspan events list shows them"
            );
            if (id.size() < id_prefix_min)
                return error(
                    errc::not_found,
                    "there is no event " + std::string(id) +
                        "; give as much of its id as linkspan events shows, or at least " +
                        std::to_string(id_prefix_min) + " characters"
                );
            auto const end = std::string(id) + "~";  // behind every character of an id
            auto& statement = bound(tx, "SELECT json FROM event WHERE id >= ? AND id < ? LIMIT 2", id, end);
            if (!statement.executeStep())
                return missing;
            auto read = event_from_json(text_at(statement, 0));
            bool const several = statement.executeStep();
            statement.reset();
            if (several)
                return error(
                    errc::conflict,
                    "several events begin with " + std::string(id) +
                        "; give more of the id, as linkspan events shows it"
                );
            return read;
        }
    );
}

result<std::size_t> telling_length(transaction& tx, std::vector<event_id> const& ids)
{
    return guarded(
        "compare the ids of events",
        [&]() -> result<std::size_t>
        {
            auto out = id_shown_min;
            // Whoever shares the longest beginning stands beside it in the order of ids.
            for (auto const& [id] : ids)
                for (auto const* sql :
                     {"SELECT max(id) FROM event WHERE id < ?", "SELECT min(id) FROM event WHERE id > ?"})
                {
                    auto& statement = bound(tx, sql, id);
                    if (!statement.executeStep() || statement.isColumnNull(0))
                        continue;
                    auto const beside = text_at(statement, 0);
                    auto const differs = std::ranges::mismatch(id, beside).in1 - id.begin();
                    out = std::max(out, static_cast<std::size_t>(differs) + 1);
                    statement.reset();
                }
            return out;
        }
    );
}

result<event> read_event(transaction& tx, event_row row)
{
    return guarded(
        "read the event",
        [&]() -> result<event>
        {
            auto& statement = bound(tx, "SELECT json FROM event WHERE seq = ?", row.value);
            if (!statement.executeStep())
                return error(errc::not_found, "there is no event in row " + std::to_string(row.value));
            return event_from_json(text_at(statement, 0));
        }
    );
}

result<std::vector<event>> events_of_cause(transaction& tx, std::string_view cause)
{
    return guarded(
        "find the events of one cause",
        [&]() -> result<std::vector<event>>
        {
            std::vector<event> out;
            auto& statement = bound(tx, "SELECT json FROM event WHERE cause = ? ORDER BY seq", cause);
            while (statement.executeStep())
            {
                auto read = event_from_json(text_at(statement, 0));
                if (!read)
                    return read.error();
                out.push_back(std::move(*read));
            }
            return out;
        }
    );
}

result<visited_events> visit_events(
    transaction& tx, time_point since, std::size_t limit, std::function<result<>(event const&)> const& visitor
)
{
    return guarded(
        "go through the events",
        [&]() -> result<visited_events>
        {
            visited_events out;
            auto& oldest = bound(
                tx,
                "SELECT coalesce(min(seq), 0), EXISTS (SELECT 1 FROM event WHERE received_at >= ? ORDER BY "
                "seq DESC LIMIT 1 OFFSET ?) FROM (SELECT seq FROM event WHERE received_at >= ? ORDER BY seq "
                "DESC LIMIT ?)",
                since,
                static_cast<std::int64_t>(limit),
                since,
                static_cast<std::int64_t>(limit)
            );
            if (!oldest.executeStep())
                return out;
            auto const first = number_at(oldest, 0);
            out.has_more = number_at(oldest, 1) != 0;
            oldest.reset();
            auto& statement = bound(
                tx, "SELECT json FROM event WHERE seq >= ? AND received_at >= ? ORDER BY seq", first, since
            );
            while (statement.executeStep())
            {
                auto const read = event_from_json(text_at(statement, 0));
                if (!read)
                    return read.error();
                if (auto const done = visitor(*read); !done)
                    return done.error();
                ++out.count;
            }
            return out;
        }
    );
}

namespace
{

// Events of one move of a ref that are compared with one delivery: the newest.
constexpr int moves_max = 100;

result<> load_moves(transaction& tx, std::string_view instance, reading const& said, known_state& out)
{
    for (auto const& key : moves_of(said, instance))
    {
        auto const again = key + move_again;
        auto const behind = key + static_cast<char>(move_again + 1);
        auto& statement = bound(
            tx,
            "SELECT key, occurred_at FROM event WHERE key = ? OR (key > ? AND key < ?) ORDER BY key DESC LIMIT ?",
            key,
            again,
            behind,
            moves_max
        );
        while (statement.executeStep())
        {
            auto& next = out.moves.emplace_back();
            next.key = text_at(statement, 0);
            next.at = time_at(statement, 1);
        }
        statement.reset();
    }
    return {};
}

}  // namespace

result<known_state> known_about(transaction& tx, std::string_view instance, reading const& said)
{
    return guarded(
        "read what is known",
        [&]() -> result<known_state>
        {
            known_state out;
            if (!said.repository)
                return out;
            if (said.pull_request)
            {
                auto loaded = load_snapshot(tx, instance, said.repository->id, said.pull_request->id);
                if (!loaded)
                    return loaded.error();
                out.snapshot = std::move(*loaded);
                if (said.comment)
                {
                    auto comment = load_comment(tx, instance, said);
                    if (!comment)
                        return comment.error();
                    out.comment = std::move(*comment);
                }
            }
            if (auto const moves = load_moves(tx, instance, said, out); !moves)
                return moves.error();
            if (auto const* status = build_of(said))
            {
                if (auto const heads = load_heads(tx, instance, *said.repository, status->commit, out);
                    !heads)
                    return heads.error();
                auto& statement = bound(
                    tx,
                    "SELECT state FROM build_result WHERE instance = ? AND repository = ? AND scope = ? AND "
                    "key = ?",
                    instance,
                    said.repository->id,
                    build_scope(*status, out.heads),
                    status->key
                );
                if (statement.executeStep())
                    out.previous_build = build_state_named(text_at(statement, 0));
                statement.reset();
            }
            return out;
        }
    );
}

result<std::vector<pull_request>> expected_pull_requests(transaction& tx, event const& pushed)
{
    return guarded(
        "look for the pull requests of a branch",
        [&]() -> result<std::vector<pull_request>>
        {
            auto const* change = std::get_if<ref_change>(&pushed.detail);
            if (change == nullptr || !change->before || !pushed.repository)
                return std::vector<pull_request>();
            known_state found;
            if (auto const read = load_heads(tx, pushed.instance, *pushed.repository, *change->before, found);
                !read)
                return read.error();
            std::erase_if(
                found.heads, [&](pull_request const& one) { return one.source->branch != change->name; }
            );
            return std::vector<pull_request>(found.heads.begin(), found.heads.end());
        }
    );
}

result<> remember(
    transaction& tx,
    std::string_view instance,
    reading const& said,
    known_state const& known,
    digested const& made
)
{
    return guarded(
        "remember the state",
        [&]() -> result<>
        {
            if (said.repository && made.snapshot && made.snapshot != known.snapshot)
                store_snapshot(tx, instance, said.repository->id, *made.snapshot);
            if (said.repository && said.pull_request && made.comment && made.comment != known.comment)
                store_comment(tx, instance, said, *made.comment);
            auto const* status = build_of(said);
            if (status == nullptr || status->state == build_state::started || !said.repository ||
                made.events.empty())
                return {};
            bound(
                tx,
                "INSERT INTO build_result (instance, repository, scope, key, state, ended_at) VALUES (?, ?, "
                "?, ?, ?, ?) "
                "ON CONFLICT (instance, repository, scope, key) DO UPDATE SET state = excluded.state, "
                "ended_at = excluded.ended_at WHERE excluded.ended_at >= ended_at",
                instance,
                said.repository->id,
                build_scope(*status, known.heads),
                status->key,
                word(status->state),
                made.events.front().occurred_at
            )
                .exec();
            return {};
        }
    );
}

}  // namespace linkspan
