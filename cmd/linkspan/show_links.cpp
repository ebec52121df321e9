#include "cmd/linkspan/granted_scopes.hpp"
#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/link_commands.hpp"
#include "cmd/linkspan/link_doctor.hpp"
#include "cmd/linkspan/link_report.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "store/sealing.hpp"
#include "store/uses.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// --- list-links
// -----------------------------------------------------------------------------------------------

struct listing
{
    std::vector<link_report> links;
    std::optional<sealing_key> key;
};

result<listing> read_listing(transaction& tx, profile_paths const& paths)
{
    listing out;
    auto links = report_links(tx);
    if (!links)
        return links.error();
    out.links = std::move(*links);
    auto key = find_sealing_key(tx);
    if (!key)
        return key.error();
    out.key = std::move(*key);
    if (!out.key)
        return out;
    auto place = key_place(tx, paths);  // where it is now, and whether it is there
    if (!place)
        return place.error();
    out.key->origin = std::move(*place);
    return out;
}

json::object to_json(listing const& all)
{
    json::array list;
    for (auto const& link : all.links)
    {
        auto one = to_json(link);
        json::array set;
        for (auto const& name : link.row.field_names)
            set.emplace_back(name);
        one["fields_set"] = std::move(set);
        list.push_back(std::move(one));
    }
    json::object out;
    out["links"] = std::move(list);
    out["master_key"] = all.key
                            ? json::value(json::object{{"id", all.key->key_id}, {"origin", all.key->origin}})
                            : json::value();
    return out;
}

std::string state_cell(link_report const& link)
{
    if (link.state.standing == link_standing::needs_reauth)
        return std::string(name_of(link.state.standing)) + ": " + link.state.detail;
    return text_of(link.state) + (link.row.allow_unsigned ? ", takes unsigned deliveries" : "");
}

text_table table_of(listing const& all, time_point now)
{
    text_table table{{"ID", "NAME", "TEMPLATE", "EXPIRES", "LAST USED", "STATE"}, {}};
    auto const relative = [&](std::optional<time_point> const& moment)
    { return moment ? relative_time(*moment, now) : std::string("-"); };
    for (auto const& link : all.links)
        table.rows.push_back(
            {link.row.id.value,
             link.row.name.value_or("-"),
             link.row.template_name,
             relative(link.expires_at),
             relative(link.last_used_at),
             state_cell(link)}
        );
    return table;
}

void print_listing(terminal& on, listing const& all, profile_paths const& paths)
{
    if (all.links.empty())
    {
        std::error_code unknown;
        bool const is_there = std::filesystem::exists(paths.database, unknown) || unknown;
        on.err << "There are no links yet"
               << (is_there ? std::string() : ", and no database " + safe_line(paths.database.string()))
               << ". linkspan link-templates shows what can be linked.\n";
        return;
    }
    auto const cut = print_table(on, table_of(all, system_now()));
    for (std::size_t i = 0; i < all.links.size(); ++i)
        if (auto const& link = all.links[i]; link.state.standing == link_standing::needs_reauth)
            print_alarm(
                on,
                "link " + name_of(link.row) + " needs a person: " + link.state.detail +
                    (link.state.fault == grant_fault::misused ? "; correct it: " : "; sign in again: ") +
                    remedy_of(link.state.fault, *link.kind, name_of(link.row))
            );
        else if (link.state.needs_person() && std::ranges::find(cut, i) != cut.end())
            on.err << "Link " << name_of(link.row) << " is " << safe_line(state_cell(link)) << '\n';
    for (auto const& link : all.links)
        if (link.refresh_ends_at && *link.refresh_ends_at - system_now() < expiry_warning)
            print_alarm(
                on,
                "link " + name_of(link.row) + " was not refreshed for " +
                    duration_text(system_now() - link.grant.obtained_at) + ", and its refresh token ends " +
                    relative_time(*link.refresh_ends_at, system_now()) +
                    "; linkspan serve would refresh it daily: linkspan refresh-link " + name_of(link.row)
            );
    if (all.key)
        on.out << "\nThe master key lives in: " << safe_line(all.key->origin) << '\n';
}

// --- get-link
// -----------------------------------------------------------------------------------------------

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

struct shown_link
{
    link_report report;
    link_fields fields;
    std::map<std::string, std::string> facts;
};

