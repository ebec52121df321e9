#include "store/watched_repositories.hpp"

#include "store/statement.hpp"

namespace linkspan
{
namespace
{

// instance, full_name, watched_since_at, cursor_at, crawled_at, fault
watched_repository read_watched(SQLite::Statement& statement)
{
    watched_repository out;
    out.instance = text_at(statement, 0);
    out.full_name = text_at(statement, 1);
    out.watched_since = time_at(statement, 2);
    out.cursor = optional_time_at(statement, 3);
    out.crawled_at = optional_time_at(statement, 4);
    out.fault = text_at(statement, 5);
    return out;
}

std::optional<watched_repository> load_watched(
    transaction& tx, std::string_view instance, std::string_view full_name
)
{
    auto& statement = bound(
        tx,
        "SELECT instance, full_name, watched_since_at, cursor_at, crawled_at, fault FROM watched_repository "
        "WHERE instance = ? AND full_name = ?",
        instance,
        full_name
    );
    if (!statement.executeStep())
        return std::nullopt;
    auto out = read_watched(statement);
    statement.reset();
    return out;
}

}  // namespace

result<watched_repository> ensure_watched(
    transaction& tx, std::string_view instance, std::string_view full_name
)
{
    watched_repository wanted;
    wanted.instance = instance;
    wanted.full_name = full_name;
    wanted.watched_since = tx.now();
    return ensure_watched(tx, wanted);
}

result<watched_repository> ensure_watched(transaction& tx, watched_repository const& wanted)
{
    return guarded(
        "watch a repository",
        [&]() -> result<watched_repository>
        {
            if (auto known = load_watched(tx, wanted.instance, wanted.full_name))
                return std::move(*known);
            bound(
                tx,
                "INSERT INTO watched_repository (instance, full_name, watched_since_at) VALUES (?, ?, ?)",
                wanted.instance,
                wanted.full_name,
                wanted.watched_since
            )
                .exec();
            watched_repository out;
            out.instance = wanted.instance;
            out.full_name = wanted.full_name;
            out.watched_since = wanted.watched_since;
            return out;
        }
    );
}

result<std::optional<watched_repository>> find_watched(
    transaction& tx, std::string_view instance, std::string_view full_name
)
{
    return guarded(
        "find a watched repository",
        [&]() -> result<std::optional<watched_repository>> { return load_watched(tx, instance, full_name); }
    );
}

result<std::vector<watched_repository>> list_watched(transaction& tx)
{
    return guarded(
        "list the watched repositories",
        [&]() -> result<std::vector<watched_repository>>
        {
            std::vector<watched_repository> out;
            auto& statement = bound(
                tx,
                "SELECT instance, full_name, watched_since_at, cursor_at, crawled_at, fault "
                "FROM watched_repository ORDER BY instance, full_name"
            );
            while (statement.executeStep())
                out.push_back(read_watched(statement));
            return out;
        }
    );
}

result<> save_watched(transaction& tx, watched_repository const& state)
{
    return guarded(
        "save a watched repository",
        [&]() -> result<>
        {
            bound(
                tx,
                "UPDATE watched_repository SET cursor_at = ?, crawled_at = ?, fault = ? "
                "WHERE instance = ? AND full_name = ?",
                state.cursor,
                state.crawled_at,
                state.fault,
                state.instance,
                state.full_name
            )
                .exec();
            return {};
        }
    );
}

}  // namespace linkspan
