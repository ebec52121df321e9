// What people do to pull requests, comments and tasks of a Data Center, and the webhooks that follow.
#include "tests/simulators/bitbucket_data_center.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <stdexcept>

namespace linkspan::test
{

using boost::json::array;
using boost::json::object;

simulated_center::view bitbucket_data_center::view_now() const
{
    return {state_, rules_.has_iso_dates, rules_.shows_reactions};
}

void bitbucket_data_center::know(std::string const& login)
{
    state_.people.emplace(login, 101 + std::ssize(state_.people));
}

bitbucket_data_center::place bitbucket_data_center::find(std::string const& slug, std::int64_t pull_request)
{
    auto& repository = state_.repositories.at(slug);
    return {&repository, &repository.pull_requests.at(pull_request)};
}

std::pair<bitbucket_data_center::place, simulated_center::comment*> bitbucket_data_center::find_comment(
    std::int64_t id
)
{
    for (auto& [slug, in] : state_.repositories)
        for (auto& [number, of] : in.pull_requests)
            if (auto const found = of.comments.find(id); found != of.comments.end())
                return {{&in, &of}, &found->second};
    throw std::out_of_range("there is no comment " + std::to_string(id));
}

void bitbucket_data_center::queue(std::string key, std::string const& actor, object rest, time_point now)
{
    object body{
        {"eventKey", key}, {"date", simulated_center::delivery_date(now)}, {"actor", view_now().user(actor)}};
    for (auto& [name, member] : rest)
        body[name] = std::move(member);
    for (auto const& [id, to] : hooks_)
    {
        center_delivery one;
        one.number = ++last_delivery_;
        one.hook = id;
        one.request_id = "request-" + std::to_string(one.number) + "-of";
        one.event_key = key;
        one.body = boost::json::serialize(body);
        one.made_at = now;
        queue_.push_back(std::move(one));
    }
}

void bitbucket_data_center::queue_pull_request(
    std::string key, place at, std::string const& actor, time_point now, object rest
)
{
    rest["pullRequest"] = view_now().pull_request(*at.repository, *at.pull_request);
    queue(std::move(key), actor, std::move(rest), now);
}

void bitbucket_data_center::queue_push(
    place at, std::string const& branch, std::string const& before, std::string const& by, time_point now
)
{
    auto const& in = *at.repository;
    auto const& tip = in.branches.at(branch);
    array commits;
    for (auto const* one : in.reachable(tip, before.empty() ? in.branches.at("main") : before))
        commits.push_back(view_now().commit(*one));
    object const ref{{"id", "refs/heads/" + branch}, {"displayId", branch}, {"type", "BRANCH"}};
    object const change{
        {"ref", ref},
        {"refId", "refs/heads/" + branch},
        {"fromHash", before.empty() ? std::string(40, '0') : before},
        {"toHash", tip},
        {"type", before.empty() ? "ADD" : "UPDATE"}};
    object rest{{"repository", view_now().repository(in)}};
    rest["changes"] = array{change};
    rest["commits"] = std::move(commits);
    queue("repo:refs_changed", by, std::move(rest), now);
}

void bitbucket_data_center::add_activity(place at, std::string action, std::string const& by, time_point now)
{
    auto& one = at.pull_request->activities.emplace_back();
    one.id = ++state_.last_thing;
    one.action = std::move(action);
    one.by = by;
    one.at = now;
}

void bitbucket_data_center::update(place at, time_point now)
{
    ++at.pull_request->version;
    at.pull_request->updated_at = now;
}

void bitbucket_data_center::add_repository(std::string const& slug)
{
    std::lock_guard const lock(mutex_);
    auto& one = state_.repositories[slug];
    one.id = ++state_.last_thing;
    one.slug = slug;
    one.add_commit("main", ++state_.last_thing, {"README.md"}, "ada", now_());
}

std::int64_t bitbucket_data_center::open_pull_request(
    std::string const& slug,
    std::string const& title,
    std::string const& by,
    std::vector<std::string> const& reviewers
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    know(by);
    auto& in = state_.repositories.at(slug);
    auto const id = ++in.last_pull_request;
    auto& one = in.pull_requests[id];
    one.id = id;
    one.title = title;
    one.description = "About " + title + ".";
    one.author = by;
    one.source_branch = "feature/" + std::to_string(id);
    one.target_branch = "main";
    auto path = "src/feature_" + std::to_string(id) + ".cpp";
    one.source_hash = in.add_commit(one.source_branch, ++state_.last_thing, {std::move(path)}, by, now).hash;
    one.target_hash = in.branches.at("main");
    one.created_at = now;
    one.updated_at = now;
    for (auto const& who : reviewers)
    {
        know(who);
        one.participants[who].is_reviewer = true;
    }
    place const at{&in, &one};
    queue_push(at, one.source_branch, "", by, now);
    add_activity(at, "OPENED", by, now);
    queue_pull_request("pr:opened", at, by, now);
    return id;
}

std::string bitbucket_data_center::push_to(
    std::string const& slug, std::int64_t pull_request, std::string const& path
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const at = find(slug, pull_request);
    auto& of = *at.pull_request;
    auto const before = of.source_hash;
    of.source_hash =
        at.repository->add_commit(of.source_branch, ++state_.last_thing, {path}, of.author, now).hash;
    update(at, now);
    add_activity(at, "RESCOPED", of.author, now);
    of.activities.back().from_hash = of.source_hash;
    of.activities.back().previous_from_hash = before;
    queue_push(at, of.source_branch, before, of.author, now);
    object rest{{"previousFromHash", before}};
    queue_pull_request("pr:from_ref_updated", at, of.author, now, std::move(rest));
    return of.source_hash;
}

void bitbucket_data_center::set_title(
    std::string const& slug, std::int64_t pull_request, std::string const& title
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const at = find(slug, pull_request);
    auto& of = *at.pull_request;
    object rest{{"previousTitle", of.title}, {"previousDescription", of.description}};
    of.title = title;
    update(at, now);
    queue_pull_request("pr:modified", at, of.author, now, std::move(rest));
}

void bitbucket_data_center::set_description(
    std::string const& slug, std::int64_t pull_request, std::string const& text
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const at = find(slug, pull_request);
    auto& of = *at.pull_request;
    object rest{{"previousTitle", of.title}, {"previousDescription", of.description}};
    of.description = text;
    update(at, now);
    queue_pull_request("pr:modified", at, of.author, now, std::move(rest));
}

void bitbucket_data_center::set_draft(std::string const& slug, std::int64_t pull_request, bool is_draft)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const at = find(slug, pull_request);
    auto& of = *at.pull_request;
    object rest{
        {"previousTitle", of.title}, {"previousDescription", of.description}, {"previousDraft", of.is_draft}};
    of.is_draft = is_draft;
    update(at, now);
    queue_pull_request("pr:modified", at, of.author, now, std::move(rest));
}

