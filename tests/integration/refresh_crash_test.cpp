#include "tests/support/authorized_link.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/running_app.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

// Refreshes in processes of their own: one that is killed, and two that meet.

namespace linkspan::test
{
namespace
{

using std::chrono::hours;
using std::chrono::minutes;

constexpr int killed = 128 + SIGKILL;
constexpr int steps_max = 40;  // far more than a refresh has
// Before and behind: 1 and 2 the look, 3 and 4 the begin; then the call; 5 and 6 its end, 7 and 8 the look at
// what it got, 9 and 10 that it has worked.
constexpr int lost_answer_step = 5;

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
        SCOPED_TRACE("step " + std::to_string(step));
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
        // Behind the grace only an answer that died with its process may cost a sign-in.
        bool const is_lost = has_died && step == lost_answer_step && GetParam() > rotation_grace;
        if (!is_lost)
            EXPECT_TRUE(got && works(provider, *got)) << (got ? "" : got.error().message);
        else
        {
            ASSERT_FALSE(got);
            EXPECT_EQ(got.error().code, errc::unauthorized) << got.error().message;
            EXPECT_EQ(grant_of(profile.paths(), id).state, grant_state::needs_reauth);
        }
        auto const calls = provider.calls(provider_call::refresh);
        EXPECT_EQ(calls, has_died && step == lost_answer_step ? 2u : 1u) << "nothing is asked for twice";
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
    temporary_folder const folder;
    auto const start = [&](std::string const& name)
    {
        auto command = arguments(profile, id);
        command.insert(command.end(), {"callers", "100", (folder.path() / name).string()});
        return command;
    };
    child_process one(start("one"));
    child_process other(start("other"));
    ASSERT_TRUE(provider.wait_for_held(1));
    // One is at the call; the other has seen that, and looks again.
    auto const is_waiting = [&](char const* name) { return std::filesystem::exists(folder.path() / name); };
    ASSERT_TRUE(eventually([&] { return is_waiting("one") || is_waiting("other"); }));
    EXPECT_FALSE(is_waiting("one") && is_waiting("other")) << "who calls does not look on";
    provider.release();
    EXPECT_EQ(one.wait(), 0);
    EXPECT_EQ(other.wait(), 0);
    EXPECT_EQ(provider.calls(provider_call::refresh), 1u);
    EXPECT_EQ(grant_of(profile.paths(), id).generation, 2);
}

}  // namespace
}  // namespace linkspan::test
