#include "store/events.hpp"

#include "core/event/json.hpp"
#include "core/route/glob.hpp"
#include "store/statement.hpp"

namespace linkspan
{
namespace
{

constexpr std::size_t scan_max = 100'000;
constexpr std::size_t id_prefix_min = 8;
constexpr int heads_max = 50;  // pull requests that may share one head; more are no workflow, but an attack

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

result<std::vector<pull_request>> load_heads(
    transaction& tx, std::string_view instance, std::string_view repository, std::string_view commit
)
{
    std::vector<pull_request> out;
    if (commit.size() < short_hash_length)
        return out;
    auto& statement = bound(
        tx,
        "SELECT json FROM snapshot WHERE instance = ? AND repository = ? AND head = ? ORDER BY pull_request "
        "LIMIT ?",
        instance,
        repository,
        commit.substr(0, short_hash_length),
        heads_max
    );
    while (statement.executeStep())
    {
        auto read = snapshot_from_json(text_at(statement, 0));
        if (!read)
            return read.error();
        out.push_back(std::move(read->state));
    }
    return out;
}

std::optional<std::string> head_of(pull_request const& state)
{
    if (state.state != pull_request_state::open || !state.source ||
        state.source->commit.size() < short_hash_length)
        return std::nullopt;
    return state.source->commit.substr(0, short_hash_length);
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
                "inbox, json) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                happening.id.value,
                happening.key,
                name_of(happening.kind),
                happening.repository ? std::string_view(happening.repository->full_name) : std::string_view(),
                pull_request,
                happening.occurred_at,
                happening.received_at,
                happening.raw.value,
                to_json_text(happening)
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
                return missing;
            auto const end = std::string(id) + "~";  // behind every character of an id
            auto& statement = bound(tx, "SELECT json FROM event WHERE id >= ? AND id < ? LIMIT 2", id, end);
            if (!statement.executeStep())
                return missing;
            auto read = event_from_json(text_at(statement, 0));
            bool const several = statement.executeStep();
            statement.reset();
            if (several)
                return error(
                    errc::conflict, "several events begin with " + std::string(id) + "; give more of the id"
                );
            return read;
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
            }
            if (auto const* status = build_of(said))
            {
                auto heads = load_heads(tx, instance, said.repository->id, status->commit);
                if (!heads)
                    return heads.error();
                out.heads = std::move(*heads);
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
                bound(
                    tx,
                    "INSERT INTO snapshot (instance, repository, pull_request, head, json, updated_at) "
                    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (instance, repository, pull_request) DO UPDATE "
                    "SET "
                    "head = excluded.head, json = excluded.json, updated_at = excluded.updated_at",
                    instance,
                    said.repository->id,
                    made.snapshot->state.id,
                    head_of(made.snapshot->state),
                    to_json_text(*made.snapshot),
                    tx.now()
                )
                    .exec();
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
