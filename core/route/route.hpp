#pragma once
#include "core/base/error.hpp"
#include "core/event/event.hpp"

#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// One [[rule]] of the configuration. All patterns are anchored globs (glob.hpp); an empty list asks nothing.
struct rule
{
    std::string name;
    std::vector<std::string> repositories;  // over "owner/slug"
    std::vector<std::string> kinds;         // over published names; empty: what a reviewer wants
    std::vector<std::string> branches;  // the pull request's target; for pushes and builds the branch itself
    std::vector<std::string> destinations;  // names
};

// What one rule makes of one event, and which condition decided.
struct decision
{
    std::string rule;
    bool taken = false;
    std::string
        why;  // "kinds: comment.added matches comment.*", "repositories: acme/api matches none of acme/web"
};

decision decide(rule const& asked, event const& happening);

// One message to be sent.
struct planned_delivery
{
    std::string destination;
    std::string conversation;
    std::string why;  // the rule and its reason
};

// What an event leads to under all rules: each destination and conversation once, by the first rule that
// names it.
std::vector<planned_delivery> route(std::vector<rule> const& rules, event const& happening);

// Pull requests, comments and tasks, builds that failed and builds that recovered: the default of `kinds`.
bool reviewer_wants(event const& happening);

// Whether a pattern of `kinds` matches at least one kind; errc::invalid names the nearest one otherwise.
result<> check_kind_pattern(std::string_view pattern);

}  // namespace linkspan
