#pragma once
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/event/kind.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace linkspan
{

// The one event model of both editions (docs/reference/events.md). std::optional means "not known": a
// delivery that leaves a member out says nothing about it, which is not the same as empty.

enum class edition
{
    cloud,
    data_center,
};

enum class event_origin
{
    webhook,
    poll,
    catch_up,
    chat,
};

enum class person_kind
{
    user,
    bot,
    unknown,
};

// Identified by id alone; names change and are shared.
struct person
{
    std::string id;  // Cloud account_id, else uuid; Data Center id
    std::string name;
    person_kind kind = person_kind::unknown;

    bool operator==(person const&) const = default;
};

struct repository
{
    std::string id;     // Cloud uuid with braces, Data Center number: the identity
    std::string owner;  // workspace or project key
    std::string slug;
    std::string full_name;  // "owner/slug"
    std::optional<std::string> name;
    std::optional<std::string> url;

    bool operator==(repository const&) const = default;
};

struct branch_tip
{
    std::string repository;  // full name; empty where a fork was deleted
    std::string branch;
    std::string commit;  // 12 characters from Cloud's pull requests, 40 elsewhere: compare with same_commit()

    bool operator==(branch_tip const&) const = default;
};

enum class pull_request_state
{
    open,
    merged,
    declined,
    superseded,
};

enum class participant_role
{
    reviewer,
    participant,
};

enum class review_state
{
    pending,
    approved,
    changes_requested,
};

struct participant : person
{
    participant_role role = participant_role::participant;
    std::optional<review_state> state;

    bool operator==(participant const&) const = default;
};

struct pull_request
{
    std::int64_t id = 0;
    std::optional<std::string> title;
    std::optional<std::string> description;  // as written, not rendered
    std::optional<pull_request_state> state;
    std::optional<bool> draft;
    std::optional<branch_tip> source;
    std::optional<branch_tip> target;
    std::optional<person> author;
    std::optional<std::vector<participant>> participants;
    std::optional<std::int64_t> comments;
    std::optional<std::int64_t> tasks;
    std::optional<time_point> created_at;
    std::optional<time_point> updated_at;
    std::optional<std::string> url;

    bool operator==(pull_request const&) const = default;
};

// --- details: what one kind adds
// --------------------------------------------------------------------------------

struct text_change  // title_changed, description_changed, retargeted
{
    std::optional<std::string> before;  // JSON "old"
    std::optional<std::string> after;   // JSON "new"

    bool operator==(text_change const&) const = default;
};

struct reviewers_change
{
    std::vector<person> added;
    std::vector<person> removed;

    bool operator==(reviewers_change const&) const = default;
};

struct commit
{
    std::string hash;
    std::optional<std::string> message;
    std::optional<std::string> author;

    bool operator==(commit const&) const = default;
};

struct commits_push
{
    std::optional<std::string> before;
    std::optional<std::string> after;
    std::optional<bool> forced;
    std::vector<commit> commits;

    bool operator==(commits_push const&) const = default;
};

struct review  // approved, approval_withdrawn, changes_requested, changes_request_withdrawn
{
    person reviewer;

    bool operator==(review const&) const = default;
};

struct closing  // merged, declined
{
    std::optional<std::string> commit;
    std::optional<std::string> reason;

    bool operator==(closing const&) const = default;
};

enum class diff_side
{
    before,  // JSON "old"
    after,   // JSON "new"
};

struct inline_anchor
{
    std::string path;
    std::optional<diff_side> side;  // none: on the whole file
    std::optional<std::int64_t> from;
    std::optional<std::int64_t> to;

    bool operator==(inline_anchor const&) const = default;
};

// What a comment wants to put in place of the lines that it is anchored to.
struct suggestion
{
    std::string text;  // the replacement, without the last line's end; empty: delete the lines
    std::optional<std::int64_t> from;  // the first and last line that it replaces; none: not known
    std::optional<std::int64_t> to;

    suggestion() = default;
    explicit suggestion(
        std::string text,
        std::optional<std::int64_t> from = std::nullopt,
        std::optional<std::int64_t> to = std::nullopt
    )
        : text(std::move(text)), from(from), to(to)
    {
    }
    bool operator==(suggestion const&) const = default;
};

// A file or picture that a comment's text refers to.
struct attachment
{
    std::string name;
    std::string url;  // as written: Data Center's begin with "attachment:"

    bool operator==(attachment const&) const = default;
};

struct comment
{
    std::int64_t id = 0;
    std::optional<std::int64_t> parent;
    std::optional<std::string> text;
    std::optional<person> author;
    std::optional<inline_anchor> anchor;  // JSON "inline"
    std::vector<suggestion> suggestions;  // of each ```suggestion block, in order
    std::vector<attachment> attachments;
    std::optional<bool> resolved;  // of the thread, told by its root alone
    std::optional<time_point> created_at;
    std::optional<time_point> updated_at;
    std::optional<std::string> url;

    bool operator==(comment const&) const = default;
};

struct comment_detail
{
    linkspan::comment comment;
    std::optional<std::string> previous_text;  // edited, where the service tells
    std::optional<std::string> reaction;       // reaction_added, reaction_removed
    std::optional<std::string> commit;         // commit.commented and its like

    bool operator==(comment_detail const&) const = default;
};

enum class task_state
{
    open,
    resolved,
};

struct task
{
    std::int64_t id = 0;
    std::optional<std::string> text;
    std::optional<task_state> state;
    std::optional<person> creator;
    std::optional<std::int64_t> comment;

    bool operator==(task const&) const = default;
};

struct task_detail
{
    linkspan::task task;

    bool operator==(task_detail const&) const = default;
};

enum class build_state
{
    started,
    succeeded,
    failed,
    stopped,
};

struct build
{
    std::string commit;
    std::string key;
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::optional<std::string> url;
    build_state state = build_state::started;
    std::optional<build_state>
        previous;  // how this build last ended on this branch: failed then succeeded = recovered
    std::optional<std::string> branch;
    std::vector<std::int64_t> pull_requests;  // open ones whose head this commit is
    std::optional<bool> outdated;             // true: it was the head of a pull request, and is none any more

    bool operator==(build const&) const = default;
};

struct ref_change  // branch.* and tag.*
{
    std::string name;
    std::optional<std::string> before;
    std::optional<std::string> after;
    std::optional<bool> forced;
    std::optional<bool> truncated;  // commits is not the whole list
    std::vector<commit> commits;

    bool operator==(ref_change const&) const = default;
};

struct repository_change  // repository.*: the names that moved, or the fork
{
    std::optional<std::string> before;
    std::optional<std::string> after;
    std::optional<repository> fork;
    std::vector<std::string> fields;     // which fields changed
    std::vector<std::string> locations;  // secret_detected: "commit:path:line"
    std::optional<std::string> mirror;   // synchronized: its name

    bool operator==(repository_change const&) const = default;
};

struct project_change
{
    std::optional<std::string> key;
    std::optional<std::string> before;
    std::optional<std::string> after;

    bool operator==(project_change const&) const = default;
};

struct issue_detail
{
    std::int64_t id = 0;
    std::optional<std::string> title;
    std::optional<std::string> state;
    std::optional<std::string> comment;
    std::optional<std::string> url;
    std::vector<std::string> fields;  // updated: which fields changed

    bool operator==(issue_detail const&) const = default;
};

struct pipeline_run
{
    std::optional<std::string> id;
    std::optional<std::int64_t> number;
    std::optional<std::string> result;
    std::optional<std::string> ref;
    std::optional<std::string> trigger;  // "PUSH", "SCHEDULED", "MANUAL" ...

    bool operator==(pipeline_run const&) const = default;
};

using event_detail = std::variant<
    std::monostate,
    text_change,
    reviewers_change,
    commits_push,
    review,
    closing,
    comment_detail,
    task_detail,
    build,
    ref_change,
    repository_change,
    project_change,
    issue_detail,
    pipeline_run>;

struct event
{
    event_id id;
    event_kind kind = event_kind::pull_request_updated;
    std::string key;  // semantic identity: one happening has one key, by whatever path it came
    event_origin origin = event_origin::webhook;
    linkspan::edition edition = edition::cloud;
    std::string instance;              // "bitbucket.org", or the base URL of a Data Center
    std::optional<std::string> cause;  // shared by the events of one happening
    time_point occurred_at;
    time_point received_at;
    std::optional<person> actor;
    std::optional<linkspan::repository> repository;
    std::optional<linkspan::pull_request> pull_request;
    event_detail detail;
    inbox_id raw;

    bool operator==(event const&) const = default;
};

// Whether two hashes name one commit: equal up to the length of the shorter, which has at least seven
// characters.
bool same_commit(std::string_view a, std::string_view b) noexcept;

}  // namespace linkspan
