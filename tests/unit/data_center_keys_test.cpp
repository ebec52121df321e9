#include "core/bitbucket/event_memory.hpp"
#include "core/conversation/conversation.hpp"
#include "tests/support/body_readings.hpp"
#include "tests/support/bridge.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

// What tests/golden/events/data_center does not show: members that are missing, and orders.

std::string fault_of(std::string key, std::string const& body)
{
    auto const said = test::read_data_center(std::move(key), body);
    return said ? "nothing" : said.error().message;
}

std::string const acme_repository = R"({"id":12,"slug":"api","name":"API","project":{"id":3,"key":"ACME"}})";

// Pull request 7 with more members, in a body with more members.
std::string dated_pull_request(std::string const& members, std::string const& top = "")
{
    return R"({"date":"2026-11-20T10:00:00+0100","pullRequest":{"id":7,"toRef":{"displayId":"main",)"
           R"("latestCommit":"m","repository":)" +
           acme_repository + "}" + members + "}" + top + "}";
}

std::vector<event> events_of(event_memory& memory, std::string key, std::string const& body)
{
    digest_context context;
    context.edition = edition::data_center;
    context.instance = "dc";
    auto const said = test::read_data_center(std::move(key), body);
    if (said)
        return memory.take(*said, context);
    ADD_FAILURE() << said.error().message;
    return {};
}

using strings = std::vector<std::string>;

TEST(data_center_keys, an_update_tells_what_was_before)
{
    auto const said = test::read_data_center(
        "pr:modified",
        dated_pull_request(
            R"(,"title":"New","version":4)",
            R"(,"previousTitle":"Old","previousDescription":"Was","previousDraft":true,)"
            R"("previousTarget":{"id":"refs/heads/dev","displayId":"dev","latestCommit":"d"})"
        )
    );
    ASSERT_TRUE(said) << said.error().message;
    ASSERT_TRUE(said->before);
    EXPECT_EQ(said->before->title, "Old");
    EXPECT_EQ(said->before->description, "Was");
    EXPECT_EQ(said->before->draft, true);
    EXPECT_EQ(said->before->target, (branch_tip{"", "dev", "d"}));
    EXPECT_EQ(said->pull_request->description, "") << "it was taken away";
    EXPECT_EQ(said->claims.at(0).identity, claim_identity::update);

    auto const null_before = test::read_data_center(
        "pr:modified", dated_pull_request(R"(,"description":"D")", R"(,"previousDescription":null)")
    );
    EXPECT_EQ(null_before.value().before.value().description, "");
    auto const nothing = test::read_data_center("pr:modified", dated_pull_request(""));
    EXPECT_FALSE(nothing.value().before);
    EXPECT_FALSE(nothing->pull_request->description) << "nothing is said of it";
    EXPECT_EQ(
        fault_of("pr:modified", dated_pull_request("", R"(,"previousTitle":7)")),
        "/previousTitle: expected a string"
    );
}

// The known state comes before the delivery's word.
TEST(data_center_keys, an_update_twice_tells_a_title_once)
{
    event_memory memory;
    auto const body = dated_pull_request(R"(,"title":"New","version":4)", R"(,"previousTitle":"Old")");
    EXPECT_EQ(test::kinds_of(events_of(memory, "pr:modified", body)), strings{"pull_request.title_changed"});
    EXPECT_TRUE(events_of(memory, "pr:modified", body).empty());
    auto const next = dated_pull_request(R"(,"title":"Newer","version":5)", R"(,"previousTitle":"New")");
    auto const moved = events_of(memory, "pr:modified", next);
    ASSERT_EQ(moved.size(), 1u);
    EXPECT_EQ(moved[0].key, "dc:pull_request.title_changed:12:7:title:2");
}

