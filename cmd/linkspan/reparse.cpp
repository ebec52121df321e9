#include "cmd/linkspan/reparse.hpp"

#include "cmd/linkspan/running_serve.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "core/bitbucket/reading.hpp"
#include "store/inbox.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// Rows of one turn: they are read and judged outside of any write, and queued in one that takes under 50 ms.
constexpr std::size_t rows_at_once = 200;
constexpr std::size_t bytes_at_once = 16u << 20;
constexpr std::size_t left_shown_max = 50;  // of those that stay set aside; --json has all

struct left_row
{
    inbox_id id;
    std::string event_key;
    inbox_state state = inbox_state::unrecognised;
    std::string why;
};

struct reparsed
{
    std::vector<inbox_id> queued;
    std::vector<left_row> left;
};

result<std::optional<inbox_state>> wanted_state(std::string const& name)
{
    if (name.empty())
        return std::optional<inbox_state>();
    for (auto const state : {inbox_state::unrecognised, inbox_state::unreadable})
        if (name == name_of(state))
            return std::optional(state);
    return error(errc::invalid, "--state is unrecognised or unreadable, not " + name);
}

// What this version's reader says of a row; nothing where it can be read.
std::optional<left_row> judge(inbox_row const& row)
{
    inbound delivery;
    delivery.edition = row.edition;
    delivery.event_key = row.event_key;
    delivery.body = row.body;
    delivery.origin = row.origin;
    auto const said = read_delivery(delivery);
    if (said)
        return std::nullopt;
    left_row out;
    out.id = row.id;
    out.event_key = row.event_key;
    out.state = row.state;
    out.why = said.error().message;
    return out;
}

result<reparsed> reparse(command_store& database, std::optional<inbox_state> state)
{
    reparsed out;
    for (inbox_id last;;)
    {
        auto const rows = database.read<std::vector<inbox_row>>(
            system_now(),
            [&](transaction& tx) { return set_aside_rows(tx, state, rows_at_once, bytes_at_once, last); }
        );
        if (!rows)
            return rows.error();
        if (rows->empty())
            return out;
        last = rows->back().id;
        std::vector<inbox_id> readable;
        for (auto const& row : *rows)
            if (auto left = judge(row))
                out.left.push_back(std::move(*left));
            else
                readable.push_back(row.id);
        if (readable.empty())
            continue;
        auto const queued =
            database.write<std::size_t>(system_now(), [&](transaction& tx) { return requeue(tx, readable); });
        if (!queued)
            return queued.error();
        out.queued.insert(out.queued.end(), readable.begin(), readable.end());
    }
}

json::object to_json(reparsed const& done, bool served)
{
    json::array queued;
    for (auto const id : done.queued)
        queued.emplace_back(id.value);
    json::array left;
    for (auto const& one : done.left)
        left.push_back(json::object{
            {"delivery", one.id.value},
            {"event_key", one.event_key},
            {"state", std::string(name_of(one.state))},
            {"reason", one.why}});
    json::object out;
    out["queued"] = std::move(queued);
    out["left"] = std::move(left);
    out["served"] = served;
    return out;
}

std::string deliveries(std::size_t number)
{
    return std::to_string(number) + (number == 1 ? " delivery" : " deliveries");
}

void print_reparsed(terminal& on, reparsed const& done, bool served)
{
    on.out << deliveries(done.queued.size()) << " queued";
    if (!done.queued.empty())
        on.out
            << (served ? "; the running linkspan serve takes them up within a second"
                       : "; linkspan serve takes them up when it starts");
    on.out << ".\n";
    if (done.left.empty())
        return;
    on.out << deliveries(done.left.size()) << (done.left.size() == 1 ? " stays" : " stay") << " set aside.\n";
    text_table table{{"DELIVERY", "STATE", "EVENT KEY", "WHY"}, {}, true};
    for (auto const& one : done.left)
    {
        if (table.rows.size() == left_shown_max)
            break;
        table.rows.push_back(
            {std::to_string(one.id.value), std::string(name_of(one.state)), one.event_key, one.why}
        );
    }
    print_table(on, table);
    if (table.rows.size() < done.left.size())
        on.out << "... and " << done.left.size() - table.rows.size() << " more; --json shows all.\n";
}

}  // namespace

result<> reparse_set_aside(terminal& on, reparse_options const& options)
{
    auto const state = wanted_state(options.state);
    if (!state)
        return state.error();
    auto opened = find_store(options.paths);
    if (!opened)
        return opened.error();
    reparsed done;
    if (opened->has_value())
    {
        auto made = reparse(**opened, *state);
        if (!made)
            return made.error();
        done = std::move(*made);
    }
    bool const served = is_served(options.paths);
    if (options.json)
        print_json(on.out, to_json(done, served));
    else
        print_reparsed(on, done, served);
    return {};
}

}  // namespace linkspan