result<shown_link> read_link(profile_paths const& paths, std::string const& id_or_name)
{
    auto opened = find_store(paths);
    if (!opened)
        return opened.error();
    if (!*opened)
        return error(errc::not_found, "there is no link " + id_or_name + "; linkspan create-link makes one");
    return (*opened)->read<shown_link>(
        system_now(),
        [&](transaction& tx) -> result<shown_link>
        {
            auto report = report_link(tx, id_or_name);
            if (!report)
                return report.error();
            shown_link out;
            out.report = std::move(*report);
            auto facts = list_facts(tx, out.report.row.id);
            if (!facts)
                return facts.error();
            out.facts = std::move(*facts);
            if (out.report.row.field_names.empty())
                return out;
            auto const keys = find_vault(paths);
            if (!keys)
                return keys.error();
            auto fields = open_fields(tx, *keys, out.report.row.id);
            if (!fields)
                return fields.error();
            out.fields = std::move(*fields);
            return out;
        }
    );
}

json::object to_json(grant const& of)
{
    json::object out;
    out["state"] = std::string(name_of(of.state));
    out["reason"] = of.reason;
    out["generation"] = of.generation;
    out["scopes"] = json::value_from(scope_list(of.scopes));
    out["obtained_at"] = of.generation == 0 ? json::value() : json::value(to_rfc3339(of.obtained_at));
    out["expires_at"] = of.expires_at ? json::value(to_rfc3339(*of.expires_at)) : json::value();
    out["renews"] = of.renews_itself || of.has_refresh_token;
    out["failures"] = of.failures;
    out["last_failure"] = of.last_failure;
    return out;
}

void print_grant(link_report const& link, time_point now, auto const& line)
{
    auto const& of = link.grant;
    if (link.kind == nullptr || link.kind->oauth == nullptr)
        return;
    line("grant", std::string(name_of(of.state)) + (of.reason.empty() ? "" : ": " + safe_line(of.reason)));
    if (of.generation != 0)
    {
        line("granted scopes", of.scopes.empty() ? "the service does not say" : safe_line(of.scopes));
        line("token of", relative_time(of.obtained_at, now));
        line(
            "renews",
            of.renews_itself || of.has_refresh_token ? "by itself" : "never: a person has to sign in"
        );
    }
    if (of.failures > 0)
        line("last failure", safe_line(of.last_failure) + " (" + std::to_string(of.failures) + " in a row)");
}

void print_link(terminal& on, shown_link const& shown, std::vector<shown_field> const& fields)
{
    auto const& link = shown.report;
    auto const now = system_now();
    auto const line = [&](std::string_view name, std::string_view value)
    {
        std::string padded(name);
        padded.resize(std::max<std::size_t>(padded.size(), 16), ' ');
        on.out << padded << ' ' << value << '\n';
    };
    auto const moment = [&](std::optional<time_point> const& at, char const* nothing)
    { return at ? to_rfc3339(*at) + " (" + relative_time(*at, now) + ")" : std::string(nothing); };
    line("id", link.row.id.value);
    line("name", link.row.name.value_or("-"));
    line("template", link.row.template_name);
    line("state", safe_line(text_of(link.state)));
    print_grant(link, now, line);
    line("expires", moment(link.expires_at, "not known"));
    if (link.refresh_ends_at)
        line("refresh token", "unused, it ends " + moment(link.refresh_ends_at, ""));
    line("last used", moment(link.last_used_at, "never"));
    if (auto const account = shown.facts.find("account"); account != shown.facts.end())
        line("account", safe_line(account->second));
    line("allow_unsigned", link.row.allow_unsigned ? "yes" : "no");
    line("created_at", to_rfc3339(link.row.created_at));
    line("updated_at", to_rfc3339(link.row.updated_at));
    for (auto const& field : fields)
        line(field.name, text_of(field));
}

}  // namespace

result<> show_links(terminal& on, command_options const& options)
{
    auto const all = read_store<listing>(
        options.paths, {}, [&](transaction& tx) { return read_listing(tx, options.paths); }
    );
    if (!all)
        return all.error();
    if (options.json)
        print_json(on.out, to_json(*all));
    else
        print_listing(on, *all, options.paths);
    return {};
}

result<> show_link(terminal& on, get_link_options const& options)
{
    auto const link = read_link(options.paths, options.link);
    if (!link)
        return link.error();
    auto const* kind = link->report.kind;
    auto const fields = kind == nullptr ? std::vector<shown_field>() : fields_of(*kind, link->fields);
    if (!options.json)
    {
        print_link(on, *link, fields);
        return {};
    }
    auto document = to_json(link->report);
    document["grant"] =
        kind != nullptr && kind->oauth != nullptr ? json::value(to_json(link->report.grant)) : json::value();
    json::object facts;
    for (auto const& [name, value] : link->facts)
        facts[name] = value;
    document["facts"] = std::move(facts);
    document["fields"] = to_json(fields);
    print_json(on.out, document);
    return {};
}

}  // namespace linkspan
