#include "core/conversation/story.hpp"
#include "store/folds.hpp"
#include "tests/support/delivery_store.hpp"

namespace linkspan::test
{
namespace
{

class store_folds : public delivery_store
{
protected:
    void fold(std::vector<event_row> const& story)
    {
        ASSERT_TRUE(store_.tell([&](transaction& tx)
                                { return fold_deliveries(tx, story, {"chat"}, story_events_min); }));
    }

    next_in_lane step(lane const& on)
    {
        return store_.tell([&](transaction& tx) { return advance(tx, on, {}, schedule_, false); }).value();
    }

    lane chat_ = lane("chat", "pull request 7");
    lane machine_ = lane("machine", "pull request 7");
};

TEST_F(store_folds, the_last_message_of_a_lane_tells_those_before_it)
{
    std::vector<event_row> story;
    for (int i = 1; i <= 3; ++i)
        story.push_back(plan(i, {chat_, machine_}));
    fold(story);
    auto const told = step(chat_);
    ASSERT_TRUE(told.begun);
    EXPECT_EQ(told.begun->event.key, "key 3");
    ASSERT_EQ(told.begun->story.size(), 2u);
    EXPECT_EQ(told.begun->story[0].key, "key 1");
    EXPECT_EQ(told.begun->story[1].key, "key 2");
    auto const folded = history(1);
    EXPECT_EQ(folded.front().state, "replaced");
    EXPECT_EQ(folded.front().reason, "told in one with event-3");

    auto const first = step(machine_);
    ASSERT_TRUE(first.begun);
    EXPECT_EQ(first.begun->event.key, "key 1") << "what programs read comes event by event";
    EXPECT_TRUE(first.begun->story.empty());
}

TEST_F(store_folds, two_messages_are_no_storm)
{
    fold({plan(1, {chat_}), plan(2, {chat_})});
    EXPECT_EQ(step(chat_).begun->event.key, "key 1");
}

TEST_F(store_folds, what_was_begun_or_waits_is_left_alone)
{
    auto const first = plan(1, {chat_});
    ASSERT_TRUE(step(chat_).begun);
    auto const second = plan(2, {chat_});
    auto const third = plan(3, {chat_}, seconds(10));
    fold({first, second, third, plan(4, {chat_})});
    EXPECT_EQ(store_.count("SELECT count(*) FROM delivery WHERE told_by IS NOT NULL"), 0);
}

TEST_F(store_folds, what_was_told_in_one_counts_as_told_for_its_cause)
{
    std::vector<event_row> story;
    for (int i = 1; i <= 3; ++i)
        story.push_back(plan(i, {chat_}));
    fold(story);
    store_.change("UPDATE event SET cause = 'push' WHERE id = 'event-1'");
    auto asked = sample_event(event_kind::branch_updated);
    asked.cause = "push";
    auto const twins = store_.tell([&](transaction& tx) { return twins_of(tx, asked); }).value();
    ASSERT_EQ(twins.size(), 1u);
    EXPECT_TRUE(twins.front().is_begun) << "it goes out, and can be taken back no more";
}

TEST_F(store_folds, a_story_without_one_of_its_events_is_told)
{
    std::vector<event_row> story;
    for (int i = 1; i <= 3; ++i)
        story.push_back(plan(i, {chat_}));
    fold(story);
    store_.change("UPDATE event SET json = '{' WHERE id = 'event-1'");
    auto const told = step(chat_);
    ASSERT_TRUE(told.begun);
    ASSERT_EQ(told.begun->story.size(), 1u);
    EXPECT_EQ(told.begun->story[0].key, "key 2");
}

}  // namespace
}  // namespace linkspan::test
