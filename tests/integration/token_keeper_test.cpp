#include "tests/support/keeper_fixture.hpp"

#include <set>

// Tokens from a provider that rotates them, with everything that can go wrong between it and the store.

namespace linkspan::test
{
namespace
{

using std::chrono::hours;
using std::chrono::minutes;

TEST_F(keeps_tokens, a_living_token_is_handed_out_without_a_call)
{
    auto const first = bench_.token_of(link_);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->generation, 1);
    EXPECT_EQ(text_of(bench_.token_of(link_)), text_of(first));
    EXPECT_EQ(refreshes(), 0u);
}

TEST_F(keeps_tokens, a_token_at_its_end_is_refreshed_first)
{
    auto const first = text_of(bench_.token_of(link_));
    pass(hours(2));
    auto const second = bench_.token_of(link_);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->generation, 2);
    EXPECT_NE(text_of(second), first);
    EXPECT_EQ(second->grant.expires_at, begin_ + hours(4));
    EXPECT_EQ(refreshes(), 1u);
    for (int i = 0; i < 5; ++i)
    {
        pass(hours(2));
        EXPECT_TRUE(bench_.token_of(link_));
    }
    EXPECT_EQ(refreshes(), 6u) << "each used the refresh token that came before it";
}

TEST_F(keeps_tokens, two_hundred_callers_at_the_end_cause_one_call)
{
    pass(hours(2));
    std::set<std::string> tokens;
    for (auto const& got : bench_.tokens_of(link_, 200))
        tokens.insert(text_of(got));
    EXPECT_EQ(tokens.size(), 1u);
    EXPECT_FALSE(tokens.begin()->starts_with("no token")) << *tokens.begin();
    EXPECT_EQ(refreshes(), 1u);
}

TEST_F(keeps_tokens, callers_share_a_failure_too)
{
    provider_.script(provider_call::refresh, {provider_fault::status(500)});
    pass(hours(2));
    for (auto const& got : bench_.tokens_of(link_, 50))
    {
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code, errc::unavailable);
        EXPECT_NE(got.error().message.find("it is tried again in"), std::string::npos) << got.error().message;
    }
    EXPECT_EQ(refreshes(), 1u) << "nobody asks again before the time";
    pass(seconds(37));
    EXPECT_TRUE(bench_.token_of(link_));
    EXPECT_EQ(grant_of(profile_.paths(), id_).failures, 0);
}

// The loop of serve asks 15 minutes before the end: what fails then is nobody's failure yet.
TEST_F(keeps_tokens, who_needs_a_token_that_lives_neither_waits_for_a_refresh_nor_fails_with_it)
{
    pass(minutes(106));
    provider_.script(
        provider_call::refresh,
        {provider_fault::held(), provider_fault::status(500), provider_fault::error(400, "invalid_grant", "")}
    );
    auto refreshed = std::optional<result<access>>();
    auto const refresh = [&]
    {
        refreshed.reset();
        boost::asio::co_spawn(
            bench_.loop(),
            bench_.keeper().refresh(link_),
            [&refreshed](std::exception_ptr, result<access> got) { refreshed = std::move(got); }
        );
    };
    refresh();
    run_until(bench_.loop(), [&] { return refreshes() == 1; });
    auto const beside = bench_.token_of(link_);
    ASSERT_TRUE(beside) << beside.error().message;
    EXPECT_EQ(beside->generation, 1);
    EXPECT_FALSE(refreshed) << "it hangs still";
    provider_.release();
    run_until(bench_.loop(), [&] { return refreshed.has_value(); });
    EXPECT_TRUE(*refreshed) << refreshed->error().message;

    pass(minutes(106));
    for (std::size_t calls = 2; calls <= 3; ++calls)
    {
        bench_.keeper().forget();
        refresh();
        run_until(bench_.loop(), [&] { return refreshes() == calls; });
        auto const got = bench_.tokens_of(link_, 20);
        run_until(bench_.loop(), [&] { return refreshed.has_value(); });
        EXPECT_FALSE(*refreshed);
        for (auto const& one : got)
            EXPECT_TRUE(one && one->generation == 2) << text_of(one);
    }
}