void bitbucket_data_center::add_reviewer(
    std::string const& slug, std::int64_t pull_request, std::string const& who
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const at = find(slug, pull_request);
    know(who);
    at.pull_request->participants[who].is_reviewer = true;
    update(at, now);
    add_activity(at, "UPDATED", at.pull_request->author, now);
    object rest{{"removedReviewers", array()}};
    rest["addedReviewers"] = array{view_now().user(who)};
    queue_pull_request("pr:reviewer:updated", at, at.pull_request->author, now, std::move(rest));
}

void bitbucket_data_center::remove_reviewer(
    std::string const& slug, std::int64_t pull_request, std::string const& who
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const at = find(slug, pull_request);
    at.pull_request->participants.erase(who);
    update(at, now);
    add_activity(at, "UPDATED", at.pull_request->author, now);
    object rest{{"addedReviewers", array()}};
    rest["removedReviewers"] = array{view_now().user(who)};
    queue_pull_request("pr:reviewer:updated", at, at.pull_request->author, now, std::move(rest));
}

void bitbucket_data_center::review(
    std::string const& slug, std::int64_t pull_request, std::string const& by, std::string const& status
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const at = find(slug, pull_request);
    know(by);
    auto& one = at.pull_request->participants[by];
    object rest{{"previousStatus", one.status}};
    one.status = status;
    bool const is_approval = status == "APPROVED";
    bool const is_request = status == "NEEDS_WORK";
    add_activity(at, is_approval ? "APPROVED" : is_request ? "REVIEWED" : "UNAPPROVED", by, now);
    rest["participant"] = view_now().participant(by, one, at.pull_request->source_hash);
    auto const* key = is_approval  ? "pr:reviewer:approved"
                      : is_request ? "pr:reviewer:needs_work"
                                   : "pr:reviewer:unapproved";
    queue_pull_request(key, at, by, now, std::move(rest));
}

void bitbucket_data_center::close(place at, std::string const& state, std::string const& by, time_point now)
{
    know(by);
    at.pull_request->state = state;
    at.pull_request->closed_at = now;
    update(at, now);
    add_activity(at, state, by, now);
    queue_pull_request(state == "MERGED" ? "pr:merged" : "pr:declined", at, by, now);
}

void bitbucket_data_center::merge(std::string const& slug, std::int64_t pull_request, std::string const& by)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const at = find(slug, pull_request);
    auto& of = *at.pull_request;
    auto const before = at.repository->branches.at(of.target_branch);
    auto& merged = at.repository->add_commit(of.target_branch, ++state_.last_thing, {}, by, now);
    merged.parents.push_back(of.source_hash);
    of.merge_hash = merged.hash;
    queue_push(at, of.target_branch, before, by, now);
    close(at, "MERGED", by, now);
}

void bitbucket_data_center::decline(std::string const& slug, std::int64_t pull_request, std::string const& by)
{
    std::lock_guard const lock(mutex_);
    close(find(slug, pull_request), "DECLINED", by, now_());
}

void bitbucket_data_center::delete_pull_request(std::string const& slug, std::int64_t pull_request)
{
    std::lock_guard const lock(mutex_);
    auto const at = find(slug, pull_request);
    queue_pull_request("pr:deleted", at, at.pull_request->author, now_());
    at.repository->pull_requests.erase(pull_request);
}

