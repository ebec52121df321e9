#include "cmd/linkspan/audit.hpp"
#include "cmd/linkspan/field_input.hpp"
#include "cmd/linkspan/found_link.hpp"
#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/link_commands.hpp"
#include "cmd/linkspan/link_kinds.hpp"
#include "store/grants.hpp"
#include "store/uses.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

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

// What is stored, and what is new in its place. Where all that is stored is
// replaced, it need not open: so a link is mended after its key was lost.
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
        // The new key may seal only where nothing is left that another one has sealed.
        for (auto const& name : link.field_names)
            if (auto const gone = remove_field(tx, link.id, name); !gone)
                return gone.error();
        if (auto const gone = forget_tokens(tx, link.id); !gone)
            return gone.error();
        return given;
    }
    auto all = given;
    for (auto& [name, value] : *stored)
        all.emplace(name, std::move(value));
    return all;
}

// What to do to a link: set_creds and update_link differ in what they ask and say alone.
struct link_change
{
    std::string_view command;
    std::optional<std::string> name;  // empty: none any more
    link_fields fields;
    bool is_whole = false;  // refused where a required field would be missing behind it
};

// What a person should know behind it.
struct link_changed
{
    std::string advice;                // on the link's tokens; empty: they stay good
    std::vector<std::string> missing;  // required fields
};

// An optional field without a value is one that is not set.
result<> put_or_remove(
    transaction& tx, vault const& keys, link_id const& id, std::string const& field, secret const& value
)
{
    if (!value.empty())
        return put_field(tx, keys, id, field, value);
    auto const removed = remove_field(tx, id, field);
    return removed ? result<>() : removed.error();
}

// Tokens were given to one consumer, at one service.
bool names_another_consumer(std::string_view field)
{
    return field == "client_id" || field == "auth_url" || field == "token_url" || field == "base_url" ||
           field == "private_key";
}

bool changes_consumer(found_link const& of, link_fields const& fields)
{
    return of.kind->oauth != nullptr && std::ranges::any_of(
                                            fields,
                                            [](auto const& one) {
                                                return names_another_consumer(one.first) ||
                                                       one.first == "client_secret" || one.first == "scopes";
                                            }
                                        );
}

// Whatever failed may work now.
result<> try_again(transaction& tx, found_link const& of, link_fields const& fields)
{
    if (of.kind->oauth == nullptr || fields.empty())
        return {};
    auto const state = find_grant(tx, of.row.id);
    if (!state)
        return state.error();
    // Where the fields alone get tokens, no sign-in would ever end this.
    if (state->state == grant_state::needs_reauth && of.kind->oauth->grant != grant_kind::authorization_code)
    {
        auto const gone = forget_tokens(tx, of.row.id);
        return gone ? result<>() : gone.error();
    }
    return changes_consumer(of, fields) ? look_again(tx, of.row.id) : result<>();
}

// What the link's tokens need behind the change; empty: nothing.
std::string advice_for(found_link const& of, grant const& state, link_fields const& fields)
{
    if (of.kind->oauth == nullptr || state.generation == 0)
        return {};
    auto const& name = name_of(of.row);
    auto const way = needs_sign_in(*of.kind) ? "sign in again: linkspan start-oauth " + name
                                             : "linkspan refresh-link " + name;
    for (auto const& [field, value] : fields)
        if (names_another_consumer(field))
            return "the tokens of link " + name + " were given to another consumer; " + way;
    return fields.contains("scopes") ? "the token in use keeps the scopes that it has; " + way
                                     : std::string();
}

std::string names_of(link_fields const& fields)
{
    std::string list;
    for (auto const& [name, value] : fields)
        list += (list.empty() ? "" : ", ") + name;
    return list;
}

// Of the fields that are given: those that are set, or those that are cleared ("key=").
std::vector<std::string> names_of(link_fields const& fields, bool are_cleared)
{
    std::vector<std::string> list;
    for (auto const& [name, value] : fields)
        if (value.empty() == are_cleared)
            list.push_back(name);
    return list;
}

void tell(terminal& on, char const* what, std::vector<std::string> const& names, std::string const& link)
{
    std::string list;
    for (auto const& name : names)
        list += (list.empty() ? "" : ", ") + name;
    if (!list.empty())
        on.out << what << list << " of link " << link << '\n';
}

// The fields as they will be are fit. Nobody finds out by a failing delivery that half of them is missing.
result<> judge_change(link_row const& link, link_template const& kind, link_fields const& all, bool is_whole)
{
    if (auto const judged = judge_fields(kind, all); !judged)
        return judged;
    auto const missing = missing_fields(kind, all);
    if (!is_whole || missing.empty())
        return {};
    return error(
        errc::invalid,
        "nothing is set: " + text_of_missing(kind, link, missing) + "; --partial sets the rest later"
    );
}

