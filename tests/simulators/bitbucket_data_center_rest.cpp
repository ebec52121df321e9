// The REST API of the simulated Data Center.
#include "core/base/request_target.hpp"
#include "links/net/sha256.hpp"
#include "tests/simulators/bitbucket_cloud_shapes.hpp"
#include "tests/simulators/bitbucket_data_center.hpp"

#include <boost/algorithm/string/split.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

constexpr int center_page_items = 25;  // where nothing is asked for
constexpr std::string_view exceptions = "com.atlassian.bitbucket.";

http_response center_answer(int status, json::object const& body)
{
    http_response out(status, json::serialize(body));
    out.headers.push_back({"Content-Type", "application/json;charset=UTF-8"});
    return out;
}

http_response center_refusal(int status, std::string_view message, std::string_view exception)
{
    json::object const one{
        {"context", nullptr},
        {"message", message},
        {"exceptionName", std::string(exceptions).append(exception)}};
    return center_answer(status, {{"errors", json::array{one}}});
}

http_response center_not_found(std::string_view what)
{
    return center_refusal(404, std::string(what) + " does not exist.", "NoSuchObjectException");
}

std::int64_t center_number(std::string_view text, std::int64_t otherwise)
{
    std::int64_t out = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

json::object path_object(std::string const& path)
{
    auto const slash = path.rfind('/');
    json::array components;
    std::vector<std::string> parts;
    boost::algorithm::split(parts, path, [](char c) { return c == '/'; });
    for (auto const& part : parts)
        components.emplace_back(part);
    return {
        {"components", std::move(components)},
        {"parent", slash == path.npos ? std::string() : path.substr(0, slash)},
        {"name", parts.back()},
        {"toString", path}};
}

json::array changes_of(commit_graph const& in, std::string_view after, std::string_view before)
{
    json::array out;
    for (auto const& [path, was_there] : in.changed_paths(after, before))
        out.push_back(json::object{
            {"path", path_object(path)}, {"type", was_there ? "MODIFY" : "ADD"}, {"nodeType", "FILE"}});
    return out;
}

// The last word that names a kind of thing: numbers, hashes and names behind it do not.
std::string resource_of(std::vector<std::string> const& path)
{
    static std::vector<std::string> const words = {
        "repos",
        "pull-requests",
        "activities",
        "blocker-comments",
        "changes",
        "commits",
        "builds",
        "webhooks",
        "statistics"};
    for (auto word = path.rbegin(); word != path.rend(); ++word)
        if (std::ranges::find(words, *word) != words.end())
            return *word;
    return {};
}

}  // namespace

boost::asio::awaitable<http_response> bitbucket_data_center::handle(http_request request)
{
    question asked;
    auto const mark = std::min(request.target.find('?'), request.target.size());
    std::vector<std::string> segments;
    boost::algorithm::split(segments, request.target.substr(0, mark), [](char c) { return c == '/'; });
    // Deeper than what our own server takes.
    for (std::size_t i = 2; i < segments.size(); ++i)
        if (auto const one = parse_request_target("/" + segments[i]); one && one->segments.size() == 1)
            asked.path.push_back(one->segments.front());
    if (auto const query = parse_request_target("/" + request.target.substr(mark)))
        for (auto const& one : query->query)
            asked.query.emplace(one.name, one.value);
    std::function<void(std::string const&)> wait;
    {
        std::lock_guard const lock(mutex_);
        targets_.push_back(request.target);
        ++calls_[resource_of(asked.path)];
        wait = before_answer_;
    }
    if (wait)
        wait(resource_of(asked.path));
    std::lock_guard const lock(mutex_);
    if (!scripted_.empty())
    {
        auto out = std::move(scripted_.front());
        scripted_.pop_front();
        co_return out;
    }
    auto out = answer(request, asked);
    out.headers.push_back({"Date", simulated_cloud::http_time_text(now_())});
    if (out.status != 200)
        co_return out;
    auto const etag = "\"" + to_hex(sha256(out.body)).substr(0, 32) + "\"";
    out.headers.push_back({"ETag", etag});
    if (find_header(request.headers, "If-None-Match") == etag)
    {
        out.status = 304;
        out.body.clear();
    }
    co_return out;
}

