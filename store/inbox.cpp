#include "store/inbox.hpp"

#include "store/statement.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

constexpr std::string_view edition_words[] = {"cloud", "data_center"};
constexpr std::string_view origin_words[] = {"webhook", "poll", "catch_up", "chat"};

event_origin origin_named(std::string_view word)
{
    auto const found = std::ranges::find(origin_words, word);
    return found == std::end(origin_words) ? event_origin::webhook
                                           : static_cast<event_origin>(found - std::begin(origin_words));
}

// True when this id is new on its link, or was seen too long ago to be a repetition.
bool remember(transaction& tx, inbox_entry const& entry)
{
    auto const forgotten = entry.received_at - delivery_id_kept;
    auto& statement = bound(
        tx,
        "INSERT INTO delivery_seen (link, delivery, seen_at) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (link, delivery) DO UPDATE SET seen_at = excluded.seen_at WHERE seen_at < ?4",
        entry.link,
        entry.delivery,
        entry.received_at,
        forgotten
    );
    return statement.exec() == 1;
}

// Where the body stands, behind what read_row() reads.
constexpr int body_column = 10;

inbox_row read_row(SQLite::Statement& statement)
{
    inbox_row row;
    row.id = inbox_id(number_at(statement, 0));
    row.link = text_at(statement, 1);
    row.event_key = text_at(statement, 2);
    row.received_at = time_at(statement, 3);
    row.state = static_cast<inbox_state>(number_at(statement, 4));
    row.attempts = static_cast<int>(number_at(statement, 5));
    row.reason = optional_text_at(statement, 6);
    row.edition = text_at(statement, 7) == edition_words[0] ? edition::cloud : edition::data_center;
    row.instance = text_at(statement, 8);
    row.origin = origin_named(text_at(statement, 9));
    return row;
}

}  // namespace

std::string_view name_of(event_origin origin) noexcept
{
    return origin_words[static_cast<std::size_t>(origin)];
}

std::string_view name_of(inbox_state state) noexcept
{
    switch (state)
    {
        case inbox_state::pending:
            return "pending";
        case inbox_state::digested:
            return "digested";
        case inbox_state::unrecognised:
            return "unrecognised";
        case inbox_state::unreadable:
            return "unreadable";
    }
    return "pending";
}

result<appended> append(transaction& tx, inbox_entry const& entry)
{
    return guarded(
        "keep the delivery",
        [&]() -> result<appended>
        {
            appended out;
            if (!entry.delivery.empty() && !remember(tx, entry))
            {
                out.is_repeated = true;
                return out;
            }
            bound(
                tx,
                "INSERT INTO inbox (link, edition, instance, event_key, received_at, origin) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                entry.link,
                edition_words[static_cast<std::size_t>(entry.edition)],
                entry.instance,
                entry.event_key,
                entry.received_at,
                origin_words[static_cast<std::size_t>(entry.origin)]
            )
                .exec();
            out.id = inbox_id(tx.connection().raw().getLastInsertRowid());
            bound(
                tx,
                "INSERT INTO inbox_body (id, headers, body) VALUES (?, ?, ?)",
                out.id.value,
                entry.headers,
                blob_view(entry.body)
            )
                .exec();
            return out;
        }
    );
}

result<std::vector<inbox_row>> pending_rows(
    transaction& tx, std::size_t rows_max, std::size_t bytes_max, inbox_id after, int attempts_min
)
{
    return guarded(
        "read the inbox",
        [&]() -> result<std::vector<inbox_row>>
        {
            std::vector<inbox_row> rows;
            std::size_t bytes = 0;
            auto& statement = bound(
                tx,
                "SELECT i.id, link, event_key, received_at, state, attempts, reason, edition, instance, "
                "origin, body, "
                "iif(json_valid(headers), headers ->> '$.\"X-Event-Time\"', '') FROM inbox i "
                "JOIN inbox_body b ON b.id = i.id WHERE state = 0 AND i.id > ? AND attempts >= ? "
                "ORDER BY i.id LIMIT ?",
                after.value,
                attempts_min,
                static_cast<std::int64_t>(rows_max)
            );
            while (statement.executeStep())
            {
                auto row = read_row(statement);
                auto const size = static_cast<std::size_t>(statement.getColumn(body_column).getBytes());
                bool const alone = row.attempts > 0;
                if (!rows.empty() && (alone || bytes + size > bytes_max))
                    break;
                row.body = text_at(statement, body_column);
                row.event_time = text_at(statement, body_column + 1);
                bytes += size;
                rows.push_back(std::move(row));
                if (alone)
                    break;
            }
            statement.reset();
            return rows;
        }
    );
}

result<> count_attempt(transaction& tx, std::vector<inbox_id> const& ids)
{
    return guarded(
        "count an attempt",
        [&]() -> result<>
        {
            for (auto const id : ids)
                bound(tx, "UPDATE inbox SET attempts = attempts + 1 WHERE id = ?", id.value).exec();
            return {};
        }
    );
}

result<> uncount_attempt(transaction& tx, std::vector<inbox_id> const& ids)
{
    return guarded(
        "take back an attempt",
        [&]() -> result<>
        {
            for (auto const id : ids)
                bound(tx, "UPDATE inbox SET attempts = max(attempts - 1, 0) WHERE id = ?", id.value).exec();
            return {};
        }
    );
}

