#include "core/bitbucket/digest.hpp"
#include "store/deliveries.hpp"
#include "store/event_core.hpp"
#include "store/events.hpp"
#include "tests/support/events.hpp"
#include "tests/support/readings.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

// What the event core keeps between deliveries, in the real store.
class store_event_core : public testing::Test
{
protected:
    known_state known(reading const& said)
    {
        return store_.tell([&](transaction& tx) { return known_about(tx, cloud, said); }).value();
    }

    std::vector<event> take(reading const& said)
    {
        digest_context context;
        context.instance = cloud;
        context.received_at = at(1000);
        auto const before = known(said);
        auto made = digest(said, before, context);
        EXPECT_TRUE(store_.tell([&](transaction& tx) { return remember(tx, cloud, said, before, made); }));
        return std::move(made.events);
    }

    event_row insert(event happening, int n)
    {
        happening.id = event_id("01930000-0000-7000-8000-00000000000" + std::to_string(n));
        return store_.tell([&](transaction& tx) { return insert_event(tx, happening); }).value().value();
    }

    scratch_store store_;
};

reading comment_of(std::string text, std::int64_t order)
{
    auto out = said(state_of(order), order);
    told_comment told;
    told.news = order == 1 ? comment_news::added : comment_news::edited;
    told.comment.id = 42;
    told.comment.text = std::move(text);
    told.order = order;
    out.comment = std::move(told);
    return out;
}

TEST_F(store_event_core, a_comment_is_remembered_by_its_pull_request)
{
    auto const first = comment_of("Why?", 1);
    EXPECT_FALSE(known(first).comment);
    take(first);
    auto const kept = known(first).comment;
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->text, "Why?");
    EXPECT_EQ(kept->order, 1);
    auto const edit = take(comment_of("Why not?", 2));
    ASSERT_EQ(edit.size(), 1u);
    EXPECT_EQ(std::get<comment_detail>(edit[0].detail).previous_text, "Why?");
    auto elsewhere = comment_of("Why?", 1);
    elsewhere.pull_request->id = 8;
    EXPECT_FALSE(known(elsewhere).comment);
    EXPECT_EQ(store_.count("SELECT count(*) FROM comment_state"), 1);
}

TEST_F(store_event_core, a_comment_that_is_broken_in_the_store_is_an_error)
{
    take(comment_of("Why?", 1));
    store_.change("UPDATE comment_state SET json = '{'");
    auto const broken =
        store_.tell([&](transaction& tx) { return known_about(tx, cloud, comment_of("Why?", 1)); });
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, errc::invalid);
}

reading build_of_commit(
    std::string commit, std::string repository = "{repository}", std::string name = "acme/api"
)
{
    build status;
    status.commit = std::move(commit);
    status.key = "unit";
    reading out;
    linkspan::repository where;
    where.id = std::move(repository);
    where.full_name = std::move(name);
    out.repository = where;
    return with_claim(out, event_kind::build_failed, claim_identity::occurrence, status);
}

TEST_F(store_event_core, builds_find_heads_and_commits_that_were_heads)
{
    take(update(state_of(1), 1));
    auto const first = build_of_commit(std::string(40, 'a'));
    EXPECT_EQ(known(first).heads.size(), 1u);
    EXPECT_FALSE(known(first).was_head);
    auto moved = state_of(2);
    moved.source->commit = "dddddddddddd";
    take(update(moved, 2));
    EXPECT_TRUE(known(first).heads.empty());
    EXPECT_TRUE(known(first).was_head);
    EXPECT_EQ(known(build_of_commit(std::string(40, 'd'))).heads.size(), 1u);
    auto const stranger = known(build_of_commit(std::string(40, 'd'), "{stranger}", "eve/api"));
    EXPECT_TRUE(stranger.heads.empty());
    EXPECT_FALSE(stranger.was_head);
    EXPECT_FALSE(known(build_of_commit(std::string(40, 'e'))).was_head);
    EXPECT_FALSE(known(build_of_commit("d")).was_head) << "too short to name a commit";
}

TEST_F(store_event_core, a_build_that_was_told_is_known_by_its_key)
{
    auto said = build_of_commit(std::string(40, 'a'));
    said.claims.front().stamp = "aaaa:unit:1";
    EXPECT_TRUE(known(said).told_builds.empty());
    auto told = sample_event(event_kind::build_failed);
    told.key = builds_of(said, cloud).at(0).key;
    insert(told, 1);
    EXPECT_EQ(known(said).told_builds, std::set<std::string>{told.key});
    said.claims.front().stamp = "aaaa:unit:2";
    EXPECT_TRUE(known(said).told_builds.empty());
}

