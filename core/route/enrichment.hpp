#pragma once
#include "core/base/time.hpp"
#include "core/route/route.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// What no delivery tells of an event, and the REST API does: the paths that rules ask about, and the commits
// of a push behind the first five. A message that needs it holds its place in its lane:
//
//   waiting --known--------> decided: to be sent, or taken by no rule
//           --not to be had-> decided on what is known, and says so
//
// The longest that a message waits so. Fetching takes one request, which takes a second; whoever reads the
// message has seen by then what Bitbucket itself tells.
inline constexpr seconds enrichment_wait{10};

// Facts as words, "changed_paths commits", and back; a word that is none is passed over.
std::string words_of(std::vector<fact> const& needs);
std::vector<fact> facts_in(std::string_view words);

// Between which commits it lies depends on what is asked about.
enum class fact_subject
{
    push_paths,          // which differ between two tips of a branch
    pull_request_paths,  // which the source changes since it left the target
    commits,             // of a push
};
std::string_view name_of(fact_subject of) noexcept;  // "push_paths"

// What is asked to know a fact. Two events with one question need one answer.
struct fact_question
{
    fact_subject subject = fact_subject::push_paths;
    std::string instance;
    std::string repository;  // its id
    std::string full_name;
    std::string before;  // commits; of a pull request the target's and the source's
    std::string after;
    std::string fork;  // the full name of the repository that has `after`, where that is another one
    std::int64_t pull_request = 0;  // of pull_request_paths

    fact_question() = default;
    auto operator<=>(fact_question const&) const = default;

    fact asked() const noexcept
    {
        return subject == fact_subject::commits ? fact::commits : fact::changed_paths;
    }
};

// Which paths the event changed: those of its pull request, else of its push. Nothing: it names no two
// commits of which that can be asked (a branch that is new or gone, a build, a fork that was deleted).
std::optional<fact_question> paths_question(event const& happening);

// What paths_question() gives nothing for, as a reason.
inline constexpr std::string_view no_two_commits = "the event names no two commits to compare";

// Which commits its push has, where the delivery cut the list; of a pull request's push the branch's event
// among those of its cause knows. Nothing: they are all there, or it cannot be told where they begin (a new
// branch).
std::optional<fact_question> commits_question(event const& happening, std::vector<event> const& of_cause);

// A push with the commits that were asked for. is_whole: there are no more. Where these are no more than it
// has it stays as it is.
event told_whole(event push, std::vector<commit> commits, bool is_whole);

// What becomes of a message that waited for changed paths.
struct decided_delivery
{
    planned_delivery plan;  // taken: as it is to be sent
    bool is_taken = false;
    std::string reason;  // why not
};

// Decides them by the rules and what is known by now; known.changed_paths, or changed_paths_missing, is set.
// A message that is taken although paths are missing says so.
std::vector<decided_delivery> decide(
    rule_set const& rules,
    event const& happening,
    known_facts const& known,
    std::vector<planned_delivery> undecided
);

// The reason of a message that is sent without its event's commits.
std::string why_without_commits(std::string why, std::string_view fault);

}  // namespace linkspan
