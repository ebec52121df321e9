#include "cmd/linkspan/credential_commands.hpp"
#include "cmd/linkspan/since.hpp"
#include "store/uses.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::size_t detail_bytes_max = 40;  // keeps the lines of a terminal whole; JSON has all of it

// A link that is gone is known by its uses.
result<link_id> id_of(transaction& tx, std::string const& link)
{
    auto const row = find_link_or_nearest(tx, link);
    if (row)
        return row->id;
    auto const used = find_used_link(tx, link);
    if (!used && used.error().code == errc::not_found)
        return row.error();
    return used;
}

result<std::vector<link_use>> read_uses(transaction& tx, audit_options const& options)
{
    use_filter filter;
    filter.limit = options.limit;
    if (!options.since.empty())
    {
        auto const since = read_since(options.since, tx.now());
        if (!since)
            return since.error();
        filter.since = *since;
    }
    if (!options.link.empty())
    {
        auto const id = id_of(tx, options.link);
        if (!id)
            return id.error();
        filter.link = *id;
    }
    return list_uses(tx, filter);
}

json::object to_json(link_use const& use)
{
    json::object out;
    out["link"] = use.link.value;
    out["name"] = use.label;
    out["actor"] = use.actor;
    out["action"] = use.action;
    out["failed"] = use.is_failure;
    out["count"] = use.count;
    out["first_at"] = to_rfc3339(use.first_at);
    out["last_at"] = to_rfc3339(use.last_at);
    out["detail"] = use.detail;
    return out;
}

}  // namespace

result<> show_uses(terminal& on, audit_options const& options)
{
    auto const uses = read_store<std::vector<link_use>>(
        options.paths, {}, [&](transaction& tx) { return read_uses(tx, options); }
    );
    if (!uses)
        return uses.error();
    json::array list;
    text_table table{{"LAST (UTC)", "LINK", "BY", "ACTION", "COUNT", "DETAIL"}, {}};
    for (auto const& use : *uses)
    {
        if (options.json)
            list.push_back(to_json(use));
        auto when = to_rfc3339(use.last_at).substr(0, 19);
        when[10] = ' ';
        table.rows.push_back(
            {std::move(when),
             use.label,
             use.actor,
             use.action + (use.is_failure ? " failed" : ""),
             std::to_string(use.count),
             safe_line(use.detail, detail_bytes_max)}
        );
    }
    if (options.json)
        print_json(on.out, json::object{{"uses", std::move(list)}});
    else if (uses->empty())
        on.err << (options.since.empty() ? "Nothing was used yet.\n" : "Nothing was used since then.\n");
    else
        print_table(on, table);
    return {};
}

}  // namespace linkspan
