#include "tests/support/look_answers.hpp"

namespace linkspan::test
{
namespace
{

// Reactions to comments of Data Center, where `properties` shows them.

std::string reacted_comment(
    int id, std::string const& properties, char const* created = "2026-11-20T09:30:00Z"
)
{
    return R"({"id":1,"action":"COMMENTED","comment":{"id":)" + std::to_string(id) +
           R"(,"version":0,"text":"Why?","author":{"id":2,"name":"lin"},"createdDate":")" + created +
           R"(","updatedDate":")" + created + "\"" + properties + "}}";
}

std::string with_reactions(std::string const& list)
{
    return R"(,"properties":{"repositoryId":9,"reactions":[)" + list + "]}";
}

std::string one_reaction(std::string const& shortcut, int user)
{
    return R"({"emoticon":{"shortcut":")" + shortcut + R"("},"users":[{"id":)" + std::to_string(user) +
           R"(,"name":"u)" + std::to_string(user) + R"("}]})";
}

constexpr auto no_reactions = R"(,"properties":{"repositoryId":9})";

struct reactions_bridge : looked_bridge
{
    reactions_bridge() : looked_bridge(edition::data_center) {}

    std::vector<event> see(std::string const& comment, std::string const& asked)
    {
        return linkspan::test::take(*this, with_comments(answers_of(edition::data_center, asked), comment));
    }
};

TEST(reaction_looks, tell_who_reacted_and_who_took_it_back)
{
    reactions_bridge all;
    EXPECT_EQ(kinds_of(all.see(reacted_comment(11, no_reactions), "10:00:00")), words{"comment.added"});
    auto const two = one_reaction("thumbsup", 3) + "," + one_reaction("heart", 3);
    auto const added = all.see(reacted_comment(11, with_reactions(two)), "10:01:00");
    ASSERT_EQ(kinds_of(added), (words{"comment.reaction_added", "comment.reaction_added"}));
    EXPECT_EQ(std::get<comment_detail>(added[0].detail).reaction, "thumbsup");
    EXPECT_EQ(std::get<comment_detail>(added[1].detail).reaction, "heart");
    EXPECT_EQ(std::get<comment_detail>(added[0].detail).comment.id, 11);
    EXPECT_EQ(added[0].actor.value().id, "3");
    EXPECT_EQ(added[0].occurred_at, clock_at("10:01:00"));
    EXPECT_NE(added[0].key, added[1].key);
    EXPECT_EQ(kinds_of(all.see(reacted_comment(11, with_reactions(two)), "10:02:00")), words{});
    auto const other = one_reaction("heart", 3) + "," + one_reaction("heart", 4);
    auto const moved = all.see(reacted_comment(11, with_reactions(other)), "10:03:00");
    ASSERT_EQ(kinds_of(moved), (words{"comment.reaction_added", "comment.reaction_removed"}));
    EXPECT_EQ(moved[0].actor.value().id, "4");
    EXPECT_EQ(moved[1].actor.value().id, "3");
    EXPECT_EQ(moved[1].actor.value().name, "u3");
    EXPECT_EQ(std::get<comment_detail>(moved[1].detail).reaction, "thumbsup");
    EXPECT_EQ(kinds_of(all.see(reacted_comment(11, no_reactions), "10:04:00")).size(), 2u)
        << "nobody reacts now";
    auto const again = all.see(reacted_comment(11, with_reactions(one_reaction("heart", 3))), "10:05:00");
    EXPECT_EQ(kinds_of(again), words{"comment.reaction_added"}) << "and has a key of its own";
}

TEST(reaction_looks, announce_nothing_at_first_sight)
{
    reactions_bridge all;
    auto const old = reacted_comment(11, with_reactions(one_reaction("heart", 3)), "2026-11-20T08:00:00Z");
    EXPECT_EQ(kinds_of(all.see(old, "10:00:00")), words{});
    auto const less = reacted_comment(11, no_reactions, "2026-11-20T08:00:00Z");
    EXPECT_EQ(kinds_of(all.see(less, "10:01:00")), words{"comment.reaction_removed"});
}

TEST(reaction_looks, tell_those_of_a_comment_that_is_news_itself)
{
    reactions_bridge all;
    auto const fresh = reacted_comment(11, with_reactions(one_reaction("heart", 3)));
    EXPECT_EQ(kinds_of(all.see(fresh, "10:00:00")), (words{"comment.added", "comment.reaction_added"}));
}

TEST(reaction_looks, tell_those_of_a_comment_that_a_webhook_told)
{
    reactions_bridge all;
    auto const told = [&](std::string const& properties)
    {
        return all.webhook(
            "pr:comment:added",
            R"({"eventKey":"pr:comment:added","date":"2026-11-20T09:30:00+0000","actor":{"id":2,"name":"lin"},
            "pullRequest":{"id":7,"version":1,"title":"x","state":"OPEN","toRef":{"id":"refs/heads/main",
            "displayId":"main","repository":{"id":9,"slug":"api","project":{"key":"ACME"}}}},"comment":{"id":11,
            "version":0,"text":"Why?","author":{"id":2,"name":"lin"},"createdDate":"2026-11-20T09:30:00Z",
            "updatedDate":"2026-11-20T09:30:00Z")" +
                properties + "}}"
        );
    };
    ASSERT_EQ(kinds_of(told(no_reactions)), words{"comment.added"});
    auto const fresh = reacted_comment(11, with_reactions(one_reaction("heart", 3)));
    EXPECT_EQ(kinds_of(all.see(fresh, "10:00:00")), words{"comment.reaction_added"});
}

TEST(reaction_looks, do_not_know_what_is_not_shown)
{
    reactions_bridge all;
    auto const fresh = reacted_comment(11, with_reactions(one_reaction("heart", 3)));
    ASSERT_EQ(all.see(fresh, "10:00:00").size(), 2u);
    std::string many;
    for (std::size_t user = 1; user <= reactions_max + 1; ++user)
        many += (many.empty() ? "" : ",") + one_reaction("heart", static_cast<int>(user));
    for (auto const& properties :
         {std::string(),
          std::string(R"(,"properties":null)"),
          std::string(R"(,"properties":[])"),
          std::string(R"(,"properties":{"reactions":{"heart":1}})"),
          with_reactions(R"({"emoticon":"heart","users":[]})"),
          with_reactions(R"({"emoticon":{"shortcut":"heart"},"users":3})"),
          with_reactions(R"({"emoticon":{"shortcut":"heart"},"users":[{}]})"),
          with_reactions(many)})
        EXPECT_EQ(kinds_of(all.see(reacted_comment(11, properties), "10:01:00")), words{}) << properties;
    EXPECT_EQ(
        kinds_of(all.see(reacted_comment(11, no_reactions), "10:02:00")), words{"comment.reaction_removed"}
    ) << "it was known all the time";
}

}  // namespace
}  // namespace linkspan::test
