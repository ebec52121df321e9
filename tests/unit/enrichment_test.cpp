#include "core/route/enrichment.hpp"

#include "tests/support/events.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using enum event_kind;

std::string const target_commit(40, 'b');

event sample_change()
{
    auto out = test::sample_event(pull_request_opened);
    out.pull_request->source = branch_tip{"acme/api", "feature/limits", "aaaaaaaaaaaa"};
    out.pull_request->target = branch_tip{"acme/api", "main", target_commit};
    return out;
}

event sample_branch_push(bool truncated)
{
    auto out = test::sample_event(branch_updated);
    auto& change = std::get<ref_change>(out.detail);
    change.before = "0ld";
    change.after = "n3w";
    change.truncated = truncated;
    change.commits = {commit{"n3w", "Last", "Ada"}};
    return out;
}

rule paths_rule(std::string name, std::vector<std::string> destinations)
{
    rule out;
    out.name = std::move(name);
    out.paths = {"src/**"};
    out.destinations = std::move(destinations);
    return out;
}

known_facts changed(std::vector<std::string> paths)
{
    known_facts out;
    out.changed_paths = std::move(paths);
    return out;
}

known_facts unknown_because(std::string fault)
{
    known_facts out;
    out.changed_paths_missing = true;
    out.fault = std::move(fault);
    return out;
}

TEST(enrichment, asks_for_the_paths_of_a_pull_request_between_its_tips)
{
    auto happening = sample_change();
    auto const question = paths_question(happening);
    ASSERT_TRUE(question);
    EXPECT_EQ(question->subject, fact_subject::pull_request_paths);
    EXPECT_EQ(question->asked(), fact::changed_paths);
    EXPECT_EQ(question->instance, happening.instance);
    EXPECT_EQ(question->repository, happening.repository->id);
    EXPECT_EQ(question->full_name, "acme/api");
    EXPECT_EQ(question->before, target_commit);
    EXPECT_EQ(question->after, "aaaaaaaaaaaa");
    EXPECT_EQ(question->pull_request, 7);
    EXPECT_EQ(question->fork, "");

    auto comment = test::sample_event(comment_added);
    comment.pull_request = happening.pull_request;
    EXPECT_EQ(paths_question(comment), question) << "another event of the same commits";
    happening.pull_request->source->repository = "ada/api";
    EXPECT_EQ(paths_question(happening)->fork, "ada/api");
}

TEST(enrichment, asks_for_the_paths_of_a_push_between_the_tips_of_its_branch)
{
    auto const question = paths_question(sample_branch_push(false));
    ASSERT_TRUE(question);
    EXPECT_EQ(question->subject, fact_subject::push_paths);
    EXPECT_EQ(question->before, "0ld");
    EXPECT_EQ(question->after, "n3w");
    EXPECT_EQ(question->pull_request, 0);
}

TEST(enrichment, asks_for_no_paths_where_there_are_no_two_commits)
{
    auto created = sample_branch_push(false);
    std::get<ref_change>(created.detail).before.reset();
    EXPECT_FALSE(paths_question(created));
    auto deleted = sample_branch_push(false);
    std::get<ref_change>(deleted.detail).after.reset();
    EXPECT_FALSE(paths_question(deleted));
    auto without_repository = sample_change();
    without_repository.repository.reset();
    EXPECT_FALSE(paths_question(without_repository));
    auto without_fork = sample_change();
    without_fork.pull_request->source->repository.clear();
    EXPECT_FALSE(paths_question(without_fork));
    auto without_source = sample_change();
    without_source.pull_request->source.reset();
    EXPECT_FALSE(paths_question(without_source));
    auto without_target = sample_change();
    without_target.pull_request->target->commit.clear();
    EXPECT_FALSE(paths_question(without_target));
    auto renamed = test::sample_event(repository_renamed);
    renamed.pull_request.reset();
    EXPECT_FALSE(paths_question(renamed));
}

TEST(enrichment, asks_for_the_commits_of_a_push_that_was_cut)
{
    EXPECT_FALSE(commits_question(sample_branch_push(false), {}));
    auto const cut = sample_branch_push(true);
    auto const question = commits_question(cut, {});
    ASSERT_TRUE(question);
    EXPECT_EQ(question->subject, fact_subject::commits);
    EXPECT_EQ(question->asked(), fact::commits);
    EXPECT_EQ(question->before, "0ld");
    EXPECT_EQ(question->after, "n3w");

    auto of_pull_request = test::sample_event(pull_request_commits_pushed);
    EXPECT_FALSE(commits_question(of_pull_request, {of_pull_request}));
    EXPECT_EQ(commits_question(of_pull_request, {of_pull_request, cut}), question) << "the branch knows";
    EXPECT_FALSE(commits_question(test::sample_event(comment_added), {cut}));

    auto created = cut;
    created.kind = branch_created;
    std::get<ref_change>(created.detail).before.reset();
    EXPECT_FALSE(commits_question(created, {})) << "nobody knows where it begins";
}

