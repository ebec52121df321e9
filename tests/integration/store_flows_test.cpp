#include "store/flows.hpp"
#include "store/links.hpp"
#include "store/sealing.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

constexpr char const* redirect_url = "http://localhost:14470/callback";

class store_flows : public testing::Test
{
protected:
    store_flows()
    {
        for (auto const* id : {"aaaa", "bbbb"})
        {
            link_row row;
            row.id = link_id(id);
            row.template_name = "bitbucket-app-oauth";
            EXPECT_TRUE(store_.tell([&](transaction& tx) { return insert_link(tx, row); }));
        }
    }

    static flow_secrets secrets(std::string const& mark, bool for_browser = true)
    {
        flow_secrets out;
        out.state_hash = "state " + mark;
        out.cookie_hash = for_browser ? "cookie " + mark : "";
        out.verifier = secret("verifier " + mark);
        return out;
    }

    flow_id start(std::string const& ticket, char const* link = "aaaa")
    {
        return store_
            .tell([&](transaction& tx) { return start_flow(tx, link_id(link), ticket, redirect_url); })
            .value();
    }

    result<flow> begin(std::string const& ticket, std::string const& mark, char const* link = "aaaa")
    {
        return store_.tell([&](transaction& tx)
                           { return begin_flow(tx, keys_, link_id(link), ticket, secrets(mark)); });
    }

    flow paste(std::string const& mark)
    {
        auto made = store_.tell(
            [&](transaction& tx)
            { return start_pasted_flow(tx, keys_, link_id("aaaa"), redirect_url, secrets(mark, false)); }
        );
        return made.value();
    }

    result<taken_flow> take(std::string const& mark, std::optional<std::string> const& cookie)
    {
        return store_.tell([&](transaction& tx) { return take_flow(tx, keys_, "state " + mark, cookie); });
    }

    errc end(flow_id id, bool is_done, char const* detail)
    {
        auto const done = store_.tell(
            [&](transaction& tx) -> result<int>
            {
                if (auto const ended = end_flow(tx, id, is_done, detail); !ended)
                    return ended.error();
                return 0;
            }
        );
        return done ? errc::none : done.error().code;
    }

    flow look(flow_id id)
    {
        return store_.tell([&](transaction& tx) { return find_flow(tx, id); }).value();
    }

    template <class T>
    static errc code_of(result<T> const& answer)
    {
        return answer ? errc::none : answer.error().code;
    }

    scratch_store store_;
    vault keys_ = vault::create(store_.folder() / "master.key").value();
};

TEST_F(store_flows, go_from_their_start_to_their_end)
{
    auto const id = start("ticket");
    auto const made = look(id);
    EXPECT_EQ(made.state, flow_state::started);
    EXPECT_EQ(made.link.value, "aaaa");
    EXPECT_EQ(made.redirect_url, redirect_url);
    EXPECT_FALSE(made.is_pasted);
    EXPECT_EQ(made.expires_at, store_.now + flow_life);
    EXPECT_EQ(begin("ticket", "1").value().state, flow_state::at_service);
    auto const taken = take("1", "cookie 1").value();
    EXPECT_EQ(taken.flow.id, id);
    EXPECT_EQ(taken.flow.state, flow_state::exchanging);
    EXPECT_EQ(taken.flow.redirect_url, redirect_url);
    EXPECT_EQ(taken.verifier.reveal(), "verifier 1");
    EXPECT_EQ(look(id).state, flow_state::exchanging);
    EXPECT_EQ(end(id, true, "Ada Example authorized it"), errc::none);
    EXPECT_EQ(look(id).state, flow_state::done);
    EXPECT_EQ(look(id).detail, "Ada Example authorized it");
}

TEST_F(store_flows, have_tickets_for_one_use_of_their_link)
{
    start("ticket");
    EXPECT_EQ(code_of(begin("ticke", "1")), errc::not_found);
    EXPECT_EQ(code_of(begin("ticket", "1", "bbbb")), errc::not_found) << "a ticket of another link";
    EXPECT_EQ(code_of(begin("ticket", "1")), errc::none) << "what was refused spent nothing";
    EXPECT_EQ(code_of(begin("ticket", "2")), errc::conflict);
    EXPECT_EQ(code_of(take("2", "cookie 2")), errc::not_found) << "a replayed ticket makes no state";
    EXPECT_EQ(code_of(take("1", "cookie 1")), errc::none) << "and leaves the first one alone";
}

