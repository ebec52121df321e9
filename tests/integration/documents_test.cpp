#include "tests/support/documents.hpp"

#include "cmd/linkspan/config.hpp"
#include "tests/support/environment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

namespace linkspan
{
namespace
{

namespace fs = std::filesystem;
using namespace test;

fs::path const root = LINKSPAN_SOURCE_DIR;

std::string all_sources_of(std::string const& folder)
{
    std::string out;
    for (auto const& entry : fs::recursive_directory_iterator(root / folder))
        if (entry.path().extension() == ".cpp")
            out += read_file(entry.path());
    return out;
}

TEST(documents, have_links_that_lead_somewhere)
{
    EXPECT_EQ(broken_links(root), std::vector<std::string>());
}

TEST(documents, broken_links_are_found)
{
    temporary_folder folder;
    fs::create_directories(folder.path() / "docs" / "how-to");
    write_file(
        folder.path() / "README.md", "[a](docs/README.md) [b](docs/gone.md) [c](https://example.com/x)\n"
    );
    write_file(folder.path() / "docs" / "README.md", "# Two words\n[d](#two-words) [e](#three) `[f](g)`\n");
    write_file(
        folder.path() / "docs" / "how-to" / "a.md",
        "[h](../README.md#two-words) [i](../../README.md) [j](README.md)\n"
    );
    auto found = broken_links(folder.path());
    std::ranges::sort(found);
    EXPECT_EQ(
        found,
        (std::vector<std::string>{
            "README.md: docs/gone.md", "docs/README.md: #three", "docs/how-to/a.md: README.md"})
    );
}

TEST(documents, are_all_in_the_index)
{
    auto const index = document_text("docs/README.md");
    for (auto const& page : documents_below(root))
    {
        bool const is_listed = page.name.starts_with("docs/") && page.name != "docs/README.md";
        EXPECT_TRUE(!is_listed || index.find("](" + page.name.substr(5) + ")") != std::string::npos)
            << "docs/README.md does not name " << page.name;
    }
}

TEST(documents, call_commands_that_exist)
{
    auto const reference = document_text("docs/reference/commands.md");
    std::set<std::string> known = {"man", "completion"};  // told there in the text
    for (auto const& name : known)
        EXPECT_NE(reference.find("`linkspan " + name), std::string::npos) << name;
    std::regex const heading("## `linkspan ([a-z -]+)`\n");
    for (std::sregex_iterator one(reference.begin(), reference.end(), heading); one != std::sregex_iterator();
         ++one)
        known.insert((*one)[1]);
    ASSERT_TRUE(known.contains("create-link"));
    std::size_t calls = 0;
    for (auto const& page : documents_below(root))
        for (auto const& call : called_commands(page.text))
        {
            EXPECT_TRUE(known.contains(call)) << page.name << " calls linkspan " << call;
            ++calls;
        }
    EXPECT_GT(calls, 30u);
}

TEST(documents, calls_are_found)
{
    std::string const page =
        "`linkspan one`, `linkspan events show ID`, `/usr/bin/linkspan two`, linkspan three\n"
        "```sh\npass | linkspan four --kv a=-\nsystemctl --user restart linkspan\nlinkspan --config a.toml "
        "five\n```\n"
        "```text\nlinkspan six\n```\n";
    EXPECT_EQ(called_commands(page), (std::set<std::string>{"one", "events show", "four", "five"}));
}

TEST(documents, call_dev_commands_that_exist)
{
    auto const dev = read_file(root / "dev");
    std::smatch found;
    ASSERT_TRUE(std::regex_search(dev, found, std::regex("\ncommands=\\(([a-z ]+)\\)\n")));
    auto const known = " " + found[1].str() + " ";
    std::regex const call("\\./dev ([a-z]+)");
    for (auto const& page : documents_below(root))
        for (std::sregex_iterator one(page.text.begin(), page.text.end(), call);
             one != std::sregex_iterator();
             ++one)
            EXPECT_NE(known.find(" " + (*one)[1].str() + " "), std::string::npos)
                << page.name << ": " << one->str();
}

// The TOML of a how-to is a part of a configuration: its tables must be read without a fault, apart from what
// only the rest of the file could know.
TEST(documents, show_configurations_that_are_read)
{
    std::size_t shown = 0;
    for (auto const& page : documents_below(root))
        for (auto const& block : code_blocks(page.text, "toml"))
        {
            ++shown;
            EXPECT_EQ(to_text(parse_config(block, page.name).problems), "") << block;
        }
    EXPECT_GE(shown, 5u);
}

TEST(documents, name_log_lines_that_are_written)
{
    auto const sources = all_sources_of("cmd");
    auto const lines =
        first_codes(document_text("docs/how-to/when-messages-do-not-arrive.md"), "## 6. What the log says");
    ASSERT_FALSE(lines.empty());
    std::set<std::string> const verdicts = {"message retry", "message hold", "message dead"};  // put together
    for (auto const& line : lines)
        EXPECT_TRUE(verdicts.contains(line) || sources.find('"' + line + '"') != std::string::npos) << line;
    for (auto const& line : verdicts)
        EXPECT_EQ(std::ranges::count(lines, line), 1) << line;
    // Every warning and error, the other way round.
    std::regex const written("log_?\\.(?:warning|error)\\(\\s*\"([^\"]+)\"");
    for (std::sregex_iterator one(sources.begin(), sources.end(), written); one != std::sregex_iterator();
         ++one)
        EXPECT_EQ(std::ranges::count(lines, (*one)[1].str()), 1)
            << "the page does not tell of: " << (*one)[1];
}

}  // namespace
}  // namespace linkspan
