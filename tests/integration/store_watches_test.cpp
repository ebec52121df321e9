#include "core/watch/arming.hpp"
#include "store/watches.hpp"
#include "tests/support/events.hpp"
#include "tests/support/watched_place.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

// Pull request 7 of acme/api, whose clock is Bitbucket's too.
class store_watches : public testing::Test
{
protected:
    static event told(event_kind kind, std::int64_t comment, time_point at)
    {
        auto out = sample_event(kind);
        if (auto* detail = std::get_if<comment_detail>(&out.detail))
            detail->comment.id = comment;
        if (auto* detail = std::get_if<task_detail>(&out.detail))
            detail->task.id = comment;
        out.occurred_at = at;
        out.received_at = at;
        if (out.pull_request)
            out.pull_request->tasks = 0;  // as many as are known
        return out;
    }

    bool apply(event const& happening)
    {
        return store_.tell([&](transaction& tx) { return apply_to_watch(tx, happening); }).value();
    }

    bool apply(event_kind kind, std::int64_t comment = 42) { return apply(told(kind, comment, store_.now)); }

    std::vector<watched_pull_request> listed(char const* instance = cloud)
    {
        return store_.tell([&](transaction& tx) { return list_watches(tx, instance); }).value();
    }

    std::optional<watched_pull_request> found()
    {
        return store_.tell([&](transaction& tx) { return find_watch(tx, sample_place()); }).value();
    }

    void save(watch const& state)
    {
        EXPECT_TRUE(store_.tell([&](transaction& tx) { return save_watch(tx, sample_place(), state); }));
    }

    // As the loop does it, at once.
    void look(bool with_tasks = false)
    {
        save(after_look(found()->state, with_tasks, store_.now, store_.now));
    }

    std::int64_t comments() { return store_.count("SELECT count(*) FROM watched_comment"); }

    scratch_store store_;
};

TEST_F(store_watches, another_count_of_tasks_is_one_look_and_hurries_no_other)
{
    auto sign = told(event_kind::pull_request_approved, 0, store_.now);
    sign.origin = event_origin::webhook;
    sign.pull_request->tasks = 1;
    EXPECT_TRUE(apply(sign));
    EXPECT_EQ(found().value().state.changed_at, store_.now - watch_end);
    EXPECT_EQ(found().value().state.looks_since_tasks, 2 * looks_per_task_look);
    look(true);
    EXPECT_FALSE(next_look(found()->state, 1, store_.now));

    auto change = told(event_kind::comment_added, 42, store_.now);
    change.pull_request->tasks = 1;
    EXPECT_TRUE(apply(change));
    EXPECT_EQ(found()->state.changed_at, store_.now);
    EXPECT_EQ(found()->state.looks_since_tasks, 2 * looks_per_task_look);
}

TEST_F(store_watches, a_comment_begins_one)
{
    EXPECT_FALSE(found());
    EXPECT_TRUE(apply(event_kind::comment_added));
    auto const all = listed();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].place, sample_place());
    EXPECT_EQ(all[0].full_name, "acme/api");
    EXPECT_EQ(all[0].state.changed_at, store_.now);
    EXPECT_EQ(all[0].state.unseen_since, store_.now);
    EXPECT_FALSE(all[0].state.looked_at);
    EXPECT_EQ(all[0].state.looks_since_tasks, 0);
    EXPECT_TRUE(listed("https://bitbucket.example.com").empty());
    EXPECT_EQ(comments(), 1);
}

TEST_F(store_watches, a_change_counts_from_when_it_happened_but_not_from_the_future)
{
    auto const happened = store_.now - seconds(40);
    apply(told(event_kind::comment_added, 42, happened));
    EXPECT_EQ(found()->state.changed_at, happened);
    apply(told(event_kind::comment_edited, 42, store_.now + seconds(900)));
    EXPECT_EQ(found()->state.changed_at, store_.now);
    EXPECT_EQ(found()->state.unseen_since, happened);
    EXPECT_EQ(store_.count("SELECT max(changed_at) FROM watched_comment"), to_milliseconds(store_.now));
}

TEST_F(store_watches, a_window_is_whole_where_clocks_differ)
{
    auto late = told(event_kind::comment_added, 42, store_.now - seconds(640));
    late.received_at = store_.now;
    apply(late);
    EXPECT_EQ(found()->state.changed_at, store_.now - telling_time_max);
    EXPECT_EQ(
        store_.count("SELECT max(changed_at) FROM watched_comment"),
        to_milliseconds(store_.now - telling_time_max)
    );
    auto found_late = told(event_kind::comment_edited, 42, store_.now - seconds(640));
    found_late.received_at = store_.now;
    found_late.origin = event_origin::poll;
    EXPECT_FALSE(apply(found_late));
    EXPECT_TRUE(store_.tell([&](transaction& tx) { return apply_to_watch(tx, found_late, seconds(640)); }
    ).value());
    EXPECT_EQ(found()->state.changed_at, store_.now);
}

