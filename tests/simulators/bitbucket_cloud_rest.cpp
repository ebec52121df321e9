// The way of one request: who asks, how often, what goes wrong, and which part answers.
#include "tests/simulators/bitbucket_cloud_rest.hpp"

#include "links/net/sha256.hpp"
#include "tests/simulators/bitbucket_cloud_query.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace linkspan::test
{
namespace simulated_cloud
{
namespace
{

constexpr std::chrono::hours limit_window{1};

cloud_call call_of(std::vector<std::string> const& path)
{
    auto const is_at = [&](std::size_t place, std::string_view word)
    { return path.size() > place && path[place] == word; };
    if (path.size() == 1 && is_at(0, "user"))
        return cloud_call::user;
    if (!is_at(0, "repositories"))
        return cloud_call::other;
    if (path.size() == 2)
        return cloud_call::repositories;
    if (path.size() == 3)
        return cloud_call::repository;
    if (path.size() == 4 && is_at(3, "pullrequests"))
        return cloud_call::pull_requests;
    if (path.size() == 5 && is_at(3, "pullrequests"))
        return cloud_call::pull_request;
    if (path.size() == 6 && is_at(3, "pullrequests"))
        return is_at(5, "comments")   ? cloud_call::comments
               : is_at(5, "tasks")    ? cloud_call::tasks
               : is_at(5, "activity") ? cloud_call::activity
               : is_at(5, "commits")  ? cloud_call::pull_request_commits
                                      : cloud_call::other;
    if (path.size() == 5 && is_at(3, "diffstat"))
        return cloud_call::diffstat;
    if (path.size() == 4 && is_at(3, "commits"))
        return cloud_call::commits;
    if (path.size() == 6 && is_at(3, "commit") && is_at(5, "statuses"))
        return cloud_call::statuses;
    return cloud_call::other;
}

std::string etag_of(std::string const& body)
{
    return "\"" + to_hex(sha256(body)).substr(0, 32) + "\"";
}

void forget_old(std::deque<time_point>& requests, time_point now)
{
    while (!requests.empty() && requests.front() + limit_window <= now)
        requests.pop_front();
}

}  // namespace

std::string question::value(std::string_view name) const
{
    auto const found = std::ranges::find(query, name, &query_parameter::name);
    return found == query.end() ? std::string() : found->value;
}

std::vector<std::string> question::values(std::string_view name) const
{
    std::vector<std::string> out;
    for (auto const& one : query)
        if (one.name == name)
            out.push_back(one.value);
    return out;
}

question question_of(http_request const& request)
{
    question out;
    out.target = request.target;
    auto asked = parse_request_target(request.target);
    if (!asked || request.method != "GET" || asked->segments.empty() || asked->segments.front() != "2.0")
        return out;
    out.path.assign(asked->segments.begin() + 1, asked->segments.end());
    out.query = std::move(asked->query);
    out.call = call_of(out.path);
    return out;
}

http_response json_answer(int status, boost::json::object const& body)
{
    http_response out(status, boost::json::serialize(body));
    out.headers.push_back({"Content-Type", "application/json; charset=utf-8"});
    return out;
}

http_response refusal(int status, std::string_view message)
{
    return json_answer(status, {{"type", "error"}, {"error", boost::json::object{{"message", message}}}});
}

std::int64_t requests_within_hour(std::deque<time_point> const& requests, time_point now)
{
    return std::ranges::count_if(requests, [&](time_point at) { return at + limit_window > now; });
}

}  // namespace simulated_cloud

using simulated_cloud::question;
using simulated_cloud::refusal;

boost::asio::awaitable<http_response> bitbucket_cloud::handle(http_request request)
{
    auto const asked = simulated_cloud::question_of(request);
    std::function<void()> change;
    std::function<void(cloud_call)> wait;
    {
        std::lock_guard const lock(mutex_);
        ++calls_[asked.call];
        targets_.push_back(request.target);
        wait = before_answer_;
        if (!asked.value("page").empty())
            change = before_next_page_;
    }
    if (change)
        change();
    if (wait)
        wait(asked.call);
    std::lock_guard const lock(mutex_);
    auto out = answer(request, asked);
    if (out.status != close_unanswered && find_header(out.headers, "Date").empty())
        out.headers.push_back({"Date", simulated_cloud::http_time_text(now_())});
    co_return out;
}

std::optional<http_response> bitbucket_cloud::refusal_of_credential(
    http_request const& request, time_point now, std::vector<http_header>& told
)
{
    auto const known = credentials_.find(std::string(find_header(request.headers, "Authorization")));
    if (known == credentials_.end())
        return refusal(401, "Token is invalid, expired, or not supported for this endpoint.");
    auto& who = known->second;
    simulated_cloud::forget_old(who.requests, now);
    auto const limit = rules_.requests_per_hour;
    bool const is_over = limit > 0 && std::ssize(who.requests) >= limit;
    if (!is_over)
        who.requests.push_back(now);
    auto const spent = std::ssize(who.requests);
    who.usage.most_in_an_hour = std::max<std::int64_t>(who.usage.most_in_an_hour, spent);
    if (rules_.tells_limit && limit > 0)
        told = {
            {"X-RateLimit-Limit", std::to_string(limit)},
            {"X-RateLimit-NearLimit", (limit - spent) * 5 < limit ? "true" : "false"},
            {"X-RateLimit-Resource", "api-repositories"}};
    if (!is_over)
        return std::nullopt;
    ++who.usage.refused;
    auto out = refusal(429, "Rate limit for this resource has been exceeded");
    if (rules_.retry_after)
        out.headers.push_back({"Retry-After", *rules_.retry_after});
    return out;
}

http_response bitbucket_cloud::answer(http_request const& request, question const& asked)
{
    auto const fault = next_fault(asked.call);
    if (fault.answer)
        return *fault.answer;
    std::vector<http_header> told;
    auto refused = refusal_of_credential(request, now_(), told);
    auto out = refused ? std::move(*refused) : answer_in_workspace(asked, fault);
    out.headers.insert(out.headers.end(), told.begin(), told.end());
    if (out.status != 200)
        return out;
    auto const etag = simulated_cloud::etag_of(out.body);
    out.headers.push_back({"ETag", etag});
    if (find_header(request.headers, "If-None-Match") == etag)
    {
        out.status = 304;
        out.body.clear();
    }
    if (fault.is_half)
        out.body.resize(out.body.size() / 2);
    return out;
}

http_response bitbucket_cloud::answer_in_workspace(question const& asked, cloud_fault const& fault)
{
    auto const& path = asked.path;
    if (asked.call == cloud_call::user)
        return simulated_cloud::json_answer(200, view_at(now_()).account("ada"));
    // Lists across workspaces ended in April 2026 (CHANGE-2770).
    if (path.size() == 1 && (path[0] == "repositories" || path[0] == "workspaces"))
    {
        boost::json::object const data{
            {"announcement_url", "https://developer.atlassian.com/cloud/bitbucket/changelog/#CHANGE-2770"}};
        boost::json::object const why{{"message", "This API is no longer available."}, {"data", data}};
        return simulated_cloud::json_answer(410, {{"type", "error"}, {"error", why}});
    }
    if (asked.call == cloud_call::other)
        return refusal(404, "Resource not found");
    if (path[1] != state_.workspace)
        return refusal(404, "No workspace with identifier '" + path[1] + "'.");
    if (asked.call == cloud_call::repositories)
    {
        boost::json::array items;
        for (auto const& [slug, one] : state_.repositories)
            items.push_back(view_at(now_()).repository(one));
        return page(asked, simulated_cloud::list(std::move(items)), fault);
    }
    if (auto const* const in = state_.find_repository(path[2]))
        return answer_in_repository(*in, asked, fault);
    auto const moved = state_.moved.find(path[2]);
    if (moved == state_.moved.end())
        return refusal(404, "Repository " + path[1] + "/" + path[2] + " not found");
    http_response out(301);
    auto const at = asked.target.find("/" + path[2]) + 1;
    auto target = asked.target;
    out.headers.push_back({"Location", url() + target.replace(at, path[2].size(), moved->second)});
    return out;
}

http_response bitbucket_cloud::page(
    question const& asked, simulated_cloud::list items, cloud_fault const& fault
)
{
    auto& all = items.items;
    if (auto const q = asked.value("q"); !q.empty())
    {
        auto const is_wanted = simulated_cloud::filter_of(q);
        if (!is_wanted)
            return refusal(400, "Invalid query: " + q);
        boost::json::array kept;
        for (auto& item : all)
            if ((*is_wanted)(item))
                kept.push_back(std::move(item));
        all = std::move(kept);
    }
    if (auto const sort = asked.value("sort"); !sort.empty())
        simulated_cloud::sort_items(all, sort);
    int pagelen = items.pagelen;
    if (auto const wanted = asked.value("pagelen"); !wanted.empty())
    {
        auto const* const end = wanted.data() + wanted.size();
        auto const [stop, failure] = std::from_chars(wanted.data(), end, pagelen);
        if (failure != std::errc() || stop != end || pagelen < 1 || pagelen > items.pagelen_max)
            return refusal(400, "Invalid pagelen");
    }
    std::size_t offset = 0;
    if (auto const token = asked.value("page"); !token.empty())
    {
        auto const known = page_tokens_.find(token);
        if (known == page_tokens_.end())
            return refusal(400, "Invalid page");
        offset = known->second;
    }
    auto const size = all.size();
    auto const begin = std::min(offset, size);
    auto const end = std::min(begin + static_cast<std::size_t>(pagelen), size);
    boost::json::object out{{"pagelen", pagelen}};
    if (items.has_size)
        out["size"] = size;
    boost::json::array values;
    for (auto at = begin; at < end; ++at)
        values.push_back(std::move(all[at]));
    out["values"] = std::move(values);
    if (fault.is_endless && end == size)
        out["next"] = next_of(asked, begin, fault);
    else if (end < size)
        out["next"] = next_of(asked, end, fault);
    auto const shown = simulated_cloud::trimmed(std::move(out), asked.value("fields"), items.left_out);
    return simulated_cloud::json_answer(200, shown.as_object());
}

// Not to be made by hand: the page is a word that means something here alone. What was asked stays, so that
// the next page is of the same list.
std::string bitbucket_cloud::next_of(question const& asked, std::size_t offset, cloud_fault const& fault)
{
    auto const token = to_hex(sha256("page " + std::to_string(++last_page_token_))).substr(0, 24);
    page_tokens_[token] = offset;
    if (fault.is_endless)
        faults_[asked.call].push_front(fault);
    auto const mark = asked.target.find('?');
    auto out = fault.next_base.empty() ? url() : fault.next_base;
    out += asked.target.substr(0, mark) + "?page=" + token;
    if (mark == asked.target.npos)
        return out;
    auto query = asked.target.substr(mark + 1);
    if (query.starts_with("page="))
        query.erase(0, std::min(query.find('&'), query.size() - 1) + 1);
    return query.empty() ? out : out + "&" + query;
}

}  // namespace linkspan::test
