#include "core/route/reach.hpp"

#include "core/route/comparison.hpp"
#include "tests/support/events.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace linkspan
{
namespace
{

using strings = std::vector<std::string>;

rule leading_to(std::string name, strings destinations, std::function<void(rule&)> const& asks = {})
{
    rule out;
    out.name = std::move(name);
    out.destinations = std::move(destinations);
    if (asks)
        asks(out);
    return out;
}

rule asking(std::function<void(rule&)> const& asks)
{
    return leading_to("one", {"there"}, asks);
}

// What is left of one rule; "no" where it is not reached.
std::string left_of(rule const& asked, std::string repository, std::string const& kind = {})
{
    event_question question;
    question.repository = std::move(repository);
    if (!kind.empty())
        question.kinds = kinds_of(strings{kind});
    auto const found = reach_of({asked}, question);
    if (found.empty())
        return "no";
    std::string out;
    for (auto const& condition : found.front().conditions)
        out += (out.empty() ? "" : "; ") + condition;
    return out;
}

TEST(reach, tells_what_else_must_hold)
{
    auto const of_acme = asking(
        [](rule& r)
        {
            r.repositories = {"acme/*"};
            r.except_repositories = {"acme/old-*"};
            r.branches = {"main", "release/*"};
            r.bots = choice::none;
            r.except_titles = {"WIP*"};
        }
    );
    EXPECT_EQ(
        left_of(of_acme, "acme/api"),
        "kinds: the default; branches: main, release/*; bots: none; except_titles: WIP*"
    );
    EXPECT_EQ(
        left_of(of_acme, "acme/api", "comment.*"),
        "branches: main, release/*; bots: none; except_titles: WIP*"
    );
    EXPECT_EQ(left_of(of_acme, "acme/old-api"), "no");
    EXPECT_EQ(left_of(of_acme, "other/api"), "no");
    EXPECT_EQ(left_of(of_acme, "acme/api", "tag.*"), "no");
    EXPECT_EQ(
        left_of(of_acme, ""),
        "kinds: the default; repositories: acme/*; except_repositories: acme/old-*; branches: main, "
        "release/*; "
        "bots: none; except_titles: WIP*"
    );
    EXPECT_EQ(left_of(asking([](rule& r) { r.kinds = {"**"}; }), "acme/api"), "");
    EXPECT_EQ(
        left_of(
            asking(
                [](rule& r) {
                    r.paths = {"src/**", "*.md"};
                }
            ),
            "acme/api",
            "task.added"
        ),
        "paths: src/**, *.md (needs changed_paths)"
    );
    EXPECT_EQ(left_of(asking([](rule& r) { r.projects = {"acme"}; }), "acme/api", "task.added"), "");
    EXPECT_EQ(left_of(asking([](rule& r) { r.except_projects = {"ac*"}; }), "acme/api"), "no");
    EXPECT_EQ(left_of(asking([](rule&) {}), "", "build.failed"), "kinds: the default")
        << "it asks for the state";
    EXPECT_EQ(
        left_of(
            asking(
                [](rule& r)
                {
                    r.kinds = {"**"};
                    r.except_kinds = {"tag.*"};
                }
            ),
            ""
        ),
        "kinds: **; except_kinds: tag.*"
    );
    EXPECT_EQ(
        left_of(
            asking(
                [](rule& r)
                {
                    r.kinds = {"**"};
                    r.except_kinds = {"tag.*"};
                }
            ),
            "",
            "tag.*"
        ),
        "no"
    );
}

TEST(reach, ends_behind_a_rule_that_takes_all_and_stops)
{
    auto const main = leading_to(
        "main",
        {"a"},
        [](rule& r)
        {
            r.branches = {"main"};
            r.stop = true;
        }
    );
    auto const acme = leading_to(
        "acme",
        {"b"},
        [](rule& r)
        {
            r.repositories = {"acme/*"};
            r.stop = true;
            r.kinds = {"**"};
        }
    );
    auto const rest = leading_to("rest", {"c"}, [](rule& r) { r.kinds = {"**"}; });
    event_question question;
    question.repository = "acme/api";
    auto found = reach_of({main, acme, rest}, question);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[1].rule, 1u);
    EXPECT_EQ(found[1].conditions, strings{"unless rule main stops it"});
    auto const tags = leading_to("tags", {"c"}, [](rule& r) { r.kinds = {"tag.*"}; });
    found = reach_of({main, tags}, question);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[1].conditions, strings{"kinds: tag.*"}) << "main takes no tags";
    question.repository = "other/api";
    found = reach_of({main, acme, rest}, question);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[1].rule, 2u);
    EXPECT_EQ(found[1].conditions, strings{"unless rule main stops it"});
}

