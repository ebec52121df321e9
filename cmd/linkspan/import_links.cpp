#include "cmd/linkspan/audit.hpp"
#include "cmd/linkspan/key_commands.hpp"
#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/link_bundle.hpp"
#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/read_file.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "store/passphrase.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <iostream>
#include <set>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::size_t stored_at_once = 50;  // links; keeps the transaction short

struct planned_link
{
    portable_link link;
    std::vector<link_row> in_the_way;

    planned_link() = default;
};

result<std::vector<portable_link>> open_bundle(terminal& on, import_links_options const& options)
{
    auto const what = options.file == "-" ? std::string("what came from standard input") : options.file;
    auto line = read_named(options.file, on.in, bundle_bytes_max);
    if (!line)
        return line.error();
    while (line->ends_with('\n') || line->ends_with('\r'))
        line->pop_back();
    if (!line->starts_with(bundle_head))
        return error(errc::invalid, what + " is no export of linkspan");
    auto const words =
        read_known_passphrase(on, options.passphrase_file, passphrase_flag, "Passphrase of " + what + ": ");
    if (!words)
        return words.error();
    auto const lock = passphrase_lock::of(*line, bundle_head, *words, what);
    if (!lock)
        return lock.error();
    auto const text = lock->unlock(*line, bundle_head, what);
    if (!text)
        return text.error();
    auto links = from_json_text(*text);
    if (!links)
        return error(links.error().code, "cannot import " + what + ": " + links.error().message);
    return links;
}

bool is_called(portable_link const& link, std::string const& id_or_name)
{
    return link.row.id.value == id_or_name || link.row.name == id_or_name;
}

result<std::vector<portable_link>> choose(
    std::vector<portable_link> links, std::vector<std::string> const& wanted
)
{
    for (auto const& one : wanted)
        if (std::ranges::none_of(links, [&](auto const& link) { return is_called(link, one); }))
            return error(errc::not_found, "the export has no link " + one);
    if (!wanted.empty())
        std::erase_if(
            links,
            [&](auto const& link)
            { return std::ranges::none_of(wanted, [&](auto const& one) { return is_called(link, one); }); }
        );
    std::set<std::string, std::less<>> taken;
    for (auto const& link : links)
    {
        if (auto const known = template_of(link.row); !known)
            return known.error();
        if (auto const fine = check_link_name(link.row.id.value); !fine)
            return fine.error();
        if (link.row.name)
            if (auto const fine = check_link_name(*link.row.name); !fine)
                return fine.error();
        if (!taken.insert(link.row.id.value).second ||
            (link.row.name && !taken.insert(*link.row.name).second))
            return error(errc::invalid, "two links of the export are called " + name_of(link.row));
    }
    return links;
}

result<std::vector<planned_link>> plan(transaction& tx, std::vector<portable_link> links)
{
    std::vector<planned_link> out;
    for (auto& link : links)
    {
        auto in_the_way = links_in_the_way(tx, link.row);
        if (!in_the_way)
            return in_the_way.error();
        planned_link planned;
        planned.link = std::move(link);
        planned.in_the_way = std::move(*in_the_way);
        out.push_back(std::move(planned));
    }
    return out;
}

error refusal(planned_link const& planned)
{
    auto const& other = planned.in_the_way.front();
    return error(
        errc::conflict,
        "link " + name_of(planned.link.row) + " (" + planned.link.row.id.value +
            ") of the export is in the way of " + name_of(other) + " (" + other.id.value +
            "), which exists; --replace puts it in its place"
    );
}

std::string action_of(planned_link const& planned, bool replaces)
{
    return planned.in_the_way.empty() ? "add" : replaces ? "replace" : "refuse";
}

