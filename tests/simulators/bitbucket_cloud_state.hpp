#pragma once
#include "tests/simulators/commit_graph.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the simulated Bitbucket Cloud knows. Plain data: bitbucket_cloud moves it under its lock.
namespace linkspan::test
{

// Where a comment stands in a file: a line of its new side, or of its old one.
struct cloud_anchor
{
    std::string path;
    std::int64_t line = 1;
    bool is_old_side = false;
};

namespace simulated_cloud
{

struct person
{
    std::string nickname;
    std::string name;
    std::string uuid;  // in braces
    std::string account_id;
};

struct decision
{
    std::string by;  // nickname, as everywhere below
    time_point at;
};

struct comment
{
    std::int64_t id = 0;
    std::optional<std::int64_t> parent;
    std::string text;
    std::string author;
    std::optional<cloud_anchor> anchor;
    time_point created_at;
    time_point updated_at;
    time_point written_at;  // created or edited last
    bool is_deleted = false;
    std::optional<decision> resolution;
};

struct task
{
    std::int64_t id = 0;
    std::optional<std::int64_t> comment;
    std::string text;
    std::string author;
    time_point created_at;
    time_point updated_at;
    std::optional<decision> resolution;
};

struct status
{
    std::string commit;
    std::string key;
    std::string state;
    std::string branch;
    time_point created_at;
    time_point updated_at;
};

enum class review
{
    none,
    approved,
    changes_requested,
};

struct participant
{
    bool is_reviewer = false;
    simulated_cloud::review review = simulated_cloud::review::none;
    std::optional<time_point> reviewed_at;
    std::optional<time_point> participated_at;
};

enum class activity_kind
{
    update,
    comment,
    approval,
    changes_request,
};

struct activity
{
    activity_kind kind = activity_kind::update;
    std::string by;
    time_point at;
    std::int64_t comment = 0;
    // An update shows the pull request as it was then.
    std::string title, description, state, source_hash;
};

struct task_count
{
    time_point at;
    std::int64_t count = 0;
};

struct pull_request
{
    std::int64_t id = 0;
    std::string title;
    std::string description;
    std::string state = "OPEN";
    bool is_draft = false;
    std::string author;
    std::string source_branch;
    std::string target_branch;
    std::string source_hash;
    std::string target_hash;
    std::string merge_hash;
    std::string closed_by;
    std::string reason;
    time_point created_at;
    time_point updated_at;
    std::map<std::string, participant> participants;  // reviewers too
    std::map<std::int64_t, comment> comments;
    std::map<std::int64_t, task> tasks;
    std::vector<activity> activities;
    std::vector<task_count> task_counts;  // the last one is true
};

struct repository : commit_graph
{
    std::string slug;
    std::string uuid;
    time_point updated_at;
    std::vector<status> statuses;
    std::map<std::int64_t, pull_request> pull_requests;
};

struct state
{
    std::string workspace;
    std::map<std::string, person> people;
    std::map<std::string, repository> repositories;
    std::map<std::string, std::string> moved;  // old slug -> new one
    std::int64_t last_comment = 0;
    std::int64_t last_task = 0;  // counted apart: a task and a comment may have one number
    std::int64_t last_thing = 0;

    repository* find_repository(std::string_view slug_or_uuid);
    std::string fresh_uuid();  // in braces
};

}  // namespace simulated_cloud
}  // namespace linkspan::test
