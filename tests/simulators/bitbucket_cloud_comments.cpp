// What people do to comments and tasks, and which of it Bitbucket tells.
#include "tests/simulators/bitbucket_cloud.hpp"

#include <algorithm>
#include <stdexcept>

namespace linkspan::test
{

std::pair<bitbucket_cloud::place, simulated_cloud::comment*> bitbucket_cloud::find_comment(std::int64_t id)
{
    for (auto& [slug, in] : state_.repositories)
        for (auto& [number, of] : in.pull_requests)
            if (auto const found = of.comments.find(id); found != of.comments.end())
                return {{&in, &of}, &found->second};
    throw std::out_of_range("there is no comment " + std::to_string(id));
}

std::pair<bitbucket_cloud::place, simulated_cloud::task*> bitbucket_cloud::find_task(std::int64_t id)
{
    for (auto& [slug, in] : state_.repositories)
        for (auto& [number, of] : in.pull_requests)
            if (auto const found = of.tasks.find(id); found != of.tasks.end())
                return {{&in, &of}, &found->second};
    throw std::out_of_range("there is no task " + std::to_string(id));
}

void bitbucket_cloud::touch(place at, std::string const& who, time_point now)
{
    auto const& of = *at.pull_request;
    if (rules_.moves_with_comments)
        at.pull_request->updated_at = now;
    if (who != of.author || of.participants.contains(who))
        at.pull_request->participants[who].participated_at = now;
}

void bitbucket_cloud::tell_comment(
    std::string key, place at, std::int64_t id, std::string const& actor, time_point now
)
{
    boost::json::object rest;
    rest["comment"] =
        view_at(now).comment(*at.repository, *at.pull_request, at.pull_request->comments.at(id));
    queue_pull_request(std::move(key), at, actor, now, std::move(rest));
}

std::int64_t bitbucket_cloud::write_comment(place at, simulated_cloud::comment one, time_point now)
{
    know(one.author);
    auto const id = ++state_.last_comment;
    auto const by = one.author;
    one.id = id;
    one.created_at = now;
    one.updated_at = now;
    one.written_at = now;
    at.pull_request->comments[id] = std::move(one);
    simulated_cloud::activity done;
    done.kind = simulated_cloud::activity_kind::comment;
    done.by = by;
    done.at = now;
    done.comment = id;
    at.pull_request->activities.push_back(std::move(done));
    touch(at, by, now);
    tell_comment("pullrequest:comment_created", at, id, by, now);
    return id;
}

std::int64_t bitbucket_cloud::add_comment(
    std::string const& slug,
    std::int64_t pull_request,
    std::string const& text,
    std::string const& by,
    std::optional<cloud_anchor> anchor
)
{
    std::lock_guard const lock(mutex_);
    simulated_cloud::comment one;
    one.text = text;
    one.author = by;
    one.anchor = std::move(anchor);
    return write_comment(find(slug, pull_request), std::move(one), now_());
}

std::int64_t bitbucket_cloud::reply(std::int64_t comment, std::string const& text, std::string const& by)
{
    std::lock_guard const lock(mutex_);
    auto const [at, parent] = find_comment(comment);
    simulated_cloud::comment one;
    one.parent = parent->id;
    one.text = text;
    one.author = by;
    one.anchor = parent->anchor;
    return write_comment(at, std::move(one), now_());
}

void bitbucket_cloud::edit_comment(std::int64_t comment, std::string const& text)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const [at, one] = find_comment(comment);
    bool const is_told = now - one->written_at >= rules_.edit_silence;
    one->text = text;
    one->updated_at = now;
    one->written_at = now;
    touch(at, one->author, now);
    if (is_told)
        tell_comment("pullrequest:comment_updated", at, comment, one->author, now);
}

void bitbucket_cloud::delete_comment(std::int64_t comment)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const [at, one] = find_comment(comment);
    one->is_deleted = true;
    one->updated_at = now;
    touch(at, one->author, now);
    tell_comment("pullrequest:comment_deleted", at, comment, one->author, now);
}

void bitbucket_cloud::resolve_thread(std::int64_t comment, std::string const& by)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const [at, one] = find_comment(comment);
    know(by);
    one->resolution = simulated_cloud::decision{by, now};
    tell_comment("pullrequest:comment_resolved", at, comment, by, now);
}

void bitbucket_cloud::reopen_thread(std::int64_t comment, std::string const& by)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const [at, one] = find_comment(comment);
    know(by);
    one->resolution.reset();
    tell_comment("pullrequest:comment_reopened", at, comment, by, now);
}

void bitbucket_cloud::tell_task(place at, std::string const& by, time_point now)
{
    auto& of = *at.pull_request;
    auto const count =
        std::ranges::count_if(of.tasks, [](auto const& one) { return !one.second.resolution; });
    if (of.task_counts.back().count != count)
        of.task_counts.push_back({now, count});
    if (rules_.tells_tasks)
        queue_pull_request("pullrequest:updated", at, by, now);
}

std::int64_t bitbucket_cloud::add_task(
    std::string const& slug,
    std::int64_t pull_request,
    std::string const& text,
    std::string const& by,
    std::optional<std::int64_t> comment
)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const at = find(slug, pull_request);
    know(by);
    auto& one = at.pull_request->tasks[++state_.last_task];
    one.id = state_.last_task;
    one.comment = comment;
    one.text = text;
    one.author = by;
    one.created_at = now;
    one.updated_at = now;
    tell_task(at, by, now);
    return one.id;
}

void bitbucket_cloud::edit_task(std::int64_t task, std::string const& text)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const [at, one] = find_task(task);
    one->text = text;
    one->updated_at = now;
    tell_task(at, one->author, now);
}

void bitbucket_cloud::resolve_task(std::int64_t task, std::string const& by)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const [at, one] = find_task(task);
    know(by);
    one->resolution = simulated_cloud::decision{by, now};
    one->updated_at = now;
    tell_task(at, by, now);
}

void bitbucket_cloud::reopen_task(std::int64_t task, std::string const& by)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const [at, one] = find_task(task);
    know(by);
    one->resolution.reset();
    one->updated_at = now;
    tell_task(at, by, now);
}

void bitbucket_cloud::delete_task(std::int64_t task, std::string const& by)
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    auto const [at, one] = find_task(task);
    know(by);
    at.pull_request->tasks.erase(task);
    tell_task(at, by, now);
}

}  // namespace linkspan::test