void report(
    terminal& on, import_links_options const& options, std::vector<planned_link> const& all, bool is_done
)
{
    json::array list;
    text_table table{{"ACTION", "LINK", "ID", "TEMPLATE", "REPLACES"}, {}};
    for (auto const& one : all)
    {
        json::object entry;
        entry["id"] = one.link.row.id.value;
        entry["name"] = one.link.row.name ? json::value(*one.link.row.name) : json::value();
        entry["template"] = one.link.row.template_name;
        entry["action"] = action_of(one, options.replaces);
        json::array replaced;
        std::string ids;
        for (auto const& row : one.in_the_way)
        {
            replaced.emplace_back(row.id.value);
            ids += (ids.empty() ? "" : ", ") + row.id.value;
        }
        entry["replaces"] = std::move(replaced);
        list.push_back(std::move(entry));
        table.rows.push_back(
            {action_of(one, options.replaces),
             one.link.row.name.value_or("-"),
             one.link.row.id.value,
             one.link.row.template_name,
             ids.empty() ? "-" : ids}
        );
    }
    if (options.json)
    {
        json::object document;
        document["imported"] = is_done;
        document["links"] = std::move(list);
        print_json(on.out, document);
        return;
    }
    print_table(on, table);
    on.err
        << (is_done
                ? "Imported. Whoever else uses these tokens competes for them: a refresh token works once.\n"
                : "Nothing was changed.\n");
}

result<bool> store_some(transaction& tx, vault const& keys, std::span<planned_link const> some, bool replaces)
{
    for (auto const& one : some)
    {
        auto const in_the_way = links_in_the_way(tx, one.link.row);
        if (!in_the_way)
            return in_the_way.error();
        if (!in_the_way->empty() && !replaces)
            return refusal(one);
        if (auto const put = put_link(tx, keys, one.link); !put)
            return put.error();
        if (auto const told = record_use(tx, use_by("import-links", one.link.row, "import")); !told)
            return told.error();
    }
    return true;
}

result<> store_all(
    command_store& database, import_links_options const& options, std::vector<planned_link> const& all
)
{
    for (std::size_t begin = 0; begin < all.size(); begin += stored_at_once)
    {
        auto const some = std::span(all).subspan(begin, std::min(stored_at_once, all.size() - begin));
        auto const stored = write_sealed<bool>(
            database,
            options.paths,
            [&](transaction& tx, vault const& keys) { return store_some(tx, keys, some, options.replaces); }
        );
        if (!stored)
            return error(
                stored.error().code,
                stored.error().message +
                    (begin == 0 ? "" : " (" + std::to_string(begin) + " links before it are imported)")
            );
    }
    return {};
}

}  // namespace

result<> import_links(terminal& on, import_links_options const& options)
{
    auto opened = open_bundle(on, options);
    if (!opened)
        return opened.error();
    auto chosen = choose(std::move(*opened), options.links);
    if (!chosen)
        return chosen.error();
    // A dry run makes no database.
    auto existing = find_store(options.paths);
    if (!existing)
        return existing.error();
    result<std::vector<planned_link>> planned = std::vector<planned_link>();
    if (*existing)
        planned = (*existing)->read<std::vector<planned_link>>(
            system_now(), [&](transaction& tx) { return plan(tx, std::move(*chosen)); }
        );
    else
        for (auto& link : *chosen)
            planned->emplace_back().link = std::move(link);
    if (!planned)
        return planned.error();
    auto const refused = std::ranges::find_if(
        *planned, [&](auto const& one) { return !one.in_the_way.empty() && !options.replaces; }
    );
    if (options.only_tells)
    {
        report(on, options, *planned, false);
        return refused == planned->end() ? result<>() : refusal(*refused);
    }
    if (refused != planned->end())
        return refusal(*refused);
    auto database = *existing ? result<command_store>(std::move(**existing)) : open_store(options.paths);
    if (!database)
        return database.error();
    if (auto const stored = store_all(*database, options, *planned); !stored)
        return stored;
    report(on, options, *planned, true);
    return {};
}

}  // namespace linkspan