TEST(covers, is_true_only_where_it_is_sure)
{
    auto const nothing = asking([](rule&) {});
    auto const everything = asking([](rule& r) { r.kinds = {"**"}; });
    EXPECT_TRUE(covers(nothing, nothing));
    EXPECT_TRUE(covers(everything, nothing));
    EXPECT_FALSE(covers(nothing, everything));
    EXPECT_TRUE(covers(nothing, asking([](rule& r) { r.kinds = {"comment.*"}; })));
    EXPECT_FALSE(covers(nothing, asking([](rule& r) { r.kinds = {"build.failed"}; }))) << "outdated ones";
    auto const acme = asking([](rule& r) { r.repositories = {"acme/*"}; });
    EXPECT_TRUE(covers(acme, asking([](rule& r) { r.repositories = {"acme/api", "acme/web"}; })));
    EXPECT_FALSE(covers(acme, asking([](rule& r) { r.repositories = {"acme/api", "other/web"}; })));
    EXPECT_TRUE(covers(
        acme,
        asking(
            [](rule& r)
            {
                r.repositories = {"acme/*"};
                r.drafts = choice::none;
            }
        )
    ));
    EXPECT_FALSE(covers(acme, asking([](rule& r) { r.repositories = {"acme/a*"}; })))
        << "not told, not guessed";
    EXPECT_FALSE(covers(acme, nothing));
    auto const without = asking([](rule& r) { r.except_titles = {"WIP*"}; });
    EXPECT_FALSE(covers(without, nothing));
    EXPECT_TRUE(covers(nothing, without));
    EXPECT_TRUE(covers(without, asking([](rule& r) { r.except_titles = {"WIP*", "x"}; })));
    EXPECT_FALSE(covers(asking([](rule& r) { r.bots = choice::none; }), nothing));
    EXPECT_TRUE(
        covers(asking([](rule& r) { r.bots = choice::none; }), asking([](rule& r) { r.bots = choice::none; }))
    );
    EXPECT_FALSE(covers(asking([](rule& r) { r.branches = {"**"}; }), nothing)) << "what has no branch";
    EXPECT_FALSE(covers(asking([](rule& r) { r.paths = {"src/**"}; }), nothing));
}

TEST(rules_that_take_nothing, are_found)
{
    EXPECT_EQ(excluding_list(asking([](rule& r) { r.except_kinds = {"**"}; })), "except_kinds");
    EXPECT_EQ(
        excluding_list(asking(
            [](rule& r)
            {
                r.kinds = {"tag.*"};
                r.except_kinds = {"*.*"};
            }
        )),
        "except_kinds"
    );
    EXPECT_EQ(
        excluding_list(asking(
            [](rule& r)
            {
                r.kinds = {"**"};
                r.except_kinds = {"tag.*"};
            }
        )),
        ""
    );
    EXPECT_EQ(
        excluding_list(asking(
            [](rule& r)
            {
                r.branches = {"main", "a/b"};
                r.except_branches = {"*", "a/*"};
            }
        )),
        "except_branches"
    );
    EXPECT_EQ(
        excluding_list(asking(
            [](rule& r)
            {
                r.branches = {"main"};
                r.except_branches = {"dev"};
            }
        )),
        ""
    );
    EXPECT_EQ(
        excluding_list(asking(
            [](rule& r)
            {
                r.authors = {"@a"};
                r.except_authors = {"@a"};
            }
        )),
        "except_authors"
    );
    EXPECT_EQ(excluding_list(asking([](rule& r) { r.except_authors = {"**"}; })), "") << "what has no author";

    EXPECT_EQ(
        vain_condition(asking(
            [](rule& r)
            {
                r.kinds = {"tag.*"};
                r.titles = {"x"};
            }
        )),
        "titles"
    );
    EXPECT_EQ(
        vain_condition(asking(
            [](rule& r)
            {
                r.kinds = {"branch.*"};
                r.drafts = choice::only;
            }
        )),
        "drafts"
    );
    EXPECT_EQ(
        vain_condition(asking(
            [](rule& r)
            {
                r.kinds = {"branch.*"};
                r.drafts = choice::none;
            }
        )),
        ""
    );
    EXPECT_EQ(
        vain_condition(asking(
            [](rule& r)
            {
                r.kinds = {"branch.*"};
                r.except_titles = {"x"};
            }
        )),
        ""
    );
    EXPECT_EQ(vain_condition(asking([](rule& r) { r.titles = {"x"}; })), "");
}

// --- two sets of rules over one history

event happened(event_kind kind, int number, std::optional<std::string> cause = {})
{
    auto out = test::sample_event(kind);
    out.id = event_id("01930000-0000-7000-8000-00000000000" + std::to_string(number));
    out.cause = std::move(cause);
    return out;
}

std::vector<std::string> changes_of(routing_difference const& found)
{
    std::vector<std::string> out;
    for (auto const& one : found.changes)
        out.push_back(
            (one.is_added ? "+ " : "- ") + one.event.value.substr(35) + " " + one.destination + " by " +
            one.rule
        );
    return out;
}

