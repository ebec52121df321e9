#include "core/bitbucket/look_body.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::array<std::string_view, 3> state_actions = {"MERGED", "DECLINED", "REOPENED"};

json::value const* answer_member(json::object const& in, std::string_view name)
{
    return in.if_contains(json::string_view(name.data(), name.size()));
}

std::string_view activity_action(json::object const& activity)
{
    auto const* found = answer_member(activity, "action");
    auto const* word = found == nullptr ? nullptr : found->if_string();
    return word == nullptr ? std::string_view() : std::string_view(word->data(), word->size());
}

// Each comment of a thread by itself, as take() is given it: what its replies lose is told by their parent's
// id.
template <class Take>
void lay_out(json::object const& comment, json::value const* parent, Take const& take)
{
    json::object one;
    for (auto const& [name, value] : comment)
        if (name != "comments")
            one.emplace(name, value);
    if (parent != nullptr)
        one["parent"] = json::object{{"id", *parent}};
    take(std::move(one));
    auto const* replies = answer_member(comment, "comments");
    if (replies == nullptr || !replies->is_array())
        return;
    for (auto const& reply : replies->get_array())
        if (auto const* read = reply.if_object())
            lay_out(*read, answer_member(comment, "id"), take);
}

// Each as an activity; the anchor of the root is the activity's.
void add_thread(json::object const& root, json::value const* anchor, json::array& out)
{
    auto const add = [&](json::object one)
    {
        auto const* place = answer_member(one, "parent") == nullptr ? anchor : answer_member(one, "anchor");
        json::object activity{{"action", "COMMENTED"}};
        if (place != nullptr)
            activity.emplace("commentAnchor", *place);
        activity.emplace("comment", std::move(one));
        out.push_back(std::move(activity));
    };
    lay_out(root, nullptr, add);
}

// Who answers a task is none, unless the answer says so.
json::array cut_tasks(json::array const& shown)
{
    json::array out;
    for (auto const& one : shown)
    {
        auto const* task = one.if_object();
        if (task == nullptr)
        {
            out.push_back(one);
            continue;
        }
        bool is_reply = false;
        auto const add = [&](json::object part)
        {
            if (std::exchange(is_reply, true) && !part.contains("severity"))
                part["severity"] = "NORMAL";
            out.push_back(std::move(part));
        };
        lay_out(*task, nullptr, add);
    }
    return out;
}

// Who closed or reopened it is told by activities alone; the rest of them is long, and told elsewhere.
json::object cut_state_move(json::object const& activity)
{
    json::object out;
    for (auto const* name : {"id", "action", "createdDate", "user"})
        if (auto const* found = answer_member(activity, name))
            out.emplace(name, *found);
    if (auto const* commit = answer_member(activity, "commit"); commit != nullptr && commit->is_object())
        if (auto const* id = answer_member(commit->get_object(), "id"))
            out["commit"] = json::object{{"id", *id}};
    return out;
}

json::array cut_activities(json::array const& shown)
{
    json::array out;
    for (auto const& one : shown)
    {
        auto const* activity = one.if_object();
        // The row's reader names what is wrong with it.
        if (activity == nullptr)
        {
            out.push_back(one);
            continue;
        }
        auto const action = activity_action(*activity);
        auto const* comment = action == "COMMENTED" ? answer_member(*activity, "comment") : nullptr;
        if (comment != nullptr && comment->is_object())
            add_thread(comment->get_object(), answer_member(*activity, "commentAnchor"), out);
        else if (comment != nullptr)
            out.push_back(one);
        if (std::ranges::find(state_actions, action) != state_actions.end())
            out.push_back(cut_state_move(*activity));
    }
    return out;
}

}  // namespace

std::string look_body(look_answers const& shown)
{
    bool const is_cloud = shown.edition == edition::cloud;
    json::object out;
    json::array whole;
    out["repository"] = shown.repository;
    out[is_cloud ? "pullrequest" : "pullRequest"] = shown.pull_request;
    if (shown.comments)
    {
        auto const* name = is_cloud ? "comments" : "activities";
        out[name] = is_cloud ? *shown.comments : cut_activities(*shown.comments);
        if (shown.are_comments_whole)
            whole.emplace_back(name);
    }
    if (shown.tasks)
    {
        out["tasks"] = is_cloud ? *shown.tasks : cut_tasks(*shown.tasks);
        if (shown.are_tasks_whole)
            whole.emplace_back("tasks");
    }
    out["whole"] = std::move(whole);
    out["asked_at"] = to_milliseconds(shown.asked_at);
    out["since"] = to_milliseconds(shown.since);
    if (shown.folds)
        out["folds"] = true;
    return json::serialize(out);
}

std::string builds_body(build_answers const& shown)
{
    json::object out;
    out["repository"] = shown.repository;
    out["commit"] = shown.commit;
    out["builds"] = shown.builds;
    out["asked_at"] = to_milliseconds(shown.asked_at);
    out["since"] = to_milliseconds(shown.since);
    return json::serialize(out);
}

}  // namespace linkspan
