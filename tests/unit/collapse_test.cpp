#include "core/event/collapse.hpp"

#include "tests/support/looks.hpp"

#include <algorithm>

// What remains of a log for somebody who looks only behind its end.
namespace linkspan::test
{
namespace
{

using enum event_kind;

// Events of one pull request, a second apart.
class log_of_events
{
public:
    event& add(event_kind kind, event_detail detail = {})
    {
        auto& out = events_.emplace_back();
        out.kind = kind;
        out.instance = cloud_instance;
        out.occurred_at = clock_at("09:00:00") + seconds(events_.size());
        out.repository.emplace().id = "{r}";
        out.pull_request.emplace().id = 7;
        out.detail = std::move(detail);
        out.key = std::to_string(events_.size());
        return out;
    }

    event& say(
        event_kind kind, std::int64_t id, std::string const& text = "x", std::string const& before = ""
    )
    {
        comment_detail detail;
        detail.comment.id = id;
        detail.comment.text = text;
        if (!before.empty())
            detail.previous_text = before;
        return add(kind, std::move(detail));
    }

    event& do_task(event_kind kind, std::int64_t id, std::string const& text = "x")
    {
        task_detail detail;
        detail.task.id = id;
        detail.task.text = text;
        return add(kind, std::move(detail));
    }

    event& judge(event_kind kind, std::string const& who = "lin")
    {
        review detail;
        detail.reviewer.id = who;
        return add(kind, std::move(detail));
    }

    event& change(event_kind kind, std::string const& before, std::string const& after)
    {
        text_change detail;
        detail.before = before;
        detail.after = after;
        return add(kind, std::move(detail));
    }

    event& push(std::string const& before, std::string const& after)
    {
        commits_push detail;
        detail.before = before;
        detail.after = after;
        detail.forced = false;
        detail.commits.emplace_back();
        return add(pull_request_commits_pushed, std::move(detail));
    }

    event& ask(std::vector<std::string> const& added, std::vector<std::string> const& removed)
    {
        reviewers_change detail;
        for (auto const& id : added)
            detail.added.emplace_back().id = id;
        for (auto const& id : removed)
            detail.removed.emplace_back().id = id;
        return add(pull_request_reviewers_changed, std::move(detail));
    }

    event& end_build(event_kind kind, std::string const& commit, std::string const& key)
    {
        build detail;
        detail.commit = commit;
        detail.key = key;
        return add(kind, std::move(detail));
    }

    // Collapsed; twice changes nothing.
    std::vector<event> collapsed() const
    {
        auto once = collapse(events_);
        EXPECT_EQ(collapse(once), once) << "it is not idempotent";
        return once;
    }

    words kinds() const { return kinds_of(collapsed()); }