TEST_F(store_flows, have_states_for_one_use)
{
    start("ticket");
    begin("ticket", "1").value();
    EXPECT_EQ(code_of(take("0", "cookie 1")), errc::not_found);
    EXPECT_EQ(code_of(take("1", "cookie 1")), errc::none);
    EXPECT_EQ(code_of(take("1", "cookie 1")), errc::conflict);
}

TEST_F(store_flows, belong_to_the_browser_that_began_them)
{
    auto const id = start("ticket");
    begin("ticket", "1").value();
    for (std::optional<std::string> const& foreign :
         {std::optional<std::string>("cookie 2"),
          std::optional<std::string>(""),
          std::optional<std::string>()})
        EXPECT_EQ(code_of(take("1", foreign)), errc::unauthorized) << foreign.value_or("pasted");
    EXPECT_EQ(look(id).state, flow_state::at_service) << "a foreign answer spends nothing";
    EXPECT_EQ(code_of(take("1", "cookie 1")), errc::none);
    EXPECT_EQ(code_of(take("1", "cookie 2")), errc::unauthorized) << "nobody else learns how far it is";
}

TEST_F(store_flows, belong_to_the_terminal_where_they_are_pasted)
{
    auto const made = paste("1");
    EXPECT_TRUE(made.is_pasted);
    EXPECT_EQ(made.state, flow_state::at_service);
    auto const foreign = take("1", "");
    EXPECT_EQ(code_of(foreign), errc::unauthorized);
    EXPECT_NE(foreign.error().message.find("paste"), std::string::npos) << foreign.error().message;
    EXPECT_EQ(code_of(take("1", "cookie 1")), errc::unauthorized);
    EXPECT_EQ(take("1", std::nullopt).value().verifier.reveal(), "verifier 1");
    EXPECT_EQ(code_of(take("1", std::nullopt)), errc::conflict);
}

TEST_F(store_flows, expire_ten_minutes_from_their_start)
{
    auto const id = start("early");
    start("late");
    begin("early", "1").value();
    store_.now += flow_life - milliseconds(1);
    EXPECT_EQ(code_of(begin("late", "2")), errc::none);
    store_.now += milliseconds(1);
    EXPECT_EQ(code_of(take("1", "cookie 1")), errc::timeout);
    EXPECT_EQ(code_of(take("2", "cookie 2")), errc::timeout) << "its start counts, not its begin";
    EXPECT_EQ(end(id, false, "too late"), errc::none) << "but ends all the same";
    EXPECT_EQ(look(id).detail, "too late");
}

TEST_F(store_flows, expire_unbegun)
{
    start("ticket");
    store_.now += flow_life;
    EXPECT_EQ(code_of(begin("ticket", "1")), errc::timeout);
}

TEST_F(store_flows, end_once)
{
    auto const id = start("ticket");
    EXPECT_EQ(end(id, false, "ctrl-c"), errc::none);
    EXPECT_EQ(end(id, true, "Eve"), errc::none);
    EXPECT_EQ(look(id).state, flow_state::failed);
    EXPECT_EQ(look(id).detail, "ctrl-c");
    auto const late = begin("ticket", "1");
    EXPECT_EQ(code_of(late), errc::conflict);
    EXPECT_NE(late.error().message.find("has ended"), std::string::npos) << late.error().message;
    EXPECT_EQ(end(flow_id(99), true, ""), errc::not_found);
}

TEST_F(store_flows, of_one_link_do_not_meet)
{
    start("one");
    start("two");
    begin("one", "1").value();
    begin("two", "2").value();
    EXPECT_EQ(take("2", "cookie 2").value().verifier.reveal(), "verifier 2");
    EXPECT_EQ(code_of(take("1", "cookie 2")), errc::unauthorized);
    EXPECT_EQ(take("1", "cookie 1").value().verifier.reveal(), "verifier 1");
}

