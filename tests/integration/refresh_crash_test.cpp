#include "tests/support/authorized_link.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/run_loop.hpp"

#include <gtest/gtest.h>
#include <signal.h>

// Refreshes in processes of their own: one that is killed, and two that meet.

namespace linkspan::test
{
namespace
{

using std::chrono::hours;
using std::chrono::minutes;

constexpr int killed = 128 + SIGKILL;
constexpr int steps_max = 40;  // far more than a refresh has

std::vector<std::string> arguments(test_profile& profile, link_id const& id)
{
    return {
        LINKSPAN_REFRESH_CHILD,
        profile.paths().database.string(),
        profile.paths().master_key.string(),
        id.value};
}

// Whether the provider takes the token.
bool works(oauth_provider& provider, access const& got)
{
    http_request ask("GET", provider.url("/2.0/user"));
    ask.headers.push_back({"Authorization", "Bearer " + std::string(got.tokens.access_token.reveal())});
    boost::asio::io_context loop{1};
    http_client client(loop);
    return run(loop, client.send(std::move(ask))).response.status == 200;
}

class refresh_crash : public testing::TestWithParam<minutes>
{
};

TEST_P(refresh_crash, after_kill_9_at_any_step_the_link_works_or_says_that_it_needs_a_person)
{
    int deaths = 0;
    for (int step = 1; step <= steps_max; ++step)
    {
        test_profile profile;
        oauth_provider provider;
        auto const id = add_authorized_link(profile, provider, system_now() - hours(2));
        auto command = arguments(profile, id);
        command.insert(command.end(), {"die-at", std::to_string(step)});
        auto const code = child_process(command).wait();
        bool const has_died = code == killed;
        ASSERT_TRUE(has_died || code == 0) << code;
        deaths += has_died ? 1 : 0;

        // Somebody needs a token a while later; the lease of the dead has ended by then.
        auto const later = system_now() + GetParam();
        provider.advance(GetParam());
        keeper_bench bench(profile.paths(), later);
        auto const link = open_link_of(profile.paths(), id);
        auto const got = bench.token_of(link);
        if (got)
            EXPECT_TRUE(works(provider, *got)) << "step " << step;
        else
        {
            EXPECT_EQ(got.error().code, errc::unauthorized) << "step " << step << ": " << got.error().message;
            EXPECT_EQ(grant_of(profile.paths(), id).state, grant_state::needs_reauth) << "step " << step;
            EXPECT_GT(GetParam(), minutes(10)) << "within the grace no token is lost; step " << step;
        }
        if (!has_died)
            break;
    }
    EXPECT_GE(deaths, 8) << "look, begin, end, worked: each has a step before and one behind";
    EXPECT_LT(deaths, steps_max);
}

INSTANTIATE_TEST_SUITE_P(later, refresh_crash, testing::Values(minutes(2), minutes(30)));

TEST(refresh_processes, two_processes_with_two_hundred_callers_make_one_call)
{
    test_profile profile;
    oauth_provider provider;
    auto const id = add_authorized_link(profile, provider, system_now() - hours(2));
    provider.script(provider_call::refresh, {provider_fault::held()});
    auto command = arguments(profile, id);
    command.insert(command.end(), {"callers", "100"});
    child_process one(command);
    child_process other(command);
    ASSERT_TRUE(provider.wait_for_held(1));
    provider.release();
    EXPECT_EQ(one.wait(), 0);
    EXPECT_EQ(other.wait(), 0);
    EXPECT_EQ(provider.calls(provider_call::refresh), 1u);
    EXPECT_EQ(grant_of(profile.paths(), id).generation, 2);
}

}  // namespace
}  // namespace linkspan::test
