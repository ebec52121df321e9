#pragma once
#include "core/base/error.hpp"
#include "core/bitbucket/reaction.hpp"
#include "core/event/event.hpp"

#include <map>
#include <optional>
#include <string>

namespace linkspan
{

// The last known state of one pull request. It moves forward only: an older delivery never moves it back.
struct pull_request_snapshot
{
    pull_request state;
    std::optional<std::int64_t> order;  // Data Center's version, or Cloud's updated_on in milliseconds
    std::map<std::string, std::int64_t>
        revisions;  // of a field: how often it moved; the stamp of a transition's key
    std::map<std::string, std::int64_t>
        reviewed_at;                        // of a person id: when their review last moved, in milliseconds
    std::optional<std::int64_t> fields_at;  // of which moment the fields are: decides between equal orders
    std::optional<std::int64_t>
        participants_at;  // of which moment the list of participants is; none: of those who are asked alone
    bool deleted = false;

    bool operator==(pull_request_snapshot const&) const = default;
};

// The last known state of one comment or task of a pull request. It moves forward only, too.
struct comment_snapshot
{
    std::int64_t id = 0;                     // below 0: a task of Cloud, whose ids are no comments'
    std::optional<std::int64_t> created_at;  // in milliseconds
    std::optional<std::int64_t> order;  // of the text and the task: version, or updated_on in milliseconds
    std::optional<std::int64_t> quiet_order;  // of the last edit that was none: it may come again
    std::optional<std::int64_t> seen_order;   // the last that a look showed: edits up to it are told
    std::optional<std::string> text;
    // What it was when it was told last, where news of something else showed another text since.
    std::optional<std::string> told_text;
    std::optional<task_state> task;           // none: it is no task
    std::optional<bool> resolved;             // its thread, where it is the root and that is known
    std::optional<std::int64_t> resolved_at;  // of which moment `resolved` is
    bool is_added = false;                    // that it was added is told, or from before the watch
    bool deleted = false;
    // When a list did not show it for the first time; of one that is deleted by nothing but lists, for the
    // last.
    std::optional<std::int64_t> absent_at;
    std::optional<reaction_list> reactions;         // none: never shown
    std::map<std::string, std::int64_t> revisions;  // as above

    bool operator==(comment_snapshot const&) const = default;
};

// Their form in the store.
std::string to_json_text(pull_request_snapshot const& snapshot);
result<pull_request_snapshot> snapshot_from_json(std::string_view text);
std::string to_json_text(comment_snapshot const& snapshot);
result<comment_snapshot> comment_snapshot_from_json(std::string_view text);

}  // namespace linkspan