bool bitbucket_data_center::takes_from_bucket(std::string const& credential, time_point now)
{
    if (rules_.bucket_size == 0)
        return true;
    auto& of = buckets_.at(credential);
    auto const passed = std::chrono::duration<double>(now - of.filled_at).count();
    of.tokens = std::min<double>(rules_.bucket_size, of.tokens + passed * rules_.refill_per_second);
    of.filled_at = now;
    if (of.tokens < 1)
        return false;
    of.tokens -= 1;
    return true;
}

http_response bitbucket_data_center::answer(http_request const& request, question const& asked)
{
    auto const credential = std::string(find_header(request.headers, "Authorization"));
    if (!buckets_.contains(credential))
        return center_refusal(
            401,
            "Authentication failed. Please check your credentials and try again.",
            "auth.IncorrectPasswordAuthenticationException"
        );
    http_response out;
    auto const& path = asked.path;
    if (!takes_from_bucket(credential, now_()))
    {
        ++refused_;
        out = center_refusal(429, "Rate limit exceeded", "RateLimitException");
    }
    else if (path.size() == 4 && path[0] == "build-status" && path[2] == "commits" && !rules_.has_builds)
        out = center_not_found("The resource");
    else if (path.size() == 4 && path[0] == "build-status" && path[2] == "commits")
    {
        json::array items;
        for (auto const& [slug, in] : state_.repositories)
            for (auto const& one : in.builds)
                if (one.commit == path[3])
                    items.push_back(view_now().build(one));
        out = page(asked, std::move(items));
    }
    else if (path.size() < 5 || path[0] != "api" || path[2] != "projects" || path[4] != "repos")
        out = center_not_found("The resource");
    else if (path[3] != state_.project)
        out = center_not_found("Project " + path[3]);
    else if (path.size() == 5)
    {
        json::array items;
        for (auto const& [slug, in] : state_.repositories)
            items.push_back(view_now().repository(in));
        out = page(asked, std::move(items));
    }
    else if (auto const found = state_.repositories.find(path[5]); found != state_.repositories.end())
        out = answer_repository(found->second, asked);
    else
        out = center_not_found("Repository " + path[3] + "/" + path[5]);
    out.headers.push_back({"X-AUSERNAME", "ada"});
    return out;
}

http_response bitbucket_data_center::answer_repository(
    simulated_center::repository const& in, question const& asked
)
{
    auto const& path = asked.path;
    if (path.size() == 6)
        return center_answer(200, view_now().repository(in));
    if (path[6] == "webhooks")
        return answer_hooks(asked);
    if (path[6] == "commits" || path[6] == "changes")
        return answer_commits(in, asked);
    if (path[6] != "pull-requests")
        return center_not_found("The resource");
    if (path.size() > 7)
        return answer_pull_request(in, asked);
    auto const wanted = asked.query.contains("state") ? asked.query.at("state") : std::string("OPEN");
    std::vector<simulated_center::pull_request const*> found;
    for (auto const& [id, one] : in.pull_requests)
        if (wanted == "ALL" || one.state == wanted)
            found.push_back(&one);
    std::ranges::stable_sort(
        found,
        std::ranges::greater(),
        [by_creation = rules_.lists_by_creation](auto const* one)
        { return std::pair(by_creation ? one->created_at : one->updated_at, one->id); }
    );
    json::array items;
    for (auto const* one : found)
        items.push_back(view_now().pull_request(in, *one));
    return page(asked, std::move(items));
}

