#include "core/bitbucket/comparison.hpp"

#include <algorithm>

// What a delivery says by itself: the pull request's opening, builds, refs (events.md, Identity and order).
namespace linkspan
{
namespace
{

// The webhooks of a repository and of its workspace tell one push with moments that may differ a little. Data
// Center's date is the push's own.
constexpr seconds same_move_cloud{30};
constexpr seconds same_move_data_center{0};

}  // namespace

void comparison::tell_claim(claim const& one)
{
    switch (one.identity)
    {
        case claim_identity::occurrence:
            if (std::holds_alternative<build>(one.detail))
                tell_build(one);
            else if (std::holds_alternative<ref_change>(one.detail))
                tell_ref_change(one);
            else
                emit(one.kind, one.stamp, one.at, one.detail, one.repository ? &one.repository : nullptr);
            break;
        case claim_identity::once:
            if (one.kind == event_kind::pull_request_deleted)
                next_.deleted = true;
            if (auto& told = emit(one.kind, "", one.at, one.detail);
                !told.actor && one.kind == event_kind::pull_request_opened)
                told.actor = said_.pull_request->author;
            break;
        case claim_identity::update:
            if (out_.events.empty() && (!known_.snapshot || shows_unknown()))
                emit(one.kind, said_.order ? std::to_string(*said_.order) : "first", one.at, one.detail);
            break;
        case claim_identity::state:
        case claim_identity::reviewer:
        case claim_identity::source:
            break;  // told by the comparison
    }
}

// A build is told where its pull requests are: of a fork's commit, in the repositories that ask for it. Each
// of those has an event of its own; the first keeps the key that the build has without a pull request. That
// key tells a repetition, whichever pull requests were opened or closed since.
void comparison::tell_build(claim const& one)
{
    auto const& heads = known_.heads;
    auto const& status = std::get<build>(one.detail);
    if (known_.told_builds.contains(key_of(one.kind, said_, said_.repository, context_.instance, one.stamp)))
        return;
    auto const at = moment(one.at);
    if (status.state != build_state::started)
        out_.ended_builds.push_back({build_scope(status, heads), status.key, status.state, at});
    if (said_.builds_since && at < *said_.builds_since)
        return;
    if (heads.empty())
        return tell_build_of(one, {}, one.stamp);
    for (auto first = heads.begin(); first != heads.end();)
    {
        auto const& target = first->target_repository.id;
        auto const behind = std::find_if(
            first, heads.end(), [&](open_head const& head) { return head.target_repository.id != target; }
        );
        tell_build_of(
            one, std::span(first, behind), first == heads.begin() ? one.stamp : one.stamp + ":" + target
        );
        first = behind;
    }
}

void comparison::tell_build_of(claim const& one, std::span<open_head const> heads, std::string const& stamp)
{
    auto detail = std::get<build>(one.detail);
    if (auto const before = known_.previous_builds.find(detail.key); before != known_.previous_builds.end())
        detail.previous = before->second;
    for (auto const& head : heads)
        detail.pull_requests.push_back(head.id);
    if (heads.empty() && known_.was_head)
        detail.outdated = true;
    if (!detail.branch && !heads.empty() && heads.front().source)
        detail.branch = heads.front().source->branch;
    auto& told = emit(one.kind, stamp, one.at, std::move(detail));
    if (!heads.empty())
        told.repository = heads.front().target_repository;
    if (heads.size() == 1)
        told.pull_request = heads.front();
}

// Whether the reading is the first to show a member of a known pull request: it may be what was changed.
bool comparison::shows_unknown() const
{
    if (!is_newer())
        return false;
    auto const before = fields_before();
    auto const& known = known_.snapshot->state;
    auto const& after = *said_.pull_request;
    bool const shows_commit = after.source && !after.source->commit.empty();
    bool const knows_commit = known.source && !known.source->commit.empty();
    return (after.title && !before.title) || (after.description && !before.description) ||
           (after.target && !before.target) || (after.draft && !before.draft) ||
           (shows_commit && !knows_commit) || (after.participants && !known.participants);
}

// Old and new hash make the key, and a ref that came back may go the same way again: that is another move
// where the service tells another moment, and the ref has gone on from there since. The moment alone proves
// nothing: a delivery may be sent again by hand.
std::string comparison::stamp_of_move(claim const& one) const
{
    auto const key = key_of(one.kind, said_, said_.repository, context_.instance, one.stamp);
    auto const found = known_.moves.find(key);
    if (!said_.occurred_at || found == known_.moves.end() || found->second.made.empty())
        return one.stamp;
    auto const at = *said_.occurred_at;
    auto const same_within = context_.edition == edition::cloud ? same_move_cloud : same_move_data_center;
    auto const& made = found->second.made;
    for (auto const& told : made)
        if (std::chrono::abs(told.at - at) <= same_within)
            return one.stamp + told.key.substr(key.size());
    auto const& last = *std::ranges::max_element(made, {}, &told_moves::told::at);
    auto const& left_at = found->second.left_at;
    if (left_at && last.at <= *left_at && *left_at <= at)
        return one.stamp + move_again + std::to_string(to_milliseconds(at));
    return one.stamp + last.key.substr(key.size());
}

void comparison::tell_ref_change(claim const& one)
{
    auto& told = emit(one.kind, stamp_of_move(one), one.at, one.detail);
    auto const& change = std::get<ref_change>(one.detail);
    bool const branch = one.kind == event_kind::branch_created || one.kind == event_kind::branch_updated;
    if (branch && change.after && said_.repository)
        told.cause =
            cause_of_push(context_.instance, said_.repository->full_name, change.name, *change.after);
}

}  // namespace linkspan
