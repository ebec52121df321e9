#include "core/delivery/delivery.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

auto const tried_at = from_milliseconds(1'700'000'000'000);

outcome outcome_of(outcome_kind kind, std::optional<milliseconds> wait = {})
{
    outcome out(kind, "said so");
    out.wait = wait;
    return out;
}

delivery_progress after(int attempts)
{
    delivery_progress out;
    out.attempts = attempts;
    out.due_at = tried_at;
    return out;
}

TEST(delivery, the_schedule_as_published)
{
    retry_schedule const schedule;
    std::vector<seconds> const expected = {
        seconds(5),
        seconds(30),
        seconds(120),
        seconds(600),
        seconds(1800),
        seconds(3600),
        seconds(7200),
        seconds(14400)};
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(schedule.wait_after(static_cast<int>(i) + 1), expected[i]) << "attempt " << i + 1;
    EXPECT_EQ(schedule.wait_after(9), seconds(14400)) << "the last wait repeats";
    EXPECT_EQ(schedule.wait_after(1'000'000), seconds(14400));
    EXPECT_EQ(schedule.wait_after(0), seconds(5));
    EXPECT_EQ(schedule.wait_after(-1), seconds(5));
    EXPECT_EQ(schedule.attempts_max, 20);
    milliseconds all(0);
    for (int attempt = 1; attempt < schedule.attempts_max; ++attempt)
        all += schedule.wait_after(attempt);
    EXPECT_GT(all, std::chrono::hours(48)) << "a weekend's outage is outlived";
    EXPECT_LT(all, std::chrono::hours(72));
    retry_schedule none;
    none.waits.clear();
    EXPECT_EQ(none.wait_after(1), milliseconds(0));
}

TEST(delivery, an_attempt_counts_before_it_is_made)
{
    retry_schedule const schedule;
    auto progress = begin(after(0), schedule, tried_at);
    EXPECT_EQ(progress.attempts, 1);
    EXPECT_EQ(progress.due_at, tried_at + seconds(5)) << "should nobody settle it";
    progress = begin(progress, schedule, tried_at + seconds(5));
    EXPECT_EQ(progress.attempts, 2);
    EXPECT_EQ(progress.due_at, tried_at + seconds(35));
}

TEST(delivery, every_outcome_has_its_verdict)
{
    retry_schedule const schedule;
    struct row
    {
        outcome_kind kind;
        verdict_kind verdict;
        milliseconds wait;
    };
    row const rows[] = {
        {outcome_kind::accepted, verdict_kind::done, milliseconds(0)},
        {outcome_kind::retry_after, verdict_kind::retry, seconds(30)},
        {outcome_kind::unknown, verdict_kind::retry, seconds(30)},
        {outcome_kind::rejected_destination, verdict_kind::hold, seconds(300)},
        {outcome_kind::rejected_message, verdict_kind::dead, milliseconds(0)},
    };
    for (auto const& one : rows)
    {
        auto const found = settle(after(2), outcome_of(one.kind), schedule, tried_at);
        EXPECT_EQ(found.kind, one.verdict) << name_of(one.kind);
        EXPECT_EQ(found.reason, "said so") << name_of(one.kind);
        bool const ends = one.verdict == verdict_kind::done || one.verdict == verdict_kind::dead;
        EXPECT_EQ(found.due_at, ends ? time_point() : tried_at + one.wait) << name_of(one.kind);
    }
}

TEST(delivery, a_service_is_heard_within_reason)
{
    retry_schedule const schedule;
    auto const due = [&](milliseconds wait)
    { return settle(after(3), outcome_of(outcome_kind::retry_after, wait), schedule, tried_at).due_at; };
    EXPECT_EQ(due(seconds(7)), tried_at + seconds(7));
    EXPECT_EQ(due(milliseconds(0)), tried_at + seconds(1)) << "no storm where a service says 0";
    EXPECT_EQ(due(seconds(3600)), tried_at + seconds(3600));
    EXPECT_EQ(due(seconds(3601)), tried_at + seconds(3600)) << "at most service_wait_max";
    EXPECT_EQ(due(milliseconds::max()), tried_at + seconds(3600));
    EXPECT_EQ(due(seconds(-5)), tried_at + seconds(1));
}

TEST(delivery, patience_ends_with_a_reason)
{
    retry_schedule const schedule;
    for (auto const kind : {outcome_kind::retry_after, outcome_kind::unknown})
    {
        auto const last = settle(after(schedule.attempts_max - 1), outcome_of(kind), schedule, tried_at);
        EXPECT_EQ(last.kind, verdict_kind::retry);
        EXPECT_EQ(last.due_at, tried_at + seconds(14400));
        auto const dead = settle(after(schedule.attempts_max), outcome_of(kind), schedule, tried_at);
        EXPECT_EQ(dead.kind, verdict_kind::dead);
        EXPECT_EQ(dead.reason, "gave up after 20 attempts: said so");
        EXPECT_TRUE(last.is_counted);
    }
}

// Sixteen lanes share a channel that takes one message a second: most attempts are refused, and none of them
// is the fault of a message.
TEST(delivery, a_rate_limit_kills_no_message)
{
    retry_schedule const schedule;
    for (int const attempts : {1, 20, 1000})
    {
        auto const found =
            settle(after(attempts), outcome_of(outcome_kind::retry_after, seconds(1)), schedule, tried_at);
        EXPECT_EQ(found.kind, verdict_kind::retry);
        EXPECT_EQ(found.due_at, tried_at + seconds(1));
        EXPECT_FALSE(found.is_counted);
    }
}

// A rotated token must not kill a queue.
TEST(delivery, a_held_destination_is_held_however_often_it_was_tried)
{
    retry_schedule const schedule;
    for (int const attempts : {1, 20, 21, 1000})
    {
        auto const found =
            settle(after(attempts), outcome_of(outcome_kind::rejected_destination), schedule, tried_at);
        EXPECT_EQ(found.kind, verdict_kind::hold);
        EXPECT_EQ(found.due_at, tried_at + schedule.hold_wait);
    }
    EXPECT_EQ(
        settle(after(1000), outcome_of(outcome_kind::accepted), schedule, tried_at).kind, verdict_kind::done
    );
}

TEST(delivery, verdicts_and_outcomes_have_names)
{
    EXPECT_EQ(name_of(verdict_kind::done), "done");
    EXPECT_EQ(name_of(verdict_kind::retry), "retry");
    EXPECT_EQ(name_of(verdict_kind::hold), "hold");
    EXPECT_EQ(name_of(verdict_kind::dead), "dead");
    EXPECT_EQ(name_of(outcome_kind::accepted), "accepted");
    EXPECT_EQ(name_of(outcome_kind::retry_after), "retry_after");
    EXPECT_EQ(name_of(outcome_kind::rejected_message), "rejected_message");
    EXPECT_EQ(name_of(outcome_kind::rejected_destination), "rejected_destination");
    EXPECT_EQ(name_of(outcome_kind::unknown), "unknown");
}

}  // namespace
}  // namespace linkspan
