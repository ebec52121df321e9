#include "cmd/linkspan/field_input.hpp"

#include "cmd/linkspan/profile_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
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
};

error unknown_field(link_template const& kind, std::string_view name)
{
    std::vector<std::string> known;
    std::string list;
    for (auto const& field : kind.fields)
    {
        known.emplace_back(field.name);
        list += (list.empty() ? "" : ", ") + std::string(field.name);
    }
    auto const near = did_you_mean(name, known);
    return error(
        errc::invalid,
        std::string(kind.name) + " has no field " + std::string(name) +
            (near.empty() ? "; it has: " + list : near)
    );
}

result<field_argument> parse(link_template const& kind, std::string_view given)
{
    auto const equals = given.find('=');
    auto const name = given.substr(0, equals);
    field_argument out;
    for (auto const& field : kind.fields)
        if (field.name == name)
            out.field = &field;
    if (out.field == nullptr)
        return unknown_field(kind, name);
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

result<secret> read_all(std::istream& from, std::string const& what)
{
    std::string text(field_bytes_max + 1, '\0');
    from.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(from.gcount()));
    if (from.bad())
        return error(errc::unavailable, "read " + what + ": input error");
    if (text.size() > field_bytes_max)
        return error(
            errc::invalid,
            what + " holds more than " + std::to_string(field_bytes_max) + " bytes: is it the right one?"
        );
    drop_line_end(text);
    secret out(text);
    for (char volatile& c : text)
        c = 0;
    return out;
}

result<secret> read_file(std::string const& name)
{
    std::error_code failure;
    if (std::filesystem::is_directory(name, failure))
        return error(errc::invalid, "read " + name + ": it is a folder");
    std::ifstream file(name, std::ios::binary);
    if (!file)
    {
        auto const code = errno == ENOENT ? errc::not_found : errc::unavailable;
        return error(code, "read " + name + ": " + std::strerror(errno));
    }
    return read_all(file, name);
}

result<secret> ask(terminal& on, link_field const& field)
{
    auto const name = std::string(field.name);
    if (!on.is_terminal || !on.ask_hidden)
        return error(
            errc::invalid,
            name + " has no value, and there is no terminal to ask at; give " + name + "=@file, or " + name +
                "=- for standard input"
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
        return ask(on, *argument.field);
    auto const& value = *argument.value;
    if (value == "-")
        return read_all(on.in, "standard input");
    if (value.starts_with('@'))
        return read_file(value.substr(1));
    auto const name = std::string(argument.field->name);
    if (argument.field->is_secret && !value.empty())
        print_warning(
            on,
            name +
                " stands on the command line, where the shell's history and other users may see it; safer: "
                "--kv " +
                name + " (asks), " + name + "=@file, " + name + "=-"
        );
    return secret(value);
}

}  // namespace

result<link_fields> read_fields(
    terminal& on, link_template const& kind, std::vector<std::string> const& given
)
{
    std::vector<field_argument> arguments;
    int from_input = 0;
    for (auto const& text : given)
    {
        auto parsed = parse(kind, text);
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
