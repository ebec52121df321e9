#include "store/build_watches.hpp"
#include "store/watched_repositories.hpp"
#include "tests/support/events.hpp"
#include "tests/support/watched_place.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

class store_build_watches : public testing::Test
{
protected:
    event told(event_kind kind)
    {
        auto out = sample_event(kind);
        out.edition = edition::data_center;
        out.occurred_at = store_.now;
        out.received_at = store_.now;
        return out;
    }

    bool apply(event const& happening)
    {
        return store_.tell([&](transaction& tx) { return apply_to_watch(tx, happening); }).value();
    }

    std::optional<watched_builds> found()
    {
        return store_.tell([](transaction& tx) { return find_build_watch(tx, sample_place()); }).value();
    }

    void asked(time_point at)
    {
        EXPECT_TRUE(store_.tell([&](transaction& tx) { return save_build_look(tx, sample_place(), at); }));
    }

    scratch_store store_;
};

TEST_F(store_build_watches, begin_with_a_push_and_anew_with_the_next)
{
    EXPECT_TRUE(apply(told(event_kind::pull_request_opened)));
    ASSERT_TRUE(found());
    EXPECT_EQ(found()->full_name, "acme/api");
    EXPECT_EQ(found()->state.pushed_at, store_.now);
    EXPECT_FALSE(found()->state.asked_at);
    store_.now += seconds(30);
    asked(store_.now);
    EXPECT_EQ(found()->state.asked_at, store_.now);
    EXPECT_EQ(store_.tell([](transaction& tx) { return list_build_watches(tx, cloud); }).value().size(), 1u);
    EXPECT_TRUE(
        store_.tell([](transaction& tx) { return list_build_watches(tx, "elsewhere"); }).value().empty()
    );
    store_.now += seconds(30);
    EXPECT_TRUE(apply(told(event_kind::pull_request_commits_pushed)));
    EXPECT_EQ(found()->state.pushed_at, store_.now);
    EXPECT_FALSE(found()->state.asked_at);
}

TEST_F(store_build_watches, an_older_push_and_a_question_from_before_change_nothing)
{
    apply(told(event_kind::pull_request_commits_pushed));
    auto const pushed_at = store_.now;
    asked(pushed_at - milliseconds(1));
    EXPECT_FALSE(found()->state.asked_at) << "it left before the push";
    asked(pushed_at + seconds(1));
    auto late = told(event_kind::pull_request_opened);
    late.occurred_at = pushed_at - seconds(5);
    apply(late);
    EXPECT_EQ(found()->state.pushed_at, pushed_at);
    EXPECT_TRUE(found()->state.asked_at);
    auto future = told(event_kind::pull_request_commits_pushed);
    future.occurred_at = store_.now + seconds(600);
    store_.now += seconds(1);
    apply(future);
    EXPECT_EQ(found()->state.pushed_at, store_.now);
}

TEST_F(store_build_watches, end_where_the_pull_request_is_closed)
{
    apply(told(event_kind::pull_request_opened));
    apply(told(event_kind::pull_request_merged));
    EXPECT_FALSE(found());
    asked(store_.now);
    EXPECT_FALSE(found());
    apply(told(event_kind::pull_request_reopened));
    EXPECT_TRUE(found());
    EXPECT_TRUE(store_.tell([](transaction& tx) { return end_build_watch(tx, sample_place()); }));
    EXPECT_FALSE(found());
}

TEST_F(store_build_watches, are_forgotten_where_nobody_asks)
{
    apply(told(event_kind::pull_request_opened));
    apply(told(event_kind::comment_added));
    EXPECT_EQ(store_.tell(count_watches).value(), 1) << "of one pull request";
    store_.now += watch_kept + milliseconds(1);
    auto const forget = [&](std::int64_t at_most)
    { return store_.tell([&](transaction& tx) { return forget_watches(tx, at_most); }).value(); };
    EXPECT_EQ(forget(1), 1);
    EXPECT_TRUE(found());
    EXPECT_EQ(forget(2), 1);
    EXPECT_FALSE(found());
}

TEST_F(store_build_watches, what_a_webhook_tells_begins_the_watch_of_its_repository)
{
    auto const watched = [&] { return store_.tell(list_watched).value(); };
    auto found_by_look = told(event_kind::pull_request_approved);
    found_by_look.origin = event_origin::poll;
    apply(found_by_look);
    EXPECT_TRUE(watched().empty());
    apply(told(event_kind::pull_request_approved));
    ASSERT_EQ(watched().size(), 1u);
    EXPECT_EQ(watched().front().full_name, "acme/api");
    auto const since = store_.now;
    store_.now += seconds(60);
    apply(told(event_kind::comment_added));
    EXPECT_EQ(watched().front().watched_since, since);
}

}  // namespace
}  // namespace linkspan::test
