#include "tests/support/delivery_store.hpp"

namespace linkspan::test
{
namespace
{

class store_deliveries : public delivery_store
{
protected:
    next_in_lane step(std::optional<settled_delivery> const& settled = {}, bool only_settle = false)
    {
        return store_
            .tell([&](transaction& tx) { return advance(tx, chat_, settled, schedule_, only_settle); })
            .value();
    }

    settled_delivery judge(begun_delivery const& begun, outcome result) const
    {
        settled_delivery out;
        out.id = begun.id;
        out.attempt = begun.progress.attempts;
        out.decided = settle(begun.progress, result, schedule_, store_.now);
        out.result = std::move(result);
        return out;
    }

    lane chat_ = lane("chat", "pull request 7");
};

TEST_F(store_deliveries, go_through_their_lane_in_order)
{
    EXPECT_FALSE(step().begun);
    EXPECT_FALSE(step().due_at);
    plan(1, {chat_, lane("chat", "pull request 8")});
    plan(2, {chat_});
    auto const first = step();
    ASSERT_TRUE(first.begun);
    EXPECT_EQ(first.begun->event.key, "key 1");
    EXPECT_EQ(first.begun->progress.attempts, 1);
    EXPECT_EQ(store_.count("SELECT count(*) FROM delivery_attempt WHERE ended_at IS NULL"), 1);

    auto accepted = outcome(outcome_kind::accepted, "taken");
    accepted.reference = "1700.42";
    store_.now += seconds(1);
    auto const second = step(judge(*first.begun, accepted));
    ASSERT_TRUE(second.begun);
    EXPECT_EQ(second.begun->event.key, "key 2");
    EXPECT_EQ(history(1).front().state, "done");
    EXPECT_EQ(history(1).front().reason, std::nullopt);
    EXPECT_EQ(history(1).back().state, "pending");
    EXPECT_EQ(history(1).back().attempts, 0);
    EXPECT_EQ(store_.count("SELECT count(*) FROM delivery WHERE reference = '1700.42' AND state = 1"), 1);
    EXPECT_EQ(
        store_.count("SELECT ended_at FROM delivery_attempt WHERE outcome = 'accepted' AND detail = 'taken'"),
        to_milliseconds(store_.now)
    );
    auto const end = step(judge(*second.begun, accepted));
    EXPECT_FALSE(end.begun);
    EXPECT_FALSE(end.due_at);
}

TEST_F(store_deliveries, are_never_overtaken_while_they_wait)
{
    plan(1, {chat_});
    plan(2, {chat_});
    auto const first = step();
    ASSERT_TRUE(first.begun);
    // Nobody settled it: it stands in the way until its time, as after a crash.
    auto const waiting = step();
    EXPECT_FALSE(waiting.begun);
    EXPECT_EQ(waiting.due_at, store_.now + schedule_.waits[0]);

    auto busy = outcome(outcome_kind::retry_after, "busy");
    busy.wait = seconds(60);
    auto const retried = step(judge(*first.begun, busy));
    EXPECT_FALSE(retried.begun);
    EXPECT_EQ(retried.due_at, store_.now + seconds(60));
    EXPECT_EQ(history(1).front().reason, "busy");
    store_.now += seconds(60) - milliseconds(1);
    EXPECT_FALSE(step().begun);
    store_.now += milliseconds(1);
    auto const again = step();
    ASSERT_TRUE(again.begun);
    EXPECT_EQ(again.begun->event.key, "key 1");
    EXPECT_EQ(again.begun->progress.attempts, 1) << "the service named the time: that attempt does not count";
    EXPECT_EQ(store_.count("SELECT count(*) FROM delivery_attempt"), 1);

    auto const unknown = step(judge(*again.begun, outcome(outcome_kind::unknown, "cut")));
    EXPECT_EQ(unknown.due_at, store_.now + schedule_.wait_after(1));
    EXPECT_EQ(history(1).front().attempts, 1);
    EXPECT_EQ(history(2).front().attempts, 0);
}

TEST_F(store_deliveries, die_of_their_own_fault_and_let_the_next_go)
{
    plan(1, {chat_});
    plan(2, {chat_});
    schedule_.attempts_max = 1;
    auto const first = step();
    auto const second = step(judge(*first.begun, outcome(outcome_kind::rejected_message, "msg_too_long")));
    ASSERT_TRUE(second.begun);
    EXPECT_EQ(second.begun->event.key, "key 2");
    EXPECT_EQ(history(1).front().state, "dead");
    EXPECT_EQ(history(1).front().reason, "msg_too_long");
    EXPECT_FALSE(step(judge(*second.begun, outcome(outcome_kind::unknown, "cut"))).due_at);
    EXPECT_EQ(history(2).front().state, "dead");
    EXPECT_NE(history(2).front().reason->find("gave up after 1"), std::string::npos);
    auto const depth = store_.tell(depth_of_deliveries).value();
    EXPECT_EQ(depth.pending, 0);
    EXPECT_EQ(depth.dead, 2);
    EXPECT_EQ(depth.oldest, std::nullopt);
}

TEST_F(store_deliveries, count_no_attempt_for_the_fault_of_their_destination)
{
    plan(1, {chat_});
    for (int look = 0; look < 3; ++look)
    {
        auto const begun = step();
        ASSERT_TRUE(begun.begun);
        EXPECT_EQ(begun.begun->progress.attempts, 1);
        auto const held =
            step(judge(*begun.begun, outcome(outcome_kind::rejected_destination, "invalid_auth")), true);
        EXPECT_FALSE(held.begun);
        EXPECT_EQ(held.due_at, store_.now);  // the destination waits, not the message
        EXPECT_EQ(history(1).front().attempts, 0);
        EXPECT_EQ(history(1).front().reason, "invalid_auth");
        store_.now += schedule_.hold_wait;
    }
    EXPECT_EQ(store_.count("SELECT count(*) FROM delivery_attempt"), 1);
}

TEST_F(store_deliveries, begin_nothing_when_only_settling)
{
    plan(1, {chat_});
    plan(2, {chat_});
    EXPECT_EQ(step({}, true).due_at, store_.now);
    EXPECT_EQ(history(1).front().attempts, 0);
    auto const first = step();
    auto const settled = step(judge(*first.begun, outcome(outcome_kind::accepted, "taken")), true);
    EXPECT_FALSE(settled.begun);
    EXPECT_EQ(settled.due_at, store_.now);
    EXPECT_EQ(history(2).front().attempts, 0);
}

TEST_F(store_deliveries, are_buried_where_their_event_is_broken)
{
    auto const broken = plan(1, {chat_});
    plan(2, {chat_});
    store_.change("UPDATE event SET json = '{\"kind\":' WHERE seq = " + std::to_string(broken.value));
    auto const next = step();
    ASSERT_TRUE(next.begun);
    EXPECT_EQ(next.begun->event.key, "key 2");
    auto const buried = history(1).front();
    EXPECT_EQ(buried.state, "dead");
    EXPECT_NE(buried.reason.value_or(""), "");
    EXPECT_EQ(store_.count("SELECT count(*) FROM delivery_attempt"), 1);
}

TEST_F(store_deliveries, are_planned_once_for_each_lane)
{
    auto const row = plan(1, {chat_});
    auto const again = store_.tell(
        [&](transaction& tx)
        {
            return plan_deliveries(
                tx, row, {{chat_.destination, chat_.conversation, "a rule", "twice", {}}}, tx.now()
            );
        }
    );
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, errc::conflict);
    EXPECT_FALSE(store_.tell(
        [&](transaction& tx) {
            return plan_deliveries(tx, event_row(99), {{"a", "b", "", "", {}}}, tx.now());
        }
    ));
    ASSERT_EQ(history(1).size(), 1U);
    EXPECT_EQ(history(1).front().destination, "chat");
    EXPECT_EQ(history(1).front().why, "because");
    EXPECT_EQ(history(1).front().due_at, store_.now);
    EXPECT_TRUE(history(2).empty());
}

TEST_F(store_deliveries, wait_in_lanes_that_are_due_with_their_heads)
{
    auto const lanes = [this] { return store_.tell(waiting_lanes).value(); };
    EXPECT_TRUE(lanes().empty());
    auto const planned_at = store_.now;
    plan(1, {chat_, lane("other", "b")});
    store_.now += seconds(1);
    plan(2, {chat_});
    auto const begun = step();
    ASSERT_TRUE(begun.begun);  // its head is due later now than what stands behind it
    auto const found = lanes();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].lane, chat_);
    EXPECT_EQ(found[0].due_at, store_.now + schedule_.waits[0]);
    EXPECT_EQ(found[1].lane, lane("other", "b"));
    EXPECT_EQ(found[1].due_at, planned_at);
    auto const depth = store_.tell(depth_of_deliveries).value();
    EXPECT_EQ(depth.pending, 3);
    EXPECT_EQ(depth.oldest, planned_at);
}

