#include "tests/support/looks.hpp"

namespace linkspan::test
{
namespace
{

constexpr auto server_pull_request =
    R"("pullRequest":{"id":7,"version":3,"title":"Limits","state":"OPEN","open":true,
    "createdDate":1763625600000,"updatedDate":1763629200000,"author":{"user":{"id":1,"name":"ada"}},"reviewers":[],
    "participants":[],"toRef":{"id":"refs/heads/main","displayId":"main",
    "repository":{"id":9,"slug":"api","project":{"key":"ACME"}}}})";

std::string server_look(std::string const& activities, std::string const& asked, bool is_whole = true)
{
    return std::string("{") + server_pull_request + R"(,"activities":[)" + activities + R"(],"whole":[)" +
           (is_whole ? R"("activities")" : "") + R"(],"asked_at":"2026-11-20T)" + asked +
           R"(Z","since":"2026-11-20T08:30:00Z"})";
}

std::string server_comment(int id, int version, std::string const& text, std::string const& more = "")
{
    return R"({"id":)" + std::to_string(id) + R"(,"version":)" + std::to_string(version) + R"(,"text":")" +
           text +
           R"(","author":{"id":2,"name":"lin"},"createdDate":"2026-11-20T09:30:00Z","updatedDate":"2026-11-20T09:40:00Z")" +
           more + "}";
}

std::string activity(std::string const& comment)
{
    return R"({"id":1,"action":"COMMENTED","commentAction":"ADDED","comment":)" + comment +
           R"(,"commentAnchor":{"path":"src/limit.cpp","line":4,"lineType":"ADDED","fileType":"TO"}})";
}

TEST(data_center_looks, threads_and_tasks_are_read_from_activities)
{
    looked_bridge all(edition::data_center);
    auto const reply = server_comment(12, 0, "Because");
    auto const open = activity(server_comment(
        11,
        0,
        "Why?",
        R"(,"severity":"NORMAL","state":"OPEN","threadResolved":false,"comments":[)" + reply + "]"
    ));
    auto const task = activity(server_comment(13, 0, "Test it", R"(,"severity":"BLOCKER","state":"OPEN")"));
    auto const approved = std::string(R"({"id":2,"action":"APPROVED","user":{"id":2}})");
    auto const first = all.look(server_look(open + "," + approved + "," + task, "10:00:00"), "10:00:00");
    EXPECT_EQ(kinds_of(first), (words{"comment.added", "comment.added", "task.added"}));
    auto const& root = std::get<comment_detail>(first.at(0).detail).comment;
    EXPECT_EQ(root.anchor.value().path, "src/limit.cpp");
    EXPECT_EQ(std::get<comment_detail>(first.at(1).detail).comment.parent, 11);

    auto const resolved = activity(server_comment(
        11,
        1,
        "Why?",
        R"(,"severity":"NORMAL","state":"OPEN","threadResolved":true,"threadResolvedDate":"2026-11-20T10:01:00Z","comments":[)" +
            server_comment(12, 1, "Because of it") + "]"
    ));
    auto const done = activity(server_comment(
        13, 1, "Test it", R"(,"severity":"BLOCKER","state":"RESOLVED","resolvedDate":"2026-11-20T10:01:30Z")"
    ));
    auto const second = all.look(server_look(resolved + "," + done, "10:02:00"), "10:02:00");
    EXPECT_EQ(kinds_of(second), (words{"comment.resolved", "comment.edited", "task.resolved"}));
    EXPECT_EQ(second.at(0).occurred_at, clock_at("10:01:00"));
    EXPECT_EQ(second.at(2).occurred_at, clock_at("10:01:30"));

    EXPECT_EQ(kinds_of(all.look(server_look("", "10:09:00", false), "10:09:00")), words{});
    EXPECT_EQ(kinds_of(all.look(server_look(resolved, "10:10:00"), "10:10:00")), words{});
    auto const gone = all.look(server_look(resolved, "10:11:00"), "10:11:00");
    EXPECT_EQ(kinds_of(gone), words{"task.deleted"});
}

TEST(data_center_looks, have_the_keys_of_webhooks)
{
    auto const event_of = [](std::string const& key, std::string const& comment)
    {
        return std::pair(
            key,
            R"({"eventKey":")" + key +
                R"(","date":"2026-11-20T09:40:00+0000","actor":{"id":2,"name":"lin"},)" +
                server_pull_request + R"(,"comment":)" + comment + "}"
        );
    };
    auto const added = event_of("pr:comment:added", server_comment(11, 0, "Frist"));
    auto const edited = event_of("pr:comment:edited", server_comment(11, 1, "First"));
    looked_bridge by_webhook(edition::data_center), by_look(edition::data_center);
    std::vector<event> told, found;
    for (auto const& [key, body] : {added, edited})
        for (auto& one : by_webhook.webhook(key, body))
            told.push_back(one);
    for (auto const& [version, text] : {std::pair(0, "Frist"), std::pair(1, "First")})
        for (auto& one :
             by_look.look(server_look(activity(server_comment(11, version, text)), "10:00:00"), "10:00:00"))
            found.push_back(one);
    EXPECT_EQ(kinds_of(told), (words{"comment.added", "comment.edited"}));
    EXPECT_EQ(keys_of(told), keys_of(found));
}

}  // namespace
}  // namespace linkspan::test