TEST(data_center_keys, reviewers_that_no_list_shows)
{
    auto const said = test::read_data_center(
        "pr:reviewer:updated",
        dated_pull_request(
            "", R"(,"addedReviewers":[{"name":"lin","emailAddress":"lin@example.com"},null,{}])"
        )
    );
    ASSERT_TRUE(said) << said.error().message;
    ASSERT_TRUE(said->reviewers);
    EXPECT_EQ(said->reviewers->added, (std::vector<person>{{"lin", "lin", person_kind::unknown}}));
    EXPECT_TRUE(said->reviewers->removed.empty());
    event_memory memory;
    EXPECT_TRUE(events_of(memory, "pr:reviewer:updated", dated_pull_request("")).empty());
    EXPECT_EQ(
        fault_of("pr:reviewer:updated", dated_pull_request("", R"(,"removedReviewers":{})")),
        "/removedReviewers: expected an array"
    );
}

TEST(data_center_keys, both_names_of_a_request_for_changes)
{
    auto const body = dated_pull_request(
        "", R"(,"participant":{"user":{"id":1,"name":"x"}},"previousStatus":"UNAPPROVED")"
    );
    event_memory memory;
    EXPECT_EQ(
        test::kinds_of(events_of(memory, "pr:reviewer:changes_requested", body)),
        strings{"pull_request.changes_requested"}
    );
    EXPECT_TRUE(events_of(memory, "pr:reviewer:needs_work", body).empty());
}

std::string server_comment(std::string const& members, std::string const& top = "")
{
    return dated_pull_request("", R"(,"comment":{"id":42,"text":"A")" + members + "}" + top);
}

TEST(data_center_keys, only_a_root_tells_whether_its_thread_is_resolved)
{
    auto const root = test::read_data_center("pr:comment:added", server_comment(R"(,"threadResolved":true)"));
    EXPECT_EQ(root.value().comment.value().comment.resolved, true);
    auto const reply = test::read_data_center(
        "pr:comment:added", server_comment(R"(,"threadResolved":true)", R"(,"commentParentId":40)")
    );
    EXPECT_FALSE(reply.value().comment.value().comment.resolved);
}

// A text is of the moment of its edit; a state of its own date, else of the delivery's.
TEST(data_center_keys, when_an_edit_happened)
{
    auto const at = [](std::string const& members, std::string const& before)
    {
        auto const top = R"(,"previousComment":")" + before + "\"";
        return test::read_data_center(
                   "pr:comment:edited", server_comment(R"(,"updatedDate":1000)" + members, top)
        )
            .value()
            .comment->at;
    };
    EXPECT_EQ(at("", "B"), from_milliseconds(1000));
    EXPECT_EQ(at("", "A"), parse_time("2026-11-20T09:00:00Z"));
    EXPECT_EQ(at(R"(,"threadResolvedDate":2000)", "A"), from_milliseconds(2000));
    EXPECT_EQ(
        at(R"(,"severity":"BLOCKER","threadResolvedDate":2000,"resolvedDate":3000)", "A"),
        from_milliseconds(3000)
    );
    EXPECT_EQ(at(R"(,"threadResolvedDate":2000)", "B"), from_milliseconds(1000));
}

TEST(data_center_keys, what_is_pending_is_not_told)
{
    event_memory memory;
    for (auto const* key : {"pr:comment:added", "pr:comment:edited", "pr:comment:deleted"})
    {
        EXPECT_TRUE(events_of(memory, key, server_comment(R"(,"state":"PENDING")")).empty()) << key;
        EXPECT_TRUE(events_of(memory, key, server_comment(R"(,"pending":true)")).empty()) << key;
    }
    auto const said = R"({"commit":"a","repository":)" + acme_repository +
                      R"(,"comment":{"id":42,"text":"A","state":"PENDING"}})";
    EXPECT_TRUE(events_of(memory, "repo:comment:added", said).empty());
}

