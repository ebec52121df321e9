#include "core/oauth/grant.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using std::chrono::hours;
using std::chrono::minutes;

class grant_life : public testing::Test
{
protected:
    grant two_hours() const
    {
        grant out;
        out.state = grant_state::authorized;
        out.generation = 1;
        out.obtained_at = begin_;
        out.expires_at = begin_ + hours(2);
        out.has_refresh_token = true;
        out.last_used_at = begin_;
        return out;
    }

    token_step step(grant const& of, milliseconds later, std::int64_t refused = 0) const
    {
        return next_step(of, refused, 0, begin_ + later);
    }

    time_point begin_ = parse_time("2026-11-20T09:00:00Z").value();
};

TEST_F(grant_life, a_token_is_used_until_shortly_before_its_end_and_refreshed_before)
{
    auto const of = two_hours();
    EXPECT_EQ(step(of, minutes(0)), token_step::use);
    EXPECT_EQ(step(of, minutes(104)), token_step::use);
    EXPECT_EQ(step(of, minutes(105)), token_step::use_and_refresh) << "15 minutes before the end";
    EXPECT_EQ(step(of, hours(2) - last_use_margin - milliseconds(1)), token_step::use_and_refresh);
    EXPECT_EQ(step(of, hours(2) - last_use_margin), token_step::refresh) << "never handed out as good";
    EXPECT_EQ(step(of, hours(9)), token_step::refresh);
}

TEST_F(grant_life, a_short_life_is_refreshed_after_four_fifths_of_it)
{
    auto of = two_hours();
    of.expires_at = begin_ + minutes(5);
    EXPECT_EQ(step(of, minutes(4) - milliseconds(1)), token_step::use);
    EXPECT_EQ(step(of, minutes(4)), token_step::use_and_refresh);
    of.expires_at = begin_ + seconds(10);
    EXPECT_EQ(step(of, seconds(7)), token_step::use) << "a margin longer than the life would never use it";
    EXPECT_EQ(step(of, seconds(8)), token_step::refresh);
    of.expires_at = begin_ - seconds(1);
    EXPECT_EQ(step(of, seconds(0)), token_step::refresh);
}

TEST_F(grant_life, jitter_spreads_refreshes_over_a_fifth_of_the_margin)
{
    auto const of = two_hours();
    EXPECT_EQ(next_refresh_at(of, 0, begin_), begin_ + minutes(105));
    EXPECT_EQ(next_refresh_at(of, 1, begin_), begin_ + minutes(102));
}

TEST_F(grant_life, a_refused_token_is_not_used_again)
{
    auto of = two_hours();
    EXPECT_EQ(step(of, minutes(1), 1), token_step::refresh);
    of.generation = 2;
    EXPECT_EQ(step(of, minutes(1), 1), token_step::use) << "somebody has refreshed it meanwhile";
}

TEST_F(grant_life, an_idle_link_is_kept_alive_once_a_day)
{
    auto of = two_hours();
    of.last_used_at = begin_ - hours(30);
    EXPECT_EQ(next_refresh_at(of, 0, begin_), begin_ + keep_alive);
    of.last_used_at.reset();
    EXPECT_EQ(next_refresh_at(of, 0, begin_ + hours(30)), begin_ + keep_alive);
    of.renews_itself = true;
    EXPECT_EQ(next_refresh_at(of, 0, begin_), std::nullopt) << "nothing of it can die";
    of.last_used_at = begin_;
    EXPECT_EQ(next_refresh_at(of, 0, begin_), begin_ + minutes(105));
}

TEST_F(grant_life, a_token_without_an_end_is_used_on_and_its_refresh_token_kept_alive)
{
    auto of = two_hours();
    of.expires_at.reset();
    EXPECT_EQ(step(of, hours(23)), token_step::use);
    EXPECT_EQ(step(of, hours(24)), token_step::use_and_refresh);
    of.has_refresh_token = false;
    EXPECT_EQ(step(of, hours(24 * 400)), token_step::use);
    EXPECT_EQ(next_refresh_at(of, 0, begin_), std::nullopt);
}

