#include "tests/support/store_memory.hpp"

#include <gtest/gtest.h>

// What a look moves outlives the store.
namespace linkspan::test
{
namespace
{

// A look at pull request 7, of which the list of comments was read to its end.
std::vector<event> take_look(
    store_memory& store,
    std::string const& comments,
    std::string const& asked,
    std::string const& since = "09:00:00"
)
{
    auto const body =
        R"({"pullrequest":{"id":7,"title":"Limits","state":"OPEN","updated_on":"2026-11-20T09:00:00Z",
        "destination":{"branch":{"name":"main"},"repository":{"uuid":"{r}","full_name":"acme/api"}}},"comments":[)" +
        comments + R"(],"whole":["comments"],"since":"2026-11-20T)" + since +
        R"(Z","asked_at":"2026-11-20T)" + asked + R"(Z"})";
    inbound delivery;
    delivery.event_key = look_key;
    delivery.body = body;
    delivery.origin = event_origin::catch_up;
    auto const said = read_delivery(delivery);
    if (!said)
    {
        ADD_FAILURE() << said.error().message;
        return {};
    }
    digest_context context;
    context.instance = "bitbucket.org";
    context.origin = delivery.origin;
    context.received_at = parse_time("2026-11-20T" + asked + "Z").value();
    return store.take(*said, context);
}

std::string comment(int id, std::string const& text)
{
    return R"({"id":)" + std::to_string(id) + R"(,"content":{"raw":")" + text +
           R"("},"created_on":"2026-11-20T09:30:00Z","updated_on":"2026-11-20T09:30:00Z"})";
}

TEST(store_look, finds_what_is_gone_since_the_last)
{
    store_memory store;
    auto const both = comment(1, "One") + "," + comment(2, "Two");
    auto const first = take_look(store, both, "10:00:00");
    ASSERT_EQ(first.size(), 2u);
    EXPECT_EQ(first.at(0).kind, event_kind::comment_added);
    EXPECT_EQ(first.at(0).origin, event_origin::catch_up);
    EXPECT_TRUE(take_look(store, both, "10:01:00").empty());
    EXPECT_TRUE(take_look(store, comment(2, "Two"), "10:02:00").empty()) << "one list may be wrong";
    EXPECT_TRUE(store.comment_of("bitbucket.org", "{r}", 7, 1).value().absent_at);
    auto const second = take_look(store, comment(2, "Two"), "10:03:00");
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second.at(0).kind, event_kind::comment_deleted);
    EXPECT_TRUE(store.comment_of("bitbucket.org", "{r}", 7, 1).value().deleted);
    EXPECT_FALSE(store.comment_of("bitbucket.org", "{r}", 7, 2).value().deleted);
    EXPECT_TRUE(take_look(store, comment(2, "Two"), "10:04:00").empty());
}

TEST(store_look, concludes_nothing_from_absence_where_too_much_is_known)
{
    store_memory store;
    auto const in_groups = [&](std::size_t first, std::size_t last)
    {
        std::string out;
        for (auto i = first; i <= last; ++i)
            out += (i == first ? "" : ",") + comment(static_cast<int>(i), "x");
        return out;
    };
    // From before the watch: known without an event.
    take_look(store, in_groups(1, shown_comments_max), "09:31:00", "09:30:30");
    auto const others = in_groups(2, shown_comments_max + 1);
    EXPECT_TRUE(take_look(store, others, "10:00:00", "09:30:30").empty());
    EXPECT_TRUE(store.comment_of("bitbucket.org", "{r}", 7, 1).value().absent_at);
    EXPECT_TRUE(take_look(store, others, "10:05:00", "09:30:30").empty()) << "more than are compared";
    EXPECT_FALSE(store.comment_of("bitbucket.org", "{r}", 7, 1).value().deleted);
    auto edited = comment(static_cast<int>(shown_comments_max), "y");
    edited.replace(edited.rfind("09:30:00"), 8, "10:06:00");
    auto const moved = take_look(store, edited, "10:07:00", "09:30:30");
    ASSERT_EQ(moved.size(), 1u) << "what is shown is compared";
    EXPECT_EQ(moved.at(0).kind, event_kind::comment_edited);
}

}  // namespace
}  // namespace linkspan::test
