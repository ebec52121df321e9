#pragma once
#include "core/base/error.hpp"
#include "core/bitbucket/reaction.hpp"
#include "core/event/event.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// What one delivery says, before it is compared with what is known. Both editions end here; digest() goes on.

// How a claim is told from its repetitions (events.md, Identity and order).
enum class claim_identity
{
    occurrence,  // carries a stamp of the service: `stamp` makes its key
    once,        // can happen once to its pull request (opened)
    state,       // moves the pull request's state (merged, declined)
    reviewer,    // moves one reviewer's state
    source,      // moves the source branch's tip
    update,      // "something changed": only the comparison tells what
};

struct claim
{
    event_kind kind = event_kind::pull_request_updated;
    claim_identity identity = claim_identity::update;
    std::string stamp;
    event_detail detail;
    std::optional<time_point> at;  // when it happened, where that is told; else the reading's time
    std::optional<linkspan::repository> repository;  // its own; else the reading's
};

// What happened to a comment, as its key tells it.
enum class comment_news
{
    added,
    edited,
    deleted,
    resolved,  // its thread
    reopened,
};

// A comment or task of the reading's pull request.
struct told_comment
{
    linkspan::comment comment;
    comment_news news = comment_news::added;
    std::optional<time_point> at;              // when that happened; else the reading's time
    std::optional<std::int64_t> order;         // Data Center's version, Cloud's updated_on in milliseconds
    std::optional<bool> is_task = false;       // Data Center's severity BLOCKER; none: not known
    std::optional<task_state> task;            // where it is one; none: not known
    std::optional<std::string> previous_text;  // before an edit, where the service tells
    std::optional<person> doer;                // where the reading tells no actor
    std::optional<reaction_list> reactions;    // where the service shows them
};

// A comment or task as a list shows it: what happened to it, the comparison finds out.
struct shown_comment : told_comment
{
    bool is_deleted = false;
    bool has_own_id = false;  // Cloud counts tasks apart from comments: the two may have one number
    std::optional<time_point> decided_at;  // when its thread or task was resolved, where that is told
    std::optional<person> decider;         // and by whom
};

// What the REST API showed of the reading's pull request when it was asked. Nobody sent it: what was missed
// meanwhile, or never told, is found by comparing.
struct look
{
    time_point asked_at;  // by the service's clock
    // What was made before is known to the service's users: it is remembered, and told by no event.
    time_point since;
    // Behind a long outage: what people read of it comes as one story.
    bool folds = false;
    // False: nothing but its number was asked for. What it is like, and when it was opened, is not said.
    bool shows_fields = true;
    closing closed;  // where it is merged or declined
    // Who brought it to its state, and when, as far as the service tells.
    std::optional<person> moved_by;
    std::optional<time_point> moved_at;
    std::vector<shown_comment> comments;  // and tasks
    // Lists that were read to their end: what is known and not among them may be gone.
    bool are_comments_whole = false;
    bool are_tasks_whole = false;
};

struct reading
{
    std::optional<person> actor;
    std::optional<linkspan::repository> repository;
    std::optional<linkspan::pull_request> pull_request;
    // Of its participants. Else they are those who are asked, as some bodies of 2017 tell: who is missing may
    // have been there, and may have said something.
    bool is_list_whole = true;
    std::optional<std::int64_t>
        order;  // of the pull request's fields: Data Center's version, Cloud's updated_on in ms
    std::optional<time_point> occurred_at;
    std::vector<claim> claims;
    // Fields as the delivery says that they were before (Data Center's "previous..."); the rest is not known.
    std::optional<linkspan::pull_request> before;
    std::optional<reviewers_change> reviewers;  // added and removed, as the delivery says
    std::optional<told_comment> comment;
    std::optional<linkspan::look> look;
    // Where the REST API showed the builds of a commit, which are its claims: since when they are told. How
    // one ended before is remembered, and told by no event.
    std::optional<time_point> builds_since;
};

// A delivery as the inbox keeps it.
struct inbound
{
    linkspan::edition edition = linkspan::edition::cloud;
    std::string event_key;  // the X-Event-Key header; empty where there was none
    std::string_view body;
    std::optional<time_point>
        event_time;  // Cloud's X-Event-Time header: the bodies of some keys hold no time
    event_origin origin = event_origin::webhook;
};

// The id under which the state of a comment or task is kept: below 0 for tasks with ids of their own.
std::int64_t id_of_state(shown_comment const& shown);

// The event key of rows that hold what a pull request looked like by REST. The body is Linkspan's own, and
// look_body() writes it:
//   repository: with the id by which it is known
//   pullrequest (Data Center: pullRequest): as the service shows it, or its id alone
//   comments (Data Center: activities), tasks: the values of their lists, from all pages, where they were
//   asked
//     for; on Data Center tasks are comments, and may stand in both
//   whole: which of these lists were read to their end, as words
//   asked_at, since: milliseconds (struct look)
//   folds: true, or left out (struct look)
// Only what was not sent by a webhook may have it.
inline constexpr std::string_view look_key = "poll:pull_request";

// The event key of rows that hold what the builds of one commit looked like by REST, of Data Center alone:
// Cloud tells them. builds_body() writes the body:
//   repository: whose pull request has the commit at its head, with the id by which it is known
//   commit: its whole hash
//   builds: the values of their list
//   asked_at, since: milliseconds, as above
inline constexpr std::string_view builds_key = "poll:builds";

// Whether rows of that key hold what was asked for. No webhook may have it, and nothing else may be asked
// for.
constexpr bool is_asked_key(std::string_view event_key)
{
    return event_key == look_key || event_key == builds_key;
}

// Builds of one commit: as many as Data Center shows.
inline constexpr std::size_t shown_builds_max = 100;

// Comments and tasks of one look; a longer list counts as one that was not read to its end.
inline constexpr std::size_t shown_comments_max = 2'000;

// Reads a delivery. errc::not_found: the event key is not one that this version knows (the message names it).
// errc::invalid: the body does not parse (the message names the byte) or lacks what the key promises; the
// message begins with a JSON pointer, or with "the body" where it speaks of the whole. Never throws, whatever
// the bytes.
result<reading> read_delivery(inbound const& delivery);

// The event key of a delivery: the header's, else the body's "eventKey" (Data Center); empty where there is
// none.
std::string event_key_of(inbound const& delivery);

// Participants and reviewers of one pull request that are looked at. Everybody is compared with everybody,
// within the store's one writer: a list that is longer counts as one that the delivery left out.
inline constexpr std::size_t participants_max = 2'000;

// The length to which Cloud cuts hashes in pull requests.
inline constexpr std::size_t short_hash_length = 12;

}  // namespace linkspan
