// What the REST API shows of a repository and its pull requests.
#include "tests/simulators/bitbucket_cloud_query.hpp"
#include "tests/simulators/bitbucket_cloud_rest.hpp"

#include <algorithm>
#include <charconv>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

constexpr int pull_request_pagelen_max = 50;
constexpr int commit_pagelen = 30;
constexpr int diffstat_pagelen_max = 5'000;
constexpr int diffstat_pagelen = 500;

// "n3w..0ld": of a fork's commit the hash alone.
std::pair<std::string, std::string> revisions_of(std::string const& spec)
{
    auto const dots = spec.find("..");
    auto after = spec.substr(0, dots);
    auto const colon = after.find(':');
    if (colon != after.npos)
        after.erase(0, colon + 1);
    return {after, dots == spec.npos ? std::string() : spec.substr(dots + 2)};
}

}  // namespace

using simulated_cloud::question;
using simulated_cloud::refusal;

http_response bitbucket_cloud::answer_in_repository(
    simulated_cloud::repository const& in, question const& asked, cloud_fault const& fault
)
{
    auto const shown = view_at(now_());
    switch (asked.call)
    {
        case cloud_call::repository:
        {
            auto const whole = simulated_cloud::trimmed(shown.repository(in), asked.value("fields"), {});
            return simulated_cloud::json_answer(200, whole.as_object());
        }
        case cloud_call::pull_requests:
            return list_pull_requests(in, asked, fault);
        case cloud_call::diffstat:
            return list_diffstat(in, asked, fault);
        case cloud_call::commits:
            return list_commits(in, asked, fault);
        case cloud_call::statuses:
        {
            auto const* const commit = in.find_commit(asked.path[4]);
            if (commit == nullptr)
                return refusal(404, "Commit not found");
            simulated_cloud::list out;
            for (auto const& one : in.statuses)
                if (one.commit == commit->hash)
                    out.items.push_back(shown.status(in, one));
            return page(asked, std::move(out), fault);
        }
        case cloud_call::pull_request:
        case cloud_call::comments:
        case cloud_call::tasks:
        case cloud_call::activity:
        case cloud_call::pull_request_commits:
            return answer_pull_request(in, asked, fault);
        case cloud_call::repositories:
        case cloud_call::user:
        case cloud_call::other:
            break;
    }
    return refusal(404, "Resource not found");
}

http_response bitbucket_cloud::list_pull_requests(
    simulated_cloud::repository const& in, question const& asked, cloud_fault const& fault
)
{
    auto states = asked.values("state");
    if (states.empty())
        states.emplace_back("OPEN");
    simulated_cloud::list out;
    out.pagelen_max = pull_request_pagelen_max;
    out.left_out = {"values.reviewers", "values.participants"};
    for (auto const& [id, one] : in.pull_requests)
        if (std::ranges::find(states, one.state) != states.end())
            out.items.push_back(view_at(now_()).pull_request(in, one));
    simulated_cloud::sort_items(out.items, "-created_on");
    return page(asked, std::move(out), fault);
}

http_response bitbucket_cloud::answer_pull_request(
    simulated_cloud::repository const& in, question const& asked, cloud_fault const& fault
)
{
    std::int64_t id = 0;
    auto const& word = asked.path[4];
    std::from_chars(word.data(), word.data() + word.size(), id);
    auto const found = in.pull_requests.find(id);
    if (found == in.pull_requests.end())
        return refusal(404, "Pull request " + word + " not found");
    auto const& of = found->second;
    auto const shown = view_at(now_());
    if (asked.call == cloud_call::pull_request)
    {
        auto const whole = simulated_cloud::trimmed(shown.pull_request(in, of), asked.value("fields"), {});
        return simulated_cloud::json_answer(200, whole.as_object());
    }
    auto const is_listed = [&](time_point created_at) { return created_at + rules_.list_lag <= shown.now; };
    simulated_cloud::list out;
    if (asked.call == cloud_call::comments)
        for (auto const& [number, one] : of.comments)
            if (is_listed(one.created_at))
                out.items.push_back(shown.comment(in, of, one));
    if (asked.call == cloud_call::tasks)
        for (auto const& [number, one] : of.tasks)
            if (is_listed(one.created_at))
                out.items.push_back(shown.task(in, of, one));
    if (asked.call == cloud_call::pull_request_commits)
        for (auto const* one : in.reachable(of.source_hash, of.target_hash))
            out.items.push_back(shown.commit(in, *one));
    if (asked.call == cloud_call::activity)
    {
        out.pagelen_max = pull_request_pagelen_max;
        out.has_size = false;
        for (auto one = of.activities.rbegin(); one != of.activities.rend(); ++one)
            out.items.push_back(shown.activity(in, of, *one));
    }
    return page(asked, std::move(out), fault);
}

http_response bitbucket_cloud::list_commits(
    simulated_cloud::repository const& in, question const& asked, cloud_fault const& fault
)
{
    auto const include = asked.value("include");
    auto const exclude = asked.value("exclude");
    for (auto const& hash : {include, exclude})
        if (!hash.empty() && in.find_commit(hash) == nullptr)
            return refusal(404, "Commit not found");
    simulated_cloud::list out;
    out.pagelen = commit_pagelen;
    out.has_size = false;
    auto const from = include.empty() ? in.branches.at("main") : include;
    for (auto const* one : in.reachable(from, exclude))
        out.items.push_back(view_at(now_()).commit(in, *one));
    return page(asked, std::move(out), fault);
}

http_response bitbucket_cloud::list_diffstat(
    simulated_cloud::repository const& in, question const& asked, cloud_fault const& fault
)
{
    auto const [after, before] = revisions_of(asked.path[4]);
    auto const* const tip = in.find_commit(after);
    auto const* const base = in.find_commit(before);
    if (tip == nullptr || (!before.empty() && base == nullptr))
        return refusal(404, "Commit not found");
    if (rules_.redirects_diffstat && (after != tip->hash || (base != nullptr && before != base->hash)))
    {
        http_response moved(302);
        auto const mark = std::min(asked.target.find('?'), asked.target.size());
        moved.headers.push_back(
            {"Location",
             api_url() + "repositories/" + state_.workspace + "/" + in.slug + "/diffstat/" + tip->hash +
                 ".." + (base == nullptr ? "" : base->hash) + asked.target.substr(mark)}
        );
        return moved;
    }
    simulated_cloud::list out;
    out.pagelen = diffstat_pagelen;
    out.pagelen_max = diffstat_pagelen_max;
    for (auto const& [path, was_there] : in.changed_paths(after, before))
    {
        json::object const file{{"type", "commit_file"}, {"path", path}, {"escaped_path", path}};
        out.items.push_back(json::object{
            {"type", "diffstat"},
            {"status", was_there ? "modified" : "added"},
            {"old", was_there ? json::value(file) : json::value()},
            {"new", file},
            {"lines_added", 3},
            {"lines_removed", was_there ? 1 : 0}});
    }
    return page(asked, std::move(out), fault);
}

}  // namespace linkspan::test