TEST_F(grant_life, without_a_refresh_token_only_a_person_helps)
{
    auto of = two_hours();
    of.has_refresh_token = false;
    EXPECT_EQ(step(of, hours(1)), token_step::use);
    EXPECT_EQ(step(of, hours(3)), token_step::consent);
    of.renews_itself = true;
    EXPECT_EQ(step(of, hours(3)), token_step::refresh);
    EXPECT_EQ(next_step(grant(), 0, 0, begin_), token_step::consent);
}

TEST_F(grant_life, a_link_that_needs_reauth_uses_what_still_lives_and_asks_for_nothing)
{
    auto of = two_hours();
    of.state = grant_state::needs_reauth;
    EXPECT_EQ(step(of, hours(1)), token_step::use);
    EXPECT_EQ(step(of, hours(2)), token_step::consent);
    EXPECT_EQ(next_refresh_at(of, 0, begin_), std::nullopt);
    EXPECT_FALSE(can_renew(of));
}

TEST_F(grant_life, a_token_that_has_ended_and_cannot_be_renewed_needs_a_person)
{
    auto of = two_hours();
    of.has_refresh_token = false;
    EXPECT_EQ(fault_of(of, begin_ + hours(1)), grant_fault::none);
    EXPECT_EQ(usable_until(of), begin_ + hours(2) - last_use_margin);
    EXPECT_EQ(fault_of(of, begin_ + hours(2) - last_use_margin), grant_fault::ended);
    EXPECT_NE(reason_of(of, grant_fault::ended).find("no refresh token"), std::string::npos);
    of.renews_itself = true;
    EXPECT_EQ(fault_of(of, begin_ + hours(3)), grant_fault::none) << "the next caller gets one";
    of.renews_itself = false;
    of.expires_at.reset();
    EXPECT_EQ(usable_until(of), std::nullopt);
    EXPECT_EQ(fault_of(of, begin_ + hours(24 * 400)), grant_fault::none);
    EXPECT_EQ(fault_of(grant(), begin_), grant_fault::none) << "nobody has consented yet";
}

TEST_F(grant_life, a_client_that_the_service_refuses_needs_a_person_once_no_token_works)
{
    auto of = two_hours();
    of.failures = 1;
    of.last_failure = "status 503";
    EXPECT_EQ(fault_of(of, begin_ + hours(5)), grant_fault::none) << "the service is down: it comes back";
    of.reason = "invalid_client: Who is that";
    EXPECT_EQ(fault_of(of, begin_ + hours(1)), grant_fault::none) << "what lives is used";
    EXPECT_EQ(fault_of(of, begin_ + hours(2)), grant_fault::misused);
    EXPECT_NE(reason_of(of, grant_fault::misused).find("invalid_client: Who is that"), std::string::npos);
    grant robot;
    robot.renews_itself = true;
    EXPECT_EQ(fault_of(robot, begin_), grant_fault::none);
    robot.reason = "invalid_client";
    EXPECT_EQ(fault_of(robot, begin_), grant_fault::misused) << "it never got one";
}

TEST_F(grant_life, a_link_that_needs_reauth_says_why_though_its_token_lives)
{
    auto of = two_hours();
    EXPECT_EQ(fault_of(of, begin_), grant_fault::none);
    EXPECT_EQ(reason_of(of, grant_fault::none), "");
    of.state = grant_state::needs_reauth;
    of.reason = "revoked";
    EXPECT_EQ(fault_of(of, begin_), grant_fault::refused);
    EXPECT_EQ(reason_of(of, grant_fault::refused), "revoked");
}

TEST_F(grant_life, a_lease_is_waited_for_unless_it_is_from_another_time)
{
    auto of = two_hours();
    of.lease_until = begin_ + hours(3) + seconds(40);
    EXPECT_EQ(step(of, hours(3)), token_step::wait);
    EXPECT_EQ(step(of, hours(3) + seconds(40)), token_step::refresh) << "its holder died";
    EXPECT_EQ(step(of, hours(3) - seconds(20) - lease_lead_max), token_step::wait)
        << "the time was taken before the store was free";
    EXPECT_EQ(step(of, hours(3) - seconds(21) - lease_lead_max), token_step::refresh)
        << "longer than a lease: the clock was set";
    of.lease_until = begin_ + minutes(106);
    EXPECT_EQ(step(of, minutes(105) + seconds(30)), token_step::use);
    EXPECT_EQ(next_refresh_at(of, 0, begin_ + minutes(105) + seconds(30)), begin_ + minutes(106));
}

