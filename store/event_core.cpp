#include "store/event_core.hpp"

#include "core/bitbucket/heads.hpp"
#include "store/statement.hpp"

#include <SQLiteCpp/Column.h>

#include <algorithm>

namespace linkspan
{
namespace
{

// Open pull requests that have or had the commit of one build as their head; more are no workflow, but an
// attack. Each is read whole, within the writer's transaction.
constexpr int heads_max = 20;

// Comments of one pull request that are compared with a look: as many as a list may have that is read to its
// end. Of more, those alone that the look shows, and nothing is concluded from what it does not show.
constexpr std::int64_t known_comments_max = shown_comments_max;

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
    transaction& tx, std::string_view instance, reading const& said, std::int64_t comment
)
{
    auto& statement = bound(
        tx,
        "SELECT json FROM comment_state WHERE instance = ? AND repository = ? AND pull_request = ? AND "
        "comment = ?",
        instance,
        said.repository->id,
        said.pull_request->id,
        comment
    );
    if (!statement.executeStep())
        return std::optional<comment_snapshot>();
    auto read = comment_snapshot_from_json(text_at(statement, 0));
    statement.reset();
    if (!read)
        return read.error();
    return std::optional<comment_snapshot>(std::move(*read));
}

// Of a look. Where the pull request has too many to read them within the writer's transaction, those alone
// that the look shows.
result<> load_shown(transaction& tx, std::string_view instance, reading const& said, known_state& out)
{
    out.comments.clear();
    out.are_comments_all = false;
    for (auto const& shown : said.look->comments)
    {
        auto read = load_comment(tx, instance, said, id_of_state(shown));
        if (!read)
            return read.error();
        if (*read)
            out.comments.emplace(id_of_state(shown), std::move(**read));
    }
    return {};
}

// All of the pull request: what a look does not show of them may be gone.
result<> load_comments(transaction& tx, std::string_view instance, reading const& said, known_state& out)
{
    auto& statement = bound(
        tx,
        "SELECT comment, json FROM comment_state WHERE instance = ? AND repository = ? AND pull_request = ? "
        "LIMIT ?",
        instance,
        said.repository->id,
        said.pull_request->id,
        known_comments_max + 1
    );
    while (statement.executeStep())
    {
        auto read = comment_snapshot_from_json(text_at(statement, 1));
        if (!read)
            return read.error();
        out.comments.emplace(number_at(statement, 0), std::move(*read));
    }
    statement.reset();
    if (out.comments.size() > static_cast<std::size_t>(known_comments_max))
        return load_shown(tx, instance, said, out);
    return {};
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

result<> load_builds(transaction& tx, std::string_view instance, reading const& said, known_state& out)
{
    auto const builds = builds_of(said, instance);
    if (builds.empty())
        return {};
    if (auto const heads = load_heads(tx, instance, *said.repository, builds.front().status->commit, out);
        !heads)
        return heads.error();
    keep_own_heads(said, out);
    for (auto const& [status, key] : builds)
    {
        auto& told = bound(tx, "SELECT 1 FROM event WHERE key = ?", key);
        if (told.executeStep())
            out.told_builds.insert(key);
        told.reset();
        auto& statement = bound(
            tx,
            "SELECT state FROM build_result WHERE instance = ? AND repository = ? AND scope = ? AND key = ?",
            instance,
            said.repository->id,
            build_scope(*status, out.heads),
            status->key
        );
        auto const ended = statement.executeStep() ? build_state_named(text_at(statement, 0)) : std::nullopt;
        if (ended)
            out.previous_builds[status->key] = *ended;
        statement.reset();
    }
    return {};
}

void store_build(
    transaction& tx, std::string_view instance, std::string_view repository, ended_build const& one
)
{
    bound(
        tx,
        "INSERT INTO build_result (instance, repository, scope, key, state, ended_at) VALUES (?, ?, ?, ?, ?, "
        "?) "
        "ON CONFLICT (instance, repository, scope, key) DO UPDATE SET state = excluded.state, "
        "ended_at = excluded.ended_at WHERE excluded.ended_at >= ended_at",
        instance,
        repository,
        one.scope,
        one.key,
        word(one.state),
        one.at
    )
        .exec();
}

// Events of one move of a ref that are compared with one delivery: the newest.
constexpr int moves_max = 20;

void load_moves(transaction& tx, std::string_view instance, reading const& said, known_state& out)
{
    for (auto const& move : moves_of(said, instance))
    {
        auto& made = bound(
            tx,
            "SELECT key, occurred_at FROM event WHERE key = ?1 UNION ALL SELECT * FROM (SELECT key, "
            "occurred_at "
            "FROM event WHERE key > ?2 AND key < ?3 ORDER BY key DESC LIMIT ?4)",
            move.key,
            move.key + move_again,
            move.key + static_cast<char>(move_again + 1),
            moves_max
        );
        told_moves known;
        while (made.executeStep())
            known.made.push_back({text_at(made, 0), time_at(made, 1)});
        made.reset();
        if (known.made.empty())
            continue;
        for (auto const& start : move.leaving)
        {
            auto& left = bound(
                tx, "SELECT max(occurred_at) FROM event WHERE key > ?1 AND key < ?1 || char(127)", start
            );
            if (left.executeStep() && !left.getColumn(0).isNull())
                known.left_at = std::max(known.left_at, std::optional(time_at(left, 0)));
            left.reset();
        }
        out.moves.emplace(move.key, std::move(known));
    }
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
                    auto comment = load_comment(tx, instance, said, said.comment->comment.id);
                    if (!comment)
                        return comment.error();
                    out.comment = std::move(*comment);
                }
                if (said.look)
                {
                    if (auto const comments = load_comments(tx, instance, said, out); !comments)
                        return comments.error();
                }
            }
            load_moves(tx, instance, said, out);
            if (auto const loaded = load_builds(tx, instance, said, out); !loaded)
                return loaded.error();
            return out;
        }
    );
}

result<std::optional<std::string>> head_of(
    transaction& tx, std::string_view instance, std::string_view repository, std::int64_t pull_request
)
{
    return guarded(
        "look for the head of a pull request",
        [&]() -> result<std::optional<std::string>>
        {
            auto const known = load_snapshot(tx, instance, repository, pull_request);
            if (!known)
                return known.error();
            bool const is_open = *known && (*known)->state.state == pull_request_state::open &&
                                 !(*known)->deleted && (*known)->state.source;
            if (!is_open || (*known)->state.source->commit.empty())
                return std::optional<std::string>();
            return std::optional((*known)->state.source->commit);
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

result<std::vector<std::int64_t>> open_pull_requests(
    transaction& tx, std::string_view instance, std::string_view repository
)
{
    return guarded(
        "list the open pull requests of a repository",
        [&]() -> result<std::vector<std::int64_t>>
        {
            std::vector<std::int64_t> out;
            auto& statement = bound(
                tx,
                "SELECT pull_request FROM snapshot WHERE instance = ? AND repository = ? AND is_open = 1",
                instance,
                repository
            );
            while (statement.executeStep())
                out.push_back(number_at(statement, 0));
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
                store_snapshot(tx, instance, said.repository->id, *made.snapshot);
            if (said.repository && said.pull_request && made.comment && made.comment != known.comment)
                store_comment(tx, instance, said, *made.comment);
            if (said.repository && said.pull_request)
                for (auto const& moved : made.comments)
                    store_comment(tx, instance, said, moved);
            if (said.repository)
                for (auto const& one : made.ended_builds)
                    store_build(tx, instance, said.repository->id, one);
            return {};
        }
    );
}

}  // namespace linkspan