TEST_F(keeps_tokens, who_has_no_token_that_lives_takes_what_a_refresh_in_the_background_gets)
{
    pass(hours(2));
    provider_.script(provider_call::refresh, {provider_fault::held(), provider_fault::held()});
    std::vector<result<access>> got;
    auto const on_end = [&got](std::exception_ptr, result<access> answer)
    { got.push_back(std::move(answer)); };
    boost::asio::co_spawn(bench_.loop(), bench_.keeper().refresh(link_), on_end);
    run_until(bench_.loop(), [&] { return refreshes() == 1; });
    boost::asio::co_spawn(bench_.loop(), bench_.keeper().token_of(link_), on_end);
    run_until(bench_.loop(), [&] { return bench_.clock().waiting() == 1; });
    provider_.release();
    run_until(bench_.loop(), [&] { return got.size() == 2; });
    EXPECT_EQ(text_of(got[0]), text_of(got[1])) << "woken at once: time stands still";
    EXPECT_TRUE(got[0]) << text_of(got[0]);
    EXPECT_EQ(refreshes(), 1u);
}

TEST_F(keeps_tokens, whatever_a_token_endpoint_answers_the_link_works_again_later)
{
    auto const faults = {
        provider_fault::status(500),
        provider_fault::status(200, "<html>a portal</html>"),
        provider_fault::rate_limit("5"),
        provider_fault::wrong_json(),
        provider_fault::too_large(),
        provider_fault::redirect("https://evil.example/token"),
        provider_fault::lost(false),
        provider_fault::lost(true)};
    for (auto const& fault : faults)
    {
        pass(hours(2));
        provider_.script(provider_call::refresh, {fault});
        auto const got = bench_.token_of(link_);
        ASSERT_FALSE(got);
        bool const is_mended_by_person = got.error().message.find("correct the URL") != std::string::npos;
        EXPECT_EQ(got.error().code, is_mended_by_person ? errc::unauthorized : errc::unavailable)
            << got.error().message;
        EXPECT_EQ(grant_of(profile_.paths(), id_).state, grant_state::authorized);
        pass(seconds(37));
        auto const again = bench_.token_of(link_);
        ASSERT_TRUE(again) << again.error().message << " after " << got.error().message;
    }
}

TEST_F(keeps_tokens, an_answer_lost_after_the_rotation_is_mended_within_the_grace)
{
    provider_.script(provider_call::refresh, {provider_fault::lost(true)});
    pass(hours(2));
    EXPECT_FALSE(bench_.token_of(link_));
    pass(minutes(9));
    EXPECT_TRUE(bench_.token_of(link_)) << "the old refresh token lives ten minutes behind its first use";
}

TEST_F(keeps_tokens, within_the_grace_of_a_lost_answer_nobody_waits_as_long_as_the_service_asks)
{
    provider_.script(
        provider_call::refresh, {provider_fault::lost(true), provider_fault::rate_limit("3600")}
    );
    pass(hours(2));
    EXPECT_FALSE(bench_.token_of(link_));
    pass(seconds(37));
    EXPECT_FALSE(bench_.token_of(link_));
    EXPECT_EQ(refreshes(), 2u);
    pass(unheard_wait_max);
    auto const got = bench_.token_of(link_);
    EXPECT_TRUE(got) << got.error().message;
    provider_.script(provider_call::refresh, {provider_fault::rate_limit("3600")});
    pass(hours(2));
    EXPECT_FALSE(bench_.token_of(link_));
    pass(minutes(59));
    EXPECT_FALSE(bench_.token_of(link_)) << "where nothing was lost, the service is obeyed";
    EXPECT_EQ(refreshes(), 4u);
}

TEST_F(keeps_tokens, behind_the_grace_the_link_says_that_it_needs_a_person)
{
    provider_.script(provider_call::refresh, {provider_fault::lost(true)});
    pass(hours(2));
    EXPECT_FALSE(bench_.token_of(link_));
    pass(minutes(11));
    auto const got = bench_.token_of(link_);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::unauthorized);
    EXPECT_NE(got.error().message.find("linkspan start-oauth bitbucket"), std::string::npos)
        << got.error().message;
    EXPECT_EQ(grant_of(profile_.paths(), id_).state, grant_state::needs_reauth);
    EXPECT_EQ(bench_.told().back(), "needs_reauth");
    auto const calls = refreshes();
    EXPECT_FALSE(bench_.token_of(link_));
    EXPECT_FALSE(bench_.refresh(link_));
    EXPECT_EQ(refreshes(), calls) << "a dead token is not tried again";
}

