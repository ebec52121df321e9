#include "store/grants.hpp"
#include "store/links.hpp"
#include "store/sealing.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

using std::chrono::hours;
using std::chrono::minutes;

class store_grants : public testing::Test
{
protected:
    void SetUp() override
    {
        link_row row;
        row.id = id_;
        row.template_name = "bitbucket-app-oauth";
        ASSERT_TRUE(store_.tell([&](transaction& tx) { return insert_link(tx, row); }));
    }

    token_set tokens(std::string const& name, bool refreshable = true) const
    {
        token_set out;
        out.access_token = secret("access-" + name);
        if (refreshable)
            out.refresh_token = secret("refresh-" + name);
        out.token_type = "Bearer";
        out.scopes = "account pullrequest";
        out.obtained_at = store_.now;
        out.expires_at = store_.now + hours(2);
        return out;
    }

    token_answer granted(std::string const& name, bool refreshable = true) const
    {
        token_answer out(token_fate::granted, "");
        out.tokens = tokens(name, refreshable);
        return out;
    }

    void consent(std::string const& name)
    {
        ASSERT_TRUE(store_.tell([&](transaction& tx) { return put_consent(tx, keys_, id_, tokens(name)); }));
    }

    refresh_turn begin(std::string const& lease, std::int64_t than, bool needs_token = true)
    {
        return store_
            .tell([&](transaction& tx) { return begin_refresh(tx, keys_, id_, lease, needs_token, than); })
            .value();
    }

    grant end(refresh_turn const& turn, token_answer const& answer)
    {
        return store_
            .tell([&](transaction& tx)
                  { return end_refresh(tx, keys_, id_, turn, answer, store_.now + seconds(30)); })
            .value();
    }

    grant state()
    {
        return store_.tell([&](transaction& tx) { return find_grant(tx, id_); }).value();
    }

    std::string token()
    {
        auto const found = store_.tell([&](transaction& tx) { return open_token(tx, keys_, id_); });
        return found ? std::string(found->access_token.reveal()) : found.error().message;
    }

    void worked(std::int64_t generation)
    {
        ASSERT_TRUE(store_.tell([&](transaction& tx) { return mark_worked(tx, id_, generation); }));
    }

    scratch_store store_;
    vault keys_ = vault::create(store_.folder() / "master.key").value();
    link_id id_{"aaaa"};
};

TEST_F(store_grants, a_link_without_tokens_has_none)
{
    EXPECT_EQ(state().state, grant_state::none);
    EXPECT_NE(token().find("start-oauth"), std::string::npos) << token();
    EXPECT_EQ(begin("lease", 0).is, refresh_turn::kind::not_needed);
}

TEST_F(store_grants, consent_puts_tokens_in_use)
{
    consent("one");
    auto const now = state();
    EXPECT_EQ(now.state, grant_state::authorized);
    EXPECT_EQ(now.generation, 1);
    EXPECT_EQ(now.obtained_at, store_.now);
    EXPECT_EQ(now.expires_at, store_.now + hours(2));
    EXPECT_EQ(now.scopes, "account pullrequest");
    EXPECT_TRUE(now.has_refresh_token);
    EXPECT_FALSE(now.has_worked);
    EXPECT_EQ(token(), "access-one");
}

TEST_F(store_grants, a_refresh_rotates_and_keeps_the_old_one_until_the_new_one_has_worked)
{
    consent("one");
    auto const turn = begin("lease", 1);
    ASSERT_EQ(turn.is, refresh_turn::kind::ours);
    EXPECT_EQ(turn.refresh_token.reveal(), "refresh-one");
    EXPECT_EQ(token(), "access-one") << "in use while the call is out";
    EXPECT_EQ(end(turn, granted("two")).generation, 2);
    EXPECT_EQ(token(), "access-two");

    auto const again = begin("second", 2);
    EXPECT_EQ(again.refresh_token.reveal(), "refresh-two");
    token_answer refused(token_fate::refused, "invalid_grant");
    EXPECT_EQ(end(again, refused).state, grant_state::authorized) << "the old one is left to try";
    auto const third = begin("third", 2);
    ASSERT_EQ(third.is, refresh_turn::kind::ours);
    EXPECT_EQ(third.refresh_token.reveal(), "refresh-one");
    EXPECT_EQ(end(third, granted("three")).generation, 3);
    EXPECT_EQ(token(), "access-three");

    worked(3);
    EXPECT_TRUE(state().has_worked);
    auto const fourth = begin("fourth", 3);
    EXPECT_EQ(fourth.refresh_token.reveal(), "refresh-three");
    auto const dead = end(fourth, refused);
    EXPECT_EQ(dead.state, grant_state::needs_reauth) << "none is left";
    EXPECT_EQ(dead.reason, "invalid_grant");
    EXPECT_EQ(token(), "access-three") << "it lives until its end";
}

