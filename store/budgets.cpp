#include "store/budgets.hpp"

#include "core/watch/budget_json.hpp"
#include "store/statement.hpp"

namespace linkspan
{
namespace
{

result<budget> read_budget(std::string const& json, std::string const& link, std::string_view resource)
{
    auto out = budget_from_json(json);
    if (!out || name_of(out->resource) != resource)
        return error(
            errc::invalid,
            "the stored count of requests of link " + link + " (" + std::string(resource) +
                "): " + (out ? "it is of another class" : out.error().message) +
                "; restore the database, or delete the link and make it anew"
        );
    return out;
}

}  // namespace

result<budget> load_budget(transaction& tx, link_id const& link, resource_class of)
{
    return guarded(
        "load a budget",
        [&]() -> result<budget>
        {
            auto& statement = bound(
                tx, "SELECT json FROM api_budget WHERE link = ? AND resource = ?", link.value, name_of(of)
            );
            if (!statement.executeStep())
                return fresh_budget(of, tx.now());
            auto const json = text_at(statement, 0);
            statement.reset();
            return read_budget(json, link.value, name_of(of));
        }
    );
}

result<> save_budget(transaction& tx, link_id const& link, budget const& state)
{
    return guarded(
        "save a budget",
        [&]() -> result<>
        {
            bound(
                tx,
                "INSERT INTO api_budget (link, resource, json) SELECT id, ?2, ?3 FROM link WHERE id = ?1 "
                "ON CONFLICT (link, resource) DO UPDATE SET json = excluded.json",
                link.value,
                name_of(state.resource),
                to_json_text(state)
            )
                .exec();
            return {};
        }
    );
}

result<std::vector<stored_budget>> list_budgets(transaction& tx)
{
    return guarded(
        "list the budgets",
        [&]() -> result<std::vector<stored_budget>>
        {
            std::vector<stored_budget> out;
            auto& statement =
                tx.prepare("SELECT link, resource, json FROM api_budget ORDER BY link, resource");
            while (statement.executeStep())
            {
                auto const link = text_at(statement, 0);
                auto const state = read_budget(text_at(statement, 2), link, text_at(statement, 1));
                if (!state)
                    return state.error();
                auto& one = out.emplace_back();
                one.link = link_id(link);
                one.state = *state;
            }
            return out;
        }
    );
}

}  // namespace linkspan
