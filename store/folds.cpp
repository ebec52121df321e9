#include "store/folds.hpp"

#include "store/deliveries.hpp"
#include "store/statement.hpp"

#include <map>

namespace linkspan
{
namespace
{

struct due_message
{
    std::int64_t id = 0;
    std::string event;
};

using due_messages = std::map<lane, std::vector<due_message>>;

void add_messages_of(transaction& tx, event_row happening, due_messages& out)
{
    auto& statement = bound(
        tx,
        "SELECT d.id, d.destination, d.conversation, e.id FROM delivery d JOIN event e ON e.seq = d.event "
        "WHERE d.event = ? AND d.state = 0 AND d.attempts = 0 AND d.needs IS NULL AND d.due_at <= ? ORDER BY "
        "d.id",
        happening.value,
        tx.now()
    );
    while (statement.executeStep())
        out[lane(text_at(statement, 1), text_at(statement, 2))].push_back(
            {number_at(statement, 0), text_at(statement, 3)}
        );
}

}  // namespace

result<> fold_deliveries(
    transaction& tx,
    std::vector<event_row> const& story,
    std::set<std::string> const& folding,
    std::size_t messages_min
)
{
    return guarded(
        "fold the deliveries of a story",
        [&]() -> result<>
        {
            due_messages planned;
            for (auto const one : story)
                add_messages_of(tx, one, planned);
            for (auto const& [on, messages] : planned)
            {
                if (messages.size() < messages_min || !folding.contains(on.destination))
                    continue;
                auto const& teller = messages.back();
                for (auto const& told : messages)
                    if (told.id != teller.id)
                        bound(
                            tx,
                            "UPDATE delivery SET state = 3, settled_at = ?, reason = ?, told_by = ? WHERE id "
                            "= ?",
                            tx.now(),
                            "told in one with " + teller.event,
                            teller.id,
                            told.id
                        )
                            .exec();
            }
            return {};
        }
    );
}

result<std::vector<event>> folded_into(transaction& tx, delivery_id teller)
{
    return guarded(
        "read the story of a delivery",
        [&]() -> result<std::vector<event>>
        {
            std::vector<event_row> rows;
            auto& statement =
                bound(tx, "SELECT event FROM delivery WHERE told_by = ? ORDER BY id", teller.value);
            while (statement.executeStep())
                rows.emplace_back(number_at(statement, 0));
            std::vector<event> out;
            for (auto const row : rows)
            {
                auto read = read_event(tx, row);
                if (!read && read.error().code != errc::not_found && read.error().code != errc::invalid)
                    return read.error();
                if (read)
                    out.push_back(std::move(*read));
            }
            return out;
        }
    );
}

}  // namespace linkspan
