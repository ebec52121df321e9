#include "cmd/linkspan/config.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

struct rule_fault
{
    std::string text;  // of the rule, from line 9 on
    std::string said;
};
void PrintTo(rule_fault const& one, std::ostream* out)
{
    *out << one.said;
}

class config_rule_faults : public testing::TestWithParam<rule_fault>
{
};

constexpr char const* before =
    "[[destination]]\nname = \"reviews\"\nlink = \"slack\"\n"
    "[[team]]\nname = \"platform\"\nmembers = [\"42\"]\n"
    "[[rule]]\ndestinations = [\"reviews\"]\n";

TEST_P(config_rule_faults, name_the_place_the_fault_and_the_next_step)
{
    auto const read = parse_config(before + GetParam().text, "c");
    EXPECT_EQ(to_text(read.problems), GetParam().said) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    people,
    config_rule_faults,
    testing::Values(
        rule_fault{"authors = [\"@platform\", \"557058:a-b\", \"{1b2c}\", \"7*\"]\n", ""},
        rule_fault{
            "authors = [\"Ada Lovelace\"]\n",
            "c:9: authors in [[rule]] has \"Ada Lovelace\", which looks like a display name, and names "
            "change and "
            "are shared; write the id that stands in \"actor\" of linkspan events show, as in "
            "\"557058:11112222-3333-4444-5555-666677778888\" or \"42\"\n"},
        rule_fault{
            "except_actors = [\"Zo\u00eb\"]\n",
            "c:9: except_actors in [[rule]] has \"Zo\u00eb\", which looks like a display name, and names "
            "change "
            "and are shared; write the id that stands in \"actor\" of linkspan events show, as in "
            "\"557058:11112222-3333-4444-5555-666677778888\" or \"42\"\n"},
        rule_fault{
            "reviewers = [\"ada@example.com\"]\n",
            "c:9: reviewers in [[rule]] has \"ada@example.com\", which looks like an e-mail address, and "
            "events "
            "carry none; write the id that stands in \"actor\" of linkspan events show, as in "
            "\"557058:11112222-3333-4444-5555-666677778888\" or \"42\"\n"},
        rule_fault{
            "actors = [\"\"]\n",
            "c:9: actors in [[rule]] has an empty pattern, which matches nothing; remove it, or write \"**\" "
            "for "
            "everything\n"},
        rule_fault{
            "actors = [\n\"1\",\n\"@platfrom\"]\n",
            "c:11: actors in [[rule]] names the team \"@platfrom\", which there is not; did you mean "
            "\"platform\"?\n"},
        rule_fault{
            "authors = [\"platform\"]\n",
            "c:9: authors in [[rule]] names \"platform\", which is no account but a team; write "
            "\"@platform\"\n"},
        rule_fault{
            "except_reviewers = [\"@x\"]\n",
            "c:9: except_reviewers in [[rule]] names the team \"@x\", which there is not; there are: "
            "platform\n"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    teams,
    config_rule_faults,
    testing::Values(
        rule_fault{
            "[[team]]\nname = \"@x\"\nmembers = [\"1\"]\n",
            "c:10: name in [[team]] begins with \"@\"; write it without, rules name the team as \"@x\"\n"},
        rule_fault{
            "[[team]]\nname = \"two words\"\nmembers = [\"1\"]\n",
            "c:10: name in [[team]] is \"two words\"; write one word, as in \"platform\"\n"},
        rule_fault{"[[team]]\nname = \"\"\nmembers = [\"1\"]\n", "c:10: name in [[team]] is empty\n"},
        rule_fault{
            "[[team]]\nname = \"" + std::string(65, 'n') + "\"\nmembers = [\"1\"]\n",
            "c:10: name in [[team]] is longer than 64 bytes\n"},
        rule_fault{
            "[[team]]\nname = \"platform\"\nmembers = [\"1\"]\n",
            "c:10: a second team is named \"platform\" (the first: line 5); give it another name\n"},
        rule_fault{
            "[[team]]\nname = \"x\"\nmembers = []\n",
            "c:11: members in [[team]] is empty; write for example members = "
            "[\"557058:11112222-3333-4444-5555-666677778888\", "
            "\"70121:99990000-aaaa-bbbb-cccc-ddddeeeeffff\"]\n"},
        rule_fault{
            "[[team]]\nname = \"x\"\n",
            "c:9: [[team]] has no \"members\" (ids of accounts); write for example members = "
            "[\"557058:11112222-3333-4444-5555-666677778888\", "
            "\"70121:99990000-aaaa-bbbb-cccc-ddddeeeeffff\"]\n"},
        rule_fault{
            "[[team]]\nname = \"x\"\nmembers = [\n\"@platform\",\n\"7*\",\n\"\",\n\"Ada L\"]\n",
            "c:12: members in [[team]] has the team \"@platform\", but teams have no teams; write its "
            "members\n"
            "c:13: members in [[team]] has the pattern \"7*\", but members are single ids; write each\n"
            "c:14: members in [[team]] has an empty id; remove it\n"
            "c:15: members in [[team]] has \"Ada L\", which looks like a display name, and names change and "
            "are "
            "shared; write the id that stands in \"actor\" of linkspan events show, as in "
            "\"557058:11112222-3333-4444-5555-666677778888\" or \"42\"\n"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    conditions,
    config_rule_faults,
    testing::Values(
        rule_fault{"bots = \"non\"\n", "c:9: bots in [[rule]] is \"non\"; did you mean \"none\"?\n"},
        rule_fault{
            "drafts = false\n",
            "c:9: drafts in [[rule]]: expected a string, found a boolean; write for example drafts = "
            "\"any\"\n"},
        rule_fault{
            "stop = \"yes\"\n",
            "c:9: stop in [[rule]]: expected a boolean, found a string; write for example stop = false\n"},
        rule_fault{
            "projects = [\"acme/api\"]\n",
            "c:9: projects in [[rule]] has the pattern \"acme/api\", which matches no project, as they are "
            "named "
            "without a \"/\"; write for example \"acme\", or the pattern under repositories\n"},
        rule_fault{
            "except_projects = [\"\"]\nexcept_titles = [\"\"]\n",
            "c:9: except_projects in [[rule]] has an empty pattern, which matches nothing; remove it, or "
            "write "
            "\"**\" for everything\n"
            "c:10: except_titles in [[rule]] has an empty pattern, which matches nothing; remove it, or "
            "write "
            "\"**\" for everything\n"},
        rule_fault{
            "except_kinds = [\"coment.added\"]\n",
            "c:9: except_kinds in [[rule]] has a pattern that matches nothing: no kind of event matches "
            "\"coment.added\"; did you mean \"comment.added\"?\n"},
        rule_fault{
            "except_repositories = [\"api\"]\n",
            "c:9: except_repositories in [[rule]] has the pattern \"api\", which matches no repository, as "
            "they "
            "are named owner/slug; write for example \"acme/*\" or \"**\"\n"},
        rule_fault{
            "paths = [\"\",\n\"src/\",\n\"/docs/**\",\n\"./a.md\",\n\"src/**\"]\n",
            "c:9: paths in [[rule]] has an empty pattern, which matches nothing; remove it, or write \"**\" "
            "for "
            "everything\n"
            "c:10: paths in [[rule]] has the pattern \"src/\", which matches no file, as it ends with \"/\"; "
            "write \"src/**\" for all files under it\n"
            "c:11: paths in [[rule]] has the pattern \"/docs/**\", which matches no file, as paths begin at "
            "the "
            "repository's root without \"/\" or \"./\"; write \"docs/**\"\n"
            "c:12: paths in [[rule]] has the pattern \"./a.md\", which matches no file, as paths begin at "
            "the "
            "repository's root without \"/\" or \"./\"; write \"a.md\"\n"},
        rule_fault{
            "kinds = [\"tag.*\"]\nexcept_kinds = [\"*.*\"]\n",
            "c:10: except_kinds in [[rule]] leaves nothing of kinds: the rule would take no event; take out "
            "what "
            "both name\n"},
        rule_fault{
            "branches = [\"main\"]\nexcept_branches = [\"ma*\"]\n",
            "c:10: except_branches in [[rule]] leaves nothing of branches: the rule would take no event; "
            "take out "
            "what both name\n"}
    )
);

}  // namespace
}  // namespace linkspan