TEST_F(store_event_core, a_build_in_a_fork_finds_the_pull_request_that_comes_from_it)
{
    auto forked = state_of(1);
    forked.source->repository = "ada/api";
    take(update(forked, 1));
    auto const heads = known(build_of_commit(std::string(40, 'a'), "{fork}", "ada/api")).heads;
    ASSERT_EQ(heads.size(), 1u);
    EXPECT_EQ(heads[0].target_repository.id, "{repository}") << "where it is told";
    EXPECT_EQ(heads[0].target_repository.full_name, "acme/api");
}

TEST_F(store_event_core, the_heads_of_one_repository_stand_together)
{
    for (auto const& [id, repository] : {std::pair(7, "{b}"), std::pair(8, "{a}"), std::pair(9, "{b}")})
    {
        auto one = update(state_of(1), 1);
        one.pull_request->id = id;
        one.pull_request->source->repository = "ada/api";
        one.repository->id = repository;
        take(one);
    }
    std::vector<std::pair<std::string, std::int64_t>> found;
    for (auto const& head : known(build_of_commit(std::string(40, 'a'), "{fork}", "ada/api")).heads)
        found.emplace_back(head.target_repository.id, head.id);
    EXPECT_EQ(found, (std::vector<std::pair<std::string, std::int64_t>>{{"{a}", 8}, {"{b}", 7}, {"{b}", 9}}));
}

TEST_F(store_event_core, a_deleted_pull_request_is_no_builds)
{
    take(with_claim(said(state_of(1), 1), event_kind::pull_request_deleted, claim_identity::once));
    EXPECT_TRUE(known(update(state_of(2), 2)).snapshot.value().deleted);
    EXPECT_TRUE(known(build_of_commit(std::string(40, 'a'))).heads.empty());
    EXPECT_FALSE(known(build_of_commit(std::string(40, 'a'))).was_head);
}

// Many of a stranger's pull requests and of closed ones may have the same commit, and higher numbers.
TEST_F(store_event_core, other_pull_requests_of_a_commit_hide_no_head)
{
    take(update(state_of(1), 1));
    auto forked = state_of(1);
    forked.id = 8;
    forked.source->repository = "ada/api";
    take(update(forked, 1));
    for (int number = 100; number < 200; ++number)
    {
        auto strangers = update(state_of(1), 1);
        strangers.repository->id = "{stranger}";
        strangers.pull_request->id = number;
        strangers.pull_request->source->repository = "eve/api";
        take(strangers);
        auto closed = state_of(1);
        closed.id = number;
        closed.state = pull_request_state::declined;
        take(update(closed, 1));
    }
    auto const found = known(build_of_commit(std::string(40, 'a')));
    ASSERT_EQ(found.heads.size(), 2u);
    EXPECT_EQ(found.heads[0].id, 7);
    EXPECT_EQ(found.heads[1].id, 8);
    auto const in_fork = known(build_of_commit(std::string(40, 'a'), "{fork}", "ada/api"));
    ASSERT_EQ(in_fork.heads.size(), 1u);
    EXPECT_EQ(in_fork.heads[0].id, 8);
    EXPECT_FALSE(in_fork.was_head);
}

TEST_F(store_event_core, a_closed_pull_request_is_no_head_until_it_is_opened_again)
{
    auto const head = build_of_commit(std::string(40, 'a'));
    auto closed = state_of(1);
    closed.state = pull_request_state::declined;
    take(update(closed, 1));
    EXPECT_TRUE(known(head).heads.empty());
    take(update(state_of(2), 2));
    EXPECT_EQ(known(head).heads.size(), 1u);
    auto deleted = with_claim(said(state_of(3), 3), event_kind::pull_request_deleted, claim_identity::once);
    take(deleted);
    EXPECT_TRUE(known(head).heads.empty());
    EXPECT_FALSE(known(head).was_head);
}