TEST(routing_comparison, tells_what_only_one_sends)
{
    rule_set const before({leading_to("r", {"team", "log"})});
    rule_set const after(
        {leading_to("new", {"team"}), leading_to("b", {"builds"}, [](rule& r) { r.kinds = {"branch.*"}; })}
    );
    routing_comparison both(before, after);
    both.add(happened(event_kind::pull_request_opened, 1));
    both.add(happened(event_kind::branch_created, 2));
    both.add(happened(event_kind::tag_created, 3));
    auto const found = both.take();
    EXPECT_EQ(found.events, 3u);
    EXPECT_EQ(found.sent_before, 2u);
    EXPECT_EQ(found.sent_after, 2u);
    EXPECT_EQ(found.added, 1u);
    EXPECT_EQ(found.removed, 1u);
    EXPECT_EQ(changes_of(found), (strings{"- 1 log by r", "+ 2 builds by b"}))
        << "another rule is no difference";
    EXPECT_EQ(found.changes[0].subject, "acme/api#7");
}

TEST(routing_comparison, the_same_rules_have_no_difference)
{
    rule_set const rules({leading_to("r", {"team", "log"}, [](rule& r) { r.kinds = {"**"}; })});
    routing_comparison both(rules, rules);
    for (auto const& row : kind_names)
        both.add(happened(row.kind, 1, row.kind == event_kind::branch_updated ? "push" : "other"));
    auto const found = both.take();
    EXPECT_EQ(found.events, kind_names.size());
    EXPECT_TRUE(found.changes.empty());
    EXPECT_EQ(found.sent_before, found.sent_after);
}

TEST(routing_comparison, one_push_is_told_once)
{
    auto const pushes = leading_to("pushes", {"team"}, [](rule& r) { r.kinds = {"branch.*"}; });
    auto const reviews = leading_to("reviews", {"team"});
    for (bool const branch_first : {true, false})
    {
        routing_comparison both(rule_set({pushes}), rule_set({pushes, reviews}));
        auto const pushed = happened(event_kind::branch_updated, 1, "push");
        auto const commits = happened(event_kind::pull_request_commits_pushed, 2, "push");
        both.add(branch_first ? pushed : commits);
        both.add(branch_first ? commits : pushed);
        auto const found = both.take();
        EXPECT_EQ(found.sent_after, 1u);
        auto expected = strings{"- 1 team by pushes", "+ 2 team by reviews"};
        if (!branch_first)
            std::swap(expected[0], expected[1]);
        EXPECT_EQ(changes_of(found), expected);
    }
}

rule about_sources(std::string name, strings destinations)
{
    return leading_to(std::move(name), std::move(destinations), [](rule& r) { r.paths = {"src/**"}; });
}

TEST(routing_comparison, counts_what_changed_files_decide_by_itself)
{
    routing_comparison both(
        rule_set({leading_to("all", {"team"})}),
        rule_set({about_sources("sources", {"team", "log"}), leading_to("b", {"b"})})
    );
    known_facts known;
    known.changed_paths = {"src/a.cpp"};
    both.add(happened(event_kind::pull_request_opened, 1));
    both.add(happened(event_kind::pull_request_opened, 2), known);
    known.changed_paths = {"a.md"};
    both.add(happened(event_kind::pull_request_opened, 3), known);
    auto const found = both.take();
    EXPECT_EQ(found.undecided_events, 1u);
    EXPECT_EQ(found.undecided_before, 0u);
    EXPECT_EQ(found.undecided_after, 2u);
    EXPECT_EQ(found.sent_before, 3u);
    EXPECT_EQ(found.sent_after, 5u);
    EXPECT_EQ(
        changes_of(found),
        (strings{"+ 1 b by b", "+ 2 b by b", "+ 2 log by sources", "+ 3 b by b", "- 3 team by all"})
    );
    EXPECT_EQ(found.added, 4u);
    EXPECT_EQ(found.removed, 1u);
}

TEST(routing_comparison, of_one_push_both_messages_are_undecided)
{
    auto const pushes = leading_to("pushes", {"team"}, [](rule& r) { r.kinds = {"branch.*"}; });
    for (bool const branch_first : {true, false})
    {
        routing_comparison both(rule_set({pushes}), rule_set({pushes, about_sources("sources", {"team"})}));
        auto const pushed = happened(event_kind::branch_updated, 1, "push");
        auto const commits = happened(event_kind::pull_request_commits_pushed, 2, "push");
        both.add(branch_first ? pushed : commits);
        both.add(branch_first ? commits : pushed);
        auto const found = both.take();
        EXPECT_EQ(found.sent_before, 1u);
        EXPECT_EQ(found.sent_after, 0u);
        EXPECT_EQ(found.undecided_after, 2u);
        EXPECT_EQ(found.undecided_events, 1u) << "no rule asks for the files of the branch";
        EXPECT_TRUE(found.changes.empty());
    }
}

}  // namespace
}  // namespace linkspan