void bitbucket_data_center::set_build(
    std::string const& slug, std::string const& commit, std::string const& key, std::string const& state
)
{
    std::lock_guard const lock(mutex_);
    auto& builds = state_.repositories.at(slug).builds;
    std::erase_if(builds, [&](auto const& one) { return one.commit == commit && one.key == key; });
    builds.push_back({commit, key, state, now_()});
}

std::int64_t bitbucket_data_center::write_comment(place at, simulated_center::comment one, time_point now)
{
    know(one.author);
    auto const id = ++state_.last_thing;
    one.id = id;
    one.created_at = now;
    one.updated_at = now;
    auto& kept = at.pull_request->comments[id] = std::move(one);
    if (kept.author != at.pull_request->author)
        at.pull_request->participants.try_emplace(kept.author);
    if (!kept.parent)
    {
        add_activity(at, "COMMENTED", kept.author, now);
        at.pull_request->activities.back().comment = id;
    }
    tell_comment("pr:comment:added", at, kept, now);
    return id;
}

void bitbucket_data_center::tell_comment(
    std::string key, place at, simulated_center::comment const& one, time_point now, object rest
)
{
    rest["comment"] = view_now().comment(*at.repository, *at.pull_request, one, false);
    if (one.parent)
        rest["commentParentId"] = *one.parent;
    queue_pull_request(std::move(key), at, one.author, now, std::move(rest));
}

std::int64_t bitbucket_data_center::add_comment(
    std::string const& slug, std::int64_t pull_request, std::string const& text, std::string const& by
)
{
    std::lock_guard const lock(mutex_);
    simulated_center::comment one;
    one.text = text;
    one.author = by;
    return write_comment(find(slug, pull_request), std::move(one), now_());
}

std::int64_t bitbucket_data_center::add_task(
    std::string const& slug, std::int64_t pull_request, std::string const& text, std::string const& by
)
{
    std::lock_guard const lock(mutex_);
    simulated_center::comment one;
    one.text = text;
    one.author = by;
    one.is_task = true;
    return write_comment(find(slug, pull_request), std::move(one), now_());
}

void bitbucket_data_center::react(std::int64_t comment, std::string const& shortcut, std::string const& by)
{
    std::lock_guard const lock(mutex_);
    know(by);
    find_comment(comment).second->reactions.emplace_back(shortcut, by);
}

void bitbucket_data_center::withdraw_reaction(
    std::int64_t comment, std::string const& shortcut, std::string const& by
)
{
    std::lock_guard const lock(mutex_);
    std::erase(find_comment(comment).second->reactions, std::pair(shortcut, by));
}

std::int64_t bitbucket_data_center::reply(
    std::int64_t comment, std::string const& text, std::string const& by
)
{
    std::lock_guard const lock(mutex_);
    simulated_center::comment one;
    one.parent = comment;
    one.text = text;
    one.author = by;
    return write_comment(find_comment(comment).first, std::move(one), now_());
}

void bitbucket_data_center::edit_comment(std::int64_t comment, std::string const& text)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const [at, one] = find_comment(comment);
    object rest{{"previousComment", one->text}};
    one->text = text;
    one->updated_at = now;
    ++one->version;
    tell_comment("pr:comment:edited", at, *one, now, std::move(rest));
}

bool bitbucket_data_center::delete_comment(std::int64_t comment)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const [at, one] = find_comment(comment);
    auto& of = *at.pull_request;
    if (std::ranges::any_of(of.comments, [&](auto const& other) { return other.second.parent == comment; }))
        return false;
    tell_comment("pr:comment:deleted", at, *one, now);
    std::erase_if(of.activities, [&](auto const& done) { return done.comment == comment; });
    of.comments.erase(comment);
    return true;
}

void bitbucket_data_center::decide(
    std::int64_t comment,
    std::optional<simulated_center::decision> simulated_center::comment::*what,
    bool is_resolved,
    std::string const& by
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const [at, one] = find_comment(comment);
    know(by);
    one->*what = is_resolved ? std::optional(simulated_center::decision{by, now}) : std::nullopt;
    ++one->version;
    if (!rules_.tells_resolutions)
        return;
    object rest{{"previousComment", one->text}};
    tell_comment("pr:comment:edited", at, *one, now, std::move(rest));
}

void bitbucket_data_center::resolve_thread(std::int64_t comment, std::string const& by)
{
    decide(comment, &simulated_center::comment::thread_resolution, true, by);
}

void bitbucket_data_center::reopen_thread(std::int64_t comment, std::string const& by)
{
    decide(comment, &simulated_center::comment::thread_resolution, false, by);
}

void bitbucket_data_center::resolve_task(std::int64_t comment, std::string const& by)
{
    decide(comment, &simulated_center::comment::task_resolution, true, by);
}

void bitbucket_data_center::reopen_task(std::int64_t comment, std::string const& by)
{
    decide(comment, &simulated_center::comment::task_resolution, false, by);
}

}  // namespace linkspan::test
