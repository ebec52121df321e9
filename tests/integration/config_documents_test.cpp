#include "cmd/linkspan/config.hpp"
#include "tests/support/config_texts.hpp"
#include "tests/support/environment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace linkspan
{
namespace
{

std::string example()
{
    return test::read_file(std::string(LINKSPAN_SOURCE_DIR) + "/config.toml.example");
}

std::string uncommented()
{
    return std::regex_replace(example(), std::regex("\n#(?=[^ \n])"), "\n");
}

TEST(config_keys_table, has_the_defaults_of_the_program)
{
    std::string text = "[server]\n";
    for (auto const& key : config_keys())
        if (key.table == "server")
            text += std::string(key.name) + " = " + std::string(key.default_text) + "\n";
    EXPECT_EQ(test::good_config(text).server, server_config());
}

TEST(config_keys_table, has_examples_that_are_read)
{
    std::map<std::string_view, std::string> tables;
    std::string of_data_center;
    for (auto const& key : config_keys())
    {
        auto const value = key.example.empty() ? key.default_text : key.example;
        EXPECT_NE(value, "") << key.name;
        EXPECT_NE(key.help, "") << key.name;
        // The only one of a source that the examples beside it, which are of Cloud, do not go with.
        auto& text = key.name == "projects" && key.table == "source" ? of_data_center : tables[key.table];
        text += std::string(key.name) + " = " + std::string(value) + "\n";
    }
    ASSERT_EQ(tables.size(), 5u);
    test::good_config(
        "[server]\n" + tables["server"] + "[[source]]\n" + tables["source"] +
        "[[source]]\nname = \"dc\"\nedition = \"data_center\"\nwebhook = \"hook\"\napi = \"api\"\n" +
        of_data_center + "[[destination]]\n" + tables["destination"] + "[[team]]\n" + tables["team"] +
        "[[rule]]\n" + tables["rule"]
    );
}

TEST(config_example, is_the_defaults_key_by_key)
{
    auto const text = example();
    auto const read = test::good_config(text);
    EXPECT_EQ(read.server, server_config());
    EXPECT_TRUE(read.sources.empty() && read.destinations.empty() && read.rules.empty());
    for (auto const& key : config_keys())
        if (key.table == "server")
        {
            auto const line = "\n" + std::string(key.name) + " = " + std::string(key.default_text) + "\n";
            EXPECT_NE(text.find(line), std::string::npos) << line;
        }
}

TEST(config_example, has_a_comment_above_every_key)
{
    auto const text = example();
    for (auto const& key : config_keys())
        EXPECT_TRUE(std::regex_search(text, std::regex("\n# [^\n]+\n#?" + std::string(key.name) + " = ")))
            << key.name;
}

TEST(config_example, loads_with_its_examples_and_shows_every_key)
{
    auto const text = uncommented();
    auto const read = test::good_config(text);
    EXPECT_EQ(read.sources.size(), 2u);
    EXPECT_EQ(read.destinations.size(), 2u);
    EXPECT_EQ(read.teams.size(), 1u);
    EXPECT_EQ(read.rules.size(), 2u);
    std::set<std::string> shown;
    std::string table;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
    {
        std::smatch found;
        if (std::regex_match(line, found, std::regex(R"(\[+(\w+)\]+)")))
            table = found[1];
        else if (std::regex_match(line, found, std::regex(R"((\w+) = .*)")))
            shown.insert(table + "." + found[1].str());
    }
    std::set<std::string> known;
    for (auto const& key : config_keys())
        known.insert(std::string(key.table) + "." + std::string(key.name));
    EXPECT_EQ(shown, known);
}

// The part of the page below the heading of a table.
std::string section(std::string const& page, std::string_view table)
{
    auto const heading =
        "\n## `" + std::string(table == "server" ? "[server]" : "[[" + std::string(table) + "]]") + "`\n";
    auto const begin = page.find(heading);
    if (begin == std::string::npos)
        return {};
    return page.substr(begin, page.find("\n## ", begin + 1) - begin);
}

TEST(config_reference, has_every_key_with_its_type_default_and_range)
{
    auto const page = test::read_file(std::string(LINKSPAN_SOURCE_DIR) + "/docs/reference/configuration.md");
    for (auto const& key : config_keys())
    {
        auto const text = key.is_required() ? "required" : "`" + std::string(key.default_text) + "`";
        auto const range =
            key.max == 0 ? "" : " " + std::to_string(key.min) + " to " + std::to_string(key.max);
        auto const row = "\n| `" + std::string(key.name) + "` | " + std::string(key.type) + " | " + text +
                         " |" + range + " | ";
        EXPECT_NE(section(page, key.table).find(row), std::string::npos)
            << "docs/reference/configuration.md lacks " << row;
    }
    // And no key that there is not.
    for (auto const table : {"server", "source", "destination", "team", "rule"})
    {
        auto const part = section(page, table);
        std::regex const row("\n\\| `(\\w+)` \\|");
        for (std::sregex_iterator one(part.begin(), part.end(), row); one != std::sregex_iterator(); ++one)
            EXPECT_TRUE(std::ranges::any_of(
                config_keys(),
                [&](auto const& key) { return key.table == table && key.name == (*one)[1].str(); }
            )) << (*one)[1];
    }
}

}  // namespace
}  // namespace linkspan
