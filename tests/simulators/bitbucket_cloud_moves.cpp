// What people do to repositories, branches and pull requests, and the webhooks that follow.
#include "tests/simulators/bitbucket_cloud.hpp"

#include <boost/json/serialize.hpp>

#include <stdexcept>

namespace linkspan::test
{
namespace
{

// More of a push are left out of its webhook.
constexpr std::size_t pushed_commits_shown_max = 5;

}  // namespace

using boost::json::array;
using boost::json::object;
using simulated_cloud::activity_kind;

simulated_cloud::view bitbucket_cloud::view_at(time_point now) const
{
    return {state_, now, rules_.has_short_hashes, rules_.task_count_lag};
}

void bitbucket_cloud::know(std::string const& nickname)
{
    if (state_.people.contains(nickname))
        return;
    auto& who = state_.people[nickname];
    who.nickname = nickname;
    who.uuid = state_.fresh_uuid();
    who.account_id = "712020:" + who.uuid.substr(1, 36);
    who.name = nickname + " Example";
    who.name.front() = static_cast<char>(who.name.front() - 'a' + 'A');
}

bitbucket_cloud::place bitbucket_cloud::find(std::string const& slug, std::int64_t pull_request)
{
    auto& repository = state_.repositories.at(slug);
    return {&repository, &repository.pull_requests.at(pull_request)};
}

void bitbucket_cloud::queue(
    std::string key,
    simulated_cloud::repository const& in,
    std::string const& actor,
    object rest,
    time_point now
)
{
    auto const shown = view_at(now);
    object body{{"actor", shown.account(actor)}, {"repository", shown.repository(in)}};
    for (auto& [name, member] : rest)
        body[name] = std::move(member);
    for (auto const& to : hooks_)
    {
        cloud_delivery one;
        one.number = ++last_delivery_;
        one.url = to.url;
        one.secret = to.secret;
        one.hook_uuid = to.uuid;
        one.request_uuid = state_.fresh_uuid().substr(1, 36);
        one.event_key = key;
        one.body = boost::json::serialize(body);
        one.made_at = now;
        queue_.push_back(std::move(one));
    }
}

void bitbucket_cloud::queue_pull_request(
    std::string key, place at, std::string const& actor, time_point now, object rest
)
{
    rest["pullrequest"] = view_at(now).pull_request(*at.repository, *at.pull_request);
    queue(std::move(key), *at.repository, actor, std::move(rest), now);
}

void bitbucket_cloud::queue_push(
    simulated_cloud::repository const& in,
    std::string const& branch,
    std::string const& before,
    std::string const& by,
    time_point now
)
{
    auto const shown = view_at(now);
    auto const side = [&](std::string const& hash) -> boost::json::value
    {
        if (hash.empty())
            return nullptr;
        return object{
            {"type", "branch"}, {"name", branch}, {"target", shown.commit(in, in.commits.at(hash))}};
    };
    array commits;
    auto const& tip = in.branches.at(branch);
    auto const fresh = in.reachable(tip, before.empty() ? in.branches.at("main") : before);
    for (auto const* one : fresh)
        if (commits.size() < pushed_commits_shown_max)
            commits.push_back(shown.commit(in, *one));
    object const change{
        {"old", side(before)},
        {"new", side(tip)},
        {"created", before.empty()},
        {"closed", false},
        {"forced", false},
        {"truncated", fresh.size() > pushed_commits_shown_max},
        {"commits", std::move(commits)}};
    queue("repo:push", in, by, {{"push", object{{"changes", array{change}}}}}, now);
}

simulated_commit& bitbucket_cloud::add_commit(
    simulated_cloud::repository& in,
    std::string const& branch,
    std::vector<std::string> paths,
    std::string const& by,
    time_point now
)
{
    know(by);
    in.updated_at = now;
    return in.add_commit(branch, ++state_.last_thing, std::move(paths), by, now);
}

std::string bitbucket_cloud::add_repository(std::string const& slug)
{
    std::lock_guard const lock(mutex_);
    auto& one = state_.repositories[slug];
    one.slug = slug;
    one.uuid = state_.fresh_uuid();
    add_commit(one, "main", {"README.md"}, "ada", now_());
    return one.uuid;
}

void bitbucket_cloud::rename_repository(std::string const& slug, std::string const& to)
{
    std::lock_guard const lock(mutex_);
    auto node = state_.repositories.extract(slug);
    if (node.empty())
        throw std::out_of_range("there is no repository " + slug);
    node.key() = to;
    node.mapped().slug = to;
    auto const& in = state_.repositories.insert(std::move(node)).position->second;
    state_.moved[slug] = to;
    object const name{{"old", slug}, {"new", to}};
    object const full_name{{"old", state_.workspace + "/" + slug}, {"new", state_.workspace + "/" + to}};
    queue("repo:updated", in, "ada", {{"changes", object{{"name", name}, {"full_name", full_name}}}}, now_());
}

void bitbucket_cloud::delete_repository(std::string const& slug)
{
    std::lock_guard const lock(mutex_);
    queue("repo:deleted", state_.repositories.at(slug), "ada", {}, now_());
    state_.repositories.erase(slug);
}

std::string bitbucket_cloud::push(
    std::string const& slug,
    std::string const& branch,
    std::vector<std::vector<std::string>> const& paths_of_commits,
    std::string const& by
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto& in = state_.repositories.at(slug);
    auto const before = in.branches[branch];
    if (before.empty())
        in.branches.erase(branch);
    for (auto const& paths : paths_of_commits)
        add_commit(in, branch, paths, by, now);
    queue_push(in, branch, before, by, now);
    auto const tip = in.branches.at(branch);
    for (auto& [id, one] : in.pull_requests)
        if (one.source_branch == branch && one.state == "OPEN")
        {
            one.source_hash = tip;
            update({&in, &one}, by, now);
            if (rules_.tells_pull_request_push)
                queue_pull_request("pullrequest:push", {&in, &one}, by, now);
        }
    return tip;
}

void bitbucket_cloud::set_build(
    std::string const& slug, std::string const& commit, std::string const& key, std::string const& state
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto& in = state_.repositories.at(slug);
    simulated_cloud::status* known = nullptr;
    for (auto& one : in.statuses)
        if (one.commit == commit && one.key == key)
            known = &one;
    bool const is_new = known == nullptr;
    if (is_new)
    {
        known = &in.statuses.emplace_back();
        known->commit = commit;
        known->key = key;
        known->created_at = now;
        for (auto const& [branch, tip] : in.branches)
            if (tip == commit)
                known->branch = branch;
    }
    known->state = state;
    known->updated_at = now;
    queue(
        is_new ? "repo:commit_status_created" : "repo:commit_status_updated",
        in,
        "lin",
        {{"commit_status", view_at(now).status(in, *known)}},
        now
    );
}

std::int64_t bitbucket_cloud::open_pull_request(
    std::string const& slug,
    std::string const& title,
    std::string const& by,
    std::vector<std::string> const& reviewers
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto& in = state_.repositories.at(slug);
    auto const id = static_cast<std::int64_t>(in.pull_requests.size()) + 1;
    auto const branch = "feature/" + std::to_string(id);
    auto const hash = add_commit(in, branch, {"src/feature_" + std::to_string(id) + ".cpp"}, by, now).hash;
    queue_push(in, branch, "", by, now);
    auto& one = in.pull_requests[id];
    one.id = id;
    one.title = title;
    one.description = "About " + title + ".";
    one.author = by;
    one.source_branch = branch;
    one.target_branch = "main";
    one.source_hash = hash;
    one.target_hash = in.branches.at("main");
    one.created_at = now;
    one.updated_at = now;
    for (auto const& who : reviewers)
    {
        know(who);
        one.participants[who].is_reviewer = true;
    }
    one.task_counts.push_back({now, 0});
    update({&in, &one}, by, now, "pullrequest:created");
    return id;
}

void bitbucket_cloud::update(place at, std::string const& by, time_point now, std::string key)
{
    know(by);
    auto& of = *at.pull_request;
    of.updated_at = now;
    at.repository->updated_at = now;
    simulated_cloud::activity one;
    one.by = by;
    one.at = now;
    one.title = of.title;
    one.description = of.description;
    one.state = of.state;
    one.source_hash = of.source_hash;
    of.activities.push_back(std::move(one));
    queue_pull_request(std::move(key), at, by, now);
}

std::string bitbucket_cloud::push_to(
    std::string const& slug, std::int64_t pull_request, std::string const& path
)
{
    std::string branch;
    std::string by;
    {
        std::lock_guard const lock(mutex_);
        auto const& one = *find(slug, pull_request).pull_request;
        branch = one.source_branch;
        by = one.author;
    }
    return push(slug, branch, {{path}}, by);
}

void bitbucket_cloud::set_title(std::string const& slug, std::int64_t pull_request, std::string const& title)
{
    std::lock_guard const lock(mutex_);
    auto const at = find(slug, pull_request);
    at.pull_request->title = title;
    update(at, at.pull_request->author, now_());
}

void bitbucket_cloud::set_description(
    std::string const& slug, std::int64_t pull_request, std::string const& text
)
{
    std::lock_guard const lock(mutex_);
    auto const at = find(slug, pull_request);
    at.pull_request->description = text;
    update(at, at.pull_request->author, now_());
}

void bitbucket_cloud::set_draft(std::string const& slug, std::int64_t pull_request, bool is_draft)
{
    std::lock_guard const lock(mutex_);
    auto const at = find(slug, pull_request);
    at.pull_request->is_draft = is_draft;
    update(at, at.pull_request->author, now_());
}

void bitbucket_cloud::add_reviewer(std::string const& slug, std::int64_t pull_request, std::string const& who)
{
    std::lock_guard const lock(mutex_);
    auto const at = find(slug, pull_request);
    know(who);
    at.pull_request->participants[who].is_reviewer = true;
    update(at, at.pull_request->author, now_());
}

void bitbucket_cloud::remove_reviewer(
    std::string const& slug, std::int64_t pull_request, std::string const& who
)
{
    std::lock_guard const lock(mutex_);
    auto const at = find(slug, pull_request);
    at.pull_request->participants.erase(who);
    update(at, at.pull_request->author, now_());
}

void bitbucket_cloud::review(
    std::string const& slug, std::int64_t pull_request, std::string const& by, simulated_cloud::review to
)
{
    using enum simulated_cloud::review;
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const at = find(slug, pull_request);
    know(by);
    auto& one = at.pull_request->participants[by];
    bool const is_approval = to == approved || (to == none && one.review == approved);
    auto const given_at = to == none ? one.reviewed_at.value_or(now) : now;
    one.review = to;
    one.reviewed_at = given_at;
    one.participated_at = now;
    at.pull_request->updated_at = now;
    if (to != none)
    {
        simulated_cloud::activity done;
        done.kind = is_approval ? activity_kind::approval : activity_kind::changes_request;
        done.by = by;
        done.at = now;
        at.pull_request->activities.push_back(std::move(done));
    }
    object what{{"date", simulated_cloud::moment_text(given_at)}, {"user", view_at(now).account(by)}};
    if (is_approval)
        queue_pull_request(
            to == none ? "pullrequest:unapproved" : "pullrequest:approved",
            at,
            by,
            now,
            {{"approval", std::move(what)}}
        );
    else
        queue_pull_request(
            to == none ? "pullrequest:changes_request_removed" : "pullrequest:changes_request_created",
            at,
            by,
            now,
            {{"changes_request", std::move(what)}}
        );
}

void bitbucket_cloud::approve(std::string const& slug, std::int64_t pull_request, std::string const& by)
{
    review(slug, pull_request, by, simulated_cloud::review::approved);
}

void bitbucket_cloud::unapprove(std::string const& slug, std::int64_t pull_request, std::string const& by)
{
    review(slug, pull_request, by, simulated_cloud::review::none);
}

void bitbucket_cloud::request_changes(
    std::string const& slug, std::int64_t pull_request, std::string const& by
)
{
    review(slug, pull_request, by, simulated_cloud::review::changes_requested);
}

void bitbucket_cloud::withdraw_changes_request(
    std::string const& slug, std::int64_t pull_request, std::string const& by
)
{
    review(slug, pull_request, by, simulated_cloud::review::none);
}

void bitbucket_cloud::close(place at, std::string state, std::string const& by, time_point now)
{
    know(by);
    bool const is_merged = state == "MERGED";
    at.pull_request->state = std::move(state);
    at.pull_request->closed_by = by;
    update(at, by, now, is_merged ? "pullrequest:fulfilled" : "pullrequest:rejected");
}

void bitbucket_cloud::merge(std::string const& slug, std::int64_t pull_request, std::string const& by)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const at = find(slug, pull_request);
    auto& in = *at.repository;
    auto const target = at.pull_request->target_branch;
    auto const before = in.branches.at(target);
    auto& merged = add_commit(in, target, {}, by, now);
    merged.message = "Merged " + at.pull_request->source_branch + "\n";
    merged.parents.push_back(at.pull_request->source_hash);
    at.pull_request->merge_hash = merged.hash;
    queue_push(in, target, before, by, now);
    close(at, "MERGED", by, now);
}

void bitbucket_cloud::decline(
    std::string const& slug, std::int64_t pull_request, std::string const& by, std::string const& reason
)
{
    std::lock_guard const lock(mutex_);
    auto const at = find(slug, pull_request);
    at.pull_request->reason = reason;
    close(at, "DECLINED", by, now_());
}

}  // namespace linkspan::test
