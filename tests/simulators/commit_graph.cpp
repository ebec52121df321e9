#include "tests/simulators/commit_graph.hpp"

#include "links/net/sha256.hpp"

#include <algorithm>
#include <functional>

namespace linkspan::test
{
namespace
{

constexpr std::size_t simulated_hash_bytes = 40;
constexpr std::size_t simulated_hash_bytes_min = 7;

std::set<std::string> ancestors_of(commit_graph const& in, std::string_view from)
{
    std::set<std::string> out;
    std::vector<simulated_commit const*> open;
    if (auto const* const start = in.find_commit(from); start != nullptr)
        open.push_back(start);
    while (!open.empty())
    {
        auto const* const one = open.back();
        open.pop_back();
        if (!out.insert(one->hash).second)
            continue;
        for (auto const& parent : one->parents)
            if (auto const* const found = in.find_commit(parent); found != nullptr)
                open.push_back(found);
    }
    return out;
}

}  // namespace

simulated_commit const* commit_graph::find_commit(std::string_view hash) const
{
    if (hash.size() < simulated_hash_bytes_min)
        return nullptr;
    auto const found = commits.lower_bound(std::string(hash));
    return found != commits.end() && found->first.starts_with(hash) ? &found->second : nullptr;
}

std::vector<simulated_commit const*> commit_graph::reachable(std::string_view of, std::string_view without)
    const
{
    auto const known = ancestors_of(*this, without);
    std::vector<simulated_commit const*> out;
    for (auto const& hash : ancestors_of(*this, of))
        if (!known.contains(hash))
            out.push_back(&commits.at(hash));
    std::ranges::sort(out, std::ranges::greater(), &simulated_commit::number);
    return out;
}

std::map<std::string, bool> commit_graph::changed_paths(std::string_view of, std::string_view without) const
{
    std::set<std::string> old;
    for (auto const* one : reachable(without, ""))
        old.insert(one->paths.begin(), one->paths.end());
    std::map<std::string, bool> out;
    for (auto const* one : reachable(of, without))
        for (auto const& path : one->paths)
            out[path] = old.contains(path);
    return out;
}

simulated_commit& commit_graph::add_commit(
    std::string const& branch,
    std::int64_t number,
    std::vector<std::string> paths,
    std::string const& author,
    time_point at
)
{
    auto const hash = to_hex(sha256("commit " + std::to_string(number))).substr(0, simulated_hash_bytes);
    auto& one = commits[hash];
    one.number = number;
    one.hash = hash;
    one.message = "Change " + (paths.empty() ? std::string("nothing") : paths.front()) + "\n";
    one.author = author;
    one.at = at;
    one.paths = std::move(paths);
    auto const parent = branches.contains(branch) ? branches.at(branch) : branches["main"];
    if (!parent.empty())
        one.parents.push_back(parent);
    branches[branch] = hash;
    return one;
}

}  // namespace linkspan::test
