#include "tests/simulators/bitbucket_data_center_state.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace linkspan::test::simulated_center
{
namespace
{

namespace json = boost::json;

constexpr std::string_view home = "https://bitbucket.example.com/";
constexpr std::size_t display_bytes = 11;

json::object self_link(std::string const& path)
{
    return {{"self", json::array{json::object{{"href", std::string(home) + path}}}}};
}

json::object ref(std::string const& branch)
{
    return {{"id", "refs/heads/" + branch}, {"displayId", branch}, {"type", "BRANCH"}};
}

}  // namespace

std::string delivery_date(time_point at)
{
    return to_rfc3339(at).substr(0, 19) + "+0000";
}

json::value view::date(time_point at) const
{
    return has_iso_dates ? json::value(json::string(to_rfc3339(at))) : json::value(to_milliseconds(at));
}

json::object view::user(std::string const& login) const
{
    return {
        {"name", login},
        {"emailAddress", login + "@example.com"},
        {"active", true},
        {"displayName", login + " Example"},
        {"id", known.people.at(login)},
        {"slug", login},
        {"type", "NORMAL"},
        {"links", self_link("users/" + login)}};
}

json::object view::repository(simulated_center::repository const& of) const
{
    json::object const project{
        {"key", known.project},
        {"id", 3},
        {"name", known.project},
        {"public", false},
        {"type", "NORMAL"},
        {"links", self_link("projects/" + known.project)}};
    return {
        {"slug", of.slug},
        {"id", of.id},
        {"name", of.slug},
        {"scmId", "git"},
        {"state", "AVAILABLE"},
        {"statusMessage", "Available"},
        {"forkable", true},
        {"project", project},
        {"public", false},
        {"links", self_link("projects/" + known.project + "/repos/" + of.slug + "/browse")}};
}

json::object view::participant(
    std::string const& login, simulated_center::participant const& one, std::string const& commit
) const
{
    json::object out{
        {"user", user(login)},
        {"role", one.is_reviewer ? "REVIEWER" : "PARTICIPANT"},
        {"approved", one.status == "APPROVED"},
        {"status", one.status}};
    if (one.status != "UNAPPROVED")
        out["lastReviewedCommit"] = commit;
    return out;
}

json::object view::pull_request(
    simulated_center::repository const& in, simulated_center::pull_request const& of
) const
{
    json::array reviewers;
    json::array participants;
    for (auto const& [login, one] : of.participants)
        (one.is_reviewer ? reviewers : participants).push_back(participant(login, one, of.source_hash));
    auto from = ref(of.source_branch);
    from["latestCommit"] = of.source_hash;
    from["repository"] = repository(in);
    auto to = ref(of.target_branch);
    to["latestCommit"] = of.target_hash;
    to["repository"] = repository(in);
    json::object const author{
        {"user", user(of.author)}, {"role", "AUTHOR"}, {"approved", false}, {"status", "UNAPPROVED"}};
    auto const is_open_task = [](auto const& one)
    { return one.second.is_task && !one.second.task_resolution; };
    json::object properties{
        {"commentCount", of.comments.size()},
        {"openTaskCount", std::ranges::count_if(of.comments, is_open_task)}};
    if (!of.merge_hash.empty())
        properties["mergeCommit"] =
            json::object{{"id", of.merge_hash}, {"displayId", of.merge_hash.substr(0, display_bytes)}};
    json::object out{
        {"id", of.id},
        {"version", of.version},
        {"title", of.title},
        {"description", of.description},
        {"state", of.state},
        {"open", of.state == "OPEN"},
        {"closed", of.state != "OPEN"},
        {"draft", of.is_draft},
        {"createdDate", date(of.created_at)},
        {"updatedDate", date(of.updated_at)},
        {"fromRef", std::move(from)},
        {"toRef", std::move(to)},
        {"locked", false},
        {"author", author},
        {"reviewers", std::move(reviewers)},
        {"participants", std::move(participants)},
        {"properties", std::move(properties)},
        {"links",
         self_link(
             "projects/" + known.project + "/repos/" + in.slug + "/pull-requests/" + std::to_string(of.id)
         )}};
    if (of.closed_at)
        out["closedDate"] = date(*of.closed_at);
    return out;
}

json::object view::comment(
    simulated_center::repository const& in,
    simulated_center::pull_request const& of,
    simulated_center::comment const& one,
    bool has_replies
) const
{
    json::array replies;
    if (has_replies)
        for (auto const& [id, other] : of.comments)
            if (other.parent == one.id)
                replies.push_back(comment(in, of, other, true));
    json::object properties{{"repositoryId", in.id}};
    json::array reactions;
    for (auto const& [shortcut, login] : one.reactions)
        reactions.push_back(json::object{
            {"emoticon", json::object{{"shortcut", shortcut}}}, {"users", json::array{user(login)}}});
    if (has_reactions && !reactions.empty())
        properties["reactions"] = std::move(reactions);
    json::object out{
        {"properties", std::move(properties)},
        {"id", one.id},
        {"version", one.version},
        {"text", one.text},
        {"author", user(one.author)},
        {"createdDate", date(one.created_at)},
        {"updatedDate", date(one.updated_at)},
        {"comments", std::move(replies)},
        {"threadResolved", one.thread_resolution.has_value()},
        {"severity", one.is_task ? "BLOCKER" : "NORMAL"},
        {"state", one.task_resolution ? "RESOLVED" : "OPEN"}};
    if (one.thread_resolution)
    {
        out["threadResolvedDate"] = date(one.thread_resolution->at);
        out["threadResolver"] = user(one.thread_resolution->by);
    }
    if (one.task_resolution)
    {
        out["resolvedDate"] = date(one.task_resolution->at);
        out["resolver"] = user(one.task_resolution->by);
    }
    return out;
}

json::object view::activity(
    simulated_center::repository const& in,
    simulated_center::pull_request const& of,
    simulated_center::activity const& one
) const
{
    json::object out{
        {"id", one.id}, {"createdDate", date(one.at)}, {"user", user(one.by)}, {"action", one.action}};
    if (one.action == "COMMENTED")
    {
        out["commentAction"] = "ADDED";
        out["comment"] = comment(in, of, of.comments.at(one.comment), true);
    }
    if (one.action == "RESCOPED")
    {
        out["fromHash"] = one.from_hash;
        out["previousFromHash"] = one.previous_from_hash;
    }
    return out;
}

json::object view::commit(simulated_commit const& one) const
{
    json::array parents;
    for (auto const& hash : one.parents)
        parents.push_back(json::object{{"id", hash}, {"displayId", hash.substr(0, display_bytes)}});
    return {
        {"id", one.hash},
        {"displayId", one.hash.substr(0, display_bytes)},
        {"author", user(one.author)},
        {"authorTimestamp", date(one.at)},
        {"committer", user(one.author)},
        {"committerTimestamp", date(one.at)},
        {"message", one.message},
        {"parents", std::move(parents)}};
}

json::object view::build(simulated_center::build const& one) const
{
    return {
        {"key", one.key},
        {"name", one.key},
        {"state", one.state},
        {"url", "https://ci.example.com/" + one.key},
        {"description", "All of it"},
        {"createdDate", date(one.updated_at)},
        {"updatedDate", date(one.updated_at)}};
}

json::object view::statistics(simulated_center::hook const& of) const
{
    json::object const counts{
        {"successes", of.successes_told}, {"failures", of.failures_told}, {"errors", 0}};
    json::object out{{"counts", counts}};
    auto const add = [&](char const* name, std::optional<time_point> at)
    {
        if (at)
            out[name] = json::object{{"start", date(*at)}, {"finish", date(*at)}, {"duration", 1}};
    };
    add("lastSuccess", of.succeeded_at);
    add("lastFailure", of.failed_at);
    return out;
}

}  // namespace linkspan::test::simulated_center