TEST_F(store_deliveries, keep_their_own_times_while_their_destination_is_held)
{
    plan(1, {chat_});
    auto const begun = step();
    ASSERT_TRUE(begun.begun);
    auto busy = outcome(outcome_kind::retry_after, "busy");
    busy.wait = seconds(60);
    (void)step(judge(*begun.begun, busy));
    hold held;
    held.destination = "chat";
    held.reason = "invalid_auth";
    held.advice = "set the token again";
    held.since_at = store_.now;
    held.look_at = store_.now + seconds(300);
    auto const put = [&] { return store_.tell([&](transaction& tx) { return put_hold(tx, held); }); };
    auto const list = [&] { return store_.tell(list_holds).value(); };
    ASSERT_TRUE(put());
    held.reason = "channel_not_found";
    held.since_at += seconds(9);
    held.look_at += seconds(9);
    ASSERT_TRUE(put());
    auto const holds = list();
    ASSERT_EQ(holds.size(), 1U);
    EXPECT_EQ(holds[0].destination, "chat");
    EXPECT_EQ(holds[0].reason, "channel_not_found");
    EXPECT_EQ(holds[0].advice, "set the token again");
    EXPECT_EQ(holds[0].since_at, store_.now);  // of the first
    EXPECT_EQ(holds[0].look_at, held.look_at);

    ASSERT_TRUE(store_.tell([](transaction& tx) { return lift_hold(tx, "chat"); }));
    EXPECT_TRUE(list().empty());
    EXPECT_EQ(step().due_at, store_.now + seconds(60));  // as the service asked
    EXPECT_TRUE(store_.tell([](transaction& tx) { return lift_hold(tx, "nobody"); }));
}

}  // namespace
}  // namespace linkspan::test
