#include "store/events.hpp"

#include "core/event/json.hpp"
#include "core/route/cause.hpp"
#include "core/route/glob.hpp"
#include "store/statement.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

constexpr std::size_t scan_max = 100'000;
constexpr std::size_t id_prefix_min = 8;
constexpr int cause_events_max = 50;

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

result<std::vector<event>> events_of_cause(transaction& tx, event const& happening)
{
    return guarded(
        "find the events of one cause",
        [&]() -> result<std::vector<event>>
        {
            std::vector<event> out;
            if (!happening.cause)
                return out;
            auto& statement = bound(
                tx,
                "SELECT json FROM event WHERE cause = ? AND received_at BETWEEN ? AND ? ORDER BY seq LIMIT ?",
                *happening.cause,
                happening.received_at - cause_window,
                happening.received_at + cause_window,
                cause_events_max
            );
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

}  // namespace linkspan
