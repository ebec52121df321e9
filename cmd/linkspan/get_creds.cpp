#include "cmd/linkspan/audit.hpp"
#include "cmd/linkspan/credential_commands.hpp"
#include "cmd/linkspan/found_link.hpp"
#include "store/grants.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::size_t shown_end = 4;          // characters of each end of a secret
constexpr std::size_t masked_bytes_min = 24;  // below it the ends would be too much of it

struct credential
{
    std::string name;
    bool is_secret = true;
    secret value;
};

std::vector<credential> credentials_of(link_template const& kind, link_fields const& fields)
{
    std::vector<credential> out;
    for (auto const& field : kind.fields)
        if (auto const found = fields.find(field.name); found != fields.end() && !found->second.empty())
            out.push_back({std::string(field.name), field.is_secret, found->second});
    return out;
}

void add_tokens(std::vector<credential>& to, token_set const& tokens)
{
    auto const add = [&](char const* name, bool is_secret, secret value)
    {
        if (!value.empty())
            to.push_back({name, is_secret, std::move(value)});
    };
    add("access_token", true, tokens.access_token);
    add("refresh_token", true, tokens.refresh_token);
    add("expiry", false, secret(tokens.expires_at ? to_rfc3339(*tokens.expires_at) : std::string()));
    add("token_type", false, secret(tokens.token_type));
}

result<std::vector<credential>> open_credentials(
    transaction& tx, vault const& keys, found_link const& of, bool has_tokens
)
{
    auto const fields = open_fields(tx, keys, of.row.id);
    if (!fields)
        return fields.error();
    auto out = credentials_of(*of.kind, *fields);
    if (!has_tokens)
        return out;
    auto const tokens = open_token(tx, keys, of.row.id);
    if (!tokens)
        return tokens.error();
    add_tokens(out, *tokens);
    return out;
}

error not_set(found_link const& of, std::string const& field, std::vector<credential> const& all)
{
    std::vector<std::string> known;
    for (auto const& one : all)
        known.push_back(one.name);
    for (auto const& one : of.kind->fields)
        if (one.name == field)
            return error(errc::not_found, field + " of link " + name_of(of.row) + " is not set");
    return error(
        errc::invalid, "link " + name_of(of.row) + " has no field " + field + did_you_mean(field, known)
    );
}

std::string names_of(std::vector<credential> const& all)
{
    std::string out;
    for (auto const& one : all)
        out += (out.empty() ? "" : ", ") + one.name;
    return out;
}

// What is shown is told before it is shown.
result<std::vector<credential>> read_credentials(found_link& of, get_creds_options const& options)
{
    auto const state =
        of.database.read<grant>(system_now(), [&](transaction& tx) { return find_grant(tx, of.row.id); });
    if (!state)
        return state.error();
    bool const has_tokens = state->generation != 0;
    if (of.row.field_names.empty() && !has_tokens)
        return options.field.empty() ? result<std::vector<credential>>(std::vector<credential>())
                                     : not_set(of, options.field, {});
    auto const keys = find_vault(options.paths);
    if (!keys)
        return keys.error();
    return of.database.write<std::vector<credential>>(
        system_now(),
        [&](transaction& tx) -> result<std::vector<credential>>
        {
            auto all = open_credentials(tx, *keys, of, has_tokens);
            if (!all)
                return all;
            if (!options.field.empty())
            {
                auto const is_it = [&](credential const& one) { return one.name == options.field; };
                auto const found = std::ranges::find_if(*all, is_it);
                if (found == all->end())
                    return not_set(of, options.field, *all);
                all = std::vector<credential>{*found};
            }
            auto const* action = options.reveals ? "reveal" : "show";
            if (auto const told = record_use(tx, use_by("get-creds", of.row, action, names_of(*all))); !told)
                return told.error();
            return all;
        }
    );
}

std::string shown(credential const& one, bool reveals)
{
    if (one.is_secret && !reveals)
        return masked(one.value.reveal());
    return std::string(one.value.reveal());
}

void print_credentials(
    terminal& on, found_link const& of, get_creds_options const& options, std::vector<credential> const& all
)
{
    if (options.json)
    {
        json::object fields;
        for (auto const& one : all)
            fields[one.name] = json::object{
                {"secret", one.is_secret},
                {"masked", one.is_secret && !options.reveals},
                {"value", shown(one, options.reveals)}};
        json::object document;
        document["id"] = of.row.id.value;
        document["fields"] = std::move(fields);
        print_json(on.out, document);
        return;
    }
    if (!options.field.empty())
    {
        on.out << shown(all.front(), options.reveals) << '\n';
        return;
    }
    std::size_t width = 0;
    for (auto const& one : all)
        width = std::max(width, one.name.size());
    for (auto const& one : all)
    {
        auto name = one.name;
        name.resize(width, ' ');
        on.out << name << "  " << shown(one, options.reveals) << '\n';
    }
    if (all.empty())
        on.err << "Nothing is set on this link.\n";
    else if (!options.reveals)
        on.err << "Secrets are masked; --reveal shows them.\n";
}

}  // namespace

std::string masked(std::string_view text)
{
    // Of keys of several lines the ends are the same for everybody.
    if (text.size() < masked_bytes_min || text.find('\n') != text.npos)
        return "********";
    auto const is_plain = [](char c) { return c > ' ' && c < '\x7f'; };
    if (!std::ranges::all_of(text, is_plain))
        return "********";
    return std::string(text.substr(0, shown_end)) + "********" +
           std::string(text.substr(text.size() - shown_end));
}

result<> get_creds(terminal& on, get_creds_options const& options)
{
    auto of = find_link_of(options.paths, options.link);
    if (!of)
        return of.error();
    auto const all = read_credentials(*of, options);
    if (!all)
        return all.error();
    if (options.reveals && on.is_terminal)
        print_warning(on, "secrets follow in clear: mind who looks at this screen, and what it keeps");
    print_credentials(on, *of, options, *all);
    return {};
}

}  // namespace linkspan