// What stood in the store before 0004_heads.sql is found by the same question.
TEST_F(store_event_core, an_upgrade_finds_the_heads_of_open_pull_requests)
{
    auto forked = state_of(1);
    forked.source->repository = "ada/api";
    take(update(forked, 1));
    auto closed = state_of(1);
    closed.id = 8;
    closed.state = pull_request_state::merged;
    take(update(closed, 1));
    store_.change("DROP INDEX pull_request_head_source");
    store_.change("ALTER TABLE pull_request_head DROP COLUMN source");
    store_.change("ALTER TABLE snapshot DROP COLUMN is_open");
    store_.change("ALTER TABLE inbox DROP COLUMN origin");
    for (auto const* table : {"watched_comment", "watch", "build_watch", "api_budget", "watched_repository"})
        store_.change("DROP TABLE " + std::string(table));
    store_.change("DROP TABLE known_fact");
    store_.change("DROP INDEX delivery_waiting");
    for (auto const* column : {"needs", "decide_by_at"})
        store_.change("ALTER TABLE delivery DROP COLUMN " + std::string(column));
    store_.change("DROP INDEX delivery_told_by");
    store_.change("ALTER TABLE delivery DROP COLUMN told_by");
    store_.change(
        "INSERT INTO snapshot (instance, repository, pull_request, json, updated_at) VALUES ('x', 'x', 1, "
        "'{', 1)"
    );
    store_.change("PRAGMA user_version = 3");
    auto const upgraded = command_store::open(store_.file());
    ASSERT_TRUE(upgraded) << upgraded.error().message;
    EXPECT_EQ(store_.count("SELECT group_concat(pull_request) FROM snapshot WHERE is_open = 1"), 7);
    EXPECT_EQ(known(build_of_commit(std::string(40, 'a'))).heads.size(), 1u);
    EXPECT_EQ(known(build_of_commit(std::string(40, 'a'), "{fork}", "ada/api")).heads.size(), 1u);
}

// --- one push, two events
// --------------------------------------------------------------------------------------

event pushed_branch(std::string before = std::string(40, 'a'))
{
    auto out = sample_event(event_kind::branch_updated);
    out.key = "branch";
    out.cause = "cause";
    out.instance = cloud;
    out.repository->id = "{repository}";
    out.repository->full_name = "acme/api";
    auto& change = std::get<ref_change>(out.detail);
    change.name = "feature/limits";
    change.before = std::move(before);
    return out;
}

TEST_F(store_event_core, a_push_expects_an_event_of_the_pull_request_whose_head_it_moves)
{
    take(update(state_of(1), 1));
    auto const expects = [&](event const& pushed) {
        return store_.tell([&](transaction& tx) { return expected_pull_requests(tx, pushed); })
            .value()
            .size();
    };
    EXPECT_EQ(expects(pushed_branch()), 1u);
    EXPECT_EQ(expects(pushed_branch(std::string(40, 'e'))), 0u);
    auto other = pushed_branch();
    std::get<ref_change>(other.detail).name = "main";
    EXPECT_EQ(expects(other), 0u) << "the same commit on another branch";
    EXPECT_EQ(expects(sample_event(event_kind::comment_added)), 0u);
}

TEST_F(store_event_core, deliveries_of_one_cause_find_each_other_until_they_are_replaced)
{
    auto const row = insert(pushed_branch(), 1);
    auto const plan = [&](std::string destination)
    {
        return store_.tell(
            [&](transaction& tx)
            {
                return plan_deliveries(
                    tx, row, {{destination, "conversation", "a rule", "why", {}}}, tx.now() + cause_wait
                );
            }
        );
    };
    ASSERT_TRUE(plan("reviews"));
    ASSERT_TRUE(plan("pushes"));
    auto const twins = [&](std::string cause)
    {
        auto asked = pushed_branch();
        asked.cause = std::move(cause);
        return store_.tell([&](transaction& tx) { return twins_of(tx, asked); }).value();
    };
    ASSERT_EQ(twins("cause").size(), 2u);
    EXPECT_FALSE(twins("cause")[0].is_begun);
    EXPECT_EQ(twins("cause")[0].kind, event_kind::branch_updated);
    EXPECT_TRUE(twins("another").empty());
    EXPECT_EQ(store_.count("SELECT max(due_at - planned_at) FROM delivery"), 10'000);

    store_.change("INSERT INTO delivery_attempt (delivery, number, started_at) VALUES (2, 1, 0)");
    EXPECT_TRUE(twins("cause")[1].is_begun);
    ASSERT_TRUE(store_.tell([](transaction& tx) { return replace_deliveries(tx, {1}, "told with another"); })
    );
    ASSERT_EQ(twins("cause").size(), 1u);
    EXPECT_EQ(twins("cause")[0].destination, "pushes");
    store_.now += cause_window + seconds(1);
    EXPECT_TRUE(twins("cause").empty()) << "a branch may come back to a commit";
    store_.now -= cause_window;
    store_.change("UPDATE delivery SET state = 2 WHERE id = 2");
    EXPECT_TRUE(twins("cause").empty()) << "nobody has read it";
    EXPECT_EQ(store_.count("SELECT state FROM delivery WHERE id = 1"), 3);
}

}  // namespace
}  // namespace linkspan::test
