#include "cmd/linkspan/field_input.hpp"
#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/link_commands.hpp"
#include "links/registry.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

result<link_template const*> kind_of(link_row const& link)
{
    if (auto const* kind = find_template(link.template_name))
        return kind;
    return error(
        errc::invalid,
        "link " + name_of(link) + " is of the template " + link.template_name +
            ", which this version does not have"
    );
}

// Without --kv, each required field that is missing is asked for.
result<std::vector<std::string>> wanted_fields(
    terminal& on, set_creds_options const& options, link_template const& kind, link_row const& link
)
{
    if (!options.fields.empty())
        return options.fields;
    auto missing = missing_fields(kind, link);
    if (missing.empty())
        return error(
            errc::invalid,
            "nothing is missing on link " + name_of(link) + "; say with --kv which field to set"
        );
    if (!on.is_terminal)
        return error(
            errc::invalid,
            "there is no terminal to ask at; give --kv " + missing.front() + "=@file, or --kv " +
                missing.front() + "=- for standard input"
        );
    return missing;
}

// What is stored, and what is new in its place. Where all that is stored is replaced, it need not open: so a
// link is mended after its key was lost.
result<link_fields> merged(
    terminal& on, transaction& tx, vault const& keys, link_row const& link, link_fields const& given
)
{
    auto stored = open_fields(tx, keys, link.id);
    if (!stored)
    {
        auto const is_replaced = [&](std::string const& name) { return given.contains(name); };
        if (stored.error().code != errc::unauthorized || !std::ranges::all_of(link.field_names, is_replaced))
            return stored.error();
        print_warning(on, stored.error().message);
        print_warning(on, "the fields that are given now replace it, sealed with the key " + keys.key_id());
        return given;
    }
    auto all = given;
    for (auto& [name, value] : *stored)
        all.emplace(name, std::move(value));
    return all;
}

result<> judge(link_template const& kind, link_fields const& all)
{
    for (auto const& field : kind.fields)
        if (field.is_required && !all.contains(field.name))
            return {};
    return kind.check == nullptr ? result<>() : kind.check(all);
}

void report(terminal& on, set_creds_options const& options, link_row const& link, link_fields const& given)
{
    json::array set;
    std::string list;
    for (auto const& [name, value] : given)
    {
        set.emplace_back(name);
        list += (list.empty() ? "" : ", ") + name;
    }
    if (options.json)
    {
        json::object document;
        document["id"] = link.id.value;
        document["fields_set"] = std::move(set);
        print_json(on.out, document);
    }
    else
        on.out << "Set " << list << " of link " << name_of(link) << '\n';
}

}  // namespace

result<> set_creds(terminal& on, set_creds_options const& options)
{
    auto opened = find_store(options.paths);
    if (!opened)
        return opened.error();
    if (!*opened)
        return error(
            errc::not_found, "there is no link " + options.link + "; linkspan create-link makes one"
        );
    auto& database = **opened;
    auto const link = database.read<link_row>(
        system_now(), [&](transaction& tx) { return find_link_or_nearest(tx, options.link); }
    );
    if (!link)
        return link.error();
    auto const kind = kind_of(*link);
    if (!kind)
        return kind.error();
    auto const wanted = wanted_fields(on, options, **kind, *link);
    if (!wanted)
        return wanted.error();
    // The key first: nobody should type a secret that cannot be kept.
    key_reader reader(options.paths);
    if (auto const keys = reader.read_or_make(database); !keys)
        return keys.error();
    auto const given = read_fields(on, **kind, *wanted);
    if (!given)
        return given.error();
    auto const stored = write_sealed<int>(
        database,
        reader,
        [&](transaction& tx, vault const& keys) -> result<int>
        {
            auto const current = find_link(tx, link->id.value);
            if (!current)
                return current.error();
            auto const all = merged(on, tx, keys, *current, *given);
            if (!all)
                return all.error();
            if (auto const judged = judge(**kind, *all); !judged)
                return judged.error();
            for (auto const& [name, value] : *given)
                if (auto const put = put_field(tx, keys, link->id, name, value); !put)
                    return put.error();
            return 0;
        }
    );
    if (!stored)
        return stored.error();
    report(on, options, *link, *given);
    return {};
}

}  // namespace linkspan