TEST_F(store_grants, one_lease_at_a_time_that_ends_by_itself)
{
    consent("one");
    auto const turn = begin("first", 1);
    EXPECT_EQ(begin("second", 1).is, refresh_turn::kind::busy);
    EXPECT_EQ(state().lease_until, store_.now + lease_time);
    store_.now -= lease_lead_max;
    EXPECT_EQ(begin("second", 1).is, refresh_turn::kind::busy) << "it knew the time before it had the store";
    store_.now += lease_lead_max;
    store_.now += lease_time - milliseconds(1);
    EXPECT_EQ(begin("second", 1).is, refresh_turn::kind::busy);
    store_.now += milliseconds(1);
    EXPECT_EQ(begin("second", 1).is, refresh_turn::kind::ours) << "its holder was killed";
    store_.now -= hours(5);
    EXPECT_EQ(begin("third", 1).is, refresh_turn::kind::ours) << "a lease from the future is no lease";
    EXPECT_EQ(turn.lease, "first");
}

TEST_F(store_grants, what_was_refreshed_meanwhile_is_not_refreshed_again)
{
    consent("one");
    end(begin("first", 1), granted("two"));
    auto const late = begin("second", 1);
    EXPECT_EQ(late.is, refresh_turn::kind::not_needed);
    EXPECT_EQ(late.grant.generation, 2);
}

TEST_F(store_grants, an_answer_that_comes_late_is_a_spare_and_tried_before_a_person_is_asked)
{
    consent("one");
    auto const slow = begin("slow", 1);
    store_.now += lease_time;
    auto const quick = begin("quick", 1);
    end(quick, granted("quick"));
    auto const spare = end(slow, granted("late"));
    EXPECT_EQ(spare.generation, 2) << "what is in use stays";
    EXPECT_EQ(token(), "access-quick");
    worked(2);

    auto const next = begin("next", 2);
    EXPECT_EQ(next.refresh_token.reveal(), "refresh-quick");
    EXPECT_EQ(end(next, token_answer(token_fate::refused, "invalid_grant")).state, grant_state::authorized);
    auto const last = begin("last", 2);
    ASSERT_EQ(last.is, refresh_turn::kind::ours);
    EXPECT_EQ(last.refresh_token.reveal(), "refresh-late");
    end(last, granted("alive"));
    EXPECT_EQ(token(), "access-alive");
}

TEST_F(store_grants, a_spare_goes_when_the_token_in_use_refreshes_itself)
{
    consent("one");
    auto const slow = begin("slow", 1);
    store_.now += lease_time;
    end(begin("quick", 1), granted("quick"));
    end(slow, granted("late"));
    end(begin("next", 2), granted("next"));
    EXPECT_EQ(store_.count("SELECT count(*) FROM link_token WHERE generation = 3"), 0);
    EXPECT_EQ(state().generation, 4);
}

TEST_F(store_grants, a_late_answer_revives_a_link_that_needs_a_person)
{
    consent("one");
    auto const slow = begin("slow", 1);
    store_.now += lease_time;
    EXPECT_EQ(
        end(begin("quick", 1), token_answer(token_fate::refused, "invalid_grant")).state,
        grant_state::needs_reauth
    );
    auto const alive = end(slow, granted("late"));
    EXPECT_EQ(alive.state, grant_state::authorized);
    EXPECT_EQ(token(), "access-late");
}

TEST_F(store_grants, a_late_refusal_changes_nothing_of_what_others_got)
{
    consent("one");
    auto const slow = begin("slow", 1);
    store_.now += lease_time;
    end(begin("quick", 1), granted("quick"));
    auto const after = end(slow, token_answer(token_fate::refused, "invalid_grant"));
    EXPECT_EQ(after.state, grant_state::authorized);
    EXPECT_EQ(after.generation, 2);
}

TEST_F(store_grants, a_late_refusal_does_not_decide_while_somebody_else_is_at_it)
{
    consent("one");
    auto const slow = begin("slow", 1);
    store_.now += lease_time;
    auto const quick = begin("quick", 1);
    auto const after = end(slow, token_answer(token_fate::refused, "invalid_grant"));
    EXPECT_EQ(after.state, grant_state::authorized);
    EXPECT_EQ(after.lease_until, store_.now + lease_time) << "the other's lease stays";
    EXPECT_EQ(end(quick, granted("quick")).generation, 2);
}

