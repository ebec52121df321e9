#include "core/route/route.hpp"
#include "tests/support/events.hpp"
#include "tests/support/teams.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace linkspan
{
namespace
{

using strings = std::vector<std::string>;

decision decide(rule const& asked, event const& happening, known_facts const& known = {})
{
    return explain(rule_set({asked}, test::teams), happening, known).front();
}

participant as_reviewer(std::string_view name, participant_role role = participant_role::reviewer)
{
    participant out;
    static_cast<person&>(out) = test::sample_person(name);
    out.role = role;
    return out;
}

event opened()
{
    auto out = test::sample_event(event_kind::pull_request_opened);
    out.pull_request->participants = {
        as_reviewer("Grace"), as_reviewer("Lin"), as_reviewer("Bob", participant_role::participant)};
    return out;
}

struct expectation
{
    std::function<void(rule&)> asks;
    answer taken;
    std::string why;
};

void expect_all(event const& happening, std::vector<expectation> const& all)
{
    for (auto const& one : all)
    {
        rule asked;
        asked.name = "one";
        asked.kinds = {"**"};
        one.asks(asked);
        auto const said = decide(asked, happening);
        EXPECT_EQ(said.taken, one.taken) << one.why;
        EXPECT_EQ(said.why, one.why);
        // What is said of a rule is what is done by it, alone and among others.
        rule other;
        other.kinds = {"hook.pinged"};
        asked.destinations = {"there"};
        for (auto const& rules :
             {rule_set({asked}, test::teams), rule_set({other, asked, other}, test::teams)})
        {
            auto const planned = route(rules, happening);
            EXPECT_EQ(planned.empty(), one.taken == answer::no) << one.why;
            if (!planned.empty())
            {
                EXPECT_EQ(planned.front().why, "rule one: " + one.why);
            }
        }
    }
}

constexpr auto yes = answer::yes;
constexpr auto no = answer::no;

TEST(rules, kinds_but_some)
{
    expect_all(
        test::sample_event(event_kind::comment_edited),
        {{[](rule& r) { r.except_kinds = {"comment.edited"}; },
          no,
          "except_kinds: comment.edited matches comment.edited"},
         {[](rule& r) { r.except_kinds = {"*.deleted"}; }, yes, "kinds: comment.edited matches **"},
         {[](rule& r)
          {
              r.kinds = {};
              r.except_kinds = {"comment.*"};
          },
          no,
          "except_kinds: comment.edited matches comment.*"},
         {[](rule& r)
          {
              r.kinds = {"task.*"};
              r.except_kinds = {"comment.*"};
          },
          no,
          "kinds: comment.edited matches none of task.*"}}
    );
}

TEST(rules, repositories_and_projects)
{
    expect_all(
        opened(),
        {{[](rule& r)
          {
              r.repositories = {"acme/*"};
              r.except_repositories = {"acme/api"};
          },
          no,
          "except_repositories: acme/api matches acme/api"},
         {[](rule& r)
          {
              r.repositories = {"acme/*"};
              r.except_repositories = {"acme/web"};
          },
          yes,
          "all hold: kinds (**), repositories (acme/*), except_repositories"},
         {[](rule& r) { r.projects = {"a?m?"}; }, yes, "all hold: kinds (**), projects (a?m?)"},
         {[](rule& r) { r.projects = {"acm"}; }, no, "projects: acme matches none of acm"},
         {[](rule& r) { r.except_projects = {"acme"}; }, no, "except_projects: acme matches acme"}}
    );
    auto nowhere = test::bare_event(event_kind::project_updated);
    expect_all(
        nowhere,
        {{[](rule& r) { r.projects = {"**"}; }, no, "projects: the event tells no project"},
         {[](rule& r) { r.except_projects = {"**"}; }, yes, "all hold: kinds (**), except_projects"},
         {[](rule& r) { r.except_repositories = {"**"}; }, yes, "all hold: kinds (**), except_repositories"}}
    );
    nowhere.detail = project_change{"PLAT", "a", "b"};
    expect_all(
        nowhere, {{[](rule& r) { r.projects = {"PLAT"}; }, yes, "all hold: kinds (**), projects (PLAT)"}}
    );
}

TEST(rules, branches_on_both_sides)
{
    expect_all(
        opened(),
        {{[](rule& r) {
              r.except_branches = {"main", "develop"};
          },
          no,
          "except_branches: main matches main"},
         {[](rule& r) { r.except_branches = {"mai"}; }, yes, "all hold: kinds (**), except_branches"},
         {[](rule& r) { r.source_branches = {"feature/*"}; },
          yes,
          "all hold: kinds (**), source_branches (feature/*)"},
         {[](rule& r) { r.source_branches = {"feature"}; },
          no,
          "source_branches: feature/limits matches none of feature"},
         {[](rule& r) { r.except_source_branches = {"**/limits"}; },
          no,
          "except_source_branches: feature/limits matches **/limits"}}
    );
    expect_all(
        test::sample_event(event_kind::branch_updated),
        {{[](rule& r) { r.source_branches = {"**"}; },
          no,
          "source_branches: the event tells no source branch"},
         {[](rule& r) { r.except_source_branches = {"**"}; },
          yes,
          "all hold: kinds (**), except_source_branches"}}
    );
}

TEST(rules, people_are_ids_and_teams)
{
    auto happening = opened();  // Ada's, reviewed by Grace and Lin
    happening.actor = test::sample_person("Lin");
    expect_all(
        happening,
        {{[](rule& r) { r.authors = {"557058:Ada"}; }, yes, "all hold: kinds (**), authors (557058:Ada)"},
         {[](rule& r) { r.authors = {"Ada"}; }, no, "authors: 557058:Ada matches none of Ada"},
         {[](rule& r) { r.authors = {"@platform"}; }, yes, "all hold: kinds (**), authors (@platform)"},
         {[](rule& r) {
              r.authors = {"@bots", "@nobody"};
          },
          no,
          "authors: 557058:Ada matches none of @bots, @nobody"},
         {[](rule& r) { r.authors = {"557058:*"}; }, yes, "all hold: kinds (**), authors (557058:*)"},
         {[](rule& r) { r.except_authors = {"@platform"}; },
          no,
          "except_authors: 557058:Ada matches @platform"},
         {[](rule& r) { r.actors = {"@platform"}; }, no, "actors: 557058:Lin matches none of @platform"},
         {[](rule& r) { r.actors = {"557058:Lin"}; }, yes, "all hold: kinds (**), actors (557058:Lin)"},
         {[](rule& r) { r.except_actors = {"557058:Lin"}; },
          no,
          "except_actors: 557058:Lin matches 557058:Lin"},
         {[](rule& r) { r.reviewers = {"557058:Lin"}; }, yes, "all hold: kinds (**), reviewers (557058:Lin)"},
         {[](rule& r) { r.reviewers = {"@platform"}; }, yes, "all hold: kinds (**), reviewers (@platform)"},
         {[](rule& r) { r.reviewers = {"557058:Bob"}; },
          no,
          "reviewers: 557058:Grace, 557058:Lin match none of 557058:Bob"},
         {[](rule& r) { r.except_reviewers = {"@platform"}; },
          no,
          "except_reviewers: 557058:Grace matches @platform"},
         {[](rule& r) { r.except_reviewers = {"557058:Bob"}; },
          yes,
          "all hold: kinds (**), except_reviewers"}}
    );
    happening.pull_request->participants.emplace();
    expect_all(
        happening, {{[](rule& r) { r.reviewers = {"**"}; }, no, "reviewers: (none) matches none of **"}}
    );
    happening.pull_request->participants.reset();
    happening.pull_request->author = person{"", "Deleted", person_kind::unknown};
    happening.actor.reset();
    expect_all(
        happening,
        {{[](rule& r) { r.reviewers = {"**"}; }, no, "reviewers: the event tells no reviewers"},
         {[](rule& r) { r.except_reviewers = {"**"}; }, yes, "all hold: kinds (**), except_reviewers"},
         {[](rule& r) { r.authors = {"**"}; }, no, "authors: the event tells no author"},
         {[](rule& r) { r.actors = {"**"}; }, no, "actors: the event tells no actor"},
         {[](rule& r) { r.except_actors = {"**"}; }, yes, "all hold: kinds (**), except_actors"}}
    );
}

TEST(rules, bots)
{
    auto happening = opened();
    auto const only = [](rule& r) { r.bots = choice::only; };
    auto const none = [](rule& r) { r.bots = choice::none; };
    expect_all(
        happening, {{only, no, "bots: the actor is no bot"}, {none, yes, "all hold: kinds (**), bots"}}
    );
    happening.actor->kind = person_kind::bot;
    expect_all(
        happening, {{only, yes, "all hold: kinds (**), bots"}, {none, no, "bots: the actor is a bot"}}
    );
    happening.actor->kind = person_kind::unknown;
    std::string const unknown = "bots: it is not known whether the actor is a bot";
    expect_all(happening, {{only, no, unknown}, {none, no, unknown}});
    happening.actor.reset();
    expect_all(happening, {{only, no, unknown}, {none, no, unknown}});
}

TEST(rules, drafts)
{
    auto happening = opened();
    auto const only = [](rule& r) { r.drafts = choice::only; };
    auto const none = [](rule& r) { r.drafts = choice::none; };
    expect_all(
        happening,
        {{only, no, "drafts: the pull request is no draft"}, {none, yes, "all hold: kinds (**), drafts"}}
    );
    happening.pull_request->draft = true;
    expect_all(
        happening,
        {{only, yes, "all hold: kinds (**), drafts"}, {none, no, "drafts: the pull request is a draft"}}
    );
    happening.pull_request->draft.reset();
    std::string const unknown = "drafts: it is not known whether the pull request is a draft";
    expect_all(happening, {{only, no, unknown}, {none, no, unknown}});
    happening.pull_request.reset();
    expect_all(
        happening,
        {{only, no, "drafts: there is no pull request"}, {none, yes, "all hold: kinds (**), drafts"}}
    );
}

TEST(rules, titles_are_words)
{
    auto happening = opened();
    happening.pull_request->title = "Fix a/b\nand more: hotfix";
    expect_all(
        happening,
        {{[](rule& r) { r.titles = {"*hotfix"}; }, yes, "all hold: kinds (**), titles (*hotfix)"},
         {[](rule& r) { r.titles = {"hotfix"}; },
          no,
          "titles: Fix a/b and more: hotfix matches none of hotfix"},
         {[](rule& r) { r.except_titles = {"Fix*"}; },
          no,
          "except_titles: Fix a/b and more: hotfix matches Fix*"}}
    );
    happening.pull_request->title.reset();
    expect_all(
        happening,
        {{[](rule& r) { r.titles = {"**"}; }, no, "titles: the event tells no title"},
         {[](rule& r) { r.except_titles = {"**"}; }, yes, "all hold: kinds (**), except_titles"}}
    );
}

TEST(rules, all_conditions_must_hold)
{
    expect_all(
        opened(),
        {{[](rule& r)
          {
              r.repositories = {"acme/api"};
              r.drafts = choice::none;
              r.titles = {"Add*"};
              r.except_titles = {"WIP*"};
          },
          yes,
          "all hold: kinds (**), repositories (acme/api), drafts, titles (Add*), except_titles"},
         {[](rule& r)
          {
              r.repositories = {"acme/api"};
              r.authors = {"@bots"};
              r.titles = {"Add*"};
          },
          no,
          "authors: 557058:Ada matches none of @bots"}}
    );
}

TEST(rules, a_reason_is_not_longer_than_it_helps)
{
    rule asked;
    asked.kinds = {"**"};
    for (int i = 0; i < 1000; ++i)
        asked.repositories.push_back("acme/r" + std::to_string(i) + "*");
    auto const why = decide(asked, opened()).why;
    EXPECT_TRUE(why.ends_with("acme/r8*, acme/r9* and 990 more")) << why;
}

rule to(std::string name, strings destinations, bool stop = false)
{
    rule out;
    out.name = std::move(name);
    out.destinations = std::move(destinations);
    out.stop = stop;
    return out;
}

TEST(rules, one_that_stops_keeps_the_event_from_later_ones)
{
    auto first = to("first", {"a"});
    auto stops = to("stops", {"b"}, true);
    auto last = to("last", {"c"});
    auto const happening = opened();
    auto planned = route(rule_set({first, stops, last}), happening);
    ASSERT_EQ(planned.size(), 2u);
    EXPECT_EQ(planned[1].destination, "b");
    auto const said = explain(rule_set({first, stops, last}), happening);
    EXPECT_EQ(said[1].taken, answer::yes);
    EXPECT_EQ(said[2].taken, answer::stopped);
    EXPECT_EQ(said[2].why, "stop: rule stops took it");
    stops.branches = {"release/*"};
    planned = route(rule_set({first, stops, last}), happening);
    ASSERT_EQ(planned.size(), 2u) << "one that does not take it stops nothing";
    EXPECT_EQ(planned[1].destination, "c");
}

// --- what no delivery tells

TEST(rules_paths, are_needed_when_all_else_holds)
{
    auto asked = to("paths", {"a"});
    asked.paths = {"src/**", "*.md"};
    auto const happening = opened();
    EXPECT_EQ(decide(asked, happening).taken, answer::needs);
    EXPECT_EQ(decide(asked, happening).why, "paths: the changed files are needed, for src/**, *.md");
    auto planned = route(rule_set({asked}), happening);
    ASSERT_EQ(planned.size(), 1u);
    EXPECT_EQ(planned[0].needs, std::vector{fact::changed_paths});
    EXPECT_EQ(name_of(planned[0].needs[0]), "changed_paths");

    known_facts known;
    known.changed_paths = {"docs/a.md", "src/a/b.cpp"};
    EXPECT_EQ(decide(asked, happening, known).why, "all hold: kinds, paths (src/**)");
    planned = route(rule_set({asked}), happening, known);
    ASSERT_EQ(planned.size(), 1u);
    EXPECT_TRUE(planned[0].needs.empty());
    known.changed_paths = {"docs/a.md"};
    EXPECT_EQ(decide(asked, happening, known).why, "paths: none of 1 changed files matches src/**, *.md");
    EXPECT_TRUE(route(rule_set({asked}), happening, known).empty());
    known.changed_paths.reset();
    known.changed_paths_missing = true;
    EXPECT_EQ(decide(asked, happening, known).why, "paths: the changed files could not be had");
    EXPECT_TRUE(route(rule_set({asked}), happening, known).empty());

    asked.branches = {"release/*"};
    EXPECT_EQ(decide(asked, happening).taken, answer::no) << "nobody fetches what decides nothing";
}

TEST(rules_paths, a_rule_that_needs_nothing_wins)
{
    auto asked = to("paths", {"a", "b"});
    asked.paths = {"src/**"};
    auto const planned = route(rule_set({asked, to("all", {"b"})}), opened());
    ASSERT_EQ(planned.size(), 2u);
    EXPECT_EQ(planned[0].needs.size(), 1u);
    EXPECT_EQ(planned[1].destination, "b");
    EXPECT_EQ(planned[1].rule, "all");
    EXPECT_TRUE(planned[1].needs.empty());
}

TEST(rules_paths, a_stop_that_is_not_decided_holds_what_is_behind_it)
{
    auto asked = to("paths", {"a"}, true);
    asked.paths = {"src/**"};
    rule_set const rules({asked, to("all", {"a", "b"})});
    auto const planned = route(rules, opened());
    ASSERT_EQ(planned.size(), 2u);
    EXPECT_TRUE(planned[0].needs.empty()) << "a is told by either";
    EXPECT_EQ(planned[1].destination, "b");
    EXPECT_EQ(planned[1].needs, std::vector{fact::changed_paths});
    auto const said = explain(rules, opened());
    EXPECT_EQ(said[1].taken, answer::needs);
    EXPECT_EQ(
        said[1].why,
        "kinds: pull_request.opened is in the default; whether rule paths stops it needs the changed files"
    );
    known_facts known;
    known.changed_paths = {"src/a.cpp"};
    EXPECT_EQ(route(rules, opened(), known).size(), 1u);
    known.changed_paths = {"a.md"};
    EXPECT_EQ(route(rules, opened(), known).size(), 2u);
}

}  // namespace
}  // namespace linkspan
