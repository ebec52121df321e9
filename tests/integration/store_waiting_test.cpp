#include "store/facts.hpp"
#include "store/waiting_deliveries.hpp"
#include "tests/support/delivery_store.hpp"

namespace linkspan::test
{
namespace
{

planned_delivery to_lane(std::string destination, std::string conversation, std::vector<fact> needs)
{
    planned_delivery out;
    out.destination = std::move(destination);
    out.conversation = std::move(conversation);
    out.why = "because";
    out.needs = std::move(needs);
    return out;
}

class store_waiting : public delivery_store
{
protected:
    next_in_lane step(std::optional<settled_delivery> const& settled = {})
    {
        return store_.tell([&](transaction& tx) { return advance(tx, lane_, settled, {}, false); }).value();
    }

    std::vector<waiting_delivery> waiting(std::int64_t at_most = 100)
    {
        return store_.tell([&](transaction& tx) { return list_waiting(tx, at_most); }).value();
    }

    std::string state(int n) { return history(n).at(0).state; }

    std::size_t lanes_due()
    {
        return store_.tell([](transaction& tx) { return waiting_lanes(tx); }).value().size();
    }

    settled_delivery sent(begun_delivery const& begun)
    {
        settled_delivery out;
        out.id = begun.id;
        out.attempt = begun.progress.attempts;
        out.result = outcome(outcome_kind::accepted, "sent");
        out.decided = settle(begun.progress, out.result, {}, store_.now);
        return out;
    }

    lane lane_ = lane("chat", "here");
};

TEST_F(store_waiting, a_message_that_waits_holds_its_place_and_its_lane_alone)
{
    plan_messages(1, {to_lane("chat", "here", {fact::changed_paths}), to_lane("chat", "there", {})});
    plan_messages(2, {to_lane("chat", "here", {})});
    EXPECT_EQ(lanes_due(), 1u) << "the other lane";
    auto next = step();
    EXPECT_FALSE(next.begun);
    EXPECT_FALSE(next.due_at) << "who decides wakes it";
    EXPECT_EQ(state(1), "waiting");
    store_.now += enrichment_wait + seconds(1);
    EXPECT_FALSE(step().begun) << "nobody sends it undecided";

    auto const found = waiting();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].plan.destination, "chat");
    EXPECT_EQ(found[0].plan.conversation, "here");
    EXPECT_EQ(found[0].plan.needs, std::vector{fact::changed_paths});
    EXPECT_EQ(found[0].decide_by, store_.now - seconds(1));
    auto released = found[0];
    released.plan.why = "decided";
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return release_delivery(tx, released); }));
    EXPECT_EQ(state(1), "pending");
    EXPECT_EQ(lanes_due(), 2u);
    EXPECT_TRUE(waiting().empty());
    next = step();
    ASSERT_TRUE(next.begun);
    EXPECT_EQ(next.begun->id, found[0].id);
    next = step(sent(*next.begun));
    ASSERT_TRUE(next.begun) << "what stood behind it";
    EXPECT_EQ(state(2), "pending");
}

TEST_F(store_waiting, what_is_not_taken_frees_the_lane_and_says_why)
{
    plan_messages(1, {to_lane("chat", "here", {fact::changed_paths})});
    plan_messages(2, {to_lane("chat", "here", {})});
    auto const id = waiting().at(0).id;
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return drop_delivery(tx, id, "no path matches"); }));
    EXPECT_EQ(state(1), "not_taken");
    auto const told =
        store_.tell([](transaction& tx) { return deliveries_of(tx, event_id("event-1")); }).value().at(0);
    EXPECT_EQ(told.reason, "no path matches");
    EXPECT_TRUE(waiting().empty());
    auto const next = step();
    ASSERT_TRUE(next.begun);
    EXPECT_NE(next.begun->id, id);
}

TEST_F(store_waiting, a_note_of_what_is_not_taken_stands_in_no_lane)
{
    auto const row = plan_messages(1, {});
    ASSERT_TRUE(store_.tell([&](transaction& tx)
                            { return note_not_taken(tx, row, to_lane("chat", "here", {}), "no api"); }));
    EXPECT_EQ(state(1), "not_taken");
    EXPECT_EQ(lanes_due(), 0u);
    EXPECT_FALSE(step().begun);
}

TEST_F(store_waiting, one_that_was_replaced_stays_so)
{
    plan_messages(1, {to_lane("chat", "here", {fact::changed_paths})});
    auto const found = waiting().at(0);
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return replace_deliveries(tx, {found.id.value}, "told"); })
    );
    EXPECT_TRUE(waiting().empty());
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return release_delivery(tx, found); }));
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return drop_delivery(tx, found.id, "no"); }));
    EXPECT_EQ(state(1), "replaced");
}

TEST_F(store_waiting, those_to_be_decided_first_come_first)
{
    plan_messages(1, {to_lane("chat", "one", {fact::commits})});
    store_.now += seconds(1);
    plan_messages(2, {to_lane("chat", "two", {fact::changed_paths, fact::commits})});
    auto const found = waiting();
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].plan.conversation, "one");
    EXPECT_EQ(found[1].plan.needs.size(), 2u);
    EXPECT_EQ(waiting(1).size(), 1u);
    auto const depth = store_.tell([](transaction& tx) { return depth_of_deliveries(tx); }).value();
    EXPECT_EQ(depth.waiting, 2);
    EXPECT_EQ(depth.pending, 0);
    EXPECT_EQ(depth.oldest, store_.now - seconds(1));
}

