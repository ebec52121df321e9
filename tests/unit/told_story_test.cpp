#include "core/conversation/story.hpp"
#include "tests/support/events.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

event by(event_kind kind, std::string_view who)
{
    auto out = sample_event(kind);
    out.actor = sample_person(who);
    return out;
}

TEST(told_story, of_one_event_is_that_event)
{
    auto const happened = sample_event(event_kind::comment_added);
    EXPECT_EQ(tell_story({}, happened), tell(happened));
}

TEST(told_story, counts_and_tells_each_in_order_and_how_it_stands)
{
    auto last = by(event_kind::pull_request_merged, "Lin");
    last.pull_request->state = pull_request_state::merged;
    auto const told = tell_story(
        {by(event_kind::pull_request_marked_ready, "Grace"),
         by(event_kind::pull_request_title_changed, "Ada")},
        last
    );
    EXPECT_EQ(plain_text(told.headline), "#7: 3 changes while Linkspan did not hear of it, now merged");
    EXPECT_EQ(told.headline.front().style, span_style::link);
    ASSERT_EQ(told.notes.size(), 3u);
    EXPECT_EQ(told.notes[0], "Grace marked #7 as ready for review");
    EXPECT_TRUE(told.notes[1].starts_with("Ada renamed #7")) << told.notes[1];
    EXPECT_TRUE(told.notes[2].starts_with("Lin merged #7")) << told.notes[2];
    EXPECT_FALSE(told.quote);
}

TEST(told_story, tells_once_what_reads_the_same)
{
    auto const comment = by(event_kind::comment_added, "Grace");
    auto other = comment;
    std::get<comment_detail>(other.detail).comment.text = "first\n" + std::string(200, 'x');
    auto const told = tell_story({comment, comment, other}, comment);
    ASSERT_EQ(told.notes.size(), 3u);
    EXPECT_TRUE(told.notes[0].ends_with(" (2 times)")) << told.notes[0];
    EXPECT_NE(told.notes[1].find(": first xxx"), std::string::npos) << told.notes[1];
    EXPECT_TRUE(told.notes[1].ends_with("xxx...")) << told.notes[1];
    EXPECT_EQ(told.notes[2].find("times"), std::string::npos);
}

TEST(told_story, keeps_the_last_lines_and_counts_the_others)
{
    std::vector<event> before;
    for (std::size_t i = 0; i < story_lines_max + 4; ++i)
        before.push_back(by(event_kind::comment_added, i % 2 == 0 ? "Ada" : "Grace"));
    auto const told = tell_story(before, by(event_kind::pull_request_approved, "Lin"));
    ASSERT_EQ(told.notes.size(), story_lines_max + 1);
    EXPECT_EQ(told.notes.front(), "before that 5 other changes");
    EXPECT_EQ(told.notes.back(), "Lin approved #7");
}

TEST(told_story, lacks_what_its_events_lack)
{
    for (auto const& [kind, name] : kind_names)
    {
        auto const told = tell_story({bare_event(kind)}, bare_event(kind));
        EXPECT_FALSE(told.headline.empty()) << name;
        EXPECT_EQ(told.notes.size(), 1u) << name;
    }
}

}  // namespace
}  // namespace linkspan::test