result<> mark(transaction& tx, inbox_id id, inbox_state state, std::string_view reason)
{
    return guarded(
        "mark the delivery",
        [&]() -> result<>
        {
            std::optional<std::string_view> why;
            if (!reason.empty())
                why = reason;
            bound(
                tx,
                "UPDATE inbox SET state = ?, reason = ? WHERE id = ?",
                static_cast<int>(state),
                why,
                id.value
            )
                .exec();
            return {};
        }
    );
}

result<> forget_inbox_row(transaction& tx, inbox_id id)
{
    return guarded(
        "forget the delivery",
        [&]() -> result<>
        {
            bound(tx, "DELETE FROM inbox WHERE id = ?", id.value).exec();
            return {};
        }
    );
}

result<std::vector<inbox_row>> list_set_aside(transaction& tx, std::size_t limit)
{
    return guarded(
        "list the deliveries set aside",
        [&]() -> result<std::vector<inbox_row>>
        {
            std::vector<inbox_row> rows;
            auto& statement = bound(
                tx,
                "SELECT id, link, event_key, received_at, state, attempts, reason, edition, instance, origin "
                "FROM "
                "inbox WHERE state > 1 "
                "ORDER BY id DESC LIMIT ?",
                static_cast<std::int64_t>(limit)
            );
            while (statement.executeStep())
                rows.push_back(read_row(statement));
            return rows;
        }
    );
}

result<std::vector<inbox_row>> set_aside_rows(
    transaction& tx,
    std::optional<inbox_state> state,
    std::size_t rows_max,
    std::size_t bytes_max,
    inbox_id after
)
{
    return guarded(
        "read the deliveries set aside",
        [&]() -> result<std::vector<inbox_row>>
        {
            std::vector<inbox_row> rows;
            std::size_t bytes = 0;
            auto& statement = bound(
                tx,
                "SELECT i.id, link, event_key, received_at, state, attempts, reason, edition, instance, "
                "origin, body "
                "FROM inbox i "
                "JOIN inbox_body b ON b.id = i.id WHERE state > 1 AND i.id > ?1 AND (?2 = 0 OR state = ?2) "
                "ORDER BY i.id LIMIT ?3",
                after.value,
                state ? static_cast<int>(*state) : 0,
                static_cast<std::int64_t>(rows_max)
            );
            while (statement.executeStep())
            {
                auto const size = static_cast<std::size_t>(statement.getColumn(body_column).getBytes());
                if (!rows.empty() && bytes + size > bytes_max)
                    break;
                rows.push_back(read_row(statement));
                rows.back().body = text_at(statement, body_column);
                bytes += size;
            }
            statement.reset();
            return rows;
        }
    );
}

result<std::size_t> requeue(transaction& tx, std::vector<inbox_id> const& ids)
{
    return guarded(
        "queue the deliveries again",
        [&]() -> result<std::size_t>
        {
            std::size_t done = 0;
            for (auto const id : ids)
                done += static_cast<std::size_t>(
                    bound(
                        tx,
                        "UPDATE inbox SET state = 0, attempts = 0, reason = NULL WHERE id = ? AND state > 1",
                        id.value
                    )
                        .exec()
                );
            return done;
        }
    );
}

result<inbox_detail> find_inbox(transaction& tx, inbox_id id)
{
    return guarded(
        "read the delivery",
        [&]() -> result<inbox_detail>
        {
            auto& statement = bound(
                tx,
                "SELECT i.id, link, event_key, received_at, state, attempts, reason, edition, instance, "
                "origin, body, headers FROM inbox i "
                "JOIN inbox_body b ON b.id = i.id WHERE i.id = ?",
                id.value
            );
            if (!statement.executeStep())
                return error(errc::not_found, "there is no delivery " + std::to_string(id.value));
            inbox_detail out;
            out.row = read_row(statement);
            out.row.body = text_at(statement, body_column);
            out.headers = text_at(statement, body_column + 1);
            return out;
        }
    );
}

result<inbox_depth> depth_of_inbox(transaction& tx)
{
    return guarded(
        "measure the inbox",
        [&]() -> result<inbox_depth>
        {
            inbox_depth out;
            auto& pending = tx.prepare("SELECT count(*) FROM inbox WHERE state = 0");
            if (pending.executeStep())
                out.pending = number_at(pending, 0);
            auto& oldest = tx.prepare("SELECT received_at FROM inbox WHERE state = 0 ORDER BY id LIMIT 1");
            if (oldest.executeStep())
                out.oldest = time_at(oldest, 0);
            auto& aside = tx.prepare("SELECT state, count(*) FROM inbox WHERE state > 1 GROUP BY state");
            while (aside.executeStep())
                (number_at(aside, 0) == 2 ? out.unrecognised : out.unreadable) = number_at(aside, 1);
            return out;
        }
    );
}

result<std::int64_t> forget_delivery_ids(transaction& tx, std::int64_t limit)
{
    return guarded(
        "forget old delivery ids",
        [&]() -> result<std::int64_t>
        {
            return std::int64_t(bound(
                                    tx,
                                    "DELETE FROM delivery_seen WHERE (link, delivery) IN "
                                    "(SELECT link, delivery FROM delivery_seen WHERE seen_at < ? LIMIT ?)",
                                    tx.now() - delivery_id_kept,
                                    limit
            )
                                    .exec());
        }
    );
}

}  // namespace linkspan
