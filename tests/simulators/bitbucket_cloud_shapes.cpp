#include "tests/simulators/bitbucket_cloud_shapes.hpp"

#include "core/bitbucket/reading.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace linkspan::test::simulated_cloud
{
namespace
{

namespace json = boost::json;

constexpr std::string_view api = "https://api.bitbucket.org/2.0/";
constexpr std::string_view web = "https://bitbucket.org/";

// The places of the API, and of the pages for people.
json::object links_of(std::string const& self, std::string const& html)
{
    return {
        {"self", json::object{{"href", std::string(api) + self}}},
        {"html", json::object{{"href", std::string(web) + html}}}};
}

json::object rendered(std::string const& raw)
{
    return {{"type", "rendered"}, {"raw", raw}, {"markup", "markdown"}, {"html", "<p>" + raw + "</p>"}};
}

json::value moment_or_null(std::optional<time_point> at)
{
    return at ? json::value(json::string(moment_text(*at))) : json::value();
}

json::value anchor_of(cloud_anchor const& anchor)
{
    json::value const line = anchor.line;
    json::value const none;
    return json::object{
        {"path", anchor.path},
        {"from", anchor.is_old_side ? line : none},
        {"to", anchor.is_old_side ? none : line}};
}

}  // namespace

std::string moment_text(time_point at, int microseconds)
{
    auto out = to_rfc3339(at);
    out.pop_back();
    auto const digits = std::to_string(1000 + microseconds);
    return out + digits.substr(1) + "+00:00";
}

std::string http_time_text(time_point at)
{
    auto const moment = std::chrono::system_clock::to_time_t(at);
    std::tm parts{};
    gmtime_r(&moment, &parts);
    std::array<char, 64> out{};
    std::strftime(out.data(), out.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return out.data();
}

std::string view::full_name(simulated_cloud::repository const& of) const
{
    return known.workspace + "/" + of.slug;
}

json::object view::account(std::string const& nickname) const
{
    auto const& who = known.people.at(nickname);
    return {
        {"display_name", who.name},
        {"links", links_of("users/" + who.uuid, who.uuid + "/")},
        {"type", "user"},
        {"uuid", who.uuid},
        {"account_id", who.account_id},
        {"nickname", nickname}};
}

json::object view::small_repository(simulated_cloud::repository const& of) const
{
    return {
        {"type", "repository"},
        {"full_name", full_name(of)},
        {"links", links_of("repositories/" + full_name(of), full_name(of))},
        {"name", of.slug},
        {"uuid", of.uuid}};
}

json::object view::repository(simulated_cloud::repository const& of) const
{
    auto out = small_repository(of);
    out["scm"] = "git";
    out["is_private"] = true;
    out["owner"] = json::object{
        {"type", "team"},
        {"display_name", known.workspace},
        {"uuid", "{a11ce000-1111-4222-8333-5f6e1e5b0e05}"}};
    out["project"] = json::object{
        {"type", "project"},
        {"key", "ACME"},
        {"uuid", "{ac3e0000-0000-4000-8000-000000000009}"},
        {"name", known.workspace}};
    out["mainbranch"] = json::object{{"type", "branch"}, {"name", "main"}};
    out["updated_on"] = moment_text(of.updated_at);
    return out;
}

json::value view::short_commit(simulated_cloud::repository const& in, std::string const& hash) const
{
    if (hash.empty())
        return nullptr;
    auto const shown = has_short_hashes ? hash.substr(0, short_hash_length) : hash;
    auto const name = full_name(in);
    return json::object{
        {"type", "commit"},
        {"hash", shown},
        {"links", links_of("repositories/" + name + "/commit/" + shown, name + "/commits/" + shown)}};
}

json::object view::branch_tip(
    simulated_cloud::repository const& in, std::string const& branch, std::string const& hash
) const
{
    return {
        {"branch", json::object{{"name", branch}}},
        {"commit", short_commit(in, hash)},
        {"repository", small_repository(in)}};
}

std::int64_t view::shown_task_count(simulated_cloud::pull_request const& of) const
{
    std::int64_t out = 0;
    for (auto const& one : of.task_counts)
        if (one.at + task_count_lag <= now)
            out = one.count;
    return out;
}

json::object view::small_pull_request(
    simulated_cloud::repository const& in, simulated_cloud::pull_request const& of
) const
{
    auto const id = std::to_string(of.id);
    auto const name = full_name(in);
    return {
        {"type", "pullrequest"},
        {"id", of.id},
        {"title", of.title},
        {"links", links_of("repositories/" + name + "/pullrequests/" + id, name + "/pull-requests/" + id)}};
}

json::object view::pull_request(
    simulated_cloud::repository const& in, simulated_cloud::pull_request const& of
) const
{
    json::array reviewers;
    json::array participants;
    for (auto const& [who, one] : of.participants)
    {
        if (one.is_reviewer)
            reviewers.push_back(account(who));
        json::value state;
        if (one.review != review::none)
            state = one.review == review::approved ? "approved" : "changes_requested";
        participants.push_back(json::object{
            {"type", "participant"},
            {"user", account(who)},
            {"role", one.is_reviewer ? "REVIEWER" : "PARTICIPANT"},
            {"approved", one.review == review::approved},
            {"state", std::move(state)},
            {"participated_on", moment_or_null(one.participated_at)}});
    }
    auto out = small_pull_request(in, of);
    out["description"] = of.description;
    out["summary"] = rendered(of.description);
    out["state"] = of.state;
    out["draft"] = of.is_draft;
    out["author"] = account(of.author);
    out["closed_by"] = of.closed_by.empty() ? json::value() : json::value(account(of.closed_by));
    out["close_source_branch"] = false;
    out["reason"] = of.reason;
    out["merge_commit"] = short_commit(in, of.merge_hash);
    out["source"] = branch_tip(in, of.source_branch, of.source_hash);
    out["destination"] = branch_tip(in, of.target_branch, of.target_hash);
    out["reviewers"] = std::move(reviewers);
    out["participants"] = std::move(participants);
    out["comment_count"] =
        std::ranges::count_if(of.comments, [](auto const& one) { return !one.second.is_deleted; });
    out["task_count"] = shown_task_count(of);
    out["created_on"] = moment_text(of.created_at, 120);
    out["updated_on"] = moment_text(of.updated_at);
    return out;
}

json::object view::comment(
    simulated_cloud::repository const& in,
    simulated_cloud::pull_request const& of,
    simulated_cloud::comment const& one
) const
{
    auto const place = full_name(in) + "/pullrequests/" + std::to_string(of.id);
    auto const page = full_name(in) + "/pull-requests/" + std::to_string(of.id);
    auto const id = std::to_string(one.id);
    json::object out{
        {"type", "pullrequest_comment"},
        {"id", one.id},
        {"content", rendered(one.is_deleted ? std::string() : one.text)},
        {"user", account(one.author)},
        {"created_on", moment_text(one.created_at, 120)},
        {"updated_on", moment_text(one.updated_at)},
        {"deleted", one.is_deleted},
        {"pending", false},
        {"pullrequest", small_pull_request(in, of)},
        {"links", links_of("repositories/" + place + "/comments/" + id, page + "/_/diff#comment-" + id)}};
    if (one.anchor)
        out["inline"] = anchor_of(*one.anchor);
    if (one.parent)
    {
        auto const parent = std::to_string(*one.parent);
        out["parent"] = json::object{
            {"id", *one.parent},
            {"links",
             links_of("repositories/" + place + "/comments/" + parent, page + "/_/diff#comment-" + parent)}};
        return out;
    }
    out["resolution"] = nullptr;
    if (one.resolution)
        out["resolution"] = json::object{
            {"type", "comment_resolution"},
            {"user", account(one.resolution->by)},
            {"created_on", moment_text(one.resolution->at)}};
    return out;
}

json::object view::task(
    simulated_cloud::repository const& in,
    simulated_cloud::pull_request const& of,
    simulated_cloud::task const& one
) const
{
    auto const place = full_name(in) + "/pullrequests/" + std::to_string(of.id);
    auto const page = full_name(in) + "/pull-requests/" + std::to_string(of.id);
    json::object out{
        {"id", one.id},
        {"state", one.resolution ? "RESOLVED" : "UNRESOLVED"},
        {"content", rendered(one.text)},
        {"creator", account(one.author)},
        {"created_on", moment_text(one.created_at, 120)},
        {"updated_on", moment_text(one.updated_at)},
        {"resolved_on", nullptr},
        {"resolved_by", nullptr},
        {"pending", false},
        {"links", links_of("repositories/" + place + "/tasks/" + std::to_string(one.id), page)}};
    if (one.resolution)
    {
        out["resolved_on"] = moment_text(one.resolution->at);
        out["resolved_by"] = account(one.resolution->by);
    }
    if (one.comment)
        out["comment"] = json::object{{"type", "pullrequest_comment"}, {"id", *one.comment}};
    return out;
}

json::object view::activity(
    simulated_cloud::repository const& in,
    simulated_cloud::pull_request const& of,
    simulated_cloud::activity const& one
) const
{
    json::object out{{"pull_request", small_pull_request(in, of)}};
    json::object review{{"date", moment_text(one.at)}, {"user", account(one.by)}};
    switch (one.kind)
    {
        case activity_kind::comment:
            out["comment"] = comment(in, of, of.comments.at(one.comment));
            break;
        case activity_kind::approval:
            out["approval"] = std::move(review);
            break;
        case activity_kind::changes_request:
            out["changes_requested"] = std::move(review);
            break;
        case activity_kind::update:
            out["update"] = json::object{
                {"state", one.state},
                {"title", one.title},
                {"description", one.description},
                {"reason", of.reason},
                {"author", account(one.by)},
                {"date", moment_text(one.at)},
                {"source", branch_tip(in, of.source_branch, one.source_hash)},
                {"destination", branch_tip(in, of.target_branch, of.target_hash)}};
            break;
    }
    return out;
}

json::object view::commit(simulated_cloud::repository const& in, simulated_commit const& one) const
{
    json::array parents;
    for (auto const& hash : one.parents)
        parents.push_back(json::object{{"type", "commit"}, {"hash", hash}});
    auto const name = full_name(in);
    auto const& who = known.people.at(one.author);
    json::object const author{
        {"type", "author"},
        {"raw", who.name + " <" + one.author + "@example.com>"},
        {"user", account(one.author)}};
    return {
        {"type", "commit"},
        {"hash", one.hash},
        {"message", one.message},
        {"date", to_rfc3339(one.at).substr(0, 19) + "+00:00"},
        {"author", author},
        {"parents", std::move(parents)},
        {"links", links_of("repositories/" + name + "/commit/" + one.hash, name + "/commits/" + one.hash)}};
}

json::object view::status(simulated_cloud::repository const& in, simulated_cloud::status const& one) const
{
    auto const commit = std::string(api) + "repositories/" + full_name(in) + "/commit/" + one.commit;
    return {
        {"type", "build"},
        {"key", one.key},
        {"name", one.key},
        {"state", one.state},
        {"description", "All of it"},
        {"url", "https://ci.example.com/" + one.key},
        {"refname", one.branch},
        {"created_on", moment_text(one.created_at, 120)},
        {"updated_on", moment_text(one.updated_at)},
        {"links",
         json::object{
             {"commit", json::object{{"href", commit}}},
             {"self", json::object{{"href", commit + "/statuses/build/" + one.key}}}}},
        {"commit", json::object{{"type", "commit"}, {"hash", one.commit}}}};
}

}  // namespace linkspan::test::simulated_cloud