TEST_F(store_waiting, twins_are_undecided_while_their_paths_are_not_known)
{
    auto happening = sample_event(event_kind::pull_request_commits_pushed);
    happening.cause = "cause";
    happening.received_at = store_.now;
    plan_messages(
        1,
        {to_lane("one", "here", {fact::changed_paths}),
         to_lane("two", "here", {fact::commits}),
         to_lane("three", "here", {})},
        happening
    );
    auto const twins = store_.tell([&](transaction& tx) { return twins_of(tx, happening); }).value();
    ASSERT_EQ(twins.size(), 3u);
    EXPECT_TRUE(twins[0].is_undecided);
    EXPECT_FALSE(twins[1].is_undecided) << "it is sent, only not yet";
    EXPECT_FALSE(twins[2].is_undecided);
    for (auto const& one : twins)
        EXPECT_FALSE(one.is_begun);
    ASSERT_TRUE(store_.tell([&](transaction& tx)
                            { return drop_delivery(tx, delivery_id(twins[0].delivery), "no path matches"); })
    );
    EXPECT_EQ(store_.tell([&](transaction& tx) { return twins_of(tx, happening); }).value().size(), 2u);
}

// --- facts

fact_question between(std::string before, std::string after, fact_subject subject = fact_subject::push_paths)
{
    fact_question out;
    out.subject = subject;
    out.instance = cloud;
    out.repository = "{repository}";
    out.before = std::move(before);
    out.after = std::move(after);
    return out;
}

TEST_F(store_waiting, facts_are_found_by_their_commits)
{
    known_paths paths;
    paths.paths = {"a.cpp", "docs/\"b\".md"};
    paths.fault = "there are more";
    auto const asked = between("0ld", "n3w");
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return keep_paths(tx, asked, paths); }));
    auto const found = store_.tell([&](transaction& tx) { return find_paths(tx, asked); }).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->paths, paths.paths);
    EXPECT_EQ(found->fault, "there are more");
    auto other = asked;
    other.repository = "{other}";
    for (auto const& wrong :
         {between("n3w", "0ld"), between("0ld", "n3w", fact_subject::pull_request_paths), other})
        EXPECT_FALSE(store_.tell([&](transaction& tx) { return is_known(tx, wrong); }).value());
    auto of_pull_request = asked;
    of_pull_request.pull_request = 7;
    EXPECT_TRUE(store_.tell([&](transaction& tx) { return is_known(tx, of_pull_request); }).value());

    paths.fault.clear();
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return keep_paths(tx, asked, paths); }));
    EXPECT_EQ(store_.count("SELECT count(*) FROM known_fact WHERE fault = ''"), 1) << "asked again";
}

TEST_F(store_waiting, a_push_is_begun_with_the_commits_that_are_known)
{
    auto happening = sample_event(event_kind::branch_updated);
    auto& change = std::get<ref_change>(happening.detail);
    change.before = "0ld";
    change.after = "n3w";
    change.truncated = true;
    change.commits = {commit{"n3w", std::nullopt, std::nullopt}};
    plan_messages(1, {to_lane("chat", "here", {})}, happening);
    known_commits known;
    known.commits = {commit{"n3w", "Last", "Ada"}, commit{"mid", "First", std::nullopt}};
    auto const question = commits_question(happening, {}).value();
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return keep_commits(tx, question, known); }));
    auto const next = step();
    ASSERT_TRUE(next.begun);
    auto const& told = std::get<ref_change>(next.begun->event.detail);
    EXPECT_EQ(told.commits, known.commits);
    EXPECT_EQ(told.truncated, false);
}

TEST_F(store_waiting, a_fact_that_cannot_be_read_spoils_no_message)
{
    auto happening = sample_event(event_kind::branch_updated);
    auto& change = std::get<ref_change>(happening.detail);
    change.before = "0ld";
    change.after = "n3w";
    change.truncated = true;
    plan_messages(1, {to_lane("chat", "here", {})}, happening);
    auto const question = commits_question(happening, {}).value();
    for (auto const* wrong : {"{", "{}", "[7]", "[{\"message\": \"no hash\"}]"})
    {
        ASSERT_TRUE(store_.tell([&](transaction& tx) { return keep_commits(tx, question, {}); }));
        store_.change("UPDATE known_fact SET json = '" + std::string(wrong) + "'");
        auto const found = store_.tell([&](transaction& tx) { return find_commits(tx, question); });
        ASSERT_FALSE(found) << wrong;
        EXPECT_EQ(found.error().code, errc::invalid);
    }
    auto const next = step();
    ASSERT_TRUE(next.begun);
    EXPECT_EQ(next.begun->event.detail, happening.detail);
}

TEST_F(store_waiting, facts_are_forgotten_behind_a_week)
{
    auto const keep = [&](std::string after)
    {
        auto const asked = between("0ld", std::move(after));
        ASSERT_TRUE(store_.tell([&](transaction& tx) { return keep_paths(tx, asked, {}); }));
    };
    keep("a");
    keep("b");
    store_.now += known_fact_kept;
    keep("c");
    auto const forget = [&]
    { return store_.tell([](transaction& tx) { return forget_facts(tx, 1); }).value(); };
    EXPECT_EQ(forget(), 0);
    store_.now += seconds(1);
    EXPECT_EQ(forget(), 1);
    EXPECT_EQ(forget(), 1);
    EXPECT_EQ(forget(), 0);
    EXPECT_EQ(store_.count("SELECT count(*) FROM known_fact"), 1);
}

}  // namespace
}  // namespace linkspan::test
