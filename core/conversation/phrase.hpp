#pragma once
#include "core/conversation/headline.hpp"
#include "core/conversation/telling.hpp"

#include <string_view>
#include <variant>

namespace linkspan
{

struct phrase;

// One event on its way to a telling.
struct draft
{
    event const& happened;
    phrase const& row;
    headline line = {};
    telling told = {};

    template <class Detail>
    Detail const& detail() const
    {
        static Detail const missing = {};
        auto const* const found = std::get_if<Detail>(&happened.detail);
        return found == nullptr ? missing : *found;
    }

    headline& actor() { return line.person(happened.actor); }
    void quote(std::optional<std::string> const& text);
    void note(std::string_view text);  // on one line; an empty one is none
};

// How one kind is told: who writes the line, and the words that differ between kinds of one shape.
struct phrase
{
    event_kind kind;
    void (*tell)(draft&);
    std::string_view verb;        // " approved "
    std::string_view after = {};  // " as a draft"
    telling_mood mood = telling_mood::neutral;
};

// "#7" as a link, or "a pull request".
void add_pull_request(draft& d);

// The first commits_told_max commits as the quote, one a line. Truncated: there are more than those.
void quote_commits(draft& d, std::vector<commit> const& commits, bool truncated = false);

// " from 90b0c1d2e3f4 to 4f1c2a9be07d", where a push put the branch on another line of commits.
void add_rewritten(
    draft& d,
    std::optional<bool> forced,
    std::optional<std::string> const& before,
    std::optional<std::string> const& after
);

// " pushed 2 commits to ", " force-pushed ": how a push is said depends on what is known of it.
std::string push_words(std::optional<bool> forced, std::size_t commits, bool truncated);

// The writers of the table's rows.
void tell_opened(draft& d);
void tell_pull_request(draft& d);
void tell_title(draft& d);
void tell_description(draft& d);
void tell_retargeted(draft& d);
void tell_reviewers(draft& d);
void tell_push(draft& d);
void tell_review(draft& d);
void tell_closing(draft& d);
void tell_comment_added(draft& d);
void tell_comment(draft& d);
void tell_comment_gone(draft& d);
void tell_reaction(draft& d);
void tell_task(draft& d);
void tell_build(draft& d);
void tell_ref(draft& d);
void tell_branch_updated(draft& d);
void tell_repository(draft& d);
void tell_repository_itself(draft& d);
void tell_project(draft& d);
void tell_issue(draft& d);
void tell_pipeline(draft& d);
void tell_ping(draft& d);

}  // namespace linkspan
