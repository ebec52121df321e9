#include "core/bitbucket/digest.hpp"
#include "store/budgets.hpp"
#include "store/build_watches.hpp"
#include "store/deliveries.hpp"
#include "store/event_core.hpp"
#include "store/events.hpp"
#include "store/facts.hpp"
#include "store/waiting_deliveries.hpp"
#include "store/watched_repositories.hpp"
#include "store/watches.hpp"
#include "tests/support/events.hpp"
#include "tests/support/readings.hpp"
#include "tests/support/scratch_store.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <set>

// What the digest loop asks of the store within its one writer transaction, explained by SQLite: the
// program's own statements, as its connection keeps them prepared.

namespace linkspan::test
{
namespace
{

std::set<std::string> prepared(transaction& tx)
{
    std::set<std::string> out;
    auto* const connection = tx.connection().raw().getHandle();
    for (auto* one = sqlite3_next_stmt(connection, nullptr); one != nullptr;
         one = sqlite3_next_stmt(connection, one))
        out.emplace(sqlite3_sql(one));
    return out;
}

std::string plan_of(transaction& tx, std::string const& statement)
{
    std::string out;
    SQLite::Statement plan(tx.connection().raw(), "EXPLAIN QUERY PLAN " + statement);
    while (plan.executeStep())
        out += plan.getColumn(3).getString() + "\n";
    return out;
}

class store_query_plans : public testing::Test
{
protected:
    // The statements that `work` uses first.
    std::set<std::string> statements_of(std::function<void(transaction&)> const& work)
    {
        std::set<std::string> out;
        auto const run = [&](transaction& tx) -> result<>
        {
            auto const before = prepared(tx);
            work(tx);
            for (auto const& one : prepared(tx))
                if (!before.contains(one))
                    out.insert(one);
            return {};
        };
        EXPECT_TRUE(store_.tell(run));
        return out;
    }

    void expect_no_scan(std::set<std::string> const& statements)
    {
        for (auto const& one : statements)
        {
            auto const plan =
                store_
                    .tell([&](transaction& tx) -> result<std::string> { return plan_of(tx, one); })
                    .value();
            EXPECT_EQ(plan.find("SCAN"), std::string::npos) << one << "\n" << plan;
        }
    }