http_response bitbucket_data_center::answer_pull_request(
    simulated_center::repository const& in, question const& asked
)
{
    auto const& path = asked.path;
    if (path.size() == 8 && rules_.broken_pull_requests.contains(center_number(path[7], 0)))
        return center_refusal(500, "An error has occurred.", "InternalError");
    auto const found = in.pull_requests.find(center_number(path[7], 0));
    if (found == in.pull_requests.end())
        return center_refusal(
            404, "Pull request " + path[7] + " does not exist.", "pull.NoSuchPullRequestException"
        );
    auto const& of = found->second;
    if (path.size() == 8)
        return center_answer(200, view_now().pull_request(in, of));
    json::array items;
    if (path[8] == "activities")
        for (auto one = of.activities.rbegin(); one != of.activities.rend(); ++one)
            items.push_back(view_now().activity(in, of, *one));
    else if (path[8] == "blocker-comments")
    {
        for (auto const& [id, one] : of.comments)
            if (one.is_task)
                items.push_back(view_now().comment(in, of, one, true));
    }
    else if (path[8] == "changes")
    {
        bool const is_range = asked.query.contains("sinceId") && asked.query.contains("untilId");
        items = is_range ? changes_of(in, asked.query.at("untilId"), asked.query.at("sinceId"))
                         : changes_of(in, of.source_hash, of.target_hash);
    }
    else
        return center_not_found("The resource");
    return page(asked, std::move(items));
}

http_response bitbucket_data_center::answer_commits(
    simulated_center::repository const& in, question const& asked
)
{
    auto const& path = asked.path;
    auto const value = [&](std::string const& name)
    { return asked.query.contains(name) ? asked.query.at(name) : std::string(); };
    if (path.size() == 9 && path[8] == "builds")
    {
        for (auto const& one : in.builds)
            if (one.commit == path[7] && one.key == value("key"))
                return center_answer(200, view_now().build(one));
        return center_not_found("The build");
    }
    auto const until = value("until").empty() ? in.branches.at("main") : value("until");
    for (auto const& hash : {until, value("since")})
        if (!hash.empty() && in.find_commit(hash) == nullptr)
            return center_refusal(
                404, "Commit '" + hash + "' does not exist.", "commit.NoSuchCommitException"
            );
    if (path[6] == "changes")
        return page(asked, changes_of(in, until, value("since")));
    json::array items;
    for (auto const* one : in.reachable(until, value("since")))
        items.push_back(view_now().commit(*one));
    return page(asked, std::move(items));
}

http_response bitbucket_data_center::answer_hooks(question const& asked)
{
    if (!rules_.is_admin)
        return center_refusal(401, "You are not permitted to access this resource", "AuthorisationException");
    auto const& path = asked.path;
    if (path.size() == 9 && path[8] == "statistics")
    {
        auto const found = hooks_.find(center_number(path[7], 0));
        return found == hooks_.end() ? center_not_found("The webhook")
                                     : center_answer(200, view_now().statistics(found->second));
    }
    json::array items;
    for (auto const& [id, one] : hooks_)
    {
        json::object shown{{"id", id}, {"name", "linkspan"}, {"url", one.url}, {"active", one.is_active}};
        if (asked.query.contains("statistics"))
            shown["statistics"] = view_now().statistics(one);
        items.push_back(std::move(shown));
    }
    return page(asked, std::move(items));
}

http_response bitbucket_data_center::page(question const& asked, json::array items) const
{
    auto const number = [&](std::string const& name, std::int64_t otherwise)
    { return asked.query.contains(name) ? center_number(asked.query.at(name), otherwise) : otherwise; };
    auto const limit = std::clamp<std::int64_t>(number("limit", center_page_items), 1, rules_.page_items_max);
    auto const start = std::max<std::int64_t>(number("start", 0), 0);
    auto const size = static_cast<std::int64_t>(items.size());
    auto const end = std::min(start + limit, size);
    json::array values;
    for (auto at = start; at < end; ++at)
        values.push_back(std::move(items[static_cast<std::size_t>(at)]));
    json::object out{
        {"size", values.size()}, {"limit", limit}, {"start", start}, {"isLastPage", end >= size}};
    out["nextPageStart"] = end >= size ? json::value() : json::value(end);
    out["values"] = std::move(values);
    return center_answer(200, out);
}

}  // namespace linkspan::test
