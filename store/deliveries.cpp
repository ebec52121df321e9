#include "store/deliveries.hpp"

#include "core/route/enrichment.hpp"
#include "store/facts.hpp"
#include "store/folds.hpp"
#include "store/statement.hpp"

namespace linkspan
{
namespace
{

constexpr std::string_view state_words[] = {"pending", "done", "dead", "replaced", "not_taken"};

void settle_row(transaction& tx, settled_delivery const& settled)
{
    bound(
        tx,
        "UPDATE delivery_attempt SET ended_at = ?, outcome = ?, detail = ? WHERE delivery = ? AND number = ?",
        tx.now(),
        name_of(settled.result.kind),
        std::string_view(settled.result.detail),
        settled.id.value,
        settled.attempt
    )
        .exec();
    auto const& decided = settled.decided;
    std::optional<std::string_view> reason;
    if (decided.kind != verdict_kind::done)
        reason = decided.reason;
    switch (decided.kind)
    {
        case verdict_kind::done:
        case verdict_kind::dead:
            bound(
                tx,
                "UPDATE delivery SET state = ?, settled_at = ?, reference = ?, reason = ? WHERE id = ?",
                static_cast<int>(
                    decided.kind == verdict_kind::done ? delivery_state::done : delivery_state::dead
                ),
                tx.now(),
                std::string_view(settled.result.reference),
                reason,
                settled.id.value
            )
                .exec();
            break;
        case verdict_kind::retry:
        case verdict_kind::hold:
        {
            bool const is_held = decided.kind == verdict_kind::hold;
            bound(
                tx,
                "UPDATE delivery SET due_at = ?, reason = ?, attempts = attempts - ? WHERE id = ?",
                is_held ? tx.now() : decided.due_at,  // held: the destination waits, the message need not
                reason,
                decided.is_counted ? 0 : 1,
                settled.id.value
            )
                .exec();
            break;
        }
    }
}

// An event as it is told: of a push, with what its branch's event knows, whichever of the two came first, and
// with the commits that were asked for.
result<event> read_told_event(transaction& tx, event_row row)
{
    auto read = read_event(tx, row);
    if (!read)
        return read;
    auto of_cause = result<std::vector<event>>(std::vector<event>());
    if (read->cause && read->kind == event_kind::pull_request_commits_pushed)
        of_cause = events_of_cause(tx, *read);
    if (!of_cause && of_cause.error().code == errc::invalid)
        return read;  // another's fault: this one can be told without it
    if (!of_cause)
        return of_cause.error();
    auto const question = commits_question(*read, *of_cause);
    auto told = told_with_branch(std::move(*read), *of_cause);
    if (!question)
        return told;
    auto known = find_commits(tx, *question);
    if (!known && known.error().code != errc::invalid)
        return known.error();
    if (!known || !*known)
        return told;
    return told_whole(std::move(told), std::move((*known)->commits), (*known)->fault.empty());
}

void bury(transaction& tx, delivery_id id, std::string_view reason)
{
    bound(
        tx,
        "UPDATE delivery SET state = ?, settled_at = ?, reason = ? WHERE id = ?",
        static_cast<int>(delivery_state::dead),
        tx.now(),
        reason,
        id.value
    )
        .exec();
}

// The oldest message of a lane that is not settled, its event aside.
struct lane_head
{
    begun_delivery delivery;
    event_row happening;
    bool waits = false;  // for facts
};

std::optional<lane_head> head_of(transaction& tx, lane const& on)
{
    auto& row = bound(
        tx,
        "SELECT d.id, d.attempts, d.due_at, d.event, d.needs IS NOT NULL FROM delivery d WHERE d.state = 0 "
        "AND "
        "d.destination = ? "
        "AND d.conversation = ? ORDER BY d.id LIMIT 1",
        on.destination,
        on.conversation
    );
    if (!row.executeStep())
        return std::nullopt;
    lane_head out;
    out.delivery.id = delivery_id(number_at(row, 0));
    out.delivery.progress.attempts = static_cast<int>(number_at(row, 1));
    out.delivery.progress.due_at = time_at(row, 2);
    out.happening = event_row(number_at(row, 3));
    out.waits = number_at(row, 4) != 0;
    row.reset();
    return out;
}

// Counts the attempt before anything is sent.
void begin_attempt(transaction& tx, begun_delivery& next, retry_schedule const& schedule)
{
    next.progress = begin(next.progress, schedule, tx.now());
    bound(
        tx,
        "UPDATE delivery SET attempts = ?, due_at = ? WHERE id = ?",
        next.progress.attempts,
        next.progress.due_at,
        next.id.value
    )
        .exec();
    // An attempt that did not count leaves its number to the next, which replaces it.
    bound(
        tx,
        "INSERT OR REPLACE INTO delivery_attempt (delivery, number, started_at) VALUES (?, ?, ?)",
        next.id.value,
        next.progress.attempts,
        tx.now()
    )
        .exec();
}

}  // namespace

result<std::vector<twin_delivery>> twins_of(transaction& tx, event const& happening)
{
    return guarded(
        "find the deliveries of one cause",
        [&]() -> result<std::vector<twin_delivery>>
        {
            std::vector<twin_delivery> out;
            auto& statement = bound(
                tx,
                "SELECT d.id, d.destination, e.kind, d.state <> 0 OR EXISTS (SELECT 1 FROM delivery_attempt "
                "a "
                "WHERE a.delivery = d.id), d.state = 0 AND instr(coalesce(d.needs, ''), ?) > 0 FROM event e "
                "JOIN delivery d ON d.event = e.seq WHERE e.cause = ? "
                "AND e.received_at BETWEEN ? AND ? AND (d.state NOT IN (2, 3, 4) OR d.told_by IS NOT NULL) "
                "AND d.planned_at >= ? ORDER "
                "BY "
                "d.id",
                name_of(fact::changed_paths),
                happening.cause.value_or(std::string()),
                happening.received_at - cause_window,
                happening.received_at + cause_window,
                tx.now() - cause_window
            );
            while (statement.executeStep())
            {
                auto& next = out.emplace_back();
                next.delivery = number_at(statement, 0);
                next.destination = text_at(statement, 1);
                next.kind = kind_named(text_at(statement, 2)).value_or(event_kind::branch_updated);
                next.is_begun = number_at(statement, 3) != 0;
                next.is_undecided = number_at(statement, 4) != 0;
            }
            return out;
        }
    );
}

result<std::vector<lane>> replace_deliveries(
    transaction& tx, std::vector<std::int64_t> const& replaced, std::string_view reason
)
{
    return guarded(
        "replace deliveries",
        [&]() -> result<std::vector<lane>>
        {
            std::vector<lane> out;
            for (auto const id : replaced)
            {
                auto& statement = bound(
                    tx,
                    "UPDATE delivery SET state = ?, settled_at = ?, reason = ? WHERE id = ? AND state = 0 "
                    "RETURNING destination, conversation",
                    static_cast<int>(delivery_state::replaced),
                    tx.now(),
                    reason,
                    id
                );
                while (statement.executeStep())
                    out.emplace_back(text_at(statement, 0), text_at(statement, 1));
            }
            return out;
        }
    );
}

result<> plan_deliveries(
    transaction& tx, event_row happening, std::vector<planned_delivery> const& planned, time_point due_at
)
{
    return guarded(
        "plan the deliveries",
        [&]() -> result<>
        {
            for (auto const& one : planned)
            {
                std::optional<std::string> needs;
                std::optional<time_point> decide_by;
                if (!one.needs.empty())
                {
                    needs = words_of(one.needs);
                    decide_by = tx.now() + enrichment_wait;
                }
                bound(
                    tx,
                    "INSERT INTO delivery (event, destination, conversation, why, due_at, planned_at, needs, "
                    "decide_by_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    happening.value,
                    one.destination,
                    one.conversation,
                    one.why,
                    due_at,
                    tx.now(),
                    needs,
                    decide_by
                )
                    .exec();
            }
            return {};
        }
    );
}

result<std::vector<waiting_lane>> waiting_lanes(transaction& tx)
{
    return guarded(
        "list the waiting lanes",
        [&]() -> result<std::vector<waiting_lane>>
        {
            std::vector<waiting_lane> out;
            // SQLite gives the bare column of the row that has the minimum.
            auto& statement = tx.prepare(
                "SELECT destination, conversation, due_at, needs IS NOT NULL, min(id) FROM delivery "
                "WHERE state = 0 GROUP BY destination, conversation"
            );
            while (statement.executeStep())
            {
                if (number_at(statement, 3) != 0)
                    continue;  // whoever decides about its head wakes the lane

                waiting_lane one;
                one.lane = lane(text_at(statement, 0), text_at(statement, 1));
                one.due_at = time_at(statement, 2);
                out.push_back(std::move(one));
            }
            return out;
        }
    );
}

result<next_in_lane> advance(
    transaction& tx,
    lane const& on,
    std::optional<settled_delivery> const& settled,
    retry_schedule const& schedule,
    bool only_settle
)
{
    return guarded(
        "advance the lane",
        [&]() -> result<next_in_lane>
        {
            if (settled)
                settle_row(tx, *settled);
            next_in_lane out;
            for (;;)
            {
                auto head = head_of(tx, on);
                if (!head || head->waits)
                    return out;  // whoever decides about it wakes the lane
                auto& next = head->delivery;
                if (only_settle || next.progress.due_at > tx.now())
                {
                    out.due_at = next.progress.due_at;
                    return out;
                }
                auto read = read_told_event(tx, head->happening);
                if (!read && read.error().code != errc::not_found && read.error().code != errc::invalid)
                    return read.error();  // the disk's fault, not the event's
                if (!read)
                {
                    // Nobody can ever send it; what stands behind it must not wait for that.
                    bury(tx, next.id, read.error().message);
                    continue;
                }
                next.event = std::move(*read);
                auto story = folded_into(tx, next.id);
                if (!story)
                    return story.error();
                next.story = std::move(*story);
                begin_attempt(tx, next, schedule);
                out.begun = std::move(next);
                return out;
            }
        }
    );
}

result<> put_hold(transaction& tx, hold const& held)
{
    return guarded(
        "hold the destination",
        [&]() -> result<>
        {
            bound(
                tx,
                "INSERT INTO destination_hold (destination, reason, advice, since_at, look_at) VALUES (?, ?, "
                "?, ?, ?) "
                "ON CONFLICT (destination) DO UPDATE SET reason = excluded.reason, advice = excluded.advice, "
                "look_at = excluded.look_at",
                held.destination,
                held.reason,
                held.advice,
                held.since_at,
                held.look_at
            )
                .exec();
            return {};
        }
    );
}

result<> lift_hold(transaction& tx, std::string_view destination)
{
    return guarded(
        "lift the hold",
        [&]() -> result<>
        {
            bound(tx, "DELETE FROM destination_hold WHERE destination = ?", destination).exec();
            return {};
        }
    );
}

result<std::vector<hold>> list_holds(transaction& tx)
{
    return guarded(
        "list the holds",
        [&]() -> result<std::vector<hold>>
        {
            std::vector<hold> out;
            auto& statement = tx.prepare(
                "SELECT destination, reason, advice, since_at, look_at FROM destination_hold ORDER BY 1"
            );
            while (statement.executeStep())
            {
                hold one;
                one.destination = text_at(statement, 0);
                one.reason = text_at(statement, 1);
                one.advice = text_at(statement, 2);
                one.since_at = time_at(statement, 3);
                one.look_at = time_at(statement, 4);
                out.push_back(std::move(one));
            }
            return out;
        }
    );
}

result<delivery_depth> depth_of_deliveries(transaction& tx)
{
    return guarded(
        "measure the deliveries",
        [&]() -> result<delivery_depth>
        {
            delivery_depth out;
            auto& pending = tx.prepare("SELECT count(*), min(planned_at) FROM delivery WHERE state = 0");
            if (pending.executeStep())
            {
                out.pending = number_at(pending, 0);
                if (out.pending > 0)
                    out.oldest = time_at(pending, 1);
            }
            auto& waiting = tx.prepare("SELECT count(*) FROM delivery WHERE state = 0 AND needs IS NOT NULL");
            if (waiting.executeStep())
                out.waiting = number_at(waiting, 0);
            out.pending -= out.waiting;
            auto& dead = tx.prepare("SELECT count(*) FROM delivery WHERE state = 2");
            if (dead.executeStep())
                out.dead = number_at(dead, 0);
            return out;
        }
    );
}

result<std::vector<delivery_history>> deliveries_of(transaction& tx, event_id const& happening)
{
    return guarded(
        "list the deliveries of an event",
        [&]() -> result<std::vector<delivery_history>>
        {
            std::vector<delivery_history> out;
            auto& statement = bound(
                tx,
                "SELECT d.id, destination, why, state, attempts, due_at, reason, decide_by_at FROM delivery "
                "d "
                "JOIN event e ON e.seq = d.event WHERE e.id = ? ORDER BY d.id",
                happening.value
            );
            while (statement.executeStep())
            {
                delivery_history one;
                one.id = delivery_id(number_at(statement, 0));
                one.destination = text_at(statement, 1);
                one.why = text_at(statement, 2);
                one.state =
                    state_words[static_cast<std::size_t>(number_at(statement, 3)) % std::size(state_words)];
                one.attempts = static_cast<int>(number_at(statement, 4));
                one.due_at = time_at(statement, 5);
                one.reason = optional_text_at(statement, 6);
                if (auto const decide_by = optional_time_at(statement, 7);
                    decide_by && one.state == "pending")
                {
                    one.state = "waiting";
                    one.due_at = *decide_by;
                }
                out.push_back(std::move(one));
            }
            return out;
        }
    );
}

}  // namespace linkspan
