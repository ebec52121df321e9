#include "cmd/linkspan/config.hpp"

#include "cmd/linkspan/config_advice.hpp"
#include "cmd/linkspan/config_relations.hpp"
#include "cmd/linkspan/config_rows.hpp"
#include "core/base/utf8.hpp"

// Compiled in here, for a lower limit than the shared library was built with: the document's destructor goes
// down once for each level, and a hostile file must not end the stack. Two levels are what the configuration
// needs.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 8
// 3.3.0 asserts what it then reports as a fault of the text ("[[[").
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <utility>

namespace linkspan
{
namespace
{

constexpr std::array<std::string_view, 4> tables = {"server", "source", "destination", "rule"};
// Dotted keys nest as well, and toml++ does not limit them.
constexpr std::ptrdiff_t line_dots_max = 256;

struct reading
{
    linkspan::config config;
    config_lines lines;
    std::vector<line_fault> faults;

    // Enough is told, and the search for near words is not for free.
    bool is_full() const { return faults.size() > config_faults_max; }
    void add(int line, std::string message) { faults.push_back({line, std::move(message)}); }
};

int line_of(toml::source_region const& source)
{
    return static_cast<int>(source.begin.line);
}

std::string_view found_type(toml::node const& node)
{
    switch (node.type())
    {
        case toml::node_type::string:
            return "a string";
        case toml::node_type::integer:
            return "a number";
        case toml::node_type::floating_point:
            return "a number with a fraction";
        case toml::node_type::boolean:
            return "a boolean";
        case toml::node_type::array:
            return "a list";
        case toml::node_type::table:
            return "a table";
        case toml::node_type::date:
        case toml::node_type::time:
        case toml::node_type::date_time:
            return "a date or time";
        case toml::node_type::none:
            break;
    }
    return "nothing";
}

bool take(value_shape shape, toml::node const& node, config_value& value)
{
    value.lines.push_back(line_of(node.source()));
    if (shape == value_shape::text || shape == value_shape::texts)
    {
        auto const* text = node.as_string();
        if (text != nullptr)
            value.texts.push_back(text->get());
        return text != nullptr;
    }
    auto const* number = node.as_integer();
    if (number != nullptr)
        value.numbers.push_back(number->get());
    return number != nullptr;
}

void read_value(
    reading& all,
    config_row const& row,
    int line,
    toml::node const& node,
    config_target target,
    value_lines& lines
)
{
    config_value value;
    value.line = line;
    bool const is_list = row.shape == value_shape::texts || row.shape == value_shape::numbers;
    auto const expected = shown_key(row.key) + ": expected a " + std::string(row.key.type) + ", found ";
    auto const* list = node.as_array();
    bool fits = is_list == (list != nullptr);
    if (!fits || (!is_list && !take(row.shape, node, value)))
    {
        all.add(line, expected + std::string(found_type(node)) + "; " + shown_example(row.key));
        return;
    }
    if (list != nullptr)
        for (auto const& item : *list)
            if (!take(row.shape, item, value))
            {
                all.add(
                    line_of(item.source()),
                    expected + std::string(found_type(item)) + " in it; " + shown_example(row.key)
                );
                fits = false;
                if (all.is_full())
                    break;
            }
    auto where = value.lines;
    if (fits && set_value(row, target, std::move(value), all.faults))
        lines[row.key.name] = std::move(where);
}

void read_table(
    reading& all, std::string_view name, toml::table const& table, config_target target, value_lines& lines
)
{
    auto const rows = config_rows(name);
    for (auto const& [key, node] : table)
    {
        if (all.is_full())
            return;
        auto const row =
            std::ranges::find(rows, key.str(), [](config_row const& one) { return one.key.name; });
        if (row == rows.end())
            all.add(line_of(key.source()), fault_of_unknown_key(key.str(), name));
        else
            read_value(all, *row, line_of(key.source()), node, target, lines);
    }
    for (auto const& row : rows)
        if (row.key.is_required() && !table.contains(row.key.name))
            all.add(
                line_of(table.source()),
                shown_table(name) + " has no " + in_quotes(row.key.name) + " (" + std::string(row.key.help) +
                    "); " + shown_example(row.key)
            );
}

void read_one_of_many(reading& all, std::string_view name, toml::table const& table)
{
    int const line = line_of(table.source());
    if (name == "source")
    {
        auto& source = all.config.sources.emplace_back();
        source.line = line;
        read_table(all, name, table, &source, all.lines.sources.emplace_back());
    }
    else if (name == "destination")
    {
        auto& destination = all.config.destinations.emplace_back();
        destination.line = line;
        read_table(all, name, table, &destination, all.lines.destinations.emplace_back());
    }
    else
    {
        all.config.rule_lines.push_back(line);
        auto& rule = all.config.rules.emplace_back();
        read_table(all, name, table, &rule, all.lines.rules.emplace_back());
    }
}

void read_known(reading& all, std::string_view name, int line, toml::node const& node)
{
    bool const is_single = name == "server";
    if (auto const* table = node.as_table(); is_single && table != nullptr)
        read_table(all, name, *table, &all.config.server, all.lines.server);
    else if (auto const* list = node.as_array(); !is_single && list != nullptr)
        for (auto const& item : *list)
        {
            if (all.is_full())
                return;
            if (auto const* one = item.as_table())
                read_one_of_many(all, name, *one);
            else
                all.add(
                    line_of(item.source()),
                    shown_table(name) + ": expected a table, found " + std::string(found_type(item)) +
                        "; write " + shown_table(name) + " and its keys below"
                );
        }
    else
        all.add(
            line,
            in_quotes(name) + ": expected " + (is_single ? "one table" : "a list of tables") + ", found " +
                (node.is_array_of_tables() ? "a list of tables" : std::string(found_type(node))) +
                "; write " + shown_table(name) + " and its keys below"
        );
}

void read_unknown(reading& all, std::string_view name, int line, toml::node const& node)
{
    if (node.is_table() || node.is_array_of_tables())
    {
        bool const is_single = node.is_table();
        all.add(
            line,
            "unknown table " + std::string(is_single ? "[" : "[[") + single_line(name, shown_bytes_max) +
                (is_single ? "]" : "]]") + "; " + advice(name, tables)
        );
        return;
    }
    auto const start = in_quotes(name) + " stands outside of every table; ";
    if (looks_like_credential(name))
    {
        all.add(line, start + std::string(credential_advice));
        return;
    }
    auto const found = std::ranges::find(config_keys(), name, &config_key::name);
    all.add(
        line,
        start + (found == config_keys().end() ? "there are: [server], [[source]], [[destination]], [[rule]]"
                                              : "write it below " + shown_table(found->table))
    );
}

// toml++ repeats numbers that do not fit: what stands between quotation marks and is more than a character
// goes.
std::string without_values(std::string_view text)
{
    std::string out(text);
    auto const begin = out.find('\'');
    auto const end = out.rfind('\'');
    bool const is_key = out.find("redefine") != out.npos || out.find("cannot insert") != out.npos;
    if (begin != out.npos && end > begin + 12 && !is_key)
        out.replace(begin, end - begin + 1, "a value");
    if (auto const name = out.find(" (TOML_"); name != out.npos)
        out.resize(name);
    return single_line(out, 4 * shown_bytes_max);
}

// The first line that dotted keys make too deep; 0: none.
int line_too_deep(std::string_view text)
{
    for (int line = 1; !text.empty(); ++line)
    {
        auto const now = text.substr(0, text.find('\n'));
        if (std::ranges::count(now, '.') > line_dots_max)
            return line;
        text.remove_prefix(std::min(now.size() + 1, text.size()));
    }
    return 0;
}

void read_text(reading& all, std::string_view text)
{
    if (text.size() > config_bytes_max)
        return all.add(
            0, "is larger than " + std::to_string(config_bytes_max) + " bytes; is it the right file?"
        );
    if (int const line = line_too_deep(text))
        return all.add(
            line, "more than " + std::to_string(line_dots_max) + " dots in one line; break it into more lines"
        );
    auto const parsed = toml::parse(text);
    if (!parsed)
        return all.add(
            static_cast<int>(parsed.error().source().begin.line),
            "no valid TOML: " + without_values(parsed.error().description()) +
                "; mend it, nothing below it was read"
        );
    for (auto const& [key, node] : parsed.table())
    {
        if (all.is_full())
            break;
        bool const is_known = std::ranges::find(tables, key.str()) != tables.end();
        (is_known ? read_known : read_unknown)(all, key.str(), line_of(key.source()), node);
    }
    if (!all.is_full())
        relate(all.config, all.lines, all.faults);
}

loaded_config finish(reading all, std::filesystem::path const& file)
{
    loaded_config out;
    out.config = std::move(all.config);
    out.config.file = file;
    std::ranges::stable_sort(all.faults, {}, &line_fault::line);
    for (auto& fault : all.faults)
    {
        auto const line = fault.line > 0 ? ":" + std::to_string(fault.line) : std::string();
        if (out.problems.faults.size() == config_faults_max)
        {
            out.problems.faults.push_back({file.string(), "has more faults than these; mend these first"});
            break;
        }
        out.problems.faults.push_back({file.string() + line, std::move(fault.message)});
    }
    return out;
}

loaded_config only_fault(std::filesystem::path const& file, std::string message)
{
    reading all;
    all.add(0, std::move(message));
    return finish(std::move(all), file);
}

}  // namespace

loaded_config parse_config(std::string_view text, std::filesystem::path const& file)
{
    try
    {
        reading all;
        read_text(all, text);
        return finish(std::move(all), file);
    }
    catch (std::exception const&)  // toml++ without exceptions still allocates
    {
        return only_fault(file, "could not be read: there is not enough memory");
    }
}

}  // namespace linkspan