TEST_F(keeps_tokens, a_wrong_client_secret_does_not_kill_the_link)
{
    provider_.set_client_secret("another");
    pass(hours(2));
    auto const got = bench_.token_of(link_);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::unauthorized) << "only a person can mend it";
    EXPECT_NE(got.error().message.find("type: linkspan update-link bitbucket"), std::string::npos)
        << got.error().message;
    EXPECT_EQ(grant_of(profile_.paths(), id_).state, grant_state::authorized);
    provider_.set_client_secret(provider_settings::cloud().client_secret);
    pass(seconds(37));
    EXPECT_TRUE(bench_.token_of(link_));
}

TEST_F(keeps_tokens, a_refused_token_means_one_refresh_and_then_a_person)
{
    auto const first = bench_.token_of(link_);
    ASSERT_TRUE(first);
    bench_.worked(link_, first->generation);
    auto const second = bench_.token_instead_of(link_, first->generation);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->generation, 2);
    EXPECT_EQ(refreshes(), 1u);
    EXPECT_EQ(bench_.token_instead_of(link_, first->generation)->generation, 2)
        << "told late: the new one is there";
    auto const third = bench_.token_instead_of(link_, second->generation);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, errc::unauthorized);
    EXPECT_EQ(refreshes(), 1u);
    EXPECT_EQ(grant_of(profile_.paths(), id_).state, grant_state::needs_reauth);
    EXPECT_FALSE(bench_.token_of(link_)) << "a token that is refused is not handed out as good";
}

TEST_F(keeps_tokens, a_token_that_has_worked_is_not_one_just_given)
{
    auto const first = bench_.token_of(link_);
    auto const second = bench_.token_instead_of(link_, first->generation);
    ASSERT_TRUE(second) << second.error().message;
    bench_.worked(link_, second->generation);
    pass(hours(1));
    // Much later the service forgets it, as after a change of the consumer's secret.
    auto const third = bench_.token_instead_of(link_, second->generation);
    ASSERT_TRUE(third) << third.error().message;
    EXPECT_EQ(third->generation, 3);
    EXPECT_EQ(grant_of(profile_.paths(), id_).state, grant_state::authorized);
    EXPECT_FALSE(bench_.token_instead_of(link_, third->generation)) << "this one was refused at once";
    EXPECT_EQ(refreshes(), 2u);
}

// The loop drops them behind the keeper; a sanitizer sees it where they touch that.
TEST_F(keeps_tokens, tokens_that_end_at_once_are_not_asked_for_without_end)
{
    auto const robot = open_link_of(profile_.paths(), add_client_link(profile_, provider_));
    // Each call takes as long as its token lives.
    bench_.at_store = [&] { bench_.clock().advance(hours(3)); };
    auto const got = bench_.token_of(robot);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::unavailable);
    EXPECT_LE(provider_.calls(provider_call::client_credentials), 8u);
}

TEST_F(keeps_tokens, a_robot_gets_a_new_grant_in_place_of_a_refresh)
{
    auto const robot = open_link_of(profile_.paths(), add_client_link(profile_, provider_));
    auto const first = bench_.token_of(robot);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_TRUE(first->tokens.refresh_token.empty());
    pass(hours(2));
    auto const second = bench_.token_of(robot);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_NE(text_of(first), text_of(second));
    EXPECT_EQ(provider_.calls(provider_call::client_credentials), 2u);
    EXPECT_EQ(refreshes(), 0u);
}

TEST_F(keeps_tokens, a_link_without_tokens_or_without_oauth_says_what_to_do)
{
    profile_.write([&](transaction& tx) { return forget_tokens(tx, id_); });
    auto const got = bench_.token_of(link_);
    ASSERT_FALSE(got);
    EXPECT_EQ(
        got.error().message, "link bitbucket is not authorized yet; type: linkspan start-oauth bitbucket"
    );
    auto const plain = open_link_of(profile_.paths(), profile_.add_link("console", "here", {}));
    EXPECT_EQ(bench_.token_of(plain).error().code, errc::invalid);
}

}  // namespace
}  // namespace linkspan::test
