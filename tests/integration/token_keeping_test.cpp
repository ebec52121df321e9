#include "tests/support/keeper_fixture.hpp"

// Tokens between a provider that rotates them, a store that does not take them at once, and other processes.

namespace linkspan::test
{
namespace
{

using std::chrono::hours;

TEST_F(keeps_tokens, the_token_of_another_process_is_refused_as_one_of_ours)
{
    auto const first = bench_.token_of(link_);
    ASSERT_TRUE(first);
    keeper_bench other(profile_.paths(), begin_);
    ASSERT_TRUE(other.refresh(link_));
    auto const second = bench_.token_instead_of(link_, first->generation);
    ASSERT_TRUE(second && second->generation == 2) << text_of(second);
    EXPECT_FALSE(bench_.token_instead_of(link_, 2)) << "a second refusal";
    EXPECT_EQ(refreshes(), 1u);
    EXPECT_EQ(grant_of(profile_.paths(), id_).state, grant_state::needs_reauth);
}

TEST_F(keeps_tokens, a_spare_is_tried_before_a_second_refusal_needs_a_person)
{
    keeper_bench other(profile_.paths(), begin_);
    provider_.script(provider_call::refresh, {provider_fault::held()});
    auto late = std::optional<result<access>>();
    boost::asio::co_spawn(
        bench_.loop(),
        bench_.keeper().refresh(link_),
        [&late](std::exception_ptr, result<access> got) { late = std::move(got); }
    );
    run_until(bench_.loop(), [&] { return refreshes() == 1; });
    pass(lease_time);
    other.clock().advance(lease_time);
    auto const second = other.token_instead_of(link_, 1);
    ASSERT_TRUE(second && second->generation == 2) << text_of(second);
    provider_.release();
    run_until(bench_.loop(), [&] { return late.has_value(); });
    auto const third = other.token_instead_of(link_, 2);
    ASSERT_TRUE(third) << third.error().message;
    EXPECT_EQ(third->generation, 4) << "of the answer that came late, which was the third";
    EXPECT_FALSE(other.token_instead_of(link_, 4));
    EXPECT_EQ(grant_of(profile_.paths(), id_).state, grant_state::needs_reauth);
    EXPECT_EQ(refreshes(), 3u);
}

TEST_F(keeps_tokens, what_came_is_kept_until_the_store_takes_it)
{
    pass(hours(2));
    int writes = 0;
    bench_.at_store = [&]
    {
        // Behind the look and the begin, the disk is full for a while.
        if (++writes == 5)
            bench_.store_faults.assign(3, error(errc::unavailable, "the disk is full"));
    };
    auto answer = std::optional<result<access>>();
    boost::asio::co_spawn(
        bench_.loop(),
        bench_.keeper().token_of(link_),
        [&answer](std::exception_ptr, result<access> got) { answer = std::move(got); }
    );
    for (std::size_t faults = 1; faults <= 3; ++faults)
    {
        run_until(
            bench_.loop(),
            [&]
            {
                bool const is_next = writes >= 5 && bench_.store_faults.size() == 3 - faults;
                return is_next && bench_.clock().waiting() == 1;
            }
        );
        bench_.clock().advance(seconds(1));
    }
    run_until(bench_.loop(), [&] { return answer.has_value(); });
    EXPECT_TRUE(*answer) << answer->error().message;
    EXPECT_EQ(refreshes(), 1u);
    EXPECT_EQ(bench_.told(), (std::vector<std::string>{"refresh not stored", "refreshed"}))
        << "once, not each second";
}

TEST_F(keeps_tokens, a_command_does_not_wait_for_the_store_without_end)
{
    keeper_bench command(profile_.paths(), begin_, command_store_patience);
    pass(hours(2));
    command.clock().advance(hours(2));
    int writes = 0;
    command.at_store = [&]
    {
        if (++writes >= 5)
            command.store_faults.assign(1, error(errc::unavailable, "the disk is full"));
    };
    auto answer = std::optional<result<access>>();
    boost::asio::co_spawn(
        command.loop(),
        command.keeper().token_of(link_),
        [&answer](std::exception_ptr, result<access> got) { answer = std::move(got); }
    );
    milliseconds waited(0);
    while (!answer && waited <= 2 * command_store_patience)
    {
        run_until(command.loop(), [&] { return answer || command.clock().waiting() == 1; });
        command.clock().advance(seconds(1));
        waited += seconds(1);
    }
    ASSERT_TRUE(answer && !*answer);
    EXPECT_GE(waited, command_store_patience);
    EXPECT_EQ(answer->error().code, errc::unavailable);
    EXPECT_NE(answer->error().message.find("the disk is full"), std::string::npos) << answer->error().message;
    EXPECT_NE(answer->error().message.find("linkspan refresh-link bitbucket"), std::string::npos)
        << answer->error().message;
}

TEST_F(keeps_tokens, what_came_is_kept_while_the_key_is_not_as_it_should_be)
{
    pass(hours(2));
    int writes = 0;
    bench_.at_store = [&]
    {
        if (++writes == 5)
            bench_.store_faults = {
                error(errc::conflict, "sealed with another key"),
                error(errc::unauthorized, "the passphrase is wrong"),
                error(errc::not_found, "the key file is missing")};
    };
    auto answer = std::optional<result<access>>();
    boost::asio::co_spawn(
        bench_.loop(),
        bench_.keeper().token_of(link_),
        [&answer](std::exception_ptr, result<access> got) { answer = std::move(got); }
    );
    for (std::size_t faults = 1; faults <= 3; ++faults)
    {
        run_until(
            bench_.loop(),
            [&] { return answer || (bench_.told().size() == faults && bench_.clock().waiting() == 1); }
        );
        bench_.clock().advance(seconds(1));
    }
    run_until(bench_.loop(), [&] { return answer.has_value(); });
    EXPECT_TRUE(*answer) << answer->error().message;
    EXPECT_EQ(refreshes(), 1u);
    EXPECT_EQ(grant_of(profile_.paths(), id_).generation, 2);
}

TEST_F(keeps_tokens, a_link_that_is_deleted_meanwhile_is_not_waited_for)
{
    pass(hours(2));
    provider_.script(provider_call::refresh, {provider_fault::held()});
    auto answer = std::optional<result<access>>();
    boost::asio::co_spawn(
        bench_.loop(),
        bench_.keeper().token_of(link_),
        [&answer](std::exception_ptr, result<access> got) { answer = std::move(got); }
    );
    run_until(bench_.loop(), [&] { return refreshes() == 1; });
    profile_.write(
        [&](transaction& tx) -> result<bool>
        {
            auto const gone = delete_link(tx, id_);
            if (!gone)
                return gone.error();
            return true;
        }
    );
    provider_.release();
    run_until(bench_.loop(), [&] { return answer.has_value(); });
    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().code, errc::not_found);
}

TEST_F(keeps_tokens, who_wants_a_new_token_waits_for_the_refresh_of_another_process)
{
    keeper_bench other(profile_.paths(), begin_);
    provider_.script(provider_call::refresh, {provider_fault::held()});
    std::vector<result<access>> got;
    auto const on_end = [&got](std::exception_ptr, result<access> answer)
    { got.push_back(std::move(answer)); };
    boost::asio::co_spawn(bench_.loop(), bench_.keeper().refresh(link_), on_end);
    run_until(bench_.loop(), [&] { return refreshes() == 1; });
    int looks = 0;
    other.at_store = [&] { ++looks; };
    boost::asio::co_spawn(other.loop(), other.keeper().refresh(link_), on_end);
    run_until(other.loop(), [&] { return other.clock().waiting() == 1 || !got.empty(); });
    EXPECT_EQ(other.clock().waiting(), 1u) << (got.empty() ? "" : text_of(got.front()));
    EXPECT_LE(looks, 4) << "the token in use is good, and yet it waits";
    provider_.release();
    run_until(bench_.loop(), [&] { return got.size() == 1; });
    other.clock().advance(keeper_look_wait);
    run_until(other.loop(), [&] { return got.size() == 2; });
    EXPECT_TRUE(got[1]) << got[1].error().message;
    EXPECT_EQ(text_of(got[0]), text_of(got[1]));
    EXPECT_EQ(refreshes(), 1u);
}

TEST_F(keeps_tokens, callers_that_wait_at_the_end_of_the_program_are_dropped)
{
    provider_.script(provider_call::refresh, {provider_fault::held()});
    boost::asio::co_spawn(
        bench_.loop(), bench_.keeper().refresh(link_), [](std::exception_ptr, result<access>) {}
    );
    run_until(bench_.loop(), [&] { return refreshes() == 1; });
    {
        keeper_bench other(profile_.paths(), begin_);
        for (int i = 0; i < 3; ++i)
            boost::asio::co_spawn(
                other.loop(), other.keeper().refresh(link_), [](std::exception_ptr, result<access>) {}
            );
        run_until(other.loop(), [&] { return other.clock().waiting() == 3; });
    }
    EXPECT_EQ(refreshes(), 1u);
    provider_.release();
}

TEST_F(keeps_tokens, two_keepers_of_one_database_make_one_call)
{
    keeper_bench other(profile_.paths(), begin_);
    pass(hours(2));
    other.clock().advance(hours(2));
    provider_.script(provider_call::refresh, {provider_fault::held()});
    std::vector<result<access>> got;
    auto const on_end = [&got](std::exception_ptr, result<access> answer)
    { got.push_back(std::move(answer)); };
    boost::asio::co_spawn(bench_.loop(), bench_.keeper().token_of(link_), on_end);
    run_until(bench_.loop(), [&] { return provider_.calls(provider_call::refresh) == 1; });
    boost::asio::co_spawn(other.loop(), other.keeper().token_of(link_), on_end);
    run_until(other.loop(), [&] { return other.clock().waiting() == 1; });
    provider_.release();
    run_until(bench_.loop(), [&] { return got.size() == 1; });
    other.clock().advance(keeper_look_wait);
    run_until(other.loop(), [&] { return got.size() == 2; });
    EXPECT_EQ(text_of(got[0]), text_of(got[1]));
    EXPECT_TRUE(got[0]) << got[0].error().message;
    EXPECT_EQ(refreshes(), 1u);
}

}  // namespace
}  // namespace linkspan::test
