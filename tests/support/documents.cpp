#include "tests/support/documents.hpp"

#include "tests/support/environment.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>

namespace linkspan::test
{
namespace
{

namespace fs = std::filesystem;

std::string trimmed(std::string_view text)
{
    auto const begin = text.find_first_not_of(" \t");
    if (begin == text.npos)
        return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

std::vector<std::string> lines_of(std::string_view text)
{
    std::vector<std::string> out;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);)
        out.push_back(line);
    return out;
}

bool is_fence(std::string const& line)
{
    return trimmed(line).starts_with("```");
}

// A page without its fenced blocks.
std::string prose_of(std::string_view page)
{
    std::string out;
    bool fenced = false;
    for (auto const& line : lines_of(page))
    {
        if (is_fence(line))
            fenced = !fenced;
        else if (!fenced)
            out += line + "\n";
    }
    return out;
}

std::string without_code(std::string const& prose)
{
    return std::regex_replace(prose, std::regex("`[^`]*`"), "");
}

// How forges name a heading: lower case, blanks to dashes, other signs dropped.
std::set<std::string> anchors_of(std::string_view page)
{
    std::set<std::string> out;
    for (auto const& line : lines_of(prose_of(page)))
    {
        if (!line.starts_with('#'))
            continue;
        std::string slug;
        for (char const c : trimmed(std::string_view(line).substr(line.find_first_not_of('#'))))
            if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_')
                slug += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            else if (c == ' ')
                slug += '-';
        out.insert(std::move(slug));
    }
    return out;
}

bool leads_somewhere(fs::path const& from, std::string const& target)
{
    auto const hash = target.find('#');
    auto const file = hash == 0 ? from : from.parent_path() / target.substr(0, hash);
    if (!fs::exists(file))
        return false;
    return hash == target.npos || anchors_of(read_file(file)).contains(target.substr(hash + 1));
}

void add_calls(std::string const& code, std::set<std::string>& into)
{
    // The commands of a shell line follow its begin, a pipe or a separator.
    static std::regex const call(
        "(?:^|[|;&] *)linkspan (?:--(?:config|database|key-file|passphrase-file) [^ ]+ )*([a-z][a-z-]*)(?: "
        "(list|show)(?![a-z-]))?"
    );
    for (auto const& line : lines_of(code))
    {
        auto const text = trimmed(line);
        for (std::sregex_iterator one(text.begin(), text.end(), call); one != std::sregex_iterator(); ++one)
            into.insert((*one)[1].str() + ((*one)[2].matched ? " " + (*one)[2].str() : std::string()));
    }
}

}  // namespace

std::vector<document> documents_below(fs::path const& root)
{
    std::vector<document> out;
    for (auto const* name : {"README.md", "CHANGELOG.md"})
        if (fs::exists(root / name))
            out.push_back({name, read_file(root / name)});
    if (fs::exists(root / "docs"))
        for (auto const& entry : fs::recursive_directory_iterator(root / "docs"))
            if (entry.path().extension() == ".md")
                out.push_back({fs::relative(entry.path(), root).string(), read_file(entry.path())});
    return out;
}

std::string document_text(std::string const& name)
{
    auto const file = fs::path(LINKSPAN_SOURCE_DIR) / name;
    return fs::exists(file) ? read_file(file) : std::string();
}

std::vector<std::vector<std::string>> table_rows(std::string_view page)
{
    std::vector<std::vector<std::string>> out;
    for (auto const& line : lines_of(prose_of(page)))
    {
        if (!line.starts_with("| ") || !line.ends_with("|"))
            continue;
        std::vector<std::string> cells;
        std::string_view rest = std::string_view(line).substr(1);
        for (auto bar = rest.find('|'); bar != rest.npos; bar = rest.find('|'))
        {
            cells.push_back(trimmed(rest.substr(0, bar)));
            rest.remove_prefix(bar + 1);
        }
        out.push_back(std::move(cells));
    }
    return out;
}

std::string section_of(std::string const& page, std::string const& heading)
{
    auto const level = heading.find_first_not_of('#');
    std::string out;
    bool inside = false;
    for (auto const& line : lines_of(page))
    {
        auto const depth = line.find_first_not_of('#');
        if (line == heading)
            inside = true;
        else if (inside && depth != line.npos && depth > 0 && depth <= level && line[depth] == ' ')
            break;
        else if (inside)
            out += line + "\n";
    }
    return out;
}

std::vector<std::string> code_spans(std::string const& text)
{
    static std::regex const span("`([^`]+)`");
    std::vector<std::string> out;
    for (std::sregex_iterator one(text.begin(), text.end(), span); one != std::sregex_iterator(); ++one)
        out.push_back((*one)[1]);
    return out;
}

std::vector<std::string> first_codes(std::string const& page, std::string const& heading)
{
    std::vector<std::string> out;
    for (auto const& row : table_rows(section_of(page, heading)))
        if (auto const codes = code_spans(row.front()); !codes.empty())
            out.push_back(codes.front());
    return out;
}

std::vector<std::string> code_blocks(std::string const& page, std::string const& language)
{
    std::vector<std::string> out;
    bool inside = false, wanted = false;
    for (auto const& line : lines_of(page))
    {
        if (is_fence(line))
        {
            wanted = !inside && trimmed(line) == "```" + language;
            inside = !inside;
            if (wanted)
                out.emplace_back();
        }
        else if (wanted)
            out.back() += trimmed(line) + "\n";
    }
    return out;
}

std::vector<std::string> broken_links(fs::path const& root)
{
    static std::regex const link(R"(\]\(([^) ]+)\))");
    std::vector<std::string> out;
    for (auto const& page : documents_below(root))
    {
        auto const text = without_code(prose_of(page.text));
        for (std::sregex_iterator one(text.begin(), text.end(), link); one != std::sregex_iterator(); ++one)
        {
            std::string const target = (*one)[1];
            if (target.find("://") == target.npos && !leads_somewhere(root / page.name, target))
                out.push_back(page.name + ": " + target);
        }
    }
    return out;
}

std::set<std::string> called_commands(std::string const& page)
{
    std::set<std::string> out;
    for (auto const& block : code_blocks(page, "sh"))
        add_calls(block, out);
    for (auto const& span : code_spans(prose_of(page)))
        add_calls(span, out);
    return out;
}

}  // namespace linkspan::test