TEST_F(store_flows, seal_the_verifier_and_drop_it_with_its_use)
{
    start("one");
    start("two");
    begin("one", "1").value();
    begin("two", "2").value();
    EXPECT_EQ(store_.count("SELECT count(*) FROM flow WHERE verifier_sealed LIKE '%verifier%'"), 0);
    EXPECT_EQ(store_.count("SELECT count(*) FROM flow WHERE verifier_sealed IS NOT NULL"), 2);
    store_.change(
        "UPDATE flow SET verifier_sealed = (SELECT verifier_sealed FROM flow WHERE state_hash = 'state 2') "
        "WHERE state_hash = 'state 1'"
    );
    EXPECT_EQ(code_of(take("1", "cookie 1")), errc::unavailable) << "a verifier of another flow opened";
    EXPECT_EQ(code_of(take("2", "cookie 2")), errc::none);
    EXPECT_EQ(store_.count("SELECT count(*) FROM flow WHERE verifier_sealed IS NOT NULL"), 1);
}

TEST_F(store_flows, are_sealed_with_the_key_of_the_database_alone)
{
    start("ticket");
    begin("ticket", "1").value();
    start("other");
    auto const foreign = vault::create(store_.folder() / "other.key").value();
    auto const begun =
        store_.tell([&](transaction& tx)
                    { return begin_flow(tx, foreign, link_id("aaaa"), "other", secrets("2")); });
    EXPECT_EQ(code_of(begun), errc::conflict);
    auto const taken =
        store_.tell([&](transaction& tx) { return take_flow(tx, foreign, "state 1", "cookie 1"); });
    EXPECT_EQ(code_of(taken), errc::unavailable);
    EXPECT_EQ(code_of(take("1", "cookie 1")), errc::none) << "what did not open was spent";
}

TEST_F(store_flows, are_forgotten_an_hour_behind_their_end)
{
    auto const ended = start("ended");
    EXPECT_EQ(end(ended, false, "x"), errc::none);
    start("open");
    auto const forget = [&]
    { return store_.tell([](transaction& tx) { return forget_flows(tx, 10); }).value(); };
    store_.now += seconds(3599);
    EXPECT_EQ(forget(), 0);
    store_.now += seconds(1);
    EXPECT_EQ(forget(), 1);
    store_.now += flow_life;
    EXPECT_EQ(forget(), 1);
    EXPECT_EQ(store_.count("SELECT count(*) FROM flow"), 0);
}

TEST_F(store_flows, are_forgotten_a_few_at_a_time)
{
    for (auto const* ticket : {"1", "2", "3"})
        start(ticket);
    store_.now += flow_life + seconds(3600);
    EXPECT_EQ(store_.tell([](transaction& tx) { return forget_flows(tx, 2); }).value(), 2);
    EXPECT_EQ(store_.count("SELECT count(*) FROM flow"), 1);
}

TEST_F(store_flows, go_with_their_link)
{
    auto const id = start("ticket");
    ASSERT_TRUE(store_.tell(
        [](transaction& tx) -> result<int>
        {
            if (auto const gone = delete_link(tx, link_id("aaaa")); !gone)
                return gone.error();
            return 0;
        }
    ));
    EXPECT_EQ(code_of(store_.tell([&](transaction& tx) { return find_flow(tx, id); })), errc::not_found);
}

TEST_F(store_flows, are_not_spent_by_whoever_could_not_seal_the_tokens)
{
    start("ticket");
    ASSERT_TRUE(begin("ticket", "one"));
    auto const newer = vault::create(store_.folder() / "newer.key").value();
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return change_sealing_key(tx, newer.key_id(), "newer"); })
    );
    auto const refused = take("one", "cookie one");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unavailable) << refused.error().message;
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return change_sealing_key(tx, keys_.key_id(), "old"); }));
    EXPECT_TRUE(take("one", "cookie one")) << "its answer is worth as much as before";
}

}  // namespace
}  // namespace linkspan::test
