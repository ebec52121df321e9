#include "cmd/linkspan/link_commands.hpp"

#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/link_kinds.hpp"
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

char const* title_of(edition from)
{
    return from == edition::cloud ? "Bitbucket Cloud" : "Bitbucket Data Center";
}

// What a link of this template is for, in a word.
std::string direction_of(link_template const& kind)
{
    if (kind.receives)
        return "source";
    return kind.send != nullptr ? "destination" : "";
}

json::object to_json(link_template const& kind)
{
    json::object out;
    out["name"] = std::string(kind.name);
    out["title"] = std::string(kind.title);
    out["purpose"] = std::string(kind.purpose);
    out["use"] = direction_of(kind);
    out["needs_channel"] = kind.needs_channel;
    out["steps"] = std::string(kind.steps);
    json::array fields;
    for (auto const& field : kind.fields)
    {
        json::object one;
        one["name"] = std::string(field.name);
        one["help"] = std::string(field.help);
        one["secret"] = field.is_secret;
        one["required"] = field.is_required;
        if (!field.default_value.empty())
            one["default"] = std::string(field.default_value);
        fields.push_back(std::move(one));
    }
    out["fields"] = std::move(fields);
    return out;
}

void print_template(terminal& on, link_template const& kind)
{
    on.out << kind.name << ": " << kind.title << '\n' << kind.purpose << "\n\nFields:\n";
    for (auto const& field : kind.fields)
    {
        on.out << "  " << field.name << (field.is_required ? " (required" : " (optional")
               << (field.is_secret ? ", secret" : "");
        if (!field.default_value.empty())
            on.out << ", default " << field.default_value;
        on.out << ")\n      " << field.help << '\n';
    }
    on.out << "\nAt the service:\n"
           << kind.steps << "\nHere:\n  linkspan create-link --template " << kind.name << " --name NAME\n";
    if (kind.receives)
        on.out << "  then a [[source]] of edition "
               << (*kind.receives == edition::cloud ? "\"cloud\"" : "\"data_center\"") << " in config.toml ("
               << title_of(*kind.receives) << ")\n";
    else
        on.out << "  then a [[destination]] " << (kind.needs_channel ? "with a channel " : "")
               << "in config.toml\n";
}

// "ready", or what is missing.
std::string state_of(link_row const& link)
{
    auto const* kind = find_template(link.template_name);
    if (kind == nullptr)
        return "unknown template";
    std::string missing;
    for (auto const& name : missing_fields(*kind, link))
        missing += (missing.empty() ? "missing: " : ", ") + name;
    return missing.empty() ? "ready" : missing;
}

json::object head_of(link_row const& link)
{
    json::object out;
    out["id"] = link.id.value;
    out["name"] = link.name ? json::value(*link.name) : json::value();
    out["template"] = link.template_name;
    out["allow_unsigned"] = link.allow_unsigned;
    out["state"] = state_of(link);
    out["created_at"] = to_rfc3339(link.created_at);
    out["updated_at"] = to_rfc3339(link.updated_at);
    return out;
}

struct shown_field
{
    std::string name;
    bool is_secret = true;
    bool is_set = false;
    std::string value;  // of one that is no secret; its default where it is not set
};

std::vector<shown_field> fields_of(link_template const& kind, link_fields const& set)
{
    std::vector<shown_field> out;
    for (auto const& field : kind.fields)
    {
        auto const found = set.find(field.name);
        shown_field shown;
        shown.name = field.name;
        shown.is_secret = field.is_secret;
        shown.is_set = found != set.end() && !found->second.empty();
        if (!field.is_secret)
            shown.value = value_of(set, kind.fields, field.name);
        out.push_back(std::move(shown));
    }
    return out;
}

json::object to_json(std::vector<shown_field> const& fields)
{
    json::object out;
    for (auto const& field : fields)
    {
        json::object one;
        one["secret"] = field.is_secret;
        one["set"] = field.is_set;
        if (!field.is_secret && !field.value.empty())
            one["value"] = field.value;
        out[field.name] = std::move(one);
    }
    return out;
}

std::string text_of(shown_field const& field)
{
    if (field.is_secret || field.value.empty())
        return field.is_set ? "set" : "not set";
    return safe_line(field.value) + (field.is_set ? "" : " (default)");
}

struct opened_link
{
    link_row row;
    link_fields fields;
};

result<opened_link> open_link(profile_paths const& paths, std::string const& id_or_name)
{
    auto opened = find_store(paths);
    if (!opened)
        return opened.error();
    if (!*opened)
        return error(errc::not_found, "there is no link " + id_or_name + "; linkspan create-link makes one");
    return (*opened)->read<opened_link>(
        system_now(),
        [&](transaction& tx) -> result<opened_link>
        {
            auto found = find_link_or_nearest(tx, id_or_name);
            if (!found)
                return found.error();
            opened_link out;
            out.row = std::move(*found);
            if (out.row.field_names.empty())
                return out;
            auto const keys = find_vault(paths);
            if (!keys)
                return keys.error();
            auto fields = open_fields(tx, *keys, out.row.id);
            if (!fields)
                return fields.error();
            out.fields = std::move(*fields);
            return out;
        }
    );
}

