#pragma once
#include "core/base/time.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

struct simulated_commit
{
    std::int64_t number = 0;  // parents have smaller ones
    std::string hash;
    std::string message;
    std::string author;  // a login
    time_point at;
    std::vector<std::string> parents;
    std::vector<std::string> paths;
};

// The commits and branches of a simulated repository. A path of a commit is added, or changed where an
// ancestor has it; none is ever removed.
struct commit_graph
{
    std::map<std::string, simulated_commit> commits;  // by hash
    std::map<std::string, std::string> branches;      // name -> hash

    // By a hash of at least seven characters; null where there is none.
    simulated_commit const* find_commit(std::string_view hash) const;

    // What is reachable from `of` and not from `without` (empty: nothing is left out), the newest first.
    std::vector<simulated_commit const*> reachable(std::string_view of, std::string_view without) const;

    // The paths that those commits touch, each with whether it was there before.
    std::map<std::string, bool> changed_paths(std::string_view of, std::string_view without) const;

    // A commit on top of a branch, which begins at main where there is none. number: larger than any before.
    simulated_commit& add_commit(
        std::string const& branch,
        std::int64_t number,
        std::vector<std::string> paths,
        std::string const& author,
        time_point at
    );
};

}  // namespace linkspan::test
