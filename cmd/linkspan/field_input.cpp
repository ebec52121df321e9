#include "cmd/linkspan/field_input.hpp"

#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/read_file.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <optional>

namespace linkspan
{
namespace
{

struct field_argument
{
    link_field const* field = nullptr;
    std::optional<std::string> value;  // nothing: "key" alone
    std::string option;                // as in given_field
};

// How the field's value is given: "--kv bot_token=@file", or "--client-secret=@file".
std::string form_of(field_argument const& argument, std::string_view value)
{
    auto const option =
        argument.option.empty() ? "--kv " + std::string(argument.field->name) : argument.option;
    return option + "=" + std::string(value);
}

error unknown_field(link_template const& kind, std::string_view name, std::string const& option)
{
    if (auto const ended = ended_by_bitbucket(name))
        return *ended;
    if (name.empty())
        return error(errc::invalid, "no field is named before the =; give key=value, as in --kv key=@file");
    std::vector<std::string> known;
    std::string list;
    for (auto const& field : kind.fields)
    {
        known.emplace_back(field.name);
        list += (list.empty() ? "" : ", ") + std::string(field.name);
    }
    auto const near = did_you_mean(name, known);
    auto const rest = list.empty() ? "; it has none at all" : "; it has: " + list;
    return error(
        errc::invalid,
        (option.empty() ? "" : option + " does not fit: ") + std::string(kind.name) + " has no field " +
            std::string(name) + (near.empty() ? rest : near)
    );
}

// Nobody types what the service tells: tokens come with a sign-in, so that Linkspan knows when they end.
error automatic_field(link_template const& kind, std::string_view name)
{
    return error(
        errc::invalid,
        std::string(name) + " is not set by hand: " +
            (needs_sign_in(kind) ? "linkspan start-oauth gets it from the service"
                                 : "Linkspan finds it out by itself")
    );
}

constexpr std::array<std::string_view, 4> token_names = {
    "access_token", "refresh_token", "expiry", "token_type"};

result<field_argument> parse(link_template const& kind, given_field const& from)
{
    std::string_view const given = from.text;
    auto const equals = given.find('=');
    auto const name = given.substr(0, equals);
    field_argument out;
    out.option = from.option;
    for (auto const& field : kind.fields)
        if (field.name == name)
            out.field = &field;
    bool const is_token = kind.oauth != nullptr && std::ranges::find(token_names, name) != token_names.end();
    if ((out.field == nullptr && is_token) || (out.field != nullptr && out.field->is_automatic))
        return automatic_field(kind, name);
    if (out.field == nullptr)
        return unknown_field(kind, name, from.option);
    if (equals != std::string_view::npos)
        out.value = std::string(given.substr(equals + 1));
    return out;
}

// What an editor or echo puts behind the last line is no part of the value.
void drop_line_end(std::string& text)
{
    if (text.ends_with('\n'))
        text.pop_back();
    if (text.ends_with('\r'))
        text.pop_back();
}

// The text that a file or standard input holds, its line end aside.
result<secret> read_secret(terminal& on, std::string const& name)
{
    auto text = read_named(name, on.in, field_bytes_max);
    if (!text)
        return text.error();
    drop_line_end(*text);
    secret out(*text);
    for (char volatile& c : *text)
        c = 0;
    return out;
}

result<secret> ask(terminal& on, field_argument const& argument)
{
    auto const& field = *argument.field;
    auto const name = std::string(field.name);
    if (!on.is_terminal || !on.ask_hidden)
        return error(
            errc::invalid,
            name + " has no value, and there is no terminal to ask at; give " + form_of(argument, "@file") +
                ", or " + form_of(argument, "-") + " for standard input"
        );
    on.err << field.help << '\n';
    if (field.is_secret)
        return on.ask_hidden(name + " (not shown): ");
    on.err << name << ": " << std::flush;
    std::string line;
    if (!std::getline(on.in, line))
        return error(errc::cancelled, "nothing was typed");
    return secret(line);
}

result<secret> read_value(terminal& on, field_argument const& argument)
{
    if (!argument.value)
        return ask(on, argument);
    auto const& value = *argument.value;
    if (value == "-")
        return read_secret(on, "-");
    if (value.starts_with('@'))
        return read_secret(on, value.substr(1));
    auto const name = std::string(argument.field->name);
    if (argument.field->is_secret && !value.empty())
        print_warning(
            on,
            name +
                " stands on the command line, where the shell's history and other users may see it; safer: " +
                (argument.option.empty() ? "--kv " + name : argument.option) + " (asks), " +
                form_of(argument, "@file") + ", " + form_of(argument, "-")
        );
    return secret(value);
}

}  // namespace

std::vector<given_field> given_by(consumer_options const& consumer, std::vector<std::string> const& kv)
{
    std::vector<given_field> out;
    auto const add = [&](std::string const& name, char const* option, std::optional<std::string> const& value)
    {
        if (value)
            out.emplace_back(name + "=" + *value, option);
    };
    std::optional<std::string> scopes;
    for (auto const& scope : consumer.scopes)
        scopes = scopes.value_or("") + (scopes ? " " : "") + scope;
    add("client_id", "--client-id", consumer.client_id);
    if (consumer.client_secret && consumer.client_secret->empty())
        out.emplace_back("client_secret", "--client-secret");
    else
        add("client_secret", "--client-secret", consumer.client_secret);
    add("scopes", "--scopes", scopes);
    add("auth_url", "--auth-url", consumer.auth_url);
    add("token_url", "--token-url", consumer.token_url);
    out.insert(out.end(), kv.begin(), kv.end());
    return out;
}

result<link_fields> read_fields(
    terminal& on, link_template const& kind, std::vector<std::string> const& given
)
{
    return read_given(on, kind, std::vector<given_field>(given.begin(), given.end()));
}

result<link_fields> read_given(terminal& on, link_template const& kind, std::vector<given_field> const& given)
{
    std::vector<field_argument> arguments;
    int from_input = 0;
    for (auto const& one : given)
    {
        auto parsed = parse(kind, one);
        if (!parsed)
            return parsed.error();
        if (parsed->value == "-" && ++from_input > 1)
            return error(errc::invalid, "only one field can come from standard input");
        for (auto const& before : arguments)
            if (before.field == parsed->field)
                return error(errc::invalid, std::string(parsed->field->name) + " is given twice");
        arguments.push_back(std::move(*parsed));
    }
    link_fields out;
    for (auto const& argument : arguments)
    {
        auto value = read_value(on, argument);
        if (!value)
            return value.error();
        if (value->empty() && argument.field->is_required)
            return error(errc::invalid, std::string(argument.field->name) + " is empty");
        out.emplace(argument.field->name, std::move(*value));
    }
    return out;
}

}  // namespace linkspan
