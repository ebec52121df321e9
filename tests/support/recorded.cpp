#include "tests/support/recorded.hpp"

#include "tests/support/environment.hpp"

#include <regex>
#include <sstream>

namespace linkspan::test
{
std::vector<recording> recordings_in(std::filesystem::path const& folder)
{
    static std::regex const row(R"(\| ([^ |]+\.json) \| `([^`]+)`[^|]*\| ([^ |]+) \|.*)");
    std::vector<recording> found;
    std::istringstream lines(read_file(folder / "INDEX.md"));
    std::smatch parts;
    for (std::string line; std::getline(lines, line);)
    {
        if (!std::regex_match(line, parts, row))
            continue;
        std::string const file = parts[1];
        recording one;
        one.file = file;
        one.event_key = parts[2];
        one.provenance = parts[3];
        if (file.find("/server/") != std::string::npos)
            one.edition = edition::data_center;
        else if (file.find("/cloud/") == std::string::npos)
            continue;
        found.push_back(std::move(one));
    }
    return found;
}

std::vector<recording> genuine_recordings_in(std::filesystem::path const& folder)
{
    auto all = recordings_in(folder);
    std::erase_if(all, [](recording const& one) { return !one.is_genuine(); });
    return all;
}

std::size_t genuine_recordings_listed_in(std::filesystem::path const& folder)
{
    std::size_t count = 0;
    std::istringstream lines(read_file(folder / "INDEX.md"));
    for (std::string line; std::getline(lines, line);)
        for (auto const* kind : {"| recorded |", "| recorded-body-reused |", "| atlassian-doc-sample |"})
            count += line.starts_with("| ") && line.find(kind) != line.npos;
    return count;
}

}  // namespace linkspan::test
