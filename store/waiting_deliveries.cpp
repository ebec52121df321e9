#include "store/waiting_deliveries.hpp"

#include "store/statement.hpp"

namespace linkspan
{

result<std::vector<waiting_delivery>> list_waiting(transaction& tx, std::int64_t at_most)
{
    return guarded(
        "list the deliveries that wait for facts",
        [&]() -> result<std::vector<waiting_delivery>>
        {
            std::vector<waiting_delivery> out;
            auto& statement = bound(
                tx,
                "SELECT id, event, destination, conversation, why, due_at, needs, decide_by_at FROM delivery "
                "WHERE state = 0 AND needs IS NOT NULL ORDER BY decide_by_at, id LIMIT ?",
                at_most
            );
            while (statement.executeStep())
            {
                auto& one = out.emplace_back();
                one.id = delivery_id(number_at(statement, 0));
                one.happening = event_row(number_at(statement, 1));
                one.plan.destination = text_at(statement, 2);
                one.plan.conversation = text_at(statement, 3);
                one.plan.why = text_at(statement, 4);
                one.due_at = time_at(statement, 5);
                one.plan.needs = facts_in(text_at(statement, 6));
                one.decide_by = optional_time_at(statement, 7).value_or(time_point());
            }
            return out;
        }
    );
}

result<> release_delivery(transaction& tx, waiting_delivery const& one)
{
    return guarded(
        "release a delivery",
        [&]() -> result<>
        {
            bound(
                tx,
                "UPDATE delivery SET needs = NULL, decide_by_at = NULL, why = ?, due_at = ? WHERE id = ? AND "
                "state "
                "= 0",
                one.plan.why,
                one.due_at,
                one.id.value
            )
                .exec();
            return {};
        }
    );
}

result<> drop_delivery(transaction& tx, delivery_id id, std::string_view reason)
{
    return guarded(
        "drop a delivery",
        [&]() -> result<>
        {
            bound(
                tx,
                "UPDATE delivery SET state = ?, settled_at = ?, reason = ? WHERE id = ? AND state = 0",
                static_cast<int>(delivery_state::not_taken),
                tx.now(),
                reason,
                id.value
            )
                .exec();
            return {};
        }
    );
}

result<> note_not_taken(
    transaction& tx, event_row happening, planned_delivery const& plan, std::string_view reason
)
{
    return guarded(
        "note a delivery that is not taken",
        [&]() -> result<>
        {
            bound(
                tx,
                "INSERT INTO delivery (event, destination, conversation, why, state, due_at, planned_at, "
                "settled_at, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                happening.value,
                plan.destination,
                plan.conversation,
                plan.why,
                static_cast<int>(delivery_state::not_taken),
                tx.now(),
                tx.now(),
                tx.now(),
                reason
            )
                .exec();
            return {};
        }
    );
}

}  // namespace linkspan
