#include "core/watch/gap.hpp"
#include "core/watch/schedule.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

constexpr time_point gap_time = from_milliseconds(1'795'000'000'000);

event came(event_kind kind, event_origin origin, milliseconds late = seconds(600))
{
    event out;
    out.kind = kind;
    out.origin = origin;
    out.occurred_at = gap_time;
    out.received_at = gap_time + late;
    return out;
}

event edited(milliseconds behind_creation, edition of = edition::cloud)
{
    auto out = came(event_kind::comment_edited, event_origin::poll);
    out.edition = of;
    comment_detail detail;
    detail.comment.created_at = gap_time - behind_creation;
    out.detail = detail;
    return out;
}

TEST(watch_gap, cloud_tells_no_task_and_no_early_edit)
{
    EXPECT_FALSE(has_webhook(came(event_kind::task_added, event_origin::poll)));
    EXPECT_FALSE(has_webhook(came(event_kind::task_deleted, event_origin::poll)));
    EXPECT_FALSE(has_webhook(edited(watch_window - milliseconds(1))));
    EXPECT_TRUE(has_webhook(edited(watch_window)));
    EXPECT_TRUE(has_webhook(came(event_kind::comment_resolved, event_origin::poll)));
    EXPECT_TRUE(has_webhook(came(event_kind::comment_added, event_origin::poll)));
}

TEST(watch_gap, data_center_tells_no_build_and_no_thread)
{
    for (auto const kind :
         {event_kind::build_failed, event_kind::comment_resolved, event_kind::comment_reopened})
    {
        auto one = came(kind, event_origin::poll);
        one.edition = edition::data_center;
        EXPECT_FALSE(has_webhook(one)) << static_cast<int>(kind);
    }
    EXPECT_TRUE(has_webhook(edited(seconds(1), edition::data_center)));
    auto task = came(event_kind::task_resolved, event_origin::poll);
    task.edition = edition::data_center;
    EXPECT_TRUE(has_webhook(task));
}

TEST(watch_gap, what_is_found_while_a_webhook_may_still_come_is_not_missed)
{
    EXPECT_FALSE(
        is_missed(came(event_kind::comment_added, event_origin::poll, webhook_lateness_max - seconds(1)))
    );
    EXPECT_TRUE(is_missed(came(event_kind::comment_added, event_origin::poll, webhook_lateness_max)));
    EXPECT_FALSE(is_missed(came(event_kind::comment_added, event_origin::webhook)));
    EXPECT_FALSE(is_missed(came(event_kind::comment_added, event_origin::chat)));
}

TEST(watch_gap, what_clocks_explain_that_differ_is_not_missed)
{
    auto const found = came(event_kind::comment_added, event_origin::poll, seconds(310));
    EXPECT_TRUE(is_missed(found));
    EXPECT_FALSE(is_missed(found, seconds(300)));
    repository_gaps gaps;
    count(gaps, found, seconds(300));
    EXPECT_EQ(gaps.missed, 0);
    count(gaps, came(event_kind::comment_added, event_origin::catch_up, seconds(900)), seconds(300));
    EXPECT_EQ(gaps.missed, 1);
    EXPECT_EQ(gaps.latest, seconds(600));
}

TEST(watch_gap, the_fastest_webhook_shows_how_far_our_clock_is_ahead)
{
    clock_lead lead;
    EXPECT_EQ(lead.value(), milliseconds(0));
    lead.hear(came(event_kind::comment_added, event_origin::poll, seconds(10)));
    EXPECT_EQ(lead.value(), milliseconds(0)) << "asking may be late by anything";
    lead.hear(came(event_kind::comment_added, event_origin::webhook, clock_lead_max + seconds(1)));
    EXPECT_EQ(lead.value(), milliseconds(0)) << "webhooks are slow";
    lead.hear(came(event_kind::comment_added, event_origin::webhook, seconds(240)));
    lead.hear(came(event_kind::comment_added, event_origin::webhook, seconds(250)));
    lead.hear(came(event_kind::comment_added, event_origin::webhook, seconds(0)));
    EXPECT_EQ(lead.value(), seconds(240));
    lead.hear(came(event_kind::comment_added, event_origin::webhook, seconds(-60)));
    EXPECT_EQ(lead.value(), milliseconds(0)) << "ours is behind";
}

TEST(watch_gap, a_hook_is_silent_until_something_comes_by_it)
{
    repository_gaps gaps;
    EXPECT_EQ(state_of(gaps), hook_state::unknown);
    auto first = came(event_kind::pull_request_opened, event_origin::webhook, seconds(0));
    first.received_at = gap_time - seconds(60);
    count(gaps, first);
    EXPECT_EQ(state_of(gaps), hook_state::working);
    count(gaps, came(event_kind::comment_added, event_origin::catch_up, seconds(900)));
    EXPECT_EQ(state_of(gaps), hook_state::silent);
    EXPECT_EQ(gaps.missed, 1);
    EXPECT_EQ(gaps.latest, seconds(900));
    EXPECT_EQ(gaps.last_missed_kind, "comment.added");
    count(gaps, came(event_kind::comment_added, event_origin::webhook, seconds(1)));
    EXPECT_EQ(state_of(gaps), hook_state::lossy);
    count(gaps, came(event_kind::comment_added, event_origin::chat));
    EXPECT_EQ(gaps.by_origin, (std::array<std::int64_t, 3>{2, 0, 1}));
}

}  // namespace
}  // namespace linkspan
