#pragma once
#include "tests/simulators/commit_graph.hpp"
#include "tests/simulators/hook_disorder.hpp"

#include <boost/json/object.hpp>

#include <optional>

// What the simulated Bitbucket Data Center knows, and how it shows it. People are known by their logins.
namespace linkspan::test::simulated_center
{

struct decision
{
    std::string by;
    time_point at;
};

struct comment
{
    std::int64_t id = 0;
    std::int64_t version = 0;
    std::optional<std::int64_t> parent;
    std::string text;
    std::string author;
    bool is_task = false;  // severity BLOCKER
    time_point created_at;
    time_point updated_at;
    std::optional<decision> thread_resolution;
    std::optional<decision> task_resolution;
    std::vector<std::pair<std::string, std::string>> reactions;  // shortcut and login
};

struct build
{
    std::string commit;
    std::string key;
    std::string state;
    time_point updated_at;
};

struct participant
{
    bool is_reviewer = false;
    std::string status = "UNAPPROVED";
};

struct activity
{
    std::int64_t id = 0;
    std::string action;  // "OPENED", "COMMENTED", ...
    std::string by;
    time_point at;
    std::int64_t comment = 0;
    std::string from_hash, previous_from_hash;
};

struct pull_request
{
    std::int64_t id = 0;
    std::int64_t version = 0;
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
    time_point created_at;
    time_point updated_at;
    std::optional<time_point> closed_at;
    std::map<std::string, participant> participants;  // reviewers too
    std::map<std::int64_t, comment> comments;         // tasks too
    std::vector<activity> activities;
};

struct repository : commit_graph
{
    std::int64_t id = 0;
    std::string slug;
    std::vector<build> builds;
    std::map<std::int64_t, pull_request> pull_requests;
    std::int64_t last_pull_request = 0;
};

struct hook
{
    std::int64_t id = 0;
    std::string url;
    std::string secret;
    int failures = 0;  // in a row
    std::optional<time_point> silent_until;
    std::int64_t successes_told = 0;
    std::int64_t failures_told = 0;
    std::optional<time_point> succeeded_at;  // the last
    std::optional<time_point> failed_at;
    bool is_active = true;
};

struct state
{
    std::string project;
    std::map<std::string, std::int64_t> people;  // login -> id
    std::map<std::string, repository> repositories;
    std::int64_t last_thing = 0;
};

// What shapes depend on beside the thing itself.
struct view
{
    simulated_center::state const& known;
    bool has_iso_dates = false;  // 10.x; else milliseconds
    bool has_reactions = true;   // in the properties of comments

    boost::json::value date(time_point at) const;
    boost::json::object user(std::string const& login) const;
    boost::json::object repository(simulated_center::repository const& of) const;
    boost::json::object pull_request(
        simulated_center::repository const& in, simulated_center::pull_request const& of
    ) const;
    // With its replies where it is shown in a list.
    boost::json::object comment(
        simulated_center::repository const& in,
        simulated_center::pull_request const& of,
        simulated_center::comment const& one,
        bool has_replies
    ) const;
    boost::json::object participant(
        std::string const& login, simulated_center::participant const& one, std::string const& commit
    ) const;
    boost::json::object activity(
        simulated_center::repository const& in,
        simulated_center::pull_request const& of,
        simulated_center::activity const& one
    ) const;
    boost::json::object commit(simulated_commit const& one) const;
    boost::json::object build(simulated_center::build const& one) const;
    boost::json::object statistics(simulated_center::hook const& of) const;
};

// "2026-11-20T10:10:00+0000": of deliveries.
std::string delivery_date(time_point at);

}  // namespace linkspan::test::simulated_center
