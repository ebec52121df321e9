#include "core/bitbucket/heads.hpp"

#include "core/bitbucket/reading.hpp"

namespace linkspan
{

namespace
{

// As far as the snapshot of one of its pull requests tells.
repository repository_named(std::string_view id, std::string_view full_name)
{
    repository out;
    out.id = id;
    out.full_name = full_name;
    auto const slash = full_name.find('/');
    if (slash != full_name.npos)
        out.owner = full_name.substr(0, slash);
    out.slug = slash == full_name.npos ? full_name : full_name.substr(slash + 1);
    return out;
}

}  // namespace

std::optional<std::string> head_prefix(std::string_view commit)
{
    if (commit.size() < short_hash_length)
        return std::nullopt;
    return std::string(commit.substr(0, short_hash_length));
}

void add_head(
    pull_request_snapshot const& candidate,
    std::string_view target_repository_id,
    repository const& built_in,
    std::string_view commit,
    known_state& out
)
{
    auto const& state = candidate.state;
    bool const is_target = target_repository_id == built_in.id;
    bool const is_source =
        state.source && !state.source->repository.empty() && state.source->repository == built_in.full_name;
    if (!is_target && !is_source)
        return;
    // Behind a merge the commit may be the head of the target: then its build is no old news.
    if (state.state != pull_request_state::open || candidate.deleted || !state.source)
        return;
    if (!same_commit(state.source->commit, commit))
    {
        out.was_head = true;
        return;
    }
    auto const target_name = state.target ? std::string_view(state.target->repository) : std::string_view();
    out.heads.emplace_back(state, is_target ? built_in : repository_named(target_repository_id, target_name));
}

void keep_own_heads(reading const& said, known_state& out)
{
    if (said.builds_since && said.repository)
        std::erase_if(
            out.heads, [&](open_head const& one) { return one.target_repository.id != said.repository->id; }
        );
}

}  // namespace linkspan
