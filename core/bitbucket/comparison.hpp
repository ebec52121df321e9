#pragma once
#include "core/bitbucket/digest.hpp"

#include <span>
#include <string_view>

namespace linkspan
{

// How long an answer of the REST API may miss what happened before it: its pages come from several machines.
inline constexpr seconds list_lag{60};

// Turns one reading into events. Each step compares, emits, and moves `next_`.
class comparison
{
public:
    comparison(reading const& said, known_state const& known, digest_context const& context)
        : said_(said), known_(known), context_(context)
    {
    }

    digested run();

private:
    bool shows_fields() const { return said_.pull_request && (!said_.look || said_.look->shows_fields); }
    pull_request const* shown_pull_request() const;
    void compare_pull_request();
    pull_request fields_before() const;
    void compare_fields();
    void compare_state();
    void tell_state(event_kind kind);
    void compare_source();
    void compare_reviewers();
    void tell_reviewers();
    void compare_reviews();
    bool move_claimed_review(claim const& told);
    bool move_review(person const& who, review_state to, time_point at, event_kind kind);
    void compare_comment();
    void take_comment(told_comment const& told, comment_snapshot const* known);
    void compare_look();
    void tell_life_so_far();
    void tell_untold_review(participant const& one);
    void compare_shown(shown_comment shown);
    void tell_added(shown_comment& shown);
    void tell_new(shown_comment& shown);
    void tell_moves(shown_comment& shown);
    void tell_shown_edit(shown_comment& shown);
    void tell_resolution(shown_comment& shown, std::optional<bool> known);
    void tell_reactions(shown_comment& shown, bool is_new);
    void tell_reaction(event_kind kind, reaction const& one, shown_comment& shown);
    void tell_gone(std::size_t last);
    void tell_absence(std::int64_t id, comment_snapshot const& known);
    void compare_edit();
    std::optional<std::string> told_text() const;
    void absorb_text();
    bool was_told_without_version() const;
    void move_task(std::optional<task_state> to);
    std::string stamp_of_edit() const;
    void move_resolution(bool to, comment_news news);
    void emit_comment_move(event_kind kind, std::string const& field);
    event_detail detail_of_comment(bool as_task) const;
    std::optional<task_state> task_now() const;
    bool is_newer_comment() const;
    void absorb_comment();
    void absorb();
    void absorb_participants();
    void absorb_asked();
    void tell_claim(claim const& one);
    void tell_build(claim const& one);
    void tell_build_of(claim const& one, std::span<open_head const> heads, std::string const& stamp);
    bool shows_unknown() const;
    void tell_ref_change(claim const& one);
    std::string stamp_of_move(claim const& one) const;

    bool is_doer_of(std::string const& field) const;
    void tell_push(commits_push detail);
    void tell_late_push();
    void tell_late_closing();
    bool is_newer() const;
    std::optional<time_point> fields_moment() const;
    bool shows_participants() const;
    bool is_lagging_review(std::string const& id) const;
    std::int64_t participants_at() const;
    claim const* find_claim(claim_identity identity) const;
    time_point moment(std::optional<time_point> at) const
    {
        return at ? *at : said_.occurred_at.value_or(context_.received_at);
    }
    // `in`: the repository that the event and its key name; null: the reading's.
    event& emit(
        event_kind kind,
        std::string const& stamp,
        std::optional<time_point> at,
        event_detail detail,
        std::optional<repository> const* in = nullptr
    );
    event& emit_transition(
        event_kind kind, std::string const& field, std::optional<time_point> at, event_detail detail
    );

    reading const& said_;
    known_state const& known_;
    digest_context const& context_;
    pull_request_snapshot next_;
    // One comment at a time: what is told of it, what is known, and what will be.
    told_comment const* told_ = nullptr;
    comment_snapshot const* known_comment_ = nullptr;
    std::optional<comment_snapshot> next_comment_;
    std::optional<participant> reviewed_;  // whose review a claim settled
    digested out_;
};

// The key of an event of a reading that happened in a repository.
std::string key_of(
    event_kind kind,
    reading const& said,
    std::optional<repository> const& place,
    std::string_view instance,
    std::string_view stamp
);

// What moved a pull request to a state; nothing for one that is told by no event.
std::optional<event_kind> kind_of_state(pull_request_state state);

// How many events of a pull request one reading tells: at most `most`, and fewer where it is large, for each
// repeats the whole of it.
std::size_t events_told_of(pull_request const& shown, std::size_t most);
// Reviews that one reading tells by its list of participants alone; the rest moves silently. Bitbucket sends
// one delivery for each, so that more were missed for a long time.
inline constexpr std::size_t reviews_told_max = 50;

// Nobody where there is no list, and for the empty id of deleted accounts.
participant const* find_in(std::optional<std::vector<participant>> const& all, std::string_view id);

}  // namespace linkspan