TEST(enrichment, tells_a_push_whole)
{
    std::vector<commit> const commits = {commit{"n3w", "Last", "Ada"}, commit{"mid", "First", "Ada"}};
    auto told = told_whole(sample_branch_push(true), commits, true);
    EXPECT_EQ(std::get<ref_change>(told.detail).commits, commits);
    EXPECT_EQ(std::get<ref_change>(told.detail).truncated, false);
    told = told_whole(sample_branch_push(true), commits, false);
    EXPECT_EQ(std::get<ref_change>(told.detail).commits, commits);
    EXPECT_EQ(std::get<ref_change>(told.detail).truncated, true);
    EXPECT_EQ(told_whole(sample_branch_push(true), {}, true), sample_branch_push(true)) << "it knows more";
    auto const other = test::sample_event(comment_added);
    EXPECT_EQ(told_whole(other, commits, true), other);

    auto of_pull_request = test::sample_event(pull_request_commits_pushed);
    std::get<commits_push>(of_pull_request.detail).commits.clear();
    of_pull_request = told_whole(std::move(of_pull_request), commits, true);
    EXPECT_EQ(std::get<commits_push>(of_pull_request.detail).commits, commits);
}

TEST(enrichment, decides_by_what_is_known)
{
    rule_set const rules({paths_rule("sources", {"a", "b"})});
    auto const happening = sample_change();
    auto const undecided = route(rules, happening);
    ASSERT_EQ(undecided.size(), 2u);

    auto decided = decide(rules, happening, changed({"src/a.cpp"}), undecided);
    ASSERT_EQ(decided.size(), 2u);
    EXPECT_TRUE(decided[1].is_taken);
    EXPECT_EQ(decided[1].plan.destination, "b");
    EXPECT_EQ(decided[1].plan.why, "rule sources: all hold: kinds, paths (src/**)");
    EXPECT_TRUE(decided[1].plan.needs.empty());

    decided = decide(rules, happening, changed({"a.md", "b.md"}), undecided);
    EXPECT_FALSE(decided[0].is_taken);
    EXPECT_EQ(decided[0].plan.destination, "a");
    EXPECT_EQ(decided[0].reason, "rule sources: paths: none of 2 changed files matches src/**");

    decided = decide(rules, happening, unknown_because("it answers 500"), undecided);
    EXPECT_FALSE(decided[0].is_taken);
    EXPECT_EQ(decided[0].reason, "rule sources: paths: the changed files could not be had: it answers 500");
}

TEST(enrichment, the_paths_that_are_known_of_many_prove_a_match_and_nothing_else)
{
    rule_set const rules({paths_rule("sources", {"a"})});
    auto const happening = sample_change();
    auto const undecided = route(rules, happening);
    auto known = unknown_because("there are more");
    known.changed_paths = {"a.md", "src/a.cpp"};
    EXPECT_TRUE(decide(rules, happening, known, undecided).front().is_taken);
    known.changed_paths = {"a.md"};
    auto const decided = decide(rules, happening, known, undecided);
    EXPECT_FALSE(decided.front().is_taken);
    EXPECT_EQ(
        decided.front().reason,
        "rule sources: paths: none of the first 1 changed files matches src/**, and the others could not be "
        "had: there are more"
    );
}

TEST(enrichment, what_a_stop_held_up_says_that_paths_are_missing)
{
    auto stops = paths_rule("sources", {"a"});
    stops.stop = true;
    rule all;
    all.name = "all";
    all.destinations = {"b"};
    rule_set const rules({stops, all});
    auto const happening = sample_change();
    auto const undecided = route(rules, happening);
    ASSERT_EQ(undecided.size(), 2u);
    auto decided = decide(rules, happening, unknown_because("it answers 500"), undecided);
    EXPECT_FALSE(decided[0].is_taken);
    EXPECT_TRUE(decided[1].is_taken);
    EXPECT_EQ(
        decided[1].plan.why,
        "rule all: kinds: pull_request.opened is in the default; the changed files could not be had: it "
        "answers 500"
    );
    decided = decide(rules, happening, changed({"src/a.cpp"}), undecided);
    EXPECT_TRUE(decided[0].is_taken);
    EXPECT_FALSE(decided[1].is_taken);
    EXPECT_EQ(decided[1].reason, "rule all: stop: rule sources took it");
}

TEST(enrichment, rules_that_changed_meanwhile_decide)
{
    auto const happening = sample_change();
    auto const undecided = route(rule_set({paths_rule("sources", {"a"})}), happening);
    auto const decided = decide(rule_set(), happening, changed({"src/a.cpp"}), undecided);
    ASSERT_EQ(decided.size(), 1u);
    EXPECT_FALSE(decided[0].is_taken);
    EXPECT_EQ(decided[0].reason, "no rule sends it there any more");
}

TEST(enrichment, writes_facts_as_words)
{
    std::vector<fact> const both = {fact::changed_paths, fact::commits};
    EXPECT_EQ(words_of(both), "changed_paths commits");
    EXPECT_EQ(facts_in("changed_paths commits"), both);
    EXPECT_EQ(facts_in("commits"), std::vector{fact::commits});
    EXPECT_TRUE(facts_in("").empty());
    EXPECT_EQ(facts_in("something changed_paths"), std::vector{fact::changed_paths});
    EXPECT_EQ(why_without_commits("a rule", "404"), "a rule; not all of its commits could be had: 404");
}

}  // namespace
}  // namespace linkspan
