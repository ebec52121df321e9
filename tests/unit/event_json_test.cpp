#include "core/event/json.hpp"
#include "tests/support/events.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <set>

namespace linkspan
{
namespace
{

namespace json = boost::json;
using strings = std::vector<std::string>;

time_point moment(std::string_view text)
{
    return parse_time(text).value();
}

pull_request full_pull_request()
{
    pull_request out;
    out.id = 7;
    out.title = "Title \"quoted\" \xe2\x82\xac";
    out.description = "";
    out.state = pull_request_state::superseded;
    out.draft = true;
    out.source = branch_tip{"acme/api", "feature/x", "aaaaaaaaaaaa"};
    out.target = branch_tip{"", "main", ""};
    out.author = test::sample_person("Ada");
    participant one;
    one.id = "lin";
    one.name = "Lin";
    one.kind = person_kind::bot;
    one.role = participant_role::reviewer;
    one.state = review_state::changes_requested;
    out.participants = {one, participant()};
    out.comments = 3;
    out.tasks = 0;
    out.created_at = moment("2026-11-20T09:00:00.001Z");
    out.updated_at = moment("1969-12-31T23:59:59.999Z");
    out.url = "https://bitbucket.org/acme/api/pull-requests/7";
    return out;
}

comment full_comment()
{
    comment out;
    out.id = 42;
    out.parent = 40;
    out.text = "Why?\n";
    out.author = test::sample_person("Grace");
    out.anchor = inline_anchor{"a/b.cpp", diff_side::before, 10, 12};
    out.suggestions = {suggestion("one\ntwo", 10, 12), suggestion("")};
    out.attachments = {{"log.txt", "attachment:7/log.txt"}};
    out.resolved = true;
    out.created_at = moment("2026-11-20T09:00:00.001Z");
    out.updated_at = moment("2026-11-20T09:00:00.002Z");
    out.url = "https://example.org/42";
    return out;
}

repository full_repository()
{
    return {"{r}", "acme", "api", "acme/api", "API", "https://bitbucket.org/acme/api"};
}

// Each alternative with every member set to what is no default.
event_detail full_detail(event_detail const& empty)
{
    person const ada = test::sample_person("Ada");
    std::vector<commit> const commits = {{"a1", "message", "Ada"}, {"a2", std::nullopt, std::nullopt}};
    static std::vector<event_detail> const all = {
        std::monostate(),
        text_change{"before", "after"},
        reviewers_change{{ada}, {test::sample_person("Lin")}},
        commits_push{"old", "new", true, true, commits},
        review{ada},
        closing{"c0", "Reason"},
        comment_detail{full_comment(), "text before", "tada", "c0"},
        task_detail{task{5, "Write a test", task_state::resolved, ada, 42}},
        build{
            "c0",
            "unit",
            "Unit",
            "3 of 4",
            "https://ci.example",
            build_state::stopped,
            build_state::failed,
            "main",
            {7, 8},
            true},
        ref_change{"main", "old", "new", true, true, commits},
        repository_change{
            "acme/old", "acme/new", full_repository(), {"name", "website"}, {"c:p:1"}, "mirror-1"},
        project_change{"API", "Old", "New"},
        issue_detail{3, "Slow", "open", "A minute.", "https://example.org/issues/3", {"state"}},
        pipeline_run{"p1", 12, "SUCCESSFUL", "main", "PUSH"},
    };
    return all.at(empty.index());
}

event full_event(event_kind kind)
{
    event out = test::bare_event(kind);
    out.origin = event_origin::catch_up;
    out.edition = edition::data_center;
    out.cause = "cause";
    out.actor = person{"bot", "Bot", person_kind::bot};
    out.repository = full_repository();
    out.pull_request = full_pull_request();
    out.raw = inbox_id(1234);
    // Which alternative a kind has, the reader itself knows.
    auto const empty = event_from_json(to_json_text(test::bare_event(kind)));
    out.detail = full_detail(empty.value().detail);
    return out;
}

TEST(event_json, every_kind_comes_back_with_every_member)
{
    std::set<std::size_t> alternatives;
    for (auto const& row : kind_names)
    {
        auto const whole = full_event(row.kind);
        alternatives.insert(whole.detail.index());
        EXPECT_EQ(whole.detail.index(), test::sample_event(row.kind).detail.index()) << row.name;
        auto const again = event_from_json(to_json_text(whole));
        ASSERT_TRUE(again) << row.name << ": " << again.error().message;
        EXPECT_EQ(*again, whole) << row.name;
        auto const bare = test::bare_event(row.kind);
        auto const bare_again = event_from_json(to_json_text(bare));
        ASSERT_TRUE(bare_again) << row.name;
        EXPECT_FALSE(bare_again->actor || bare_again->repository || bare_again->pull_request) << row.name;
        EXPECT_EQ(to_json_text(*bare_again).find("null"), std::string::npos);
    }
    EXPECT_EQ(alternatives.size(), std::variant_size_v<event_detail>) << "a detail that no kind carries";
}

TEST(event_json, kinds_have_one_name_each)
{
    std::set<std::string_view> names;
    for (auto const& row : kind_names)
    {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_EQ(name_of(row.kind), row.name);
        EXPECT_EQ(kind_named(row.name), row.kind);
    }
    EXPECT_EQ(kind_named("pull_request"), std::nullopt);
    EXPECT_EQ(kind_named(""), std::nullopt);
}

strings names_of(json::value const& value)
{
    strings names;
    for (auto const& member : value.as_object())
        names.emplace_back(member.key());
    return names;
}

TEST(event_json, members_stand_in_their_published_order)
{
    auto const whole = json::parse(to_json_text(full_event(event_kind::comment_added)));
    EXPECT_EQ(
        names_of(whole),
        (strings{
            "id",
            "kind",
            "key",
            "origin",
            "edition",
            "instance",
            "cause",
            "occurred_at",
            "received_at",
            "actor",
            "repository",
            "pull_request",
            "detail",
            "raw"})
    );
    EXPECT_EQ(names_of(whole.at("actor")), (strings{"id", "name", "kind"}));
    EXPECT_EQ(names_of(whole.at("repository")), (strings{"id", "owner", "slug", "full_name", "name", "url"}));
    auto const& about = whole.at("pull_request");
    EXPECT_EQ(
        names_of(about),
        (strings{
            "id",
            "title",
            "description",
            "state",
            "draft",
            "source",
            "target",
            "author",
            "participants",
            "comments",
            "tasks",
            "created_at",
            "updated_at",
            "url"})
    );
    EXPECT_EQ(names_of(about.at("source")), (strings{"repository", "branch", "commit"}));
    EXPECT_EQ(names_of(about.at("participants").at(0)), (strings{"id", "name", "kind", "role", "state"}));
    auto const& said = whole.at("detail").at("comment");
    EXPECT_EQ(
        names_of(said),
        (strings{
            "id",
            "parent",
            "text",
            "author",
            "inline",
            "suggestions",
            "attachments",
            "resolved",
            "created_at",
            "updated_at",
            "url"})
    );
    EXPECT_EQ(names_of(said.at("inline")), (strings{"path", "side", "from", "to"}));
    EXPECT_EQ(names_of(whole.at("raw")), strings{"delivery"});
    auto const detail = [](event_kind kind)
    { return names_of(json::parse(to_json_text(full_event(kind))).at("detail")); };
    using enum event_kind;
    EXPECT_EQ(detail(pull_request_title_changed), (strings{"old", "new"}));
    EXPECT_EQ(detail(pull_request_reviewers_changed), (strings{"added", "removed"}));
    EXPECT_EQ(detail(pull_request_commits_pushed), (strings{"old", "new", "forced", "truncated", "commits"}));
    EXPECT_EQ(detail(pull_request_approved), strings{"reviewer"});
    EXPECT_EQ(detail(pull_request_merged), (strings{"commit", "reason"}));
    EXPECT_EQ(detail(branch_updated), (strings{"name", "old", "new", "forced", "truncated", "commits"}));
    EXPECT_EQ(
        detail(build_failed),
        (strings{
            "commit",
            "key",
            "name",
            "description",
            "url",
            "state",
            "previous",
            "branch",
            "pull_requests",
            "outdated"})
    );
    EXPECT_EQ(detail(task_added), strings{"task"});
}

TEST(event_json, words_and_times_are_the_published_ones)
{
    auto const whole = json::parse(to_json_text(full_event(event_kind::comment_added)));
    EXPECT_EQ(whole.at("kind"), "comment.added");
    EXPECT_EQ(whole.at("origin"), "catch_up");
    EXPECT_EQ(whole.at("edition"), "data_center");
    EXPECT_EQ(whole.at("occurred_at"), "2026-11-20T09:30:00.123Z");
    EXPECT_EQ(whole.at("actor").at("kind"), "bot");
    EXPECT_EQ(whole.at("pull_request").at("state"), "superseded");
    EXPECT_EQ(whole.at("pull_request").at("participants").at(0).at("role"), "reviewer");
    EXPECT_EQ(whole.at("pull_request").at("participants").at(0).at("state"), "changes_requested");
    EXPECT_EQ(whole.at("detail").at("comment").at("inline").at("side"), "old");
    EXPECT_EQ(whole.at("raw").at("delivery"), 1234);
}

TEST(event_json, what_is_missing_stays_unknown_and_what_is_unknown_is_passed_over)
{
    auto const least = event_from_json(R"({"id":"x","kind":"comment.added","key":"k"})");
    ASSERT_TRUE(least) << least.error().message;
    EXPECT_TRUE(std::holds_alternative<comment_detail>(least->detail));
    EXPECT_FALSE(least->pull_request || least->actor || least->cause);
    EXPECT_EQ(least->raw.value, 0);
    auto const newer = event_from_json(
        R"({"id":"x","kind":"pull_request.opened","key":"k","mood":{"deep":[1]},"actor":null,
            "pull_request":{"id":7,"title":null,"colour":"red"},"detail":{"later":1},"raw":{"file":"x"}})"
    );
    ASSERT_TRUE(newer) << newer.error().message;
    EXPECT_FALSE(newer->actor);
    ASSERT_TRUE(newer->pull_request);
    EXPECT_FALSE(newer->pull_request->title || newer->pull_request->participants);
    auto const empty_list = event_from_json(
        R"({"id":"x","kind":"pull_request.opened","key":"k","pull_request":{"participants":[]}})"
    );
    ASSERT_TRUE(empty_list && empty_list->pull_request->participants) << "empty is not unknown";
}