TEST_F(store_grants, a_new_consent_forgets_the_tokens_before_it_also_those_on_their_way)
{
    consent("ada");
    auto const slow = begin("slow", 1);
    consent("grace");
    EXPECT_EQ(end(slow, granted("ada again")).generation, 2);
    EXPECT_EQ(token(), "access-grace");
    auto const turn = begin("next", 2);
    EXPECT_EQ(end(turn, token_answer(token_fate::refused, "invalid_grant")).state, grant_state::needs_reauth)
        << "never somebody else's token";
    EXPECT_EQ(store_.count("SELECT count(*) FROM link_token"), 1);
}

TEST_F(store_grants, tokens_that_are_forgotten_do_not_come_back)
{
    consent("one");
    auto const slow = begin("slow", 1);
    EXPECT_TRUE(store_.tell([&](transaction& tx) { return forget_tokens(tx, id_); }).value());
    EXPECT_EQ(end(slow, granted("two")).generation, 0);
    EXPECT_EQ(state().state, grant_state::none);
    EXPECT_EQ(store_.count("SELECT count(*) FROM link_token"), 0);
}

TEST_F(store_grants, an_answer_without_a_refresh_token_keeps_the_old_one)
{
    consent("one");
    end(begin("first", 1), granted("two", false));
    worked(2);
    EXPECT_EQ(begin("second", 2).refresh_token.reveal(), "refresh-one");
}

TEST_F(store_grants, a_failure_backs_off_and_keeps_everything)
{
    consent("one");
    for (auto const fate : {token_fate::unavailable, token_fate::unknown, token_fate::misused})
    {
        auto const after = end(begin("lease", 1), token_answer(fate, "status 500"));
        EXPECT_EQ(after.state, grant_state::authorized);
        EXPECT_EQ(after.retry_at, store_.now + seconds(30));
        EXPECT_EQ(after.last_failure, "status 500");
        EXPECT_FALSE(after.lease_until);
    }
    EXPECT_EQ(state().failures, 3);
    EXPECT_EQ(begin("again", 1).refresh_token.reveal(), "refresh-one");
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return look_again(tx, id_); }));
    EXPECT_EQ(state().failures, 0);
    EXPECT_EQ(state().retry_at, std::nullopt);
}

TEST_F(
    store_grants,
    what_a_service_has_against_the_link_itself_is_kept_until_a_token_comes_or_the_link_is_changed
)
{
    consent("one");
    auto const reason_after = [&](token_fate fate, std::string words)
    { return end(begin("lease", 1), token_answer(fate, std::move(words))).reason; };
    EXPECT_EQ(reason_after(token_fate::unavailable, "status 500"), "");
    EXPECT_EQ(reason_after(token_fate::misused, "invalid_client"), "invalid_client");
    EXPECT_EQ(reason_after(token_fate::unavailable, "status 500"), "invalid_client");
    EXPECT_EQ(state().last_failure, "status 500");
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return look_again(tx, id_); }));
    EXPECT_EQ(state().reason, "");
    reason_after(token_fate::misused, "invalid_client");
    EXPECT_EQ(end(begin("lease", 1), granted("two")).reason, "");
    auto const dead = end(begin("lease", 2), token_answer(token_fate::refused, "invalid_grant"));
    EXPECT_EQ(dead.state, grant_state::authorized) << "the one before it is tried";
    EXPECT_EQ(
        end(begin("lease", 2), token_answer(token_fate::refused, "invalid_grant")).reason, "invalid_grant"
    );
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return look_again(tx, id_); }));
    EXPECT_EQ(state().reason, "invalid_grant") << "that needs a person all the same";
}

TEST_F(store_grants, the_first_answer_that_was_lost_is_remembered_until_a_token_comes)
{
    consent("one");
    end(begin("lease", 1), token_answer(token_fate::unavailable, "status 500"));
    EXPECT_EQ(state().unheard_since, std::nullopt) << "that was heard";
    auto const lost_at = store_.now;
    EXPECT_EQ(end(begin("lease", 1), token_answer(token_fate::unknown, "time-out")).unheard_since, lost_at);
    store_.now += minutes(1);
    end(begin("lease", 1), token_answer(token_fate::unknown, "time-out"));
    EXPECT_EQ(end(begin("lease", 1), token_answer(token_fate::unavailable, "503")).unheard_since, lost_at);
    EXPECT_EQ(end(begin("lease", 1), granted("two")).unheard_since, std::nullopt);
}

