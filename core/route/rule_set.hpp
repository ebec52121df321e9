#pragma once
#include "core/route/rule.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace linkspan
{

// What may bear on a message and no delivery tells.
enum class fact
{
    changed_paths,  // the files that the pull request or the push changes: rules ask about them
    commits,        // the rest of a push's commits: the message tells them
};
std::string_view name_of(fact needed) noexcept;  // "changed_paths"

// Facts that were fetched for an event.
struct known_facts
{
    std::optional<std::vector<std::string>> changed_paths;
    // Asked for, and not to be had, or not all of them: then they are not needed any more.
    bool changed_paths_missing = false;
    std::string fault;  // why; empty: not told

    known_facts() {}
};

enum class answer
{
    no,
    yes,
    needs,       // every other condition holds: what is missing decides
    stopped,     // an earlier rule took it, and stops
    not_needed,  // what is missing decides nothing any more
};
std::string_view name_of(answer given) noexcept;

// The largest value that is matched: four times what Bitbucket takes. A pattern with two stars takes the
// square of it in steps.
inline constexpr std::size_t matched_bytes_max = 1'000;

// What an event says of each condition; a view, which must not outlive the event.
class event_values
{
public:
    explicit event_values(event const& happening);

    // Of conditions with one value; nothing: not known.
    std::optional<std::string_view> const& of(condition asks) const
    {
        return single_[static_cast<std::size_t>(asks)];
    }

    event const& happening;
    bool is_wanted;                                          // reviewer_wants()
    std::optional<std::vector<std::string_view>> reviewers;  // their ids

private:
    std::array<std::optional<std::string_view>, condition_count> single_;
};

// The rules of a configuration in the form that decides fast: kinds are bits, patterns without a star are
// compared, teams are looked up, and a rule is found by what it names, or by how that begins or ends or a
// part of it. Immutable; copies share.
class rule_set
{
public:
    rule_set() : rule_set({}, {}) {}
    // Teams that no rule names are passed over. A name that no team has matches nobody.
    explicit rule_set(std::vector<rule> rules, std::vector<team> teams = {});

    std::vector<rule> const& rules() const { return source_->rules; }

    // One condition of one rule.
    struct check
    {
        condition asks = condition::kinds;
        bool is_exception = false;
        choice asked = choice::any;           // bots, drafts
        std::uint32_t first = 0, behind = 0;  // its patterns
    };

    // What one rule makes of an event: the answer, and the check that decided a no or a needs; none: the
    // kinds did. A yes is decided by all together.
    struct judgement
    {
        answer taken = answer::no;
        check const* decided = nullptr;
    };
    judgement judge(std::size_t rule, event_values const& of, known_facts const& known) const;

    // The rules that may take an event, in their order: all others do not.
    std::vector<std::uint32_t> candidates(event_values const& of) const;

    // The judgement in words: the condition that did not hold, or for a yes all that hold.
    std::string why(
        std::size_t rule, judgement const& judged, event_values const& of, known_facts const& known
    ) const;

    // Whether a value matches one of the patterns of a check, and which.
    std::optional<std::string_view> match(check const& with, std::string_view value) const;

private:
    struct pattern
    {
        std::string_view text;
        // Of a glob: how many characters stand before its first star or question mark, and behind its last.
        std::uint16_t head = 0, tail = 0;
        bool is_literal = true;
        std::int32_t team = -1;  // the place of its team; -1: it names none
    };
    struct source
    {
        std::vector<rule> rules;
        std::vector<std::vector<std::string>> teams;  // their members, sorted
        std::string
            texts;  // of all patterns, in the order in which they are asked: side by side they are quick
    };
    struct compiled
    {
        kind_set kinds = 0;
        bool has_default_kinds = false;
        std::uint32_t first = 0, behind = 0;  // its checks
    };

    // By what rules are found: a whole value of a condition, how it begins or ends, or a few bytes anywhere.
    enum form : std::size_t
    {
        whole,
        head,
        tail,
        part,
        form_count,
    };
    struct place
    {
        condition asks = condition::kinds;
        form by = whole;
        std::string_view text;
    };
    using rule_list = std::vector<std::uint32_t>;
    struct table
    {
        std::array<std::unordered_map<std::string_view, rule_list>, form_count> found;
        std::array<std::vector<std::size_t>, form_count> lengths;  // of the texts, but of whole ones
    };
    using crowds = std::
        array<std::array<std::unordered_map<std::string_view, std::size_t>, form_count>, condition_count>;

    using team_places = std::unordered_map<std::string_view, std::int32_t>;
    void compile(rule const& one, team_places const& teams, std::string& texts);
    void add_check(
        check asked, std::vector<std::string> const& patterns, team_places const& teams, std::string& texts
    );
    void index();
    // Each way in which a pattern's values can be found; none: they cannot.
    std::vector<place> places_of(check const& with, pattern const& one) const;
    std::optional<std::vector<place>> best_places(compiled const& one, crowds const& known) const;
    static void look_up(table const& in, std::string_view value, rule_list& out);
    bool matches(pattern const& one, std::string_view value, condition asks) const;
    bool holds(check const& with, event_values const& of) const;
    answer judge_paths(check const& with, known_facts const& known) const;
    std::string list_of(check const& with) const;
    // The pattern by which a condition of patterns holds.
    std::string_view held_by(check const& with, event_values const& of, known_facts const& known) const;
    std::string why_all(std::size_t rule, event_values const& of, known_facts const& known) const;
    std::string why_value(check const& with, std::string_view value) const;
    std::string why_reviewers(check const& with, std::vector<std::string_view> const& ids) const;
    std::string why_paths(check const& with, known_facts const& known) const;

    std::shared_ptr<source const> source_;  // what all views look at
    std::vector<compiled> rules_;
    std::vector<check> checks_;
    std::vector<pattern> patterns_;
    std::array<table, condition_count> found_by_;
    std::array<rule_list, kind_names.size()> others_;  // by kind
};

}  // namespace linkspan
