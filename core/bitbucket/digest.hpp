#pragma once
#include "core/bitbucket/reading.hpp"
#include "core/bitbucket/snapshot.hpp"
#include "core/event/event.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace linkspan
{

// Where and when a delivery was received.
struct digest_context
{
    linkspan::edition edition = linkspan::edition::cloud;
    std::string instance;
    event_origin origin = event_origin::webhook;
    time_point received_at;
    inbox_id raw;
};

// What has been told of one move of a ref: its events, and when the ref last went on from where it leads to.
struct told_moves
{
    struct told
    {
        std::string key;
        time_point at;
    };
    std::vector<told> made;
    std::optional<time_point> left_at;
};

// An open pull request whose source is at a commit, and the repository that it is to be merged into: where a
// build of that commit is told, whichever repository it ran in.
struct open_head : pull_request
{
    linkspan::repository target_repository;

    open_head() = default;
    open_head(pull_request state, linkspan::repository target_repository)
        : pull_request(std::move(state)), target_repository(std::move(target_repository))
    {
    }
};

// What the store knows that bears on one reading.
struct known_state
{
    std::optional<pull_request_snapshot> snapshot;      // of the reading's pull request
    std::optional<comment_snapshot> comment;            // of the reading's comment
    std::map<std::int64_t, comment_snapshot> comments;  // by id: all of the pull request, for a look
    bool are_comments_all = true;       // false: too many; nothing but those that the look shows
    std::vector<open_head> heads;       // at the build's commit; those of one repository stand together
    bool was_head = false;              // that commit was the head of some open pull request before
    std::set<std::string> told_builds;  // keys of builds_of() of which there are events
    // How the builds of build_scope() last ended, by their own keys.
    std::map<std::string, build_state> previous_builds;
    std::map<std::string, told_moves> moves;  // by the keys of moves_of()
};

// How a build ended, for the next one's `previous`.
struct ended_build
{
    std::string scope;  // build_scope()
    std::string key;
    build_state state = build_state::succeeded;
    time_point at;
};

struct digested
{
    std::vector<event> events;                      // without ids; their keys decide whether they are new
    std::optional<pull_request_snapshot> snapshot;  // to be stored, where the reading had a pull request;
                                                    // none where nothing is known of it but its number
    std::optional<comment_snapshot> comment;        // and where it had a comment
    std::vector<comment_snapshot> comments;         // those that a look moved
    bool has_more = false;  // too much for one transaction: digest the same again, and the rest is told
    std::vector<ended_build> ended_builds;  // that were not told before
};

// Compares a reading with what is known (events.md, Identity and order). Pure: the same arguments give the
// same answer.
digested digest(reading const& said, known_state const& known, digest_context const& context);

// The ref changes that a reading tells, by their keys. A ref may make the same move again: such an event has
// another key, which begins with this one and move_again. None of a reading that tells more than
// moves_compared_max: each is asked for in the store's one writer transaction.
struct ref_move
{
    std::string key;
    std::vector<std::string> leaving;  // how the keys of moves begin that lead away from where it leads to
};
std::vector<ref_move> moves_of(reading const& said, std::string_view instance);
inline constexpr char move_again = '@';
inline constexpr std::size_t moves_compared_max = 100;

// One id for the events that one push makes, from whichever of its deliveries they come (UUIDv5).
std::string cause_of_push(
    std::string_view instance, std::string_view repository, std::string_view branch, std::string_view commit
);

// The builds of a reading with the keys of their first events: all of one commit.
struct told_build
{
    build const* status = nullptr;  // of the reading
    std::string key;
};
std::vector<told_build> builds_of(reading const& said, std::string_view instance);

// What a build's earlier results are compared within: its branch, else the branch of the pull request whose
// head its commit is, else the commit.
std::string build_scope(build const& status, std::vector<open_head> const& heads);

}  // namespace linkspan