// Data Center repeats the version of the last edit.
TEST(data_center_keys, a_deletion_is_not_its_last_edit)
{
    event_memory memory;
    auto const body = server_comment(R"(,"version":3)", R"(,"previousComment":"B")");
    EXPECT_EQ(test::kinds_of(events_of(memory, "pr:comment:edited", body)), strings{"comment.edited"});
    EXPECT_EQ(test::kinds_of(events_of(memory, "pr:comment:deleted", body)), strings{"comment.deleted"});
    EXPECT_TRUE(events_of(memory, "pr:comment:deleted", body).empty());
}

TEST(data_center_keys, comments_of_commits_need_their_commit)
{
    auto const without = R"({"repository":)" + acme_repository + R"(,"comment":{"id":42}})";
    EXPECT_EQ(fault_of("repo:comment:added", without), "/commit: is missing");
    EXPECT_EQ(
        fault_of("repo:comment:added", R"({"commit":"a","repository":)" + acme_repository + "}"),
        "/comment/id: is missing"
    );
}

std::string modified(std::string const& before, std::string const& after)
{
    return R"({"date":"2026-11-20T10:00:00+0100","old":)" + before + R"(,"new":)" + after + "}";
}

TEST(data_center_keys, what_of_a_repository_changed)
{
    event_memory memory;
    auto const to = [&memory](std::string const& after)
    { return test::kinds_of(events_of(memory, "repo:modified", modified(acme_repository, after))); };
    EXPECT_EQ(
        to(R"({"id":12,"slug":"api","name":"API","project":{"id":4,"key":"OPS"}})"),
        strings{"repository.transferred"}
    );
    EXPECT_EQ(
        to(R"({"id":12,"slug":"api","name":"API","project":{"id":3,"key":"AC"}})"),
        strings{"repository.renamed"}
    ) << "its project has another key";
    EXPECT_EQ(
        to(R"({"id":12,"slug":"api2","name":"API","project":{"key":"ACME"}})"), strings{"repository.renamed"}
    );
    EXPECT_EQ(to(acme_repository), strings{"repository.updated"}) << "something that no member shows";
    EXPECT_EQ(fault_of("repo:modified", modified("null", acme_repository)), "/old: is missing");
    EXPECT_EQ(fault_of("repo:modified", modified(acme_repository, "{}")), "/new: is missing");
}

// Dates have whole seconds.
TEST(data_center_keys, two_changes_within_a_second_are_two_events)
{
    auto const described = [](std::string const& text)
    {
        return R"({"id":12,"slug":"api","name":"API","project":{"id":3,"key":"ACME"},"description":")" +
               text + "\"}";
    };
    struct row
    {
        char const* key;
        std::string first, second;
    };
    std::string const mirrored = R"({"date":"2026-11-20T10:00:00+0100","mirrorServer":{"id":"M"},)"
                                 R"("repository":)" +
                                 acme_repository + R"(,"changes":[{"toHash":")";
    for (auto const& one :
         {row{"repo:modified",
              modified(described("a"), described("b")),
              modified(described("b"), described("c"))},
          row{"project:modified",
              modified(R"({"id":3,"key":"A"})", R"({"id":3,"key":"A","description":"b"})"),
              modified(R"({"id":3,"key":"A","description":"b"})", R"({"id":3,"key":"A","description":"c"})")},
          row{"mirror:repo_synchronized", mirrored + "a\"}]}", mirrored + "b\"}]}"}})
    {
        event_memory memory;
        auto const first = events_of(memory, one.key, one.first);
        ASSERT_EQ(first.size(), 1u) << one.key;
        EXPECT_TRUE(events_of(memory, one.key, one.first).empty()) << one.key << " by a second webhook";
        auto const second = events_of(memory, one.key, one.second);
        ASSERT_EQ(second.size(), 1u) << one.key;
        EXPECT_EQ(second[0].occurred_at, first[0].occurred_at) << one.key;
    }
}

TEST(data_center_keys, a_fork_of_nothing_is_a_fault)
{
    EXPECT_EQ(
        fault_of("repo:forked", R"({"repository":)" + acme_repository + "}"), "/repository/origin: is missing"
    );
    EXPECT_EQ(fault_of("repo:forked", "{}"), "/repository: is missing");
}

