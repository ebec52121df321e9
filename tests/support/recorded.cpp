#include "tests/support/recorded.hpp"

#include "tests/support/environment.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

namespace linkspan::test
{
namespace
{

// The keys that are promised (docs/reference/events.md), whatever the readers say.
constexpr std::string_view known_keys[] = {
    "repo:push",
    "repo:commit_status_created",
    "repo:commit_status_updated",
    "repo:commit_comment_created",
    "repo:fork",
    "repo:updated",
    "repo:transfer",
    "repo:created",
    "repo:imported",
    "repo:deleted",
    "project:updated",
    "pullrequest:created",
    "pullrequest:updated",
    "pullrequest:push",
    "pullrequest:approved",
    "pullrequest:unapproved",
    "pullrequest:changes_request_created",
    "pullrequest:changes_request_removed",
    "pullrequest:fulfilled",
    "pullrequest:rejected",
    "pullrequest:comment_created",
    "pullrequest:comment_updated",
    "pullrequest:comment_deleted",
    "pullrequest:comment_resolved",
    "pullrequest:comment_reopened",
    "issue:created",
    "issue:updated",
    "issue:comment_created",
    "pipeline:span_created",
    "repo:refs_changed",
    "repo:modified",
    "repo:forked",
    "repo:comment:added",
    "repo:comment:edited",
    "repo:comment:deleted",
    "repo:secret_detected",
    "mirror:repo_synchronized",
    "project:modified",
    "pr:opened",
    "pr:modified",
    "pr:from_ref_updated",
    "pr:to_ref_updated",
    "pr:comment:added",
    "pr:comment:edited",
    "pr:comment:deleted",
    "pr:reviewer:updated",
    "pr:reviewer:approved",
    "pr:reviewer:needs_work",
    "pr:reviewer:unapproved",
    "pr:merged",
    "pr:declined",
    "pr:deleted",
    "diagnostics:ping",
};

}  // namespace

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

std::vector<recording> known_recordings_in(std::filesystem::path const& folder)
{
    auto all = recordings_in(folder);
    std::erase_if(
        all,
        [](recording const& one)
        { return !one.is_genuine() || std::ranges::find(known_keys, one.event_key) == std::end(known_keys); }
    );
    return all;
}

}  // namespace linkspan::test
