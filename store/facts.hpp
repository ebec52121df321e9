#pragma once
#include "core/route/enrichment.hpp"
#include "store/database.hpp"

#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// What Bitbucket's API was asked about pairs of commits (core/route/enrichment.hpp), kept for a week: events
// of one pair come close together, and a message that waits that long is told without. Each call may fail as
// the store does; errc::invalid: a row is not what this program writes.

inline constexpr std::chrono::hours known_fact_kept{7 * 24};

struct known_paths
{
    std::vector<std::string> paths;
    std::string fault;  // why there are more; empty: these are all
};

struct known_commits
{
    std::vector<commit> commits;  // the newest first
    std::string fault;
};

// Replaces what was known.
result<> keep_paths(transaction& tx, fact_question const& asked, known_paths const& known);
result<> keep_commits(transaction& tx, fact_question const& asked, known_commits const& known);

result<std::optional<known_paths>> find_paths(transaction& tx, fact_question const& asked);
result<std::optional<known_commits>> find_commits(transaction& tx, fact_question const& asked);
result<bool> is_known(transaction& tx, fact_question const& asked);

// Forgets at most so many that were kept for long enough; how many it forgot.
result<std::int64_t> forget_facts(transaction& tx, std::int64_t at_most);

}  // namespace linkspan