// A text there would be the secret itself.
TEST(data_center_keys, a_secrets_line_is_a_number)
{
    auto const locations = [](std::string const& line)
    {
        return R"({"repository":)" + acme_repository +
               R"(,"secretLocations":[{"commitId":"a","path":"b","line":)" + line + "}]}";
    };
    auto const said = test::read_data_center("repo:secret_detected", locations("null"));
    auto const& detail = std::get<repository_change>(said.value().claims.at(0).detail);
    EXPECT_EQ(detail.locations, strings{"a:b"});
    EXPECT_EQ(
        fault_of("repo:secret_detected", locations(R"("key = hunter2")")),
        "/secretLocations/0/line: expected an integer"
    );
    EXPECT_EQ(fault_of("repo:secret_detected", R"({"secretLocations":[]})"), "/repository: is missing");
}

TEST(data_center_keys, secrets_are_told_apart_by_all_their_places)
{
    auto const found = [](std::string const& second)
    {
        return R"({"repository":)" + acme_repository +
               R"(,"secretLocations":[{"commitId":"a","path":"b"},{"commitId":"c","path":")" + second +
               R"("}]})";
    };
    event_memory memory;
    EXPECT_EQ(events_of(memory, "repo:secret_detected", found("x")).size(), 1u);
    EXPECT_TRUE(events_of(memory, "repo:secret_detected", found("x")).empty());
    EXPECT_EQ(events_of(memory, "repo:secret_detected", found("y")).size(), 1u);
}

// No repository: the conversation is the instance's, and the key tells projects apart.
TEST(data_center_keys, a_project_has_no_repository)
{
    event_memory memory;
    auto const body = [](std::string const& id, std::string const& name)
    {
        return R"({"date":"2026-11-20T10:00:00+0100","old":{"id":)" + id +
               R"(,"key":"ACME","name":"Acme"},)" + R"("new":{"id":)" + id + R"(,"key":"ACME","name":")" +
               name + "\"}}";
    };
    auto const first = events_of(memory, "project:modified", body("3", "Acme Ltd"));
    ASSERT_EQ(test::kinds_of(first), strings{"project.updated"});
    EXPECT_FALSE(first[0].repository);
    EXPECT_EQ(conversations_of(first[0]), strings{"dc"});
    EXPECT_TRUE(events_of(memory, "proj:modified", body("3", "Acme Ltd")).empty()) << "by its other name";
    EXPECT_EQ(events_of(memory, "project:modified", body("4", "Acme Ltd")).size(), 1u);
    EXPECT_EQ(fault_of("project:modified", "{}"), "/new/key: is missing");
}

std::string server_push(std::string const& more)
{
    return R"({"repository":)" + acme_repository +
           R"(,"changes":[{"ref":{"displayId":"x","type":"BRANCH"},"fromHash":"old","toHash":"new",)"
           R"("type":"UPDATE"}])" +
           more + "}";
}

std::optional<bool> server_forced(std::string const& more)
{
    return std::get<ref_change>(
               test::read_data_center("repo:refs_changed", server_push(more)).value().claims.at(0).detail
    )
        .forced;
}

TEST(data_center_keys, whether_a_push_is_forced_is_proven_or_not_known)
{
    EXPECT_EQ(server_forced(""), std::nullopt);
    EXPECT_EQ(server_forced(R"(,"commits":[{"id":"new","parents":[{"id":"old"}]}])"), false);
    EXPECT_EQ(
        server_forced(
            R"(,"commits":[{"id":"new","parents":[{"id":"side"},{"id":"mid"}]},{"id":"mid","parents":[{"id":"old"}]}])"
        ),
        false
    ) << "through the second parent of a merge";
    EXPECT_EQ(server_forced(R"(,"commits":[{"id":"new","parents":[{"id":"else"}]}])"), std::nullopt)
        << "the list may be cut";
    EXPECT_EQ(
        server_forced(R"(,"commits":[{"id":"new"},{"id":"mid","parents":[{"id":"old"}]}])"), std::nullopt
    );
    EXPECT_EQ(
        server_forced(R"(,"toCommit":{"id":"new","parents":[{"id":"mid","parents":[{"id":"old"}]}]})"), false
    );
    EXPECT_EQ(
        server_forced(
            R"(,"commits":[{"id":"new","parents":[{"id":"mid"}]},{"id":"mid","parents":[{"id":"new"}]}])"
        ),
        std::nullopt
    ) << "a ring has no end";
}

