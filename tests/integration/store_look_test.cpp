#include "tests/support/store_memory.hpp"

#include <gtest/gtest.h>

// What a look moves outlives the store.
namespace linkspan::test
{
namespace
{

// A look at pull request 7, of which the list of comments was read to its end.
std::vector<event> take_look(store_memory& store, std::string const& comments, std::string const& asked)
{
    auto const body =
        R"({"pullrequest":{"id":7,"title":"Limits","state":"OPEN","updated_on":"2026-11-20T09:00:00Z",
        "destination":{"branch":{"name":"main"},"repository":{"uuid":"{r}","full_name":"acme/api"}}},"comments":[)" +
        comments + R"(],"whole":["comments"],"since":"2026-11-20T09:00:00Z","asked_at":"2026-11-20T)" +
        asked + R"(Z"})";
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
    auto const second = take_look(store, comment(2, "Two"), "10:02:00");
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second.at(0).kind, event_kind::comment_deleted);
    EXPECT_TRUE(store.comment_of("bitbucket.org", "{r}", 7, 1).value().deleted);
    EXPECT_FALSE(store.comment_of("bitbucket.org", "{r}", 7, 2).value().deleted);
    EXPECT_TRUE(take_look(store, comment(2, "Two"), "10:03:00").empty());
}

}  // namespace
}  // namespace linkspan::test
