#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// The project's documents: README.md, CHANGELOG.md and docs/**/*.md below a root.
struct document
{
    std::string name;  // relative to the root: "docs/reference/http.md"
    std::string text;
};
std::vector<document> documents_below(std::filesystem::path const& root);

// One of the project's own documents; what is missing is empty.
std::string document_text(std::string const& name);

// The cells of every row of the page's tables, without the blanks around them.
std::vector<std::vector<std::string>> table_rows(std::string_view page);

// The part of a page from a heading of any level ("## Kinds") to the next of the same level or a higher one.
std::string section_of(std::string const& page, std::string const& heading);

// What stands between backticks in a text, in order.
std::vector<std::string> code_spans(std::string const& text);

// The first word of code in the first cell of each row of a section; empty where the section is missing.
std::vector<std::string> first_codes(std::string const& page, std::string const& heading);

// The fenced blocks of one language, without their fences and indentation.
std::vector<std::string> code_blocks(std::string const& page, std::string const& language);

// The links of all documents below a root that lead to no file, or to no heading of it, as "page: target".
// Links to other machines are not followed.
std::vector<std::string> broken_links(std::filesystem::path const& root);

// The commands of linkspan that shell blocks and code spans of a page call: "create-link", "events show".
std::set<std::string> called_commands(std::string const& page);

}  // namespace linkspan::test