result<link_changed> store_change(
    terminal& on, transaction& tx, vault const* keys, found_link const& of, link_change const& change
)
{
    auto current = find_link(tx, of.row.id.value);
    if (!current)
        return current.error();
    if (change.name)
    {
        auto const name = change.name->empty() ? std::nullopt : change.name;
        if (auto const named = name_link(tx, of.row.id, name); !named)
            return named.error();
        current->name = name;
    }
    if (!change.fields.empty())
    {
        auto const all = merged(on, tx, *keys, *current, change.fields);
        if (!all)
            return all.error();
        if (auto const judged = judge_change(*current, *of.kind, *all, change.is_whole); !judged)
            return judged.error();
    }
    for (auto const& [name, value] : change.fields)
        if (auto const put = put_or_remove(tx, *keys, of.row.id, name, value); !put)
            return put.error();
    if (auto const again = try_again(tx, of, change.fields); !again)
        return again.error();
    if (!change.fields.empty())
        if (auto const put = put_facts(tx, of.row.id, {{std::string(question_fact), {}}}); !put)
            return put.error();
    auto const detail = change.fields.empty() ? "name" : names_of(change.fields);
    auto const told = record_use(tx, use_by(change.command, *current, "set", detail));
    if (!told)
        return told.error();
    auto const state = find_grant(tx, of.row.id);
    if (!state)
        return state.error();
    auto const after = find_link(tx, of.row.id.value);
    if (!after)
        return after.error();
    return link_changed{advice_for(of, *state, change.fields), missing_fields(*of.kind, *after)};
}

// A new name alone needs no key.
result<link_changed> store_change(
    terminal& on, profile_paths const& paths, found_link& of, link_change const& change
)
{
    if (change.fields.empty())
        return of.database.write<link_changed>(
            system_now(), [&](transaction& tx) { return store_change(on, tx, nullptr, of, change); }
        );
    return write_sealed<link_changed>(
        of.database,
        paths,
        [&](transaction& tx, vault const& keys) { return store_change(on, tx, &keys, of, change); }
    );
}

void report(
    terminal& on,
    command_options const& options,
    found_link const& of,
    link_change const& change,
    link_changed const& done
)
{
    auto const& old_name = name_of(of.row);
    if (!done.advice.empty())
        print_warning(on, done.advice);
    if (!done.missing.empty())
    {
        auto named = of.row;
        if (change.name)
            named.name = change.name->empty() ? std::nullopt : change.name;
        print_warning(on, text_of_missing(*of.kind, named, done.missing));
    }
    if (options.json)
    {
        json::object document;
        document["id"] = of.row.id.value;
        if (change.name)
            document["name"] = change.name->empty() ? json::value() : json::value(*change.name);
        document["fields_set"] = json::value_from(names_of(change.fields, false));
        document["fields_unset"] = json::value_from(names_of(change.fields, true));
        document["missing_fields"] = json::value_from(done.missing);
        document["tokens_stay_valid"] = done.advice.empty();
        print_json(on.out, document);
        return;
    }
    tell(on, "Set ", names_of(change.fields, false), old_name);
    tell(on, "Unset ", names_of(change.fields, true), old_name);
    if (change.name && change.name->empty())
        on.out << "Link " << old_name << " has no name any more; its id is " << of.row.id.value << '\n';
    else if (change.name)
        on.out << "Link " << old_name << " is now named " << *change.name << '\n';
}

}  // namespace

result<> set_creds(terminal& on, set_creds_options const& options)
{
    auto of = find_link_of(options.paths, options.link);
    if (!of)
        return of.error();
    auto const wanted = wanted_fields(on, options, *of->kind, of->row);
    if (!wanted)
        return wanted.error();
    // The key first: nobody should type a secret that cannot be kept.
    if (auto const keys = open_vault(of->database, options.paths); !keys)
        return keys.error();
    auto given = read_fields(on, *of->kind, *wanted);
    if (!given)
        return given.error();
    link_change change;
    change.command = "set-creds";
    change.is_whole = !options.is_partial;
    change.fields = std::move(*given);
    auto const stored = store_change(on, options.paths, *of, change);
    if (!stored)
        return stored.error();
    report(on, options, *of, change, *stored);
    return {};
}

result<> update_link(terminal& on, update_link_options const& options)
{
    auto const wanted = given_by(options.consumer, options.fields);
    if (wanted.empty() && !options.name)
        return error(errc::invalid, "nothing to change; give --name, --kv or another option, see --help");
    if (options.name && !options.name->empty())
        if (auto const judged = check_link_name(*options.name); !judged)
            return judged;
    auto of = find_link_of(options.paths, options.link);
    if (!of)
        return of.error();
    link_change change;
    change.command = "update-link";
    change.name = options.name;
    if (!wanted.empty())
    {
        if (auto const keys = open_vault(of->database, options.paths); !keys)
            return keys.error();
        auto given = read_given(on, *of->kind, wanted);
        if (!given)
            return given.error();
        change.fields = std::move(*given);
    }
    auto const stored = store_change(on, options.paths, *of, change);
    if (!stored)
        return stored.error();
    report(on, options, *of, change, *stored);
    return {};
}

}  // namespace linkspan