// Where the configuration names the link: "source \"cloud\" (config.toml:12)".
std::vector<std::string> uses_of(config const& all, link_row const& link)
{
    auto const is_it = [&](std::string const& name) { return name == link.id.value || name == link.name; };
    auto const place = [&](int line)
    { return " (" + all.file.filename().string() + ":" + std::to_string(line) + ")"; };
    std::vector<std::string> uses;
    for (auto const& source : all.sources)
        if (is_it(source.webhook))
            uses.push_back("source \"" + source.name + "\"" + place(source.line));
    for (auto const& destination : all.destinations)
        if (is_it(destination.link))
            uses.push_back("destination \"" + destination.name + "\"" + place(destination.line));
    return uses;
}

result<> may_delete(terminal& on, delete_link_options const& options, link_row const& link)
{
    if (options.yes)
        return {};
    std::string list;
    for (auto const& use : uses_of(load_config(options.paths.config).config, link))
        list += (list.empty() ? "" : ", ") + use;
    if (!list.empty())
        return error(
            errc::conflict,
            "link " + name_of(link) + " is used by " + list +
                "; take it out there first, or say --yes to delete it "
                "all the same"
        );
    if (!on.is_terminal)
        return error(errc::invalid, "deleting a link needs --yes where nobody can be asked");
    auto const question =
        "Delete link " + name_of(link) + " (" + link.template_name + ") with its credentials?";
    if (!ask_yes(on, question))
        return error(errc::cancelled, "nothing was deleted");
    return {};
}

}  // namespace

result<> show_link_templates(terminal& on, link_templates_options const& options)
{
    if (!options.name.empty())
    {
        auto const kind = named_template(options.name);
        if (!kind)
            return kind.error();
        if (options.json)
            print_json(on.out, to_json(**kind));
        else
            print_template(on, **kind);
        return {};
    }
    json::array list;
    text_table table{{"TEMPLATE", "USE", "PURPOSE"}, {}};
    for (auto const* kind : link_templates())
    {
        list.push_back(to_json(*kind));
        table.rows.push_back({std::string(kind->name), direction_of(*kind), std::string(kind->purpose)});
    }
    if (options.json)
    {
        json::object document;
        document["templates"] = std::move(list);
        print_json(on.out, document);
        return {};
    }
    print_table(on, table);
    on.out << "\nlinkspan link-templates NAME shows the fields of one and what to do at the service.\n";
    return {};
}

result<> show_links(terminal& on, command_options const& options)
{
    auto const links = read_store<std::vector<link_row>>(options.paths, {}, list_links);
    if (!links)
        return links.error();
    json::array list;
    text_table table{{"ID", "NAME", "TEMPLATE", "STATE"}, {}};
    for (auto const& link : *links)
    {
        auto one = head_of(link);
        json::array set;
        for (auto const& name : link.field_names)
            set.emplace_back(name);
        one["fields_set"] = std::move(set);
        list.push_back(std::move(one));
        table.rows.push_back(
            {link.id.value,
             link.name.value_or("-"),
             link.template_name,
             state_of(link) + (link.allow_unsigned ? ", takes unsigned deliveries" : "")}
        );
    }
    if (options.json)
    {
        json::object document;
        document["links"] = std::move(list);
        print_json(on.out, document);
    }
    else if (links->empty())
        on.err << "There are no links yet. linkspan link-templates shows what can be linked.\n";
    else
        print_table(on, table);
    return {};
}

result<> show_link(terminal& on, get_link_options const& options)
{
    auto const link = open_link(options.paths, options.link);
    if (!link)
        return link.error();
    auto const* kind = find_template(link->row.template_name);
    auto const fields = kind == nullptr ? std::vector<shown_field>() : fields_of(*kind, link->fields);
    if (options.json)
    {
        auto document = head_of(link->row);
        document["fields"] = to_json(fields);
        print_json(on.out, document);
        return {};
    }
    auto const line = [&](std::string_view name, std::string_view value)
    {
        std::string padded(name);
        padded.resize(std::max<std::size_t>(padded.size(), 16), ' ');
        on.out << padded << ' ' << value << '\n';
    };
    line("id", link->row.id.value);
    line("name", link->row.name.value_or("-"));
    line("template", link->row.template_name);
    line("state", state_of(link->row));
    line("allow_unsigned", link->row.allow_unsigned ? "yes" : "no");
    line("created_at", to_rfc3339(link->row.created_at));
    line("updated_at", to_rfc3339(link->row.updated_at));
    for (auto const& field : fields)
        line(field.name, text_of(field));
    return {};
}

result<> remove_link(terminal& on, delete_link_options const& options)
{
    auto opened = find_store(options.paths);
    if (!opened)
        return opened.error();
    if (!*opened)
        return error(errc::not_found, "there is no link " + options.link);
    auto& database = **opened;
    auto const link = database.read<link_row>(
        system_now(), [&](transaction& tx) { return find_link_or_nearest(tx, options.link); }
    );
    if (!link)
        return link.error();
    if (auto const allowed = may_delete(on, options, *link); !allowed)
        return allowed;
    auto const deleted = database.write<int>(
        system_now(),
        [&](transaction& tx) -> result<int>
        {
            if (auto const done = delete_link(tx, link->id); !done)
                return done.error();
            return 0;
        }
    );
    if (!deleted)
        return deleted.error();
    if (options.json)
    {
        json::object document;
        document["deleted"] = link->id.value;
        print_json(on.out, document);
    }
    else
        on.out << "Deleted link " << name_of(*link) << " (" << link->id.value << ")\n";
    return {};
}

}  // namespace linkspan
