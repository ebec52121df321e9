#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/field_input.hpp"
#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/link_commands.hpp"
#include "links/registry.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::size_t name_bytes_max = 63;  // it stands in URLs and in every log line

// A name stands in URLs and in config.toml as it is.
result<> check_name(std::string_view name)
{
    auto const is_letter_or_digit = [](char c)
    { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    auto const is_fine = [&](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; };
    if (!name.empty() && name.size() <= name_bytes_max && is_letter_or_digit(name.front()) &&
        std::ranges::all_of(name, is_fine))
        return {};
    return error(
        errc::invalid,
        "\"" + safe_line(name, name_bytes_max) +
            "\" cannot be the name of a link: use letters, digits, -, _ and ., at most " +
            std::to_string(name_bytes_max) + ", a letter or digit first"
    );
}

result<link_template const*> find_kind(std::string const& name)
{
    if (auto const* kind = find_template(name))
        return kind;
    std::vector<std::string> names;
    for (auto const* one : link_templates())
        names.emplace_back(one->name);
    auto const near = did_you_mean(name, names);
    return error(
        errc::not_found,
        "there is no template " + name + (near.empty() ? "; linkspan link-templates shows them all" : near)
    );
}

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
    if (auto const judged = check_name(options.name); !judged)
        return judged.error();
    row.name = options.name;
    return row;
}

// Judges fields that are whole; what is missing is told by the next steps.
result<> judge(link_template const& kind, link_fields const& fields)
{
    for (auto const& field : kind.fields)
        if (field.is_required && !fields.contains(field.name))
            return {};
    return kind.check == nullptr || fields.empty() ? result<>() : kind.check(fields);
}

result<int> store_link(transaction& tx, link_row const& row, link_fields const& fields, vault const* keys)
{
    if (auto const made = insert_link(tx, row); !made)
        return made.error();
    for (auto const& [name, value] : fields)
        if (auto const stored = put_field(tx, *keys, row.id, name, value); !stored)
            return stored.error();
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
    key_reader reader(paths);
    return write_sealed<int>(
        database,
        reader,
        [&](transaction& tx, vault const& keys) { return store_link(tx, row, fields, &keys); }
    );
}

std::string replaced(std::string text, std::string_view what, std::string_view with)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

std::string public_url_of(create_link_options const& options)
{
    auto url = load_config(options.paths.config).config.server.public_url;
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

bool has_proof(link_row const& row, link_fields const& fields)
{
    return row.allow_unsigned ||
           std::ranges::any_of(
               fields,
               [](auto const& one) { return one.first == "webhook_secret" || one.first == "basic_password"; }
           );
}

// What to write into config.toml.
std::string entry_for(link_template const& kind, std::string const& name)
{
    if (!kind.receives)
        return "     [[destination]]\n     name = \"" + name + "\"\n     link = \"" + name + "\"\n" +
               (kind.needs_channel ? "     channel = \"#channel\"\n" : "");
    bool const is_cloud = *kind.receives == edition::cloud;
    return "     [[source]]\n     name = \"" + name + "\"\n     edition = \"" +
           (is_cloud ? "cloud" : "data_center") + "\"\n" +
           (is_cloud ? "" : "     instance = \"https://bitbucket.example.com\"\n") + "     webhook = \"" +
           name + "\"\n";
}

struct created_link
{
    link_row row;
    link_template const* kind = nullptr;
    std::string public_url;
    bool is_proven = true;  // nothing more is needed to trust its deliveries
};

void tell_next_steps(terminal& on, created_link const& made)
{
    auto const& kind = *made.kind;
    auto const name = name_of(made.row);
    auto const url = made.public_url.empty() ? std::string("<public_url>") : made.public_url;
    on.err << "\nAt the service:\n"
           << replaced(replaced(std::string(kind.steps), "<link>", made.row.id.value), "<public_url>", url);
    if (kind.receives)
        on.err << "Webhook URL: " << url << "/webhook/" << made.row.id.value << '\n';
    if (kind.receives && made.public_url.empty())
        on.err << "  (<public_url> is how the outside reaches linkspan serve; [server] in config.toml may "
                  "name it)\n";
    on.err << "\nThen here:\n";
    int step = 0;
    if (!missing_fields(kind, made.row).empty())
        on.err << "  " << ++step << ". linkspan set-creds " << name << "    (asks for what is missing)\n";
    else if (kind.receives && !made.is_proven)
        on.err << "  " << ++step << ". linkspan set-creds " << name
               << " --kv webhook_secret    (asks for it)\n";
    on.err << "  " << ++step << ". in config.toml:\n" << entry_for(kind, name);
    on.err << "  " << ++step << ". linkspan check\n";
}

}  // namespace

result<> create_link(terminal& on, create_link_options const& options)
{
    auto const kind = find_kind(options.template_name);
    if (!kind)
        return kind.error();
    auto const row = plan_link(options, **kind);
    if (!row)
        return row.error();
    auto const fields = read_fields(on, **kind, options.fields);
    if (!fields)
        return fields.error();
    if (auto const judged = judge(**kind, *fields); !judged)
        return judged;
    auto database = open_store(options.paths);
    if (!database)
        return database.error();
    auto const stored = store_link(*database, options.paths, *row, *fields);
    if (!stored)
        return stored.error();
    auto const url = public_url_of(options);
    if (options.json)
    {
        json::object document;
        document["id"] = row->id.value;
        document["name"] = row->name ? json::value(*row->name) : json::value();
        document["template"] = row->template_name;
        if ((*kind)->receives)
            document["webhook_path"] = "/webhook/" + row->id.value;
        if ((*kind)->receives && !url.empty())
            document["webhook_url"] = url + "/webhook/" + row->id.value;
        print_json(on.out, document);
        return {};
    }
    on.out << "New link ID: " << row->id.value << std::endl;
    created_link made;
    made.row = *row;
    for (auto const& [name, value] : *fields)
        made.row.field_names.push_back(name);
    made.kind = *kind;
    made.public_url = url;
    made.is_proven = has_proof(*row, *fields);
    tell_next_steps(on, made);
    return {};
}

}  // namespace linkspan
