#include "core/bitbucket/event_memory.hpp"

#include "core/bitbucket/heads.hpp"

#include <algorithm>
#include <limits>

namespace linkspan
{

pull_request_snapshot const* event_memory::snapshot_of(
    std::string_view instance, std::string_view repository, std::int64_t pull_request
) const
{
    auto const found = snapshots_.find({std::string(instance), std::string(repository), pull_request});
    return found == snapshots_.end() ? nullptr : &found->second;
}

comment_snapshot const* event_memory::comment_of(
    std::string_view instance, std::string_view repository, std::int64_t pull_request, std::int64_t comment
) const
{
    auto const found =
        comments_.find({{std::string(instance), std::string(repository), pull_request}, comment});
    return found == comments_.end() ? nullptr : &found->second;
}

void event_memory::add_heads(std::string const& instance, reading const& said, known_state& out) const
{
    auto const builds = builds_of(said, instance);
    if (builds.empty() || !said.repository)
        return;
    auto const& commit = builds.front().status->commit;
    auto const head = head_prefix(commit);
    auto const found = head ? heads_.find({instance, *head}) : heads_.end();
    if (found != heads_.end())
        for (auto const& id : found->second)
            if (auto const known = snapshots_.find(id); known != snapshots_.end())
                add_head(known->second, std::get<1>(id), *said.repository, commit, out);
    keep_own_heads(said, out);
    for (auto const& [status, key] : builds)
    {
        if (keys_.contains(key))
            out.told_builds.insert(key);
        auto const scope = build_scope(*status, out.heads);
        if (auto const before = results_.find({instance, said.repository->id, scope, status->key});
            before != results_.end())
            out.previous_builds[status->key] = before->second.first;
    }
}

known_state event_memory::known_about(std::string const& instance, reading const& said) const
{
    known_state out;
    if (!said.repository)
        return out;
    if (said.pull_request)
    {
        pull_request_id const id(instance, said.repository->id, said.pull_request->id);
        if (auto const found = snapshots_.find(id); found != snapshots_.end())
            out.snapshot = found->second;
        if (said.comment)
            if (auto const found = comments_.find({id, said.comment->comment.id}); found != comments_.end())
                out.comment = found->second;
        if (said.look)
            for (auto at = comments_.lower_bound({id, std::numeric_limits<std::int64_t>::min()});
                 at != comments_.end() && at->first.first == id;
                 ++at)
                out.comments.emplace(at->first.second, at->second);
    }
    auto const visit = [this](std::string const& start, auto const& take)
    {
        for (auto at = keys_.lower_bound(start); at != keys_.end() && at->first.starts_with(start); ++at)
            take(*at);
    };
    for (auto const& move : moves_of(said, instance))
    {
        auto& known = out.moves[move.key];
        visit(
            move.key,
            [&](auto const& told)
            {
                if (told.first.size() == move.key.size() || told.first[move.key.size()] == move_again)
                    known.made.push_back({told.first, told.second});
            }
        );
        for (auto const& start : move.leaving)
            visit(
                start,
                [&](auto const& told) { known.left_at = std::max(known.left_at, std::optional(told.second)); }
            );
    }
    add_heads(instance, said, out);
    return out;
}

void event_memory::remember(pull_request_id const& id, digested made)
{
    if (made.comment)
        comments_[{id, made.comment->id}] = std::move(*made.comment);
    for (auto& moved : made.comments)
        comments_[{id, moved.id}] = std::move(moved);
    if (!made.snapshot)
        return;
    auto const& source = made.snapshot->state.source;
    if (auto const head = source ? head_prefix(source->commit) : std::nullopt)
        heads_[{std::get<0>(id), *head}].insert(id);
    snapshots_[id] = std::move(*made.snapshot);
}

std::vector<event> event_memory::take(reading const& said, digest_context const& context)
{
    auto const known = known_about(context.instance, said);
    auto made = digest(said, known, context);
    std::vector<event> out;
    for (auto& happening : made.events)
        if (keys_.emplace(happening.key, happening.occurred_at).second)
            out.push_back(std::move(happening));
    if (!said.repository)
        return out;
    for (auto const& one : made.ended_builds)
    {
        auto& ended = results_[{context.instance, said.repository->id, one.scope, one.key}];
        if (one.at >= ended.second)
            ended = {one.state, one.at};
    }
    if (said.pull_request)
        remember({context.instance, said.repository->id, said.pull_request->id}, std::move(made));
    return out;
}

}  // namespace linkspan