TEST_F(store_watches, every_change_goes_on_with_the_one_of_its_pull_request)
{
    apply(event_kind::comment_added);
    store_.now += seconds(10);
    look();
    store_.now += seconds(10);
    auto moved = told(event_kind::task_added, 42, store_.now);
    moved.repository->full_name = "acme/api-renamed";
    EXPECT_TRUE(apply(moved));
    auto const one = found();
    EXPECT_EQ(one->full_name, "acme/api-renamed");
    EXPECT_EQ(one->state.changed_at, store_.now);
    EXPECT_EQ(one->state.unseen_since, store_.now);
    EXPECT_EQ(one->state.looked_at, store_.now - seconds(10));
    EXPECT_EQ(one->state.looks_since_tasks, 1);
    EXPECT_EQ(comments(), 2) << "a task of Cloud is no comment of its number";
}

TEST_F(store_watches, a_late_word_of_an_old_change_does_not_move_it_back)
{
    apply(event_kind::comment_added);
    apply(told(event_kind::comment_added, 43, store_.now - seconds(120)));
    EXPECT_EQ(found()->state.changed_at, store_.now);
    EXPECT_EQ(found()->state.unseen_since, store_.now - seconds(120));
    apply(told(event_kind::comment_edited, 42, store_.now - seconds(60)));
    EXPECT_EQ(store_.count("SELECT max(changed_at) FROM watched_comment"), to_milliseconds(store_.now));
}

TEST_F(store_watches, nothing_else_begins_one)
{
    for (auto const& [kind, name] : kind_names)
    {
        if (kind == event_kind::comment_added || kind == event_kind::comment_edited ||
            kind == event_kind::task_added || kind == event_kind::task_edited)
            continue;
        EXPECT_FALSE(apply(kind)) << name;
    }
    auto nowhere = bare_event(event_kind::comment_added);
    nowhere.detail = comment_detail();
    EXPECT_FALSE(apply(nowhere)) << "of no repository";
    auto without_number = sample_event(event_kind::comment_added);
    without_number.detail = {};
    without_number.pull_request->tasks = 0;
    EXPECT_FALSE(apply(without_number));
    EXPECT_TRUE(listed().empty());
}

TEST_F(store_watches, ends_with_the_last_comment_that_is_deleted)
{
    apply(event_kind::comment_added, 42);
    apply(event_kind::comment_added, 43);
    apply(event_kind::comment_deleted, 44);
    EXPECT_FALSE(apply(event_kind::comment_deleted, 42));
    EXPECT_TRUE(found());
    apply(event_kind::comment_deleted, 42);
    EXPECT_TRUE(found()) << "told twice";
    apply(event_kind::comment_deleted, 43);
    EXPECT_FALSE(found());
}

TEST_F(store_watches, a_comment_behind_its_window_keeps_none_going)
{
    apply(event_kind::comment_added, 42);
    store_.now += watch_end - seconds(1);
    look();
    EXPECT_EQ(comments(), 1) << "it may change still";
    apply(event_kind::comment_added, 43);
    store_.now += seconds(1);
    look();
    EXPECT_EQ(comments(), 1);
    apply(event_kind::comment_deleted, 43);
    EXPECT_FALSE(found());
}

TEST_F(store_watches, ends_where_the_pull_request_is_closed)
{
    for (auto const kind :
         {event_kind::pull_request_merged,
          event_kind::pull_request_declined,
          event_kind::pull_request_deleted})
    {
        apply(event_kind::comment_added);
        auto elsewhere = told(event_kind::comment_added, 42, store_.now);
        elsewhere.pull_request->id = 8;
        apply(elsewhere);
        EXPECT_FALSE(apply(kind));
        EXPECT_FALSE(found());
        EXPECT_EQ(listed().size(), 1u) << "the other one goes on";
        EXPECT_EQ(comments(), 1);
    }
}

TEST_F(store_watches, a_look_is_saved_unless_it_has_ended)
{
    apply(event_kind::comment_added);
    store_.now += seconds(10);
    look();
    EXPECT_EQ(found()->state.looked_at, store_.now);
    EXPECT_EQ(found()->state.looks_since_tasks, 1);
    EXPECT_FALSE(found()->state.unseen_since);
    look(true);
    EXPECT_EQ(found()->state.looks_since_tasks, 0);
    auto const late = found()->state;
    EXPECT_TRUE(store_.tell([](transaction& tx) { return end_watch(tx, sample_place()); }));
    save(late);
    EXPECT_FALSE(found());
    EXPECT_EQ(comments(), 0);
    EXPECT_TRUE(store_.tell([](transaction& tx) { return end_watch(tx, sample_place()); })) << "it has ended";
}

TEST_F(store_watches, are_counted_and_those_that_nobody_looks_at_forgotten)
{
    auto const count = [&] { return store_.tell(count_watches).value(); };
    auto const forget = [&](std::int64_t at_most)
    { return store_.tell([&](transaction& tx) { return forget_watches(tx, at_most); }).value(); };
    for (int number = 1; number <= 3; ++number)
    {
        auto one = told(event_kind::comment_added, 42, store_.now);
        one.pull_request->id = number;
        apply(one);
    }
    EXPECT_EQ(count(), 3);
    store_.now += watch_kept;
    EXPECT_EQ(forget(10), 0);
    apply(event_kind::comment_added);
    store_.now += milliseconds(1);
    EXPECT_EQ(forget(2), 2);
    EXPECT_EQ(forget(2), 1);
    EXPECT_EQ(count(), 1);
    EXPECT_TRUE(found());
    EXPECT_EQ(comments(), 1);
}

}  // namespace
}  // namespace linkspan::test
