#include "core/event/json.hpp"
#include "links/console/render.hpp"
#include "links/slack/render.hpp"
#include "store/deliveries.hpp"
#include "store/event_core.hpp"
#include "store/events.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

// A force-push to the branch of a pull request: its two deliveries come in either order, and what is told of
// the pull request holds what only the branch's says.

namespace linkspan::test
{
namespace
{

std::string const old_tip(40, 'a');
std::string const new_tip(40, 'd');

std::string body_with(std::string const& members)
{
    return R"({"actor":{"type":"user","account_id":"712020:ada","display_name":"Ada"},)"
           R"("repository":{"uuid":"{r}","full_name":"acme/api"},)" +
           members + "}";
}

std::string pull_request_body(std::string const& commit, std::string const& updated)
{
    return body_with(
        R"("pullrequest":{"id":7,"title":"Limits","state":"OPEN","source":{"branch":{"name":"feature/limits"},)"
        R"("commit":{"hash":")" +
        commit.substr(0, 12) +
        R"("},"repository":{"full_name":"acme/api"}},"destination":{"branch":{"name":"main"},"commit":)"
        R"({"hash":"bbbbbbbbbbbb"}},"updated_on":")" +
        updated + R"(","links":{"html":{"href":"https://bitbucket.org/acme/api/pull-requests/7"}}})"
    );
}

std::string push()
{
    return body_with(
        R"("push":{"changes":[{"forced":true,"truncated":false,"old":{"type":"branch","name":"feature/limits",)"
        R"("target":{"hash":")" +
        old_tip + R"("}},"new":{"type":"branch","name":"feature/limits","target":{"hash":")" + new_tip +
        R"("}},"commits":[{"hash":")" + new_tip + R"(","message":"Count requests per client\n\nSlowly."},)" +
        R"({"hash":")" + std::string(40, 'c') + R"(","message":"Name the limit"}]}]})"
    );
}

class push_told_whole : public testing::Test
{
protected:
    void SetUp() override { take("pullrequest:created", pull_request_body(old_tip, "2026-11-20T09:00:00Z")); }

    // Stores the events of a delivery; plans the message of a pull request's.
    void take(std::string key, std::string const& body)
    {
        inbound delivery;
        delivery.event_key = std::move(key);
        delivery.body = body;
        auto const said = read_delivery(delivery).value();
        auto const digest_all = [&](transaction& tx) -> result<bool>
        {
            digest_context context;
            context.instance = cloud;
            context.received_at = tx.now();
            auto const known = known_about(tx, cloud, said).value();
            auto made = digest(said, known, context);
            for (auto& happening : made.events)
            {
                happening.id = event_id(std::to_string(++events_));
                auto const row = insert_event(tx, happening).value().value();
                if (happening.kind == event_kind::pull_request_commits_pushed)
                    if (auto const done =
                            plan_deliveries(tx, row, {{"reviews", "here", "a rule", "why", {}}}, tx.now());
                        !done)
                        return done.error();
            }
            if (auto const done = remember(tx, cloud, said, known, made); !done)
                return done.error();
            return true;
        };
        ASSERT_TRUE(store_.tell(digest_all));
        store_.now += milliseconds(400);
    }

    // What is sent when the message's turn comes.
    event sent()
    {
        auto const next = store_.tell(
            [](transaction& tx)
            { return advance(tx, lane("reviews", "here"), std::nullopt, retry_schedule(), false); }
        );
        if (next && next->begun)
            return next->begun->event;
        ADD_FAILURE() << (next ? "nothing to send" : next.error().message);
        return {};
    }

    std::string stored(char const* what)
    {
        return store_
            .tell(
                [&](transaction& tx) -> result<std::string>
                {
                    event_filter filter;
                    filter.kind = what;
                    auto const found = list_events(tx, filter).value();
                    return to_json_text(found.at(0));
                }
            )
            .value();
    }

    void expect_told_whole()
    {
        auto const happened = sent();
        expect_golden("console/push_told_whole.txt", console::render(happened, false));
        expect_golden("slack/push_told_whole.json", pretty(slack::render(happened, "C0123456789")));
    }

    scratch_store store_;
    int events_ = 0;
};

TEST_F(push_told_whole, where_the_branch_comes_first)
{
    take("repo:push", push());
    take("pullrequest:updated", pull_request_body(new_tip, "2026-11-20T09:31:00Z"));
    expect_told_whole();
}

TEST_F(push_told_whole, where_the_pull_request_comes_first_and_still_waits)
{
    take("pullrequest:updated", pull_request_body(new_tip, "2026-11-20T09:31:00Z"));
    auto const before = stored("pull_request.commits_pushed");
    take("repo:push", push());
    expect_told_whole();
    EXPECT_EQ(stored("pull_request.commits_pushed"), before) << "an event never changes";
}

TEST_F(push_told_whole, but_for_what_came_too_late)
{
    take("pullrequest:updated", pull_request_body(new_tip, "2026-11-20T09:31:00Z"));
    EXPECT_EQ(console::render(sent(), false).find("force"), std::string::npos);
}

TEST_F(push_told_whole, alone_where_the_branch_is_broken_in_the_store)
{
    take("repo:push", push());
    take("pullrequest:updated", pull_request_body(new_tip, "2026-11-20T09:31:00Z"));
    store_.change("UPDATE event SET json = '{' WHERE kind = 'branch.updated'");
    auto const told = sent();
    EXPECT_EQ(told.kind, event_kind::pull_request_commits_pushed);
    EXPECT_FALSE(std::get<commits_push>(told.detail).forced);
}

}  // namespace
}  // namespace linkspan::test
