#include "cmd/linkspan/audit.hpp"
#include "cmd/linkspan/credential_commands.hpp"
#include "cmd/linkspan/found_link.hpp"
#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "store/grants.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

struct removal
{
    std::vector<std::string> unset;
    std::vector<std::string> were_not_set;
    bool had_tokens = false;
    std::vector<std::string> missing;  // required fields, behind it
};

result<> check_names(found_link const& of, unset_creds_options const& options)
{
    std::vector<std::string> known;
    for (auto const& field : of.kind->fields)
        known.emplace_back(field.name);
    for (auto const& name : options.fields)
    {
        if (std::ranges::find(known, name) != known.end())
            continue;
        if (of.kind->oauth != nullptr && (name == "access_token" || name == "refresh_token"))
            return error(errc::invalid, name + " is no field: --tokens forgets the tokens of the link");
        return error(
            errc::invalid, std::string(of.kind->name) + " has no field " + name + did_you_mean(name, known)
        );
    }
    return {};
}

// Whether what stays satisfies the template. Fields that do not open can be unset all the same: so a link is
// cleared after its key was lost.
result<> judge_rest(transaction& tx, found_link const& of, unset_creds_options const& options)
{
    auto const keys = find_vault(tx, options.paths);
    if (!keys)
        return {};
    auto fields = open_fields(tx, *keys, of.row.id);
    if (!fields)
        return {};
    for (auto const& name : options.fields)
        fields->erase(name);
    return judge_fields(*of.kind, *fields);
}

result<removal> store_removal(transaction& tx, found_link const& of, unset_creds_options const& options)
{
    if (auto const judged = judge_rest(tx, of, options); !judged)
        return judged.error();
    removal out;
    std::string detail;
    for (auto const& name : options.fields)
    {
        auto const was_set = remove_field(tx, of.row.id, name);
        if (!was_set)
            return was_set.error();
        (*was_set ? out.unset : out.were_not_set).push_back(name);
        if (*was_set)
            detail += (detail.empty() ? "" : ", ") + name;
    }
    if (options.forgets_tokens)
    {
        auto const had = forget_tokens(tx, of.row.id);
        if (!had)
            return had.error();
        out.had_tokens = *had;
    }
    if (out.unset.empty() && !out.had_tokens)
        return error(
            errc::not_found,
            "nothing of that is set on link " + name_of(of.row) + "; linkspan get-link " + name_of(of.row) +
                " shows what is"
        );
    if (out.had_tokens)
        detail += detail.empty() ? "tokens" : ", tokens";
    if (auto const told = record_use(tx, use_by("unset-creds", of.row, "unset", detail)); !told)
        return told.error();
    auto const after = find_link(tx, of.row.id.value);
    if (!after)
        return after.error();
    out.missing = missing_fields(*of.kind, *after);
    return out;
}

json::array texts(std::vector<std::string> const& list)
{
    json::array out;
    for (auto const& one : list)
        out.emplace_back(one);
    return out;
}

void report(terminal& on, unset_creds_options const& options, found_link const& of, removal const& done)
{
    auto const& name = name_of(of.row);
    if (!done.missing.empty())
        print_warning(on, text_of_missing(*of.kind, of.row, done.missing));
    for (auto const& field : done.were_not_set)
        print_warning(on, field + " was not set");
    if (options.json)
    {
        json::object document;
        document["id"] = of.row.id.value;
        document["fields_unset"] = texts(done.unset);
        document["missing_fields"] = texts(done.missing);
        document["tokens_forgotten"] = done.had_tokens;
        print_json(on.out, document);
        return;
    }
    std::string list;
    for (auto const& field : done.unset)
        list += (list.empty() ? "" : ", ") + field;
    if (!list.empty())
        on.out << "Unset " << list << " of link " << name << '\n';
    if (done.had_tokens)
        on.out << "Forgot the tokens of link " << name
               << (needs_sign_in(*of.kind) ? "; linkspan start-oauth " + name + " gets new ones" : "")
               << '\n';
}

}  // namespace

result<> unset_creds(terminal& on, unset_creds_options const& options)
{
    if (options.fields.empty() && !options.forgets_tokens)
        return error(errc::invalid, "say which field to unset, or --tokens");
    auto of = find_link_of(options.paths, options.link);
    if (!of)
        return of.error();
    if (auto const judged = check_names(*of, options); !judged)
        return judged;
    auto const done = of->database.write<removal>(
        system_now(), [&](transaction& tx) { return store_removal(tx, *of, options); }
    );
    if (!done)
        return done.error();
    report(on, options, *of, *done);
    return {};
}

result<> show_facts(terminal& on, one_link_options const& options)
{
    auto of = find_any_link_of(options.paths, options.link);
    if (!of)
        return of.error();
    using facts = std::map<std::string, std::string>;
    auto const known =
        of->database.read<facts>(system_now(), [&](transaction& tx) { return list_facts(tx, of->row.id); });
    if (!known)
        return known.error();
    if (options.json)
    {
        json::object inner;
        for (auto const& [name, value] : *known)
            inner[name] = value;
        print_json(on.out, json::object{{"id", of->row.id.value}, {"facts", std::move(inner)}});
        return {};
    }
    text_table table{{"FACT", "VALUE"}, {}};
    for (auto const& [name, value] : *known)
        table.rows.push_back({name, value});
    if (known->empty())
        on.err << "Nothing is known of this link yet; linkspan check-link asks its service.\n";
    else
        print_table(on, table);
    return {};
}

}  // namespace linkspan
