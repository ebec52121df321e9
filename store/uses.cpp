#include "store/uses.hpp"

#include "store/statement.hpp"

namespace linkspan
{
namespace
{

constexpr std::int64_t hour = 3600 * 1000;

link_use read_use(SQLite::Statement& statement)
{
    link_use use;
    use.link = link_id(text_at(statement, 0));
    use.label = text_at(statement, 1);
    use.actor = text_at(statement, 2);
    use.action = text_at(statement, 3);
    use.is_failure = number_at(statement, 4) != 0;
    use.count = number_at(statement, 5);
    use.first_at = time_at(statement, 6);
    use.last_at = time_at(statement, 7);
    use.detail = optional_text_at(statement, 8).value_or(std::string());
    return use;
}

// One statement for each combination, so that each uses an index.
SQLite::Statement& select_uses(transaction& tx, use_filter const& filter)
{
    auto const since = filter.since.value_or(time_point());
    if (filter.link)
        return bound(
            tx,
            "SELECT link, label, actor, action, is_failure, count, first_at, last_at, detail FROM link_use "
            "WHERE link = ?1 AND last_at >= ?2 ORDER BY last_at DESC, actor, action, is_failure LIMIT ?3",
            filter.link->value,
            since,
            filter.limit
        );
    // A use of the moment `since` stands in a row of its hour, or of none before it.
    return bound(
        tx,
        "SELECT link, label, actor, action, is_failure, count, first_at, last_at, detail FROM link_use "
        "WHERE hour_at >= ?1 AND last_at >= ?2 "
        "ORDER BY last_at DESC, link, actor, action, is_failure LIMIT ?3",
        to_milliseconds(since) / hour * hour,
        since,
        filter.limit
    );
}

}  // namespace

result<> record_use(transaction& tx, link_use const& use)
{
    return guarded(
        "record the use of the link",
        [&]() -> result<>
        {
            std::optional<std::string> detail;
            if (!use.detail.empty())
                detail = use.detail;
            bound(
                tx,
                "INSERT INTO link_use (hour_at, link, actor, action, is_failure, label, count, first_at, "
                "last_at, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9) "
                "ON CONFLICT (hour_at, link, actor, action, is_failure) DO UPDATE SET "
                "label = excluded.label, count = count + excluded.count, "
                "last_at = max(last_at, excluded.last_at), detail = excluded.detail",
                to_milliseconds(tx.now()) / hour * hour,
                use.link.value,
                use.actor,
                use.action,
                use.is_failure,
                use.label,
                use.count,
                tx.now(),
                detail
            )
                .exec();
            return {};
        }
    );
}

result<std::vector<link_use>> list_uses(transaction& tx, use_filter const& filter)
{
    return guarded(
        "list the uses of links",
        [&]() -> result<std::vector<link_use>>
        {
            std::vector<link_use> uses;
            auto& statement = select_uses(tx, filter);
            while (statement.executeStep())
                uses.push_back(read_use(statement));
            return uses;
        }
    );
}

result<link_id> find_used_link(transaction& tx, std::string_view id_or_label)
{
    return guarded(
        "look for uses of the link",
        [&]() -> result<link_id>
        {
            auto& statement = bound(
                tx,
                "SELECT link FROM link_use WHERE link = ?1 OR label = ?1 "
                "ORDER BY link = ?1 DESC, last_at DESC LIMIT 1",
                id_or_label
            );
            if (!statement.executeStep())
                return error(
                    errc::not_found, "no link " + std::string(id_or_label) + " exists, and none was used"
                );
            return link_id(text_at(statement, 0));
        }
    );
}

result<std::map<std::string, time_point, std::less<>>> list_last_uses(transaction& tx)
{
    using moments = std::map<std::string, time_point, std::less<>>;
    return guarded(
        "list the last uses of links",
        [&]() -> result<moments>
        {
            moments out;
            // For each link the newest of its index that fits: not all that it ever did.
            auto& statement = tx.prepare(
                "SELECT id, (SELECT max(last_at) FROM link_use WHERE link_use.link = link.id AND action NOT "
                "IN "
                "('create', 'import', 'refresh', 'set', 'sign in', 'unset')) AS used_at FROM link"
            );
            while (statement.executeStep())
                if (!statement.getColumn(1).isNull())
                    out.emplace(text_at(statement, 0), time_at(statement, 1));
            return out;
        }
    );
}

result<std::optional<time_point>> last_use_of(transaction& tx, link_id const& id)
{
    using moment = std::optional<time_point>;
    return guarded(
        "look for the last use of the link",
        [&]() -> result<moment>
        {
            auto& statement = bound(
                tx,
                "SELECT max(last_at) FROM link_use WHERE link = ? AND action NOT IN "
                "('create', 'import', 'refresh', 'set', 'sign in', 'unset')",
                id.value
            );
            if (!statement.executeStep() || statement.getColumn(0).isNull())
                return moment();
            return moment(time_at(statement, 0));
        }
    );
}

result<std::int64_t> forget_uses(transaction& tx, std::int64_t at_most)
{
    return guarded(
        "forget old uses of links",
        [&]() -> result<std::int64_t>
        {
            // The key begins with the hour: the oldest stand first.
            return bound(
                       tx,
                       "DELETE FROM link_use WHERE (hour_at, link, actor, action, is_failure) IN "
                       "(SELECT hour_at, link, actor, action, is_failure FROM link_use WHERE hour_at <= ? "
                       "ORDER BY hour_at LIMIT ?)",
                       to_milliseconds(tx.now() - use_kept) - hour,  // all of it is older
                       at_most
            )
                .exec();
        }
    );
}

result<> put_facts(transaction& tx, link_id const& id, std::map<std::string, std::string> const& facts)
{
    return guarded(
        "store facts of the link",
        [&]() -> result<>
        {
            for (auto const& [name, value] : facts)
                if (value.empty())
                    bound(tx, "DELETE FROM link_fact WHERE link = ? AND name = ?", id.value, name).exec();
                else
                    bound(
                        tx,
                        "INSERT INTO link_fact (link, name, value, updated_at) VALUES (?, ?, ?, ?) "
                        "ON CONFLICT (link, name) DO UPDATE SET value = excluded.value, "
                        "updated_at = excluded.updated_at",
                        id.value,
                        name,
                        value,
                        tx.now()
                    )
                        .exec();
            return {};
        }
    );
}

result<std::map<std::string, std::string>> list_facts(transaction& tx, link_id const& id)
{
    using facts = std::map<std::string, std::string>;
    return guarded(
        "list the facts of the link",
        [&]() -> result<facts>
        {
            facts out;
            auto& statement = bound(tx, "SELECT name, value FROM link_fact WHERE link = ?", id.value);
            while (statement.executeStep())
                out.emplace(text_at(statement, 0), text_at(statement, 1));
            return out;
        }
    );
}

result<std::map<std::string, std::string, std::less<>>> list_fact(transaction& tx, std::string_view name)
{
    using values = std::map<std::string, std::string, std::less<>>;
    return guarded(
        "list a fact of the links",
        [&]() -> result<values>
        {
            values out;
            auto& statement = bound(tx, "SELECT link, value FROM link_fact WHERE name = ?", name);
            while (statement.executeStep())
                out.emplace(text_at(statement, 0), text_at(statement, 1));
            return out;
        }
    );
}

}  // namespace linkspan
