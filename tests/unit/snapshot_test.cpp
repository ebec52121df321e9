#include "tests/support/readings.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using namespace test;

TEST(snapshot, keeps_everything_in_its_stored_form)
{
    pull_request_snapshot full;
    full.state = state_of(1);
    full.order = 12;
    full.fields_at = 13;
    full.participants_at = 14;
    full.revisions = {{"title", 2}, {"review:{lin}", 3}};
    full.reviewed_at = {{"557058:lin", 1'700'000'000'000}};
    full.deleted = true;
    auto const again = snapshot_from_json(to_json_text(full));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, full);
    auto const bare = snapshot_from_json(R"({"state":{"id":7}})");
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->state.id, 7);
    EXPECT_FALSE(bare->order || bare->fields_at || bare->participants_at || bare->deleted);
    for (auto const* broken : {"", "[]", "{}", R"({"state":1})", R"({"state":{"id":"seven"}})"})
    {
        auto const failed = snapshot_from_json(broken);
        ASSERT_FALSE(failed) << broken;
        EXPECT_EQ(failed.error().code, errc::invalid);
    }
}

TEST(snapshot, of_a_comment_keeps_everything_in_its_stored_form)
{
    comment_snapshot full;
    full.id = 42;
    full.order = 3;
    full.quiet_order = 2;
    full.seen_order = 3;
    full.told_text = "Why?";
    full.absent_at = 1'700'000'000'001;
    full.is_added = true;
    full.text = "Why \"ten\"?";
    full.task = task_state::resolved;
    full.resolved = false;
    full.resolved_at = 1'700'000'000'000;
    full.deleted = true;
    full.reactions.emplace();
    full.reactions->push_back({"thumbsup", person()});
    full.reactions->back().who.id = "2";
    full.reactions->back().who.name = "Lin \"L\"";
    full.revisions = {{"resolution", 2}, {"task", 1}};
    auto const again = comment_snapshot_from_json(to_json_text(full));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, full);
    full.task = task_state::open;
    EXPECT_EQ(comment_snapshot_from_json(to_json_text(full)).value(), full);
    full.reactions->clear();
    EXPECT_EQ(comment_snapshot_from_json(to_json_text(full)).value(), full)
        << "that nobody has reacted is known";
    comment_snapshot bare;
    bare.id = 42;
    EXPECT_EQ(comment_snapshot_from_json(to_json_text(bare)).value(), bare);
    EXPECT_EQ(comment_snapshot_from_json(R"({"id":42,"text":1,"order":"x","revisions":[]})").value(), bare)
        << "what is not of its type is not known";
    for (auto const* broken : {"", "[]", "{}", "{", R"({"id":"42"})", R"({"text":"x"})"})
    {
        auto const failed = comment_snapshot_from_json(broken);
        ASSERT_FALSE(failed) << broken;
        EXPECT_EQ(failed.error().code, errc::invalid);
        EXPECT_EQ(failed.error().message, "comment: not what this program writes");
    }
}

}  // namespace
}  // namespace linkspan
