#include "cmd/linkspan/credential_commands.hpp"
#include "cmd/linkspan/since.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "store/uses.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

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

struct known_uses
{
    std::vector<link_use> uses;
    time_point now;
};

result<known_uses> read_uses(transaction& tx, audit_options const& options)
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
    auto uses = list_uses(tx, filter);
    if (!uses)
        return uses.error();
    auto const names = names_of_links(tx);
    if (!names)
        return names.error();
    known_uses out;
    out.uses = std::move(*uses);
    out.now = tx.now();
    // A link that had no name then may have one now.
    for (auto& use : out.uses)
        if (use.label == use.link.value)
            use.label = name_of(*names, use.label);
    return out;
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
    auto const known =
        read_store<known_uses>(options.paths, {}, [&](transaction& tx) { return read_uses(tx, options); });
    if (!known)
        return known.error();
    json::array list;
    std::vector<time_point> moments;
    for (auto const& use : known->uses)
    {
        list.push_back(to_json(use));
        moments.push_back(use.last_at);
    }
    auto const times = short_times(moments, known->now);
    text_table table{{"LAST (UTC)", "LINK", "BY", "ACTION", "COUNT", "DETAIL"}, {}};
    for (auto const& use : known->uses)
        table.rows.push_back(
            {times[table.rows.size()],
             use.label,
             use.actor,
             use.action + (use.is_failure ? " failed" : ""),
             std::to_string(use.count),
             use.detail}
        );
    if (options.json)
        print_json(on.out, json::object{{"uses", std::move(list)}});
    else if (known->uses.empty())
        on.err << (options.since.empty() ? "Nothing was used yet.\n" : "Nothing was used since then.\n");
    else
        print_table(on, table);
    return {};
}

}  // namespace linkspan