// Each ref may ask for the way through all commits: the delivery is read for as long as that is worth it.
TEST(data_center_keys, a_push_of_many_refs_and_commits_is_read_in_time)
{
    std::string commits;
    std::string changes;
    for (int i = 0; i < 4000; ++i)
    {
        auto const separator = i == 0 ? "" : ",";
        commits += separator + (R"({"id":"c)" + std::to_string(i)) + R"(","parents":[{"id":"c)" +
                   std::to_string(i + 1) + R"("}]})";
        changes += separator + (R"({"ref":{"displayId":"b)" + std::to_string(i)) +
                   R"(","type":"BRANCH"},"fromHash":"c4000","toHash":"c0","type":"UPDATE"})";
    }
    auto const said = test::read_data_center(
        "repo:refs_changed",
        R"({"repository":)" + acme_repository + R"(,"changes":[)" + changes + R"(],"commits":[)" + commits +
            "]}"
    );
    ASSERT_EQ(said.value().claims.size(), 4000u);
    auto const& first = std::get<ref_change>(said->claims.front().detail);
    EXPECT_EQ(first.forced, false);
    EXPECT_EQ(first.commits.size(), 4000u);
    EXPECT_EQ(first.commits.front().hash, "c0") << "in the order of the list";
    EXPECT_EQ(first.commits.back().hash, "c3999");
    auto const& last = std::get<ref_change>(said->claims.back().detail);
    EXPECT_EQ(last.forced, std::nullopt) << "what is not looked for is not known";
    EXPECT_TRUE(last.commits.empty());
    EXPECT_EQ(last.truncated, true);
    EXPECT_FALSE(first.truncated);
}

// What several refs have in common stands in the delivery once, and in each of their events.
TEST(data_center_keys, the_commits_that_refs_share_are_repeated_within_a_bound)
{
    std::string changes;
    for (int i = 0; i < 20; ++i)
        changes += (i == 0 ? "" : ",") + (R"({"ref":{"displayId":"b)" + std::to_string(i)) +
                   R"(","type":"BRANCH"},"fromHash":"c2","toHash":"c0","type":"UPDATE"})";
    auto const commit = [](char const* id, char const* parent)
    {
        return std::string(R"({"id":")") + id + R"(","message":")" + std::string(60'000, 'x') +
               R"(","parents":[{"id":")" + parent + R"("}]})";
    };
    auto const said = test::read_data_center(
        "repo:refs_changed",
        R"({"repository":)" + acme_repository + R"(,"changes":[)" + changes + R"(],"commits":[)" +
            commit("c0", "c1") + "," + commit("c1", "c2") + "]}"
    );
    ASSERT_EQ(said.value().claims.size(), 20u);
    std::size_t bytes = 0;
    std::size_t cut = 0;
    for (auto const& one : said->claims)
    {
        auto const& change = std::get<ref_change>(one.detail);
        EXPECT_EQ(change.forced, false) << change.name << ": the way back is known all the same";
        EXPECT_EQ(change.truncated == true, change.commits.size() < 2) << change.name;
        cut += change.truncated == true ? 1u : 0u;
        for (auto const& listed : change.commits)
            bytes += listed.message.value().size();
    }
    EXPECT_EQ(bytes, 960'000u) << "16 of 60,000: one more is a million and beyond";
    EXPECT_EQ(cut, 12u);
}

}  // namespace
}  // namespace linkspan