    std::vector<event> const& all() const { return events_; }

private:
    std::vector<event> events_;
};

TEST(collapse, keeps_what_can_be_seen_afterwards_as_it_is)
{
    log_of_events log;
    log.add(pull_request_opened);
    log.say(comment_added, 1);
    log.say(comment_resolved, 1);
    log.do_task(task_added, 1);
    log.do_task(task_resolved, 1);
    log.judge(pull_request_approved);
    log.judge(pull_request_changes_requested, "grace");
    log.end_build(build_failed, "abcdef1", "unit");
    log.add(pull_request_merged, closing());
    log.add(branch_updated, ref_change());
    log.add(branch_updated, ref_change());
    log.say(commit_commented, 1);
    EXPECT_EQ(log.collapsed(), log.all());
    EXPECT_TRUE(collapse({}).empty());
}

TEST(collapse, drops_updates_of_which_nothing_is_known)
{
    log_of_events log;
    log.add(pull_request_updated);
    EXPECT_EQ(log.kinds(), words{});
}

TEST(collapse, cancels_states_that_came_back)
{
    log_of_events log;
    log.judge(pull_request_approved);
    log.judge(pull_request_changes_requested, "grace");
    log.judge(pull_request_approval_withdrawn);
    log.add(pull_request_marked_draft);
    log.add(pull_request_declined, closing());
    log.add(pull_request_reopened);
    log.add(pull_request_marked_ready);
    log.say(comment_reopened, 1);
    log.say(comment_resolved, 2);
    log.say(comment_resolved, 1);
    log.do_task(task_resolved, 1);
    log.do_task(task_reopened, 1);
    EXPECT_EQ(log.kinds(), (words{"pull_request.changes_requested", "comment.resolved"}));
    EXPECT_EQ(std::get<comment_detail>(log.collapsed().at(1).detail).comment.id, 2);
}

TEST(collapse, keeps_the_last_move_of_a_state)
{
    log_of_events log;
    log.judge(pull_request_changes_requested);
    log.judge(pull_request_approved);
    log.add(pull_request_declined, closing());
    log.add(pull_request_reopened);
    log.add(pull_request_merged, closing());
    log.say(comment_resolved, 1);
    log.say(comment_reopened, 1);
    log.say(comment_resolved, 1);
    auto const left = log.collapsed();
    EXPECT_EQ(kinds_of(left), (words{"pull_request.approved", "pull_request.merged", "comment.resolved"}));
    EXPECT_EQ(left.at(2).key, "8");
}

TEST(collapse, withdraws_what_stood_there_before)
{
    log_of_events log;
    log.judge(pull_request_changes_request_withdrawn);
    log.judge(pull_request_approved);
    log.judge(pull_request_approval_withdrawn);
    EXPECT_EQ(log.kinds(), words{"pull_request.changes_request_withdrawn"});
}

TEST(collapse, withdraws_nothing_of_what_was_made_within_the_log)
{
    log_of_events log;
    log.add(pull_request_opened);
    log.judge(pull_request_approval_withdrawn);
    EXPECT_EQ(log.kinds(), words{"pull_request.opened"}) << "the approval was told by none";
}

TEST(collapse, folds_changes_of_a_text_into_the_last)
{
    log_of_events log;
    log.change(pull_request_title_changed, "A", "B");
    log.change(pull_request_description_changed, "A", "B");
    log.change(pull_request_retargeted, "main", "next");
    log.change(pull_request_title_changed, "B", "C");
    log.change(pull_request_description_changed, "B", "A");
    auto const left = log.collapsed();
    ASSERT_EQ(kinds_of(left), (words{"pull_request.retargeted", "pull_request.title_changed"}));
    EXPECT_EQ(std::get<text_change>(left.at(1).detail).before, "A");
    EXPECT_EQ(std::get<text_change>(left.at(1).detail).after, "C");
    EXPECT_EQ(left.at(1).key, "4");
}

TEST(collapse, folds_pushes_into_the_last)
{
    log_of_events log;
    log.push("aaaaaaa1", "bbbbbbb1");
    log.push("bbbbbbb1", "ccccccc1");
    auto const left = log.collapsed();
    ASSERT_EQ(left.size(), 1u);
    auto const& push = std::get<commits_push>(left.at(0).detail);
    EXPECT_EQ(push.before, "aaaaaaa1");
    EXPECT_EQ(push.after, "ccccccc1");
    EXPECT_TRUE(push.commits.empty() && !push.forced) << "they were of the last push alone";
    log.push("ccccccc1", "aaaaaaa1222222");
    EXPECT_EQ(log.kinds(), words{}) << "back where it was";
}

TEST(collapse, keeps_of_reviewers_who_is_another_in_the_end)
{
    log_of_events log;
    log.ask({"lin", "grace"}, {"ada"});
    log.ask({"ada"}, {"lin", "joe"});
    auto const left = log.collapsed();
    ASSERT_EQ(left.size(), 1u);
    auto const& change = std::get<reviewers_change>(left.at(0).detail);
    ASSERT_EQ(change.added.size(), 1u);
    EXPECT_EQ(change.added.at(0).id, "grace");
    ASSERT_EQ(change.removed.size(), 1u);
    EXPECT_EQ(change.removed.at(0).id, "joe");
    log.ask({"joe"}, {"grace"});
    EXPECT_EQ(log.kinds(), words{});
}

TEST(collapse, drops_the_first_of_two_edits)
{
    log_of_events log;
    log.say(comment_edited, 1, "B", "A");
    log.do_task(task_edited, 1, "Do");
    log.say(comment_edited, 2, "B", "A");
    log.say(comment_edited, 1, "C", "B");
    log.do_task(task_edited, 1, "Do it");
    log.say(comment_edited, 2, "A", "B");
    auto const left = log.collapsed();
    ASSERT_EQ(kinds_of(left), (words{"comment.edited", "task.edited"}));
    EXPECT_EQ(std::get<comment_detail>(left.at(0).detail).comment.text, "C");
    EXPECT_EQ(std::get<comment_detail>(left.at(0).detail).previous_text, "A");
    EXPECT_EQ(std::get<task_detail>(left.at(1).detail).task.text, "Do it");
}

TEST(collapse, takes_edits_in_the_order_of_their_moments)
{
    log_of_events log;
    log.say(comment_edited, 1, "C", "B").occurred_at = clock_at("09:30:00");
    log.say(comment_edited, 1, "B", "A");
    auto const left = log.collapsed();
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(std::get<comment_detail>(left.at(0).detail).comment.text, "C");
    EXPECT_EQ(std::get<comment_detail>(left.at(0).detail).previous_text, "A");
}

TEST(collapse, shows_what_was_made_as_it_was_left)
{
    log_of_events log;
    auto& opened = log.add(pull_request_opened);
    opened.pull_request->title = "A";
    log.say(comment_added, 1, "A");
    log.do_task(task_added, 1, "Do");
    log.change(pull_request_title_changed, "A", "B").pull_request->title = "B";
    log.add(pull_request_marked_draft).pull_request->draft = true;
    log.push("aaaaaaa1", "bbbbbbb1").pull_request->source = branch_tip{"", "f", "bbbbbbb1"};
    log.ask({"lin"}, {});
    log.say(comment_edited, 1, "B");
    log.do_task(task_edited, 1, "Do it");
    auto const left = log.collapsed();
    ASSERT_EQ(kinds_of(left), (words{"pull_request.opened", "comment.added", "task.added"}));
    EXPECT_EQ(left.at(0).pull_request->title, "B");
    EXPECT_EQ(left.at(0).pull_request->draft, true);
    EXPECT_EQ(left.at(0).pull_request->source->commit, "bbbbbbb1");
    EXPECT_EQ(std::get<comment_detail>(left.at(1).detail).comment.text, "B");
    EXPECT_EQ(std::get<task_detail>(left.at(2).detail).task.text, "Do it");
}

TEST(collapse, shows_no_older_text_than_was_seen)
{
    log_of_events log;
    auto& added = log.say(comment_added, 1, "C");
    std::get<comment_detail>(added.detail).comment.updated_at = clock_at("09:40:00");
    auto& edited = log.say(comment_edited, 1, "B");
    std::get<comment_detail>(edited.detail).comment.updated_at = clock_at("09:30:00");
    auto const left = log.collapsed();
    ASSERT_EQ(kinds_of(left), words{"comment.added"});
    EXPECT_EQ(std::get<comment_detail>(left.at(0).detail).comment.text, "C");
}

TEST(collapse, drops_what_was_made_and_deleted)
{
    log_of_events log;
    log.say(comment_added, 1);
    log.say(comment_edited, 1, "B");
    log.do_task(task_added, 1);
    log.do_task(task_resolved, 1);
    log.say(comment_resolved, 1);
    log.do_task(task_deleted, 1);
    log.say(comment_deleted, 1);
    EXPECT_EQ(log.kinds(), words{});
    log_of_events unordered;
    unordered.say(comment_deleted, 1);
    unordered.say(comment_added, 1);
    EXPECT_EQ(unordered.kinds(), words{});
}

TEST(collapse, drops_deletions_of_what_was_made_within_the_log_and_told_by_none)
{
    log_of_events log;
    log.say(comment_resolved, 1);
    auto& gone = log.say(comment_deleted, 2);
    std::get<comment_detail>(gone.detail).comment.created_at = clock_at("09:00:02");
    EXPECT_EQ(log.kinds(), words{"comment.resolved"});
    std::get<comment_detail>(gone.detail).comment.created_at = clock_at("08:00:00");
    EXPECT_EQ(log.kinds(), (words{"comment.resolved", "comment.deleted"}));
    log.add(pull_request_opened);
    EXPECT_EQ(log.kinds(), (words{"comment.resolved", "pull_request.opened"}));
}

TEST(collapse, keeps_the_deletion_alone_of_what_was_there_before)
{
    log_of_events log;
    log.say(comment_edited, 1, "B", "A");
    log.say(comment_resolved, 1);
    log.say(comment_deleted, 1);
    log.do_task(task_resolved, 1);
    EXPECT_EQ(log.kinds(), (words{"comment.deleted", "task.resolved"})) << "a task is no comment";
}

TEST(collapse, shows_nothing_of_a_deleted_pull_request)
{
    log_of_events log;
    log.say(comment_added, 1);
    log.judge(pull_request_approved);
    log.add(pull_request_deleted);
    EXPECT_EQ(log.kinds(), words{"pull_request.deleted"});
    log.add(pull_request_opened);
    EXPECT_EQ(log.kinds(), words{});
}

TEST(collapse, keeps_the_last_of_a_build)
{
    log_of_events log;
    log.end_build(build_started, "abcdef1", "unit");
    log.end_build(build_started, "abcdef1", "lint");
    log.end_build(build_failed, "abcdef1", "unit").occurred_at = clock_at("10:00:00");
    log.end_build(build_started, "abcdef1", "unit").pull_request.reset();
    EXPECT_EQ(log.kinds(), (words{"build.started", "build.failed"}));
}

TEST(collapse, tells_pull_requests_apart)
{
    log_of_events log;
    log.judge(pull_request_approved);
    log.judge(pull_request_approval_withdrawn).pull_request->id = 8;
    log.say(comment_added, 1);
    log.say(comment_deleted, 1).repository->id = "{other}";
    EXPECT_EQ(log.kinds().size(), 4u);
}

TEST(collapse, names_a_happening_alike_in_two_logs)
{
    log_of_events log;
    EXPECT_EQ(
        happening_of(log.judge(pull_request_approved)), "bitbucket.org:pull_request.approved:{r}:7:lin"
    );
    EXPECT_EQ(happening_of(log.say(comment_edited, 4)), "bitbucket.org:comment.edited:{r}:7:comment:4");
    EXPECT_EQ(
        happening_of(log.change(pull_request_title_changed, "A", "B")),
        "bitbucket.org:pull_request.title_changed:{r}:7"
    );
    EXPECT_EQ(happening_of(log.add(pull_request_opened)), "bitbucket.org:pull_request.opened:{r}:7");
    EXPECT_EQ(
        happening_of(log.end_build(build_failed, "abcdef1", "unit")),
        "bitbucket.org:build.failed:{r}:abcdef1:unit"
    );
    EXPECT_EQ(happening_of(log.add(branch_deleted, ref_change())), "6") << "its key";
}

}  // namespace
}  // namespace linkspan::test