TEST(event_json, a_wrong_member_is_named_by_its_pointer)
{
    struct row
    {
        char const* member;
        char const* message;
    };
    row const rows[] = {
        {R"("kind":"comment.sung")", "event: /kind: expected a kind of event"},
        {R"("kind":7)", "event: /kind: expected a kind of event"},
        {R"("key":7)", "event: /key: expected a string"},
        {R"("origin":"post")", "event: /origin: expected one of its words"},
        {R"("occurred_at":"now")", "event: /occurred_at: expected an RFC 3339 time"},
        {R"("actor":[])", "event: /actor: expected an object"},
        {R"("actor":{"kind":"cat"})", "event: /actor/kind: expected one of its words"},
        {R"("pull_request":{"id":"7"})", "event: /pull_request/id: expected an integer"},
        {R"("pull_request":{"draft":1})", "event: /pull_request/draft: expected true or false"},
        {R"("pull_request":{"participants":{}})", "event: /pull_request/participants: expected an array"},
        {R"("pull_request":{"participants":[{},{"role":1}]})",
         "event: /pull_request/participants/1/role: expected one of its words"},
        {R"("detail":7)", "event: /detail: expected an object"},
        {R"("detail":{"comment":{"inline":{"from":1.5}}})",
         "event: /detail/comment/inline/from: expected an integer"},
        {R"("detail":{"comment":{"suggestions":[{"text":"a"},7]}})",
         "event: /detail/comment/suggestions/1: expected an object"},
        {R"("raw":{"delivery":"one"})", "event: /raw/delivery: expected an integer"},
    };
    for (auto const& one : rows)
    {
        // The last of two members of one name counts.
        auto const failed =
            event_from_json(R"({"id":"x","kind":"comment.added","key":"k",)" + std::string(one.member) + "}");
        ASSERT_FALSE(failed) << one.member;
        EXPECT_EQ(failed.error().code, errc::invalid);
        EXPECT_EQ(failed.error().message, one.message) << one.member;
    }
    for (auto const* text : {"", "[]", "{", "7"})
        EXPECT_EQ(event_from_json(text).error().message, "event: not a JSON object") << text;
    EXPECT_EQ(event_from_json(R"({"id":"x","key":"k"})").error().message, "event: /kind is missing");
}

TEST(event_json, a_pull_request_alone)
{
    auto const whole = full_pull_request();
    auto const again = pull_request_from_json(to_json(whole));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, whole);
    auto const failed = pull_request_from_json(json::parse(R"({"source":{"branch":1}})").as_object());
    EXPECT_EQ(failed.error().message, "pull request: /source/branch: expected a string");
}

}  // namespace
}  // namespace linkspan
