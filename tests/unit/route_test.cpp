#include "core/route/route.hpp"

#include "core/conversation/conversation.hpp"
#include "core/route/glob.hpp"
#include "tests/support/events.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace linkspan
{
namespace
{

using strings = std::vector<std::string>;

TEST(glob, is_anchored_at_both_ends)
{
    EXPECT_TRUE(glob_matches("main", "main"));
    EXPECT_FALSE(glob_matches("main", "maintenance"));
    EXPECT_FALSE(glob_matches("main", "domain"));
    EXPECT_FALSE(glob_matches("main", "feature/main"));
    EXPECT_FALSE(glob_matches("main", "Main"));
    EXPECT_FALSE(glob_matches("main", ""));
    EXPECT_TRUE(glob_matches("", ""));
    EXPECT_FALSE(glob_matches("", "main"));
}

TEST(glob, a_star_does_not_cross_a_slash_and_two_do)
{
    EXPECT_TRUE(glob_matches("feature/*", "feature/x"));
    EXPECT_TRUE(glob_matches("feature/*", "feature/"));
    EXPECT_FALSE(glob_matches("feature/*", "feature"));
    EXPECT_FALSE(glob_matches("feature/*", "feature/x/y"));
    EXPECT_FALSE(glob_matches("*", "feature/x"));
    EXPECT_TRUE(glob_matches("*/*", "feature/x"));
    EXPECT_TRUE(glob_matches("**", "feature/x/y"));
    EXPECT_TRUE(glob_matches("**", ""));
    EXPECT_TRUE(glob_matches("feature/**", "feature/x/y"));
    EXPECT_TRUE(glob_matches("**/x", "a/b/x"));
    EXPECT_FALSE(glob_matches("**/x", "x"));
    EXPECT_TRUE(glob_matches("a*c*e", "abcde"));
    EXPECT_TRUE(glob_matches("**/*.cpp", "a/b/c.cpp"));
    EXPECT_TRUE(glob_matches("a/**/z*", "a/b/c/z9"));
    EXPECT_FALSE(glob_matches("a/**/z", "a/b/c/zz"));
    EXPECT_TRUE(glob_matches("release-?", "release-2"));
    EXPECT_FALSE(glob_matches("release-?", "release-"));
    EXPECT_FALSE(glob_matches("release?2", "release/2"));
    EXPECT_TRUE(glob_matches("**a*b", "x/ab/aab")) << "must go back behind the wide star";
}

// All patterns and texts of few letters, against the definition itself.
bool matches_by_definition(std::string_view pattern, std::string_view text)
{
    if (pattern.empty())
        return text.empty();
    if (pattern.starts_with("**"))
    {
        for (std::size_t i = 0; i <= text.size(); ++i)
            if (matches_by_definition(pattern.substr(2), text.substr(i)))
                return true;
        return false;
    }
    if (pattern[0] == '*')
    {
        for (std::size_t i = 0; i <= text.size(); ++i)
        {
            if (matches_by_definition(pattern.substr(1), text.substr(i)))
                return true;
            if (i < text.size() && text[i] == '/')
                return false;
        }
        return false;
    }
    if (text.empty() || (pattern[0] == '?' ? text[0] == '/' : pattern[0] != text[0]))
        return false;
    return matches_by_definition(pattern.substr(1), text.substr(1));
}

// The n-th word of an alphabet, shortest first.
std::string word(std::string_view alphabet, std::size_t n)
{
    std::string out;
    for (; n > 0; n = (n - 1) / alphabet.size())
        out += alphabet[(n - 1) % alphabet.size()];
    return out;
}

TEST(glob, agrees_with_its_definition)
{
    int matches = 0;
    for (std::size_t p = 0; p < 4000; ++p)
        for (std::size_t t = 0; t < 121; ++t)
        {
            auto const pattern = word("*a/?", p);
            auto const text = word("a/b", t);
            bool const expected = matches_by_definition(pattern, text);
            ASSERT_EQ(glob_matches(pattern, text), expected) << pattern << " on " << text;
            matches += expected ? 1 : 0;
        }
    EXPECT_GT(matches, 1000);
}

TEST(glob, the_worst_pattern_ends_soon)
{
    std::string pattern;
    for (int i = 0; i < 200; ++i)
        pattern += i % 3 == 0 ? "**a" : "*a";
    auto const began = std::chrono::steady_clock::now();
    EXPECT_FALSE(glob_matches(pattern + "b", std::string(2000, 'a')));
    EXPECT_FALSE(glob_matches(std::string(2000, '*') + "b", std::string(2000, 'a')));
    // Tried one by one, the ways would outlast the sun; two seconds are for slow machines.
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
}

// The star of words: '/' is a character like others.
TEST(glob, of_words_crosses_slashes)
{
    EXPECT_TRUE(glob_matches("*hotfix*", "Add feature/hotfix of a/b", glob_text::words));
    EXPECT_FALSE(glob_matches("*hotfix*", "Add feature/hotfix of a/b"));
    EXPECT_TRUE(glob_matches("a?c", "a/c", glob_text::words));
    EXPECT_FALSE(glob_matches("WIP*", "not WIP", glob_text::words)) << "anchored all the same";
    for (std::size_t p = 0; p < 1500; ++p)
        for (std::size_t t = 0; t < 121; ++t)
        {
            auto const pattern = word("*a/?", p);
            auto const text = word("a/b", t);
            auto as_name = text;
            std::ranges::replace(as_name, '/', '-');
            auto pattern_of_name = pattern;
            std::ranges::replace(pattern_of_name, '/', '-');
            ASSERT_EQ(glob_matches(pattern, text, glob_text::words), glob_matches(pattern_of_name, as_name))
                << pattern << " on " << text;
        }
}

decision decide_alone(rule const& asked, event const& happening)
{
    return explain(rule_set({asked}), happening).front();
}

bool is_taken(rule const& asked, event const& happening)
{
    return decide_alone(asked, happening).taken == answer::yes;
}

rule rule_of(strings kinds, strings repositories = {}, strings branches = {})
{
    rule out;
    out.name = "reviews";
    out.kinds = std::move(kinds);
    out.repositories = std::move(repositories);
    out.branches = std::move(branches);
    out.destinations = {"team"};
    return out;
}

TEST(route, each_condition_says_why)
{
    auto const comment = test::sample_event(event_kind::comment_added);
    struct row
    {
        rule asked;
        bool taken;
        char const* why;
    };
    row const rows[] = {
        {rule_of({}), true, "kinds: comment.added is in the default"},
        {rule_of({"comment.*"}), true, "kinds: comment.added matches comment.*"},
        {rule_of({"build.*", "task.*"}), false, "kinds: comment.added matches none of build.*, task.*"},
        {rule_of({}, {"acme/*"}), true, "all hold: kinds, repositories (acme/*)"},
        {rule_of({}, {"acme/web"}), false, "repositories: acme/api matches none of acme/web"},
        {rule_of({}, {}, {"main"}), true, "all hold: kinds, branches (main)"},
        {rule_of({}, {"**"}, {"release/*"}), false, "branches: main matches none of release/*"},
        {rule_of({"task.*"}, {"acme/api"}, {"main"}), false, "kinds: comment.added matches none of task.*"},
    };
    for (auto const& one : rows)
    {
        auto const said = decide_alone(one.asked, comment);
        EXPECT_EQ(said.taken, one.taken ? answer::yes : answer::no) << one.why;
        EXPECT_EQ(said.why, one.why);
        EXPECT_EQ(said.rule, "reviews");
    }
    auto nowhere = comment;
    nowhere.repository.reset();
    EXPECT_EQ(
        decide_alone(rule_of({}, {"acme/*"}), nowhere).why, "repositories: the event tells no repository"
    );
    nowhere.pull_request.reset();
    EXPECT_EQ(decide_alone(rule_of({}, {}, {"**"}), nowhere).why, "branches: the event tells no branch");
    EXPECT_FALSE(is_taken(rule_of({}, {}, {"**"}), nowhere));
}

TEST(route, a_name_without_an_end_is_not_matched)
{
    auto happening = test::sample_event(event_kind::branch_created);
    ref_change change;
    change.name = std::string(1'000, 'a');
    happening.detail = change;
    rule asked;
    asked.kinds = {"**"};
    asked.branches = {"**a*a"};
    EXPECT_TRUE(is_taken(asked, happening));
    change.name += 'a';
    happening.detail = change;
    EXPECT_FALSE(is_taken(asked, happening));
    EXPECT_EQ(decide_alone(asked, happening).why, "branches: the value is longer than 1000 bytes");
}

TEST(route, branches_are_targets_of_pull_requests_and_names_of_refs)
{
    auto const takes = [](event const& happened, std::string branch)
    { return is_taken(rule_of({"**"}, {}, {std::move(branch)}), happened); };
    auto const opened = test::sample_event(event_kind::pull_request_opened);
    EXPECT_TRUE(takes(opened, "main"));
    EXPECT_FALSE(takes(opened, "feature/limits")) << "that is where it comes from";
    auto const pushed = test::sample_event(event_kind::branch_updated);
    EXPECT_TRUE(takes(pushed, "feature/*"));
    EXPECT_FALSE(takes(pushed, "limits"));
    EXPECT_FALSE(takes(pushed, "*"));
    auto built = test::sample_event(event_kind::build_failed);
    EXPECT_TRUE(takes(built, "feature/limits"));
    built.pull_request = opened.pull_request;
    EXPECT_TRUE(takes(built, "main")) << "a build of a pull request";
}

TEST(route, a_reviewer_wants_reviews_and_builds_that_break_or_recover)
{
    using enum event_kind;
    for (auto const& row : kind_names)
    {
        bool const wanted = row.name.starts_with("pull_request.") || row.name.starts_with("comment.") ||
                            row.name.starts_with("task.") || row.kind == build_failed;
        EXPECT_EQ(reviewer_wants(test::sample_event(row.kind)), wanted) << row.name;
    }
    auto built = test::sample_event(build_succeeded);
    auto& status = std::get<build>(built.detail);
    for (auto const previous : {build_state::started, build_state::succeeded, build_state::stopped})
    {
        status.previous = previous;
        EXPECT_FALSE(reviewer_wants(built));
    }
    status.previous = build_state::failed;
    EXPECT_TRUE(reviewer_wants(built)) << "recovered";
    auto failed = test::sample_event(build_failed);
    std::get<build>(failed.detail).outdated = false;
    EXPECT_TRUE(reviewer_wants(failed));
    std::get<build>(failed.detail).outdated = true;
    EXPECT_FALSE(reviewer_wants(failed)) << "nobody waits for a commit that was replaced";
    EXPECT_EQ(
        decide_alone(rule_of({}), failed).why,
        "kinds: build.failed is not in the default where its commit is no head any more"
    );
    EXPECT_EQ(
        decide_alone(rule_of({}), test::bare_event(build_succeeded)).why,
        "kinds: build.succeeded is not in the default where it did not fail before"
    );
    EXPECT_TRUE(is_taken(rule_of({"build.*"}), failed)) << "who asks for it gets it";
    EXPECT_FALSE(reviewer_wants(test::bare_event(build_succeeded)));
    EXPECT_EQ(
        decide_alone(rule_of({}), test::sample_event(branch_updated)).why,
        "kinds: branch.updated is not in the default"
    );
}

TEST(route, each_destination_and_conversation_once)
{
    auto first = rule_of({});
    first.destinations = {"team", "log", "team"};
    auto second = rule_of({"**"});
    second.name = "all";
    second.destinations = {"log", "boss"};
    auto refused = rule_of({"task.*"});
    refused.destinations = {"never"};
    auto const comment = test::sample_event(event_kind::comment_added);
    auto const planned = route(rule_set({refused, first, second}), comment);
    ASSERT_EQ(planned.size(), 3u);
    EXPECT_EQ(planned[0].destination, "team");
    EXPECT_EQ(planned[1].destination, "log");
    EXPECT_EQ(planned[1].why, "rule reviews: kinds: comment.added is in the default");
    EXPECT_EQ(planned[1].rule, "reviews");
    EXPECT_EQ(planned[2].destination, "boss");
    EXPECT_EQ(planned[2].why, "rule all: kinds: comment.added matches **");
    second.name = "rule 2";  // as one without a name is called
    EXPECT_EQ(route(rule_set({second}), comment)[0].why, "rule 2: kinds: comment.added matches **");
    for (auto const& one : planned)
        EXPECT_EQ(one.conversation, "bitbucket.org/{8c1d}/7");
    EXPECT_TRUE(route(rule_set(), comment).empty());
}

TEST(route, a_build_goes_to_each_pull_request_whose_head_it_is)
{
    auto built = test::sample_event(event_kind::build_failed);
    std::get<build>(built.detail).pull_requests = {7, 8};
    auto const planned = route(rule_set({rule_of({}), rule_of({})}), built);
    ASSERT_EQ(planned.size(), 2u);
    EXPECT_EQ(planned[0].conversation, "bitbucket.org/{8c1d}/7");
    EXPECT_EQ(planned[1].conversation, "bitbucket.org/{8c1d}/8");
}

TEST(conversation, is_the_pull_request_else_the_repository_else_the_instance)
{
    EXPECT_EQ(
        conversations_of(test::sample_event(event_kind::task_added)), strings{"bitbucket.org/{8c1d}/7"}
    );
    EXPECT_EQ(
        conversations_of(test::sample_event(event_kind::branch_updated)), strings{"bitbucket.org/{8c1d}"}
    );
    EXPECT_EQ(
        conversations_of(test::sample_event(event_kind::build_failed)), strings{"bitbucket.org/{8c1d}"}
    );
    EXPECT_EQ(conversations_of(test::bare_event(event_kind::project_updated)), strings{"bitbucket.org"});
    auto elsewhere = test::sample_event(event_kind::task_added);
    elsewhere.instance = "https://bitbucket.acme.example";
    EXPECT_EQ(conversations_of(elsewhere), strings{"https://bitbucket.acme.example/{8c1d}/7"});
}

TEST(route, a_pattern_that_matches_no_kind_is_a_fault_with_the_nearest)
{
    for (auto const* good : {"**", "*", "comment.*", "*.opened", "pull_request.merged", "build.?ailed"})
        EXPECT_TRUE(check_kind_pattern(good)) << good;
    auto const typo = check_kind_pattern("pull_request.mergd");
    ASSERT_FALSE(typo);
    EXPECT_EQ(typo.error().code, errc::invalid);
    EXPECT_EQ(
        typo.error().message,
        "no kind of event matches \"pull_request.mergd\"; did you mean \"pull_request.merged\"?"
    );
    EXPECT_EQ(
        check_kind_pattern("zzz").error().message,
        "no kind of event matches \"zzz\"; docs/reference/events.md lists all"
    );
    EXPECT_EQ(
        check_kind_pattern("comment").error().message,
        "no kind of event matches \"comment\"; did you mean \"comment.*\"?"
    );
    EXPECT_NE(
        check_kind_pattern("pullrequest:created").error().message.find("kinds are no event keys"),
        std::string::npos
    );
    EXPECT_FALSE(check_kind_pattern(""));
    EXPECT_FALSE(check_kind_pattern("comment"));
}

}  // namespace
}  // namespace linkspan
