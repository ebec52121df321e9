#include "core/conversation/telling.hpp"

#include "tests/support/events.hpp"

#include <gtest/gtest.h>

#include <map>

namespace linkspan
{
namespace
{

using enum event_kind;

std::string line_of(event const& happened)
{
    return plain_text(tell(happened).headline);
}

comment_detail& comment_of(event& happened)
{
    return std::get<comment_detail>(happened.detail);
}

TEST(telling, every_kind_has_a_line)
{
    std::map<std::string, std::string_view> seen;
    for (auto const& row : kind_names)
    {
        auto const line = line_of(test::sample_event(row.kind));
        EXPECT_GT(line.size(), 10u) << row.name;
        EXPECT_EQ(line.find('\n'), line.npos) << row.name;
        auto const [other, is_new] = seen.emplace(line, row.name);
        // A comment on a commit and the like read as their siblings do; all else tells kinds apart.
        EXPECT_TRUE(is_new) << row.name << " reads as " << other->second << ": " << line;
    }
}

TEST(telling, missing_members_leave_no_trace)
{
    for (auto const& row : kind_names)
        for (auto happened : {test::bare_event(row.kind), test::sample_event(row.kind)})
        {
            // With and without the pull request, never with the detail.
            happened.detail = {};
            if (happened.pull_request)
                happened.pull_request = pull_request{};
            auto const line = line_of(happened);
            EXPECT_FALSE(line.empty()) << row.name;
            for (auto const* bad : {"null", "()", "  ", "\"\"", " -> "})
                EXPECT_EQ(line.find(bad), line.npos) << row.name << ": " << line;
            EXPECT_NE(line.back(), ' ') << row.name << ": " << line;
            EXPECT_NE(line.front(), ' ') << row.name << ": " << line;
        }
}

TEST(telling, reads_as_people_speak)
{
    std::map<event_kind, std::string> const expected = {
        {pull_request_opened, "Ada opened #7 Add rate limits (feature/limits -> main)"},
        {pull_request_updated, "Ada updated #7"},
        {pull_request_title_changed, "Ada renamed #7 from \"Limits\" to \"Add rate limits\""},
        {pull_request_retargeted, "Ada retargeted #7 from main to release/2"},
        {pull_request_reviewers_changed,
         "Ada asked Grace and Lin to review #7 and took Alan off the reviewers"},
        {pull_request_commits_pushed, "Ada pushed 2 commits to #7"},
        {pull_request_marked_draft, "Ada marked #7 as a draft"},
        {pull_request_approved, "Lin approved #7"},
        {pull_request_changes_requested, "Lin requested changes on #7"},
        {pull_request_merged, "Ada merged #7 into main"},
        {comment_added, "Grace commented on src/limit.cpp:42"},
        {comment_deleted, "Grace deleted a comment on src/limit.cpp:42"},
        {comment_reaction_added, "Grace reacted to a comment \"tada\" on src/limit.cpp:42"},
        {task_added, "Ada added a task to #7"},
        {commit_commented, "Ada commented on commit 4f1c2a9be07d"},
        {build_failed, "Build unit-tests failed"},
        {build_succeeded, "Build unit-tests succeeded"},
        {branch_created, "Ada created branch feature/limits"},
        {branch_updated, "Ada pushed 2 commits to feature/limits"},
        {tag_deleted, "Ada deleted tag v1.2.0"},
        {repository_renamed, "Ada renamed acme/api from acme/old-api to acme/api"},
        {issue_commented, "Ada commented on issue #3 \"Too slow\""},
        {pipeline_finished, "Pipeline #12 finished on main: SUCCESSFUL"},
    };
    for (auto const& [kind, line] : expected)
        EXPECT_EQ(line_of(test::sample_event(kind)), line);
}

TEST(telling, a_reply_is_a_reply_and_a_suggestion_is_shown_apart)
{
    auto happened = test::sample_event(comment_added);
    comment_of(happened).comment.parent = 40;
    EXPECT_EQ(line_of(happened), "Grace replied to a comment");
    EXPECT_TRUE(tell(happened).is_reply);

    comment_of(happened).comment.parent.reset();
    comment_of(happened).comment.text = "Shorter:\n\n```suggestion\nreturn limit;\n```\n";
    comment_of(happened).comment.suggestions = {suggestion("return limit;")};
    auto const told = tell(happened);
    EXPECT_EQ(plain_text(told.headline), "Grace suggests a change in src/limit.cpp:42");
    EXPECT_EQ(told.suggestions, (std::vector<telling_suggestion>{{"return limit;", ""}}));
    ASSERT_TRUE(told.quote);
    EXPECT_EQ(told.quote->text, "Shorter:");
    EXPECT_EQ(told.anchor, "src/limit.cpp:42");
    EXPECT_FALSE(told.is_reply);
}

TEST(telling, a_build_that_failed_before_is_fixed)
{
    auto happened = test::sample_event(build_succeeded);
    std::get<build>(happened.detail).previous = build_state::failed;
    EXPECT_EQ(line_of(happened), "Build unit-tests is fixed");
    std::get<build>(happened.detail).previous = build_state::succeeded;
    EXPECT_EQ(line_of(happened), "Build unit-tests succeeded");
    std::get<build>(happened.detail).name.reset();
    EXPECT_EQ(line_of(happened), "Build unit succeeded");
}

TEST(telling, names_what_is_special_about_a_push)
{
    auto happened = test::sample_event(pull_request_commits_pushed);
    auto& push = std::get<commits_push>(happened.detail);
    push.commits.resize(1);
    EXPECT_EQ(line_of(happened), "Ada pushed 1 commit to #7");
    EXPECT_EQ(tell(happened).quote->text, "4f1c2a9be07d Count requests per client");
    push.forced = true;
    EXPECT_EQ(line_of(happened), "Ada force-pushed #7 from 90b0c1d2e3f4 to 4f1c2a9be07d");
    push.before.reset();
    EXPECT_EQ(line_of(happened), "Ada force-pushed #7");
    push.forced.reset();
    push.commits.assign(commits_told_max + 3, commit{"a1b2c3d4e5f6", "One", {}});
    EXPECT_TRUE(tell(happened).quote->text.ends_with("... and 3 more"));
    push.truncated = true;
    EXPECT_EQ(line_of(happened), "Ada pushed at least 8 commits to #7");
    EXPECT_TRUE(tell(happened).quote->text.ends_with("... and at least 3 more"));
    push.truncated.reset();
    push.commits.clear();
    EXPECT_EQ(line_of(happened), "Ada pushed to #7");
    EXPECT_FALSE(tell(happened).quote);

    auto updated = test::sample_event(branch_updated);
    std::get<ref_change>(updated.detail).truncated = true;
    EXPECT_EQ(line_of(updated), "Ada pushed at least 2 commits to feature/limits");
    EXPECT_TRUE(tell(updated).quote->text.ends_with("\n... and more")) << tell(updated).quote->text;
    auto& change = std::get<ref_change>(updated.detail);
    change.commits.assign(commits_told_max + 3, commit{"a1b2c3d4e5f6", "One", {}});
    EXPECT_TRUE(tell(updated).quote->text.ends_with("... and at least 3 more"));
    change.forced = true;
    change.before = "90b0c1d2e3f490b0c1d2e3f490b0c1d2e3f490b0";
    EXPECT_EQ(line_of(updated), "Ada force-pushed feature/limits from 90b0c1d2e3f4 to 4f1c2a9be07d");
}

using lines = std::vector<std::string>;

TEST(telling, suggestions_name_the_lines_that_they_replace)
{
    auto happened = test::sample_event(comment_added);
    comment_of(happened).comment.suggestions = {
        suggestion("a", 40, 42), suggestion("b", 41, 41), suggestion("c", std::nullopt, 7), suggestion("d")};
    std::vector<telling_suggestion> const expected = {
        {"a", "lines 40-42"}, {"b", "line 41"}, {"c", "line 7"}, {"d", ""}};
    EXPECT_EQ(tell(happened).suggestions, expected);
    // The headline says "src/limit.cpp:42" already.
    comment_of(happened).comment.suggestions = {suggestion("e", 42, 42), suggestion("f", std::nullopt, 42)};
    EXPECT_EQ(tell(happened).suggestions, (std::vector<telling_suggestion>{{"e", ""}, {"f", ""}}));
}

TEST(telling, attachments_are_named)
{
    auto happened = test::sample_event(comment_added);
    auto& files = comment_of(happened).comment.attachments;
    EXPECT_EQ(tell(happened).notes, lines());
    files = {{"trace.log", "attachment:1/trace.log"}, {"", "attachment:2/x.png"}};
    EXPECT_EQ(tell(happened).notes, lines{"Attached: trace.log, a file"});
    files.assign(attachments_told_max + 2, {"a.png", "x"});
    EXPECT_EQ(tell(happened).notes, lines{"Attached: a.png, a.png, a.png, a.png, a.png and 2 more"});
}

TEST(telling, an_edit_tells_what_was_there_before)
{
    auto happened = test::sample_event(comment_edited);
    EXPECT_EQ(tell(happened).notes, lines{"Before: Why 10?"});
    comment_of(happened).previous_text = comment_of(happened).comment.text;
    EXPECT_EQ(tell(happened).notes, lines());
    comment_of(happened).previous_text = std::string(5'000, 'x');
    EXPECT_EQ(tell(happened).notes.front().size(), title_bytes_max);
}

TEST(telling, a_build_of_an_earlier_commit_says_so)
{
    auto happened = test::sample_event(build_failed);
    std::get<build>(happened.detail).outdated = true;
    EXPECT_EQ(line_of(happened), "Build unit-tests failed, of an earlier commit");
}

TEST(telling, mirrors_issues_and_pipelines_tell_what_they_know)
{
    auto mirrored = test::sample_event(repository_synchronized);
    EXPECT_EQ(line_of(mirrored), "Mirror eu-west has synchronized acme/api");
    std::get<repository_change>(mirrored.detail).mirror.reset();
    EXPECT_EQ(line_of(mirrored), "A mirror has synchronized acme/api");
    auto const issue = tell(test::sample_event(issue_updated));
    EXPECT_EQ(issue.notes, (lines{"Changed: state, assignee", "State: open"}));
    EXPECT_EQ(issue.headline[2].url, "https://bitbucket.org/acme/api/issues/3");
    EXPECT_EQ(tell(test::sample_event(pipeline_finished)).notes, lines{"Trigger: PUSH"});
}

TEST(telling, a_draft_and_a_fork_are_named)
{
    auto happened = test::sample_event(pull_request_opened);
    happened.pull_request->draft = true;
    happened.pull_request->source->repository = "ada/api";
    EXPECT_EQ(line_of(happened), "Ada opened draft #7 Add rate limits (ada/api:feature/limits -> main)");
}

TEST(telling, links_lead_to_the_thing)
{
    auto const told = tell(test::sample_event(comment_added));
    auto const& link = told.headline.back();
    EXPECT_EQ(link.style, span_style::link);
    EXPECT_EQ(link.url, "https://bitbucket.org/acme/api/pull-requests/7#comment-42");
    EXPECT_EQ(told.headline.front().style, span_style::actor);
}

TEST(telling, a_line_stays_a_line_and_has_a_limit)
{
    auto happened = test::sample_event(pull_request_opened);
    happened.actor->name = "Ada\r\nLovelace\x1b[31m";
    happened.pull_request->title = std::string(5000, 'x');
    auto const line = line_of(happened);
    EXPECT_TRUE(line.starts_with("Ada Lovelace [31m opened #7 xxx")) << line;
    EXPECT_LT(line.size(), 2 * title_bytes_max + name_bytes_max);
    happened.actor->name = " \n ";
    EXPECT_TRUE(line_of(happened).starts_with("Somebody opened"));
}

TEST(telling, a_quote_is_cut_between_characters)
{
    auto happened = test::sample_event(comment_added);
    std::string text = "x";
    for (std::size_t i = 0; i < quote_bytes_max; ++i)
        text += "\u00e9";
    comment_of(happened).comment.text = text;
    auto const told = tell(happened);
    EXPECT_TRUE(told.quote->shortened);
    EXPECT_EQ(told.quote->text.size(), quote_bytes_max - 1);
    comment_of(happened).comment.text = " \n\n";
    EXPECT_FALSE(tell(happened).quote);
}

TEST(telling, anchors)
{
    EXPECT_EQ(anchor_text({"a.cpp", {}, {}, {}}), "a.cpp");
    EXPECT_EQ(anchor_text({"a.cpp", diff_side::after, 10, 12}), "a.cpp:10-12");
    EXPECT_EQ(anchor_text({"a.cpp", diff_side::after, {}, 12}), "a.cpp:12");
    EXPECT_EQ(anchor_text({"a.cpp", diff_side::after, 12, 12}), "a.cpp:12");
    EXPECT_EQ(anchor_text({"a.cpp", diff_side::before, 3, {}}), "a.cpp:3 (old)");
}

}  // namespace
}  // namespace linkspan