// As where a unit's credential holds the old key, and rotate-key was killed half-way.
TEST_F(store_grants, nothing_is_asked_for_that_could_not_be_sealed)
{
    consent("one");
    auto const next = vault::create(store_.folder() / "next.key").value();
    auto const name = [&](vault const& keys)
    {
        return store_.tell(
            [&](transaction& tx) -> result<bool>
            {
                auto const named = change_sealing_key(tx, keys.key_id(), keys.origin());
                return named ? result<bool>(true) : named.error();
            }
        );
    };
    ASSERT_TRUE(name(next));
    auto const begun =
        store_.tell([&](transaction& tx) { return begin_refresh(tx, keys_, id_, "lease", true, 1); });
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, errc::conflict);
    EXPECT_FALSE(state().lease_until);
    EXPECT_EQ(token(), "access-one") << "it opens all the same";
    ASSERT_TRUE(name(keys_));
    EXPECT_EQ(begin("lease", 1).is, refresh_turn::kind::ours);
}

TEST_F(store_grants, links_that_need_no_refresh_token_begin_without_any)
{
    auto const turn = begin("lease", 0, false);
    ASSERT_EQ(turn.is, refresh_turn::kind::ours);
    EXPECT_TRUE(turn.refresh_token.empty());
    EXPECT_EQ(begin("other", 0, false).is, refresh_turn::kind::busy);
    EXPECT_EQ(end(turn, granted("one", false)).state, grant_state::authorized);
    EXPECT_EQ(token(), "access-one");
    EXPECT_FALSE(state().has_refresh_token);
    EXPECT_EQ(
        end(begin("lease", 1, false), token_answer(token_fate::refused, "no such account")).state,
        grant_state::needs_reauth
    );
}

TEST_F(store_grants, a_token_that_the_service_refuses_is_in_use_no_more)
{
    consent("one");
    auto const mark = [&](std::int64_t generation) {
        return store_.tell([&](transaction& tx) { return mark_needs_reauth(tx, id_, generation, "refused"); }
        );
    };
    ASSERT_TRUE(mark(7));
    EXPECT_EQ(state().state, grant_state::authorized) << "not the one in use";
    ASSERT_TRUE(mark(1));
    EXPECT_EQ(state().state, grant_state::needs_reauth);
    EXPECT_EQ(state().generation, 0);
}

TEST_F(store_grants, a_spare_is_tried_before_a_refused_token_needs_a_person)
{
    consent("one");
    auto const slow = begin("slow", 1);
    store_.now += lease_time;
    end(begin("quick", 1), granted("quick"));
    end(slow, granted("late"));
    auto const mark = [&](std::int64_t generation)
    {
        return store_.tell([&](transaction& tx) { return mark_needs_reauth(tx, id_, generation, "refused"); }
        ).value();
    };
    auto const behind = mark(2);
    EXPECT_EQ(behind.state, grant_state::authorized);
    EXPECT_EQ(behind.generation, 0) << "what is refused is in use no more";
    auto const due = next_refresh_at(behind, 0, store_.now);
    EXPECT_TRUE(due && *due <= store_.now) << "the loop gets it, if nobody else does";
    auto const next = begin("next", 2);
    ASSERT_EQ(next.is, refresh_turn::kind::ours);
    EXPECT_EQ(next.refresh_token.reveal(), "refresh-late") << "not what the refused one came from";
    EXPECT_EQ(end(next, granted("alive")).generation, 4);
    EXPECT_EQ(mark(4).state, grant_state::needs_reauth) << "none is left";

    auto const kept = store_.tell([&](transaction& tx) { return open_tokens(tx, keys_, id_); }).value();
    ASSERT_GE(kept.size(), 3u) << "what may live at the service can be ended there";
    EXPECT_EQ(kept.front().refresh_token.reveal(), "refresh-alive");
}

TEST_F(store_grants, a_moved_or_altered_token_names_link_and_field)
{
    consent("one");
    store_.change("UPDATE link_token SET access_sealed = refresh_sealed, refresh_sealed = access_sealed");
    EXPECT_NE(token().find("token.access_token of link aaaa"), std::string::npos) << token();
}

TEST_F(store_grants, an_answer_for_a_deleted_link_says_so)
{
    consent("one");
    auto const turn = begin("lease", 1);
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return delete_link(tx, id_); }));
    auto const ended = store_.tell([&](transaction& tx)
                                   { return end_refresh(tx, keys_, id_, turn, granted("two"), store_.now); });
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, errc::not_found);
}

}  // namespace
}  // namespace linkspan::test