TEST_F(grant_life, a_token_from_another_time_is_refreshed_since_nobody_knows_its_age)
{
    auto of = two_hours();
    EXPECT_EQ(step(of, -minutes(1)), token_step::use) << "a clock is corrected by that much";
    EXPECT_EQ(step(of, -hours(24)), token_step::use_and_refresh) << "a refusal would end it, no guess does";
    of.retry_at = begin_ - hours(24) + minutes(5);
    EXPECT_EQ(step(of, -hours(24)), token_step::use);
    of.retry_at.reset();
    of.last_used_at.reset();
    EXPECT_EQ(step(of, -hours(24)), token_step::use_and_refresh) << "an idle one too";
}

TEST_F(grant_life, after_a_failure_nobody_asks_before_the_time)
{
    auto of = two_hours();
    of.failures = 1;
    of.retry_at = begin_ + hours(3) + seconds(30);
    EXPECT_EQ(step(of, hours(3)), token_step::back_off);
    EXPECT_EQ(step(of, hours(3) + seconds(30)), token_step::refresh);
    of.retry_at = begin_ + minutes(110);
    EXPECT_EQ(step(of, minutes(106)), token_step::use) << "it lives still";
    EXPECT_EQ(next_refresh_at(of, 0, begin_ + minutes(106)), begin_ + minutes(110));
    of.retry_at = begin_ + hours(24 * 300);
    EXPECT_EQ(step(of, hours(3)), token_step::refresh) << "a time from a clock that was ahead";
}

TEST_F(grant_life, back_off_doubles_to_an_hour_or_follows_the_service)
{
    EXPECT_EQ(refresh_wait(1, 0.5, std::nullopt), seconds(30));
    EXPECT_EQ(refresh_wait(2, 0.5, std::nullopt), seconds(60));
    EXPECT_EQ(refresh_wait(5, 0.5, std::nullopt), seconds(480));
    EXPECT_EQ(refresh_wait(1000, 0.5, std::nullopt), hours(1));
    EXPECT_EQ(refresh_wait(1, 0, std::nullopt), seconds(24));
    EXPECT_EQ(refresh_wait(1, 1, std::nullopt), seconds(36));
    EXPECT_EQ(refresh_wait(1, 0.5, minutes(7)), minutes(7));
    EXPECT_EQ(refresh_wait(1, 0.5, hours(48)), refresh_wait_max);
}

// Bitbucket keeps the refresh token before for about ten minutes: whoever heard no answer asks again in time.
TEST(refresh_waits, after_a_lost_answer_the_old_token_is_tried_until_its_grace_ends)
{
    for (double const jitter : {0.0, 0.25, 0.5, 0.75, 1.0})
        for (auto const asked : {std::optional<milliseconds>(), std::optional<milliseconds>(hours(1))})
        {
            milliseconds since_lost(0);
            milliseconds last_try(0);
            for (int failures = 1; since_lost < rotation_grace; ++failures)
            {
                last_try = since_lost;
                auto const wait = refresh_wait(failures, jitter, asked, since_lost);
                EXPECT_LE(wait, unheard_wait_max);
                since_lost += wait;
            }
            EXPECT_GE(last_try, rotation_grace - unheard_wait_max);
            EXPECT_LT(last_try, rotation_grace);
        }
    EXPECT_EQ(refresh_wait(8, 0.5, std::nullopt, rotation_grace), hours(1)) << "behind it nothing is hurried";
    EXPECT_EQ(refresh_wait(1, 0.5, hours(1), rotation_grace), hours(1));
}

TEST_F(grant_life, states_have_published_names)
{
    EXPECT_EQ(name_of(grant_state::none), "none");
    EXPECT_EQ(name_of(grant_state::authorized), "authorized");
    EXPECT_EQ(name_of(grant_state::needs_reauth), "needs_reauth");
}

}  // namespace
}  // namespace linkspan
