#include "core/event/collapse.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace linkspan
{
namespace
{

using enum event_kind;

constexpr std::string_view life_aspect = "life";  // whether a comment or task is there
constexpr std::string_view text_aspect = "text";
constexpr std::string_view decision_aspect = "decision";  // of a thread or task: open or resolved
constexpr std::string_view build_aspect = "build";
constexpr std::string_view review_aspect = "review";

// What of a pull request, comment, task or build a kind moves; where it is a state, from and to which: 0 is
// how things are at first.
struct kind_row
{
    event_kind kind;
    std::string_view aspect;
    int from = 0;
    int to = 0;
};

constexpr std::array kind_rows = {
    kind_row{pull_request_title_changed, "title"},
    kind_row{pull_request_description_changed, "description"},
    kind_row{pull_request_retargeted, "target"},
    kind_row{pull_request_commits_pushed, "source"},
    kind_row{pull_request_reviewers_changed, "reviewers"},
    kind_row{pull_request_marked_draft, "draft", 0, 1},
    kind_row{pull_request_marked_ready, "draft", 1, 0},
    kind_row{pull_request_approved, review_aspect, 0, 1},
    kind_row{pull_request_approval_withdrawn, review_aspect, 1, 0},
    kind_row{pull_request_changes_requested, review_aspect, 0, 2},
    kind_row{pull_request_changes_request_withdrawn, review_aspect, 2, 0},
    kind_row{pull_request_declined, "state", 0, 1},
    kind_row{pull_request_reopened, "state", 1, 0},
    kind_row{pull_request_merged, "state", 0, 2},
    kind_row{comment_added, life_aspect},
    kind_row{comment_deleted, life_aspect},
    kind_row{comment_edited, text_aspect},
    kind_row{comment_resolved, decision_aspect, 0, 1},
    kind_row{comment_reopened, decision_aspect, 1, 0},
    kind_row{comment_reaction_added, "reaction", 0, 1},
    kind_row{comment_reaction_removed, "reaction", 1, 0},
    kind_row{task_added, life_aspect},
    kind_row{task_deleted, life_aspect},
    kind_row{task_edited, text_aspect},
    kind_row{task_resolved, decision_aspect, 0, 1},
    kind_row{task_reopened, decision_aspect, 1, 0},
    kind_row{build_started, build_aspect},
    kind_row{build_succeeded, build_aspect},
    kind_row{build_failed, build_aspect},
    kind_row{build_stopped, build_aspect},
};

// Without an aspect for kinds that stay as they are.
kind_row const& row_of_kind(event_kind kind)
{
    static constexpr kind_row nothing{pull_request_updated, {}};
    auto const found = std::ranges::find(kind_rows, kind, &kind_row::kind);
    return found == kind_rows.end() ? nothing : *found;
}

// The person, comment, task or build that an event is of; empty where it is of the pull request.
std::string moved_thing(event const& one)
{
    if (auto const* detail = std::get_if<review>(&one.detail))
        return detail->reviewer.id;
    if (auto const* detail = std::get_if<comment_detail>(&one.detail))
    {
        auto out = "comment:" + std::to_string(detail->comment.id);
        if (detail->reaction)
            out += ":" + *detail->reaction + ":" + (one.actor ? one.actor->id : std::string());
        return out;
    }
    if (auto const* detail = std::get_if<task_detail>(&one.detail))
        return "task:" + std::to_string(detail->task.id);
    if (auto const* detail = std::get_if<build>(&one.detail))
        return detail->commit + ":" + detail->key;
    return {};
}

std::string log_place(event const& one)
{
    std::string out = one.instance + "\n" + (one.repository ? one.repository->id : std::string());
    bool const is_build = std::holds_alternative<build>(one.detail);
    if (one.pull_request && !is_build)
        out += "\n" + std::to_string(one.pull_request->id);
    return out;
}

// The text that an edit or a changed field began with, and the one that it ended with.
std::optional<std::string>* text_before(event& one)
{
    if (auto* change = std::get_if<text_change>(&one.detail))
        return &change->before;
    if (auto* push = std::get_if<commits_push>(&one.detail))
        return &push->before;
    if (auto* edit = std::get_if<comment_detail>(&one.detail))
        return &edit->previous_text;
    return nullptr;
}

std::optional<std::string> text_after(event const& one)
{
    if (auto const* change = std::get_if<text_change>(&one.detail))
        return change->after;
    if (auto const* push = std::get_if<commits_push>(&one.detail))
        return push->after;
    if (auto const* edit = std::get_if<comment_detail>(&one.detail))
        return edit->comment.text;
    return std::nullopt;
}

using log_indices = std::vector<std::size_t>;

// One pull request's part of a log, or that of a repository's builds: where its aspects moved.
struct log_part
{
    std::map<std::pair<std::string_view, std::string>, log_indices> moves;
    log_indices opened;
    log_indices deleted;
};

class folding
{
public:
    explicit folding(std::vector<event> log) : log_(std::move(log)), is_dropped_(log_.size()) {}

    std::vector<event> run();

private:
    void collect();
    void drop(log_indices const& which)
    {
        for (auto const at : which)
            is_dropped_[at] = true;
    }
    void sort_by_moment(log_indices& moves) const
    {
        std::ranges::stable_sort(moves, {}, [&](std::size_t at) { return log_[at].occurred_at; });
    }
    bool fold_deleted(log_part& of);
    void fold_items(log_part& of);
    void fold_item(log_part& of, std::string const& item, log_indices const& lives);
    bool was_made_here(log_part const& of, event const& gone) const;
    void fold_fields(log_part& of);
    void show_in_opened(event& opened, event const& changed) const;
    void fold_texts(log_indices const& moves);
    void fold_reviewers(log_indices const& moves);
    void fold_states(log_indices const& moves, bool is_made_here);

    std::vector<event> log_;
    std::vector<bool> is_dropped_;
    std::map<std::string, log_part> parts_;
    time_point began_at_ = time_point::max();
};

void folding::collect()
{
    for (std::size_t at = 0; at < log_.size(); ++at)
    {
        auto const& one = log_[at];
        began_at_ = std::min(began_at_, one.occurred_at);
        auto& of = parts_[log_place(one)];
        if (one.kind == pull_request_updated)
            is_dropped_[at] = true;
        else if (one.kind == pull_request_opened)
            of.opened.push_back(at);
        else if (one.kind == pull_request_deleted)
            of.deleted.push_back(at);
        else if (auto const& row = row_of_kind(one.kind); !row.aspect.empty())
            of.moves[{row.aspect, moved_thing(one)}].push_back(at);
    }
}

// Of a deleted pull request nothing is shown. True: there is no more to fold.
bool folding::fold_deleted(log_part& of)
{
    if (of.deleted.empty())
        return false;
    for (auto const& [name, moves] : of.moves)
        drop(moves);
    drop(of.opened);
    if (!of.opened.empty())
        drop(of.deleted);
    return true;
}

bool folding::was_made_here(log_part const& of, event const& gone) const
{
    if (!of.opened.empty())
        return true;
    auto const* detail = std::get_if<comment_detail>(&gone.detail);
    return detail != nullptr && detail->comment.created_at && *detail->comment.created_at >= began_at_;
}

void folding::fold_items(log_part& of)
{
    for (auto const& [name, lives] : of.moves)
        if (name.first == life_aspect)
            fold_item(of, name.second, lives);
    for (auto& [name, moves] : of.moves)
        if (name.first == text_aspect && !is_dropped_[moves.front()])
        {
            sort_by_moment(moves);
            fold_texts(moves);
        }
}

void folding::fold_item(log_part& of, std::string const& item, log_indices const& lives)
{
    auto const is_addition = [&](std::size_t at)
    { return log_[at].kind == comment_added || log_[at].kind == task_added; };
    auto const added = std::ranges::find_if(lives, is_addition);
    auto const gone = std::ranges::find_if_not(lives, is_addition);
    auto const edits = of.moves.find({text_aspect, item});
    if (gone != lives.end())
    {
        if (edits != of.moves.end())
            drop(edits->second);
        if (auto const decided = of.moves.find({decision_aspect, item}); decided != of.moves.end())
            drop(decided->second);
        bool const is_unseen = added != lives.end() || was_made_here(of, log_[*gone]);
        drop(lives);
        is_dropped_[*gone] = is_unseen;
        return;
    }
    if (edits == of.moves.end())
        return;
    sort_by_moment(edits->second);
    drop(edits->second);
    auto const& last = log_[edits->second.back()];
    auto* shown = std::get_if<comment_detail>(&log_[*added].detail);
    if (auto* task = std::get_if<task_detail>(&log_[*added].detail))
        task->task.text = std::get<task_detail>(last.detail).task.text;
    else if (shown != nullptr)
    {
        auto const& edited = std::get<comment_detail>(last.detail).comment;
        // Who saw it late may have shown it as it was later still.
        if (shown->comment.updated_at && edited.updated_at && *edited.updated_at < *shown->comment.updated_at)
            return;
        shown->comment.text = edited.text;
        shown->comment.suggestions = edited.suggestions;
        shown->comment.attachments = edited.attachments;
        shown->comment.updated_at = edited.updated_at;
    }
}

void folding::show_in_opened(event& opened, event const& changed) const
{
    if (!opened.pull_request || !changed.pull_request)
        return;
    // Who saw it late may have seen it as it was later still.
    auto const& seen_at = opened.pull_request->updated_at;
    if (seen_at && changed.pull_request->updated_at && *changed.pull_request->updated_at < *seen_at)
        return;
    auto const take = [&](auto member) { (*opened.pull_request).*member = (*changed.pull_request).*member; };
    if (changed.kind == pull_request_title_changed)
        take(&pull_request::title);
    else if (changed.kind == pull_request_description_changed)
        take(&pull_request::description);
    else if (changed.kind == pull_request_retargeted)
        take(&pull_request::target);
    else if (changed.kind == pull_request_commits_pushed)
        take(&pull_request::source);
    else if (changed.kind == pull_request_reviewers_changed)
        take(&pull_request::participants);
    else
        take(&pull_request::draft);
}

void folding::fold_fields(log_part& of)
{
    for (auto const* name : {"title", "description", "target", "source", "reviewers", "draft"})
    {
        auto const found = of.moves.find({name, ""});
        if (found == of.moves.end())
            continue;
        auto const& moves = found->second;
        if (!of.opened.empty())
        {
            show_in_opened(log_[of.opened.front()], log_[moves.back()]);
            drop(moves);
        }
        else if (name == std::string_view("reviewers"))
            fold_reviewers(moves);
        else if (name != std::string_view("draft"))
            fold_texts(moves);
    }
}

void folding::fold_texts(log_indices const& moves)
{
    auto& last = log_[moves.back()];
    auto* before = text_before(last);
    auto const* first = text_before(log_[moves.front()]);
    auto const after = text_after(last);
    bool const is_push = std::holds_alternative<commits_push>(last.detail);
    drop(moves);
    bool const is_known = before != nullptr && first != nullptr && *first && after;
    if (is_known && (is_push ? same_commit(**first, *after) : **first == *after))
        return;
    is_dropped_[moves.back()] = false;
    if (moves.size() == 1 || before == nullptr || first == nullptr)
        return;
    *before = *first;
    // These tell of the last push alone.
    if (auto* push = std::get_if<commits_push>(&last.detail))
    {
        push->forced.reset();
        push->truncated.reset();
        push->commits.clear();
    }
}

void folding::fold_reviewers(log_indices const& moves)
{
    reviewers_change net;
    // Whoever was added and taken off again, or the other way round, is where they were.
    auto const move_person = [](person const& who, std::vector<person>& to, std::vector<person>& from)
    {
        if (std::erase_if(from, [&](person const& one) { return one.id == who.id; }) == 0)
            to.push_back(who);
    };
    for (auto const at : moves)
    {
        auto const* change = std::get_if<reviewers_change>(&log_[at].detail);
        if (change == nullptr)
            continue;
        for (auto const& who : change->added)
            move_person(who, net.added, net.removed);
        for (auto const& who : change->removed)
            move_person(who, net.removed, net.added);
    }
    drop(moves);
    if (net.added.empty() && net.removed.empty())
        return;
    is_dropped_[moves.back()] = false;
    log_[moves.back()].detail = std::move(net);
}

// Of what was made within the log nothing stood there before it.
void folding::fold_states(log_indices const& moves, bool is_made_here)
{
    if (is_dropped_[moves.front()])
        return;
    auto const from = is_made_here ? 0 : row_of_kind(log_[moves.front()].kind).from;
    auto const to = row_of_kind(log_[moves.back()].kind).to;
    drop(moves);
    if (from == to)
        return;
    // What was withdrawn is what stood there before the log.
    auto kept = moves.back();
    for (auto const at : moves)
        if (auto const& move = row_of_kind(log_[at].kind); move.from == from && move.to == to)
            kept = at;
    is_dropped_[kept] = false;
}

std::vector<event> folding::run()
{
    collect();
    for (auto& [place, of] : parts_)
    {
        if (fold_deleted(of))
            continue;
        fold_items(of);
        fold_fields(of);
        for (auto& [name, moves] : of.moves)
        {
            if (auto const& row = row_of_kind(log_[moves.front()].kind); row.from != row.to)
                fold_states(moves, name.first == review_aspect && !of.opened.empty());
            else if (name.first == build_aspect)
            {
                sort_by_moment(moves);
                drop(moves);
                is_dropped_[moves.back()] = false;
            }
        }
    }
    std::vector<event> out;
    for (std::size_t at = 0; at < log_.size(); ++at)
        if (!is_dropped_[at])
            out.push_back(std::move(log_[at]));
    return out;
}

}  // namespace

std::vector<event> collapse(std::vector<event> log)
{
    return folding(std::move(log)).run();
}

std::string happening_of(event const& one)
{
    bool const is_life = one.kind == pull_request_opened || one.kind == pull_request_deleted;
    if (!is_life && row_of_kind(one.kind).aspect.empty())
        return one.key;
    std::string out = one.instance + ":" + std::string(name_of(one.kind)) + ":";
    out += one.repository ? one.repository->id : "-";
    if (one.pull_request && !std::holds_alternative<build>(one.detail))
        out += ":" + std::to_string(one.pull_request->id);
    if (auto const subject = moved_thing(one); !subject.empty())
        out += ":" + subject;
    return out;
}

}  // namespace linkspan
