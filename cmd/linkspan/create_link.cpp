#include "cmd/linkspan/audit.hpp"
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/field_input.hpp"
#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/link_commands.hpp"
#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/next_steps.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

result<link_row> plan_link(create_link_options const& options, link_template const& kind)
{
    link_row row;
    std::array<std::uint8_t, 10> random{};
    fill_random(random);
    row.id = make_link_id(random);
    row.template_name = kind.name;
    row.allow_unsigned = options.allow_unsigned;
    if (options.allow_unsigned && !kind.receives)
        return error(
            errc::invalid,
            "--allow-unsigned is for links that receive webhooks; " + row.template_name + " does not"
        );
    if (options.name.empty())
        return row;
    if (auto const judged = check_link_name(options.name); !judged)
        return judged.error();
    row.name = options.name;
    return row;
}

result<int> store_link(transaction& tx, link_row const& row, link_fields const& fields, vault const* keys)
{
    if (auto const made = insert_link(tx, row); !made)
        return made.error();
    std::string names;
    for (auto const& [name, value] : fields)
    {
        if (auto const stored = put_field(tx, *keys, row.id, name, value); !stored)
            return stored.error();
        names += (names.empty() ? "" : ", ") + name;
    }
    if (auto const told = record_use(tx, use_by("create-link", row, "create", names)); !told)
        return told.error();
    return 0;
}

// Without fields no key is needed, and none is made.
result<int> store_link(
    command_store& database, profile_paths const& paths, link_row const& row, link_fields const& fields
)
{
    if (fields.empty())
        return database.write<int>(
            system_now(), [&](transaction& tx) { return store_link(tx, row, fields, nullptr); }
        );
    return write_sealed<int>(
        database,
        paths,
        [&](transaction& tx, vault const& keys) { return store_link(tx, row, fields, &keys); }
    );
}

}  // namespace

result<> create_link(terminal& on, create_link_options const& options)
{
    auto const kind = named_template(options.template_name);
    if (!kind)
        return kind.error();
    auto const row = plan_link(options, **kind);
    if (!row)
        return row.error();
    auto fields = read_given(on, **kind, given_by(options.consumer, options.fields));
    if (!fields)
        return fields.error();
    // An optional field without a value is one that is not set.
    std::erase_if(*fields, [](auto const& one) { return one.second.empty(); });
    if (auto const judged = judge_fields(**kind, *fields); !judged)
        return judged;
    auto database = open_store(options.paths);
    if (!database)
        return database.error();
    auto const stored = store_link(*database, options.paths, *row, *fields);
    if (!stored)
        return stored.error();
    created_link made;
    made.row = *row;
    for (auto const& [name, value] : *fields)
        made.row.field_names.push_back(name);
    made.kind = *kind;
    made.server = load_config(options.paths.config).config.server;
    auto const url = public_url_of(made.server);
    auto const missing = missing_fields(**kind, made.row);
    if (options.json)
    {
        if (!missing.empty())
            print_warning(on, text_of_missing(**kind, made.row, missing));
        json::object document;
        document["id"] = row->id.value;
        document["name"] = row->name ? json::value(*row->name) : json::value();
        document["template"] = row->template_name;
        document["missing_fields"] = json::value_from(missing);
        if ((*kind)->receives)
            document["webhook_path"] = "/webhook/" + row->id.value;
        if ((*kind)->receives && !url.empty())
            document["webhook_url"] = url + "/webhook/" + row->id.value;
        if (needs_sign_in(**kind))
            document["callback_url"] = callback_url_of(made.server);
        print_json(on.out, document);
        return {};
    }
    on.out << "New link ID: " << row->id.value << std::endl;
    tell_next_steps(on, made);
    return {};
}

}  // namespace linkspan
