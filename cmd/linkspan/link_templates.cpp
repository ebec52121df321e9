#include "cmd/linkspan/link_commands.hpp"
#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/link_state.hpp"
#include "cmd/linkspan/text_table.hpp"
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

// As config.toml has it.
char const* quoted_word_of(edition of)
{
    return of == edition::cloud ? "\"cloud\"" : "\"data_center\"";
}

// What a link of this template is for, in a word or two.
std::string use_of(link_template const& kind)
{
    std::string out;
    auto const add = [&](bool is, char const* word)
    {
        if (is)
            out += (out.empty() ? "" : ", ") + std::string(word);
    };
    add(kind.receives.has_value(), "source");
    add(kind.send != nullptr, "destination");
    add(kind.oauth != nullptr || kind.identify != nullptr || out.empty(), "access");
    return out;
}

// How its token is come by.
char const* grant_text(grant_kind grant)
{
    switch (grant)
    {
        case grant_kind::authorization_code:
            return "a person signs in: linkspan start-oauth";
        case grant_kind::client_credentials:
            return "the consumer's own, without a person (client credentials)";
        case grant_kind::own:
            return "made from the link's fields, without a person";
        case grant_kind::installation:
            return "a person installs the app: linkspan start-oauth";
    }
    return "";
}

char const* grant_word(grant_kind grant)
{
    switch (grant)
    {
        case grant_kind::authorization_code:
            return "authorization_code";
        case grant_kind::client_credentials:
            return "client_credentials";
        case grant_kind::own:
            return "own";
        case grant_kind::installation:
            return "installation";
    }
    return "";
}

template <class List>
json::array texts(List const& list)
{
    json::array out;
    for (auto const& one : list)
        out.emplace_back(std::string(one));
    return out;
}

json::object to_json(oauth_profile const& profile)
{
    json::object out;
    out["grant"] = grant_word(profile.grant);
    out["authorize_url"] = std::string(profile.authorize_url);
    out["token_url"] = std::string(profile.token_url);
    out["revoke_url"] = std::string(profile.revoke_url);
    out["scopes"] = std::string(profile.scopes);
    return out;
}

json::object to_json(link_template const& kind)
{
    json::object out;
    out["name"] = std::string(kind.name);
    out["title"] = std::string(kind.title);
    out["purpose"] = std::string(kind.purpose);
    out["use"] = use_of(kind);
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
        one["automatic"] = field.is_automatic;
        if (!field.default_value.empty())
            one["default"] = std::string(field.default_value);
        fields.push_back(std::move(one));
    }
    out["fields"] = std::move(fields);
    if (kind.oauth != nullptr)
        out["oauth"] = to_json(*kind.oauth);
    json::array features;
    for (auto const& feature : kind.needs)
        features.push_back(json::object{
            {"feature", std::string(feature.feature)}, {"scopes", std::string(feature.scopes)}});
    out["features"] = std::move(features);
    out["pages"] = texts(kind.pages);
    out["revoke_page"] = std::string(kind.revoke_page);
    return out;
}

void print_fields(terminal& on, link_template const& kind)
{
    on.out << "\nFields:\n";
    for (auto const& field : kind.fields)
    {
        on.out << "  " << field.name;
        if (field.is_automatic)
            on.out << " (automatic";
        else
            on.out << (field.is_required ? " (required" : " (optional");
        on.out << (field.is_secret ? ", secret" : "");
        if (!field.default_value.empty())
            on.out << ", default " << field.default_value;
        on.out << ")\n      " << field.help << '\n';
    }
    if (kind.fields.empty())
        on.out << "  none\n";
}

void print_access(terminal& on, link_template const& kind)
{
    if (kind.oauth != nullptr)
    {
        auto const& profile = *kind.oauth;
        on.out << "\nToken: " << grant_text(profile.grant) << '\n';
        if (!profile.scopes.empty())
            on.out << "  scopes always asked for: " << profile.scopes << '\n';
        if (profile.refresh_life)
            on.out << "  without any use it ends after " << duration_text(*profile.refresh_life) << '\n';
    }
    if (!kind.needs.empty())
        on.out << "\nScopes (linkspan check-link compares them):\n";
    for (auto const& need : kind.needs)
        on.out << "  " << need.feature << ": " << need.scopes << '\n';
}

void print_template(terminal& on, link_template const& kind)
{
    on.out << kind.name << ": " << kind.title << '\n' << kind.purpose << '\n';
    print_fields(on, kind);
    print_access(on, kind);
    if (!kind.steps.empty())
        on.out << "\nAt the service:\n" << kind.steps;
    if (!kind.pages.empty())
        on.out << "\nPages:\n";
    for (auto const& page : kind.pages)
        on.out << "  " << page << '\n';
    if (!kind.revoke_page.empty())
        on.out << "  to end it: " << kind.revoke_page << '\n';
    on.out << "\nHere:\n  linkspan create-link --template " << kind.name << " --name NAME\n";
    if (needs_sign_in(kind))
        on.out << "  linkspan start-oauth NAME\n";
    if (kind.oauth != nullptr || kind.identify != nullptr)
        on.out << "  linkspan check-link NAME\n";
    if (kind.receives)
        on.out << "  then a [[source]] of edition " << quoted_word_of(*kind.receives) << " in config.toml ("
               << title_of(*kind.receives) << ")\n";
    if (kind.asks)
        on.out << "  then api = \"NAME\" in a [[source]] of edition " << quoted_word_of(*kind.asks)
               << " in config.toml\n";
    if (kind.send != nullptr)
        on.out << "  then a [[destination]] " << (kind.needs_channel ? "with a channel " : "")
               << "in config.toml\n";
}

std::vector<link_template const*> sorted_templates()
{
    std::vector<link_template const*> out(link_templates().begin(), link_templates().end());
    std::ranges::sort(out, {}, [](auto const* one) { return one->name; });
    return out;
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
    text_table table{{"TEMPLATE", "USE", "WHAT IT IS"}, {}};
    for (auto const* kind : sorted_templates())
    {
        list.push_back(to_json(*kind));
        table.rows.push_back({std::string(kind->name), use_of(*kind), std::string(kind->title)});
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

}  // namespace linkspan