    void take(transaction& tx, reading const& said)
    {
        digest_context context;
        context.instance = cloud;
        context.received_at = at(1000);
        auto const known = known_about(tx, cloud, said).value();
        auto made = digest(said, known, context);
        for (auto& happening : made.events)
        {
            happening.id = event_id("01930000-0000-7000-8000-" + std::to_string(100'000'000'000 + ++made_));
            EXPECT_TRUE(insert_event(tx, happening));
        }
        EXPECT_TRUE(remember(tx, cloud, said, known, made));
    }

    scratch_store store_;
    std::int64_t made_ = 0;
};

bool is_of(std::set<std::string> const& statements, std::string_view table)
{
    return std::ranges::any_of(
        statements,
        [&](std::string const& one) { return one.starts_with("SELECT") && one.find(table) != one.npos; }
    );
}

TEST_F(store_query_plans, no_row_is_scanned_for_a_pull_request_and_its_comment)
{
    auto const used = statements_of(
        [&](transaction& tx)
        {
            auto out = said(state_of(1), 1);
            told_comment told;
            told.comment.id = 42;
            told.comment.text = "Why?";
            out.comment = std::move(told);
            take(tx, out);
        }
    );
    EXPECT_TRUE(is_of(used, "FROM snapshot"));
    EXPECT_TRUE(is_of(used, "FROM comment_state"));
    expect_no_scan(used);
}

TEST_F(store_query_plans, no_row_is_scanned_for_a_build)
{
    auto const used = statements_of(
        [&](transaction& tx)
        {
            build status;
            status.commit = std::string(40, 'a');
            status.key = "unit";
            status.state = build_state::failed;
            reading out;
            linkspan::repository where;
            where.id = "{repository}";
            where.full_name = "acme/api";
            out.repository = where;
            take(tx, with_claim(out, event_kind::build_failed, claim_identity::occurrence, status));
        }
    );
    EXPECT_TRUE(is_of(used, "pull_request_head"));
    expect_no_scan(used);
    std::string plans;
    for (auto const& one : used)
        if (one.find("FROM pull_request_head") != one.npos)
            plans += store_
                         .tell([&](transaction& tx) -> result<std::string> { return plan_of(tx, one); })
                         .value();
    EXPECT_NE(plans.find("pull_request_head_source"), std::string::npos) << plans;
    EXPECT_EQ(plans.find("TEMP B-TREE"), std::string::npos) << plans;
}

TEST_F(store_query_plans, no_row_is_scanned_for_the_other_events_of_a_cause)
{
    auto const used = statements_of(
        [](transaction& tx)
        {
            event asked;
            asked.cause = "cause";
            EXPECT_TRUE(events_of_cause(tx, asked).value().empty());
            EXPECT_TRUE(twins_of(tx, asked).value().empty());
        }
    );
    EXPECT_TRUE(is_of(used, "FROM event"));
    expect_no_scan(used);
}

TEST_F(store_query_plans, no_row_is_scanned_for_a_watch)
{
    auto const used = statements_of(
        [](transaction& tx)
        {
            for (auto const kind :
                 {event_kind::comment_added, event_kind::comment_deleted, event_kind::pull_request_merged})
                EXPECT_TRUE(apply_to_watch(tx, sample_event(kind)));
            auto pushed = sample_event(event_kind::pull_request_commits_pushed);
            pushed.edition = edition::data_center;
            EXPECT_TRUE(apply_to_watch(tx, pushed));
            EXPECT_TRUE(list_build_watches(tx, cloud));
            EXPECT_TRUE(find_build_watch(tx, watch_place()));
            EXPECT_TRUE(save_build_look(tx, watch_place(), tx.now()));
            EXPECT_TRUE(list_watches(tx, cloud));
            watch state;
            state.looked_at = tx.now();
            EXPECT_TRUE(save_watch(tx, watch_place(), state));
        }
    );
    EXPECT_TRUE(is_of(used, "FROM watch"));
    EXPECT_EQ(used.size(), 17u) << "of each of them";
    expect_no_scan(used);
}

TEST_F(store_query_plans, no_row_is_scanned_for_a_budget_and_a_repository)
{
    auto const used = statements_of(
        [](transaction& tx)
        {
            auto const state = load_budget(tx, link_id("aaaa"), resource_class::hooks);
            ASSERT_TRUE(state);
            EXPECT_TRUE(save_budget(tx, link_id("aaaa"), *state));
            auto const one = ensure_watched(tx, cloud, "acme/api");
            ASSERT_TRUE(one);
            EXPECT_TRUE(save_watched(tx, *one));
        }
    );
    EXPECT_TRUE(is_of(used, "FROM api_budget"));
    EXPECT_TRUE(is_of(used, "FROM watched_repository"));
    expect_no_scan(used);
}

TEST_F(store_query_plans, no_row_is_scanned_for_what_waits_for_facts)
{
    auto const used = statements_of(
        [](transaction& tx)
        {
            fact_question const asked;
            EXPECT_TRUE(keep_paths(tx, asked, {}));
            EXPECT_TRUE(find_paths(tx, asked));
            EXPECT_TRUE(is_known(tx, asked));
            EXPECT_TRUE(forget_facts(tx, 1));
            EXPECT_TRUE(release_delivery(tx, {}));
        }
    );
    EXPECT_TRUE(is_of(used, "FROM known_fact"));
    expect_no_scan(used);
    auto const listing = statements_of([](transaction& tx) { EXPECT_TRUE(list_waiting(tx, 1)); });
    ASSERT_EQ(listing.size(), 1u);
    auto const plan =
        store_
            .tell([&](transaction& tx) -> result<std::string> { return plan_of(tx, *listing.begin()); })
            .value();
    EXPECT_NE(plan.find("delivery_waiting"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
}

// That a scan would be seen.
TEST_F(store_query_plans, a_scan_is_told)
{
    auto const plan = store_.tell(
        [](transaction& tx) -> result<std::string>
        { return plan_of(tx, "SELECT json FROM snapshot WHERE json = ?"); }
    );
    EXPECT_NE(plan.value().find("SCAN"), std::string::npos);
}

}  // namespace
}  // namespace linkspan::test
