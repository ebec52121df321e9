#include "tests/support/config_texts.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

struct source_fault
{
    std::string text;
    std::string said;
};
void PrintTo(source_fault const& one, std::ostream* out)
{
    *out << one.said;
}

class config_source_faults : public testing::TestWithParam<source_fault>
{
};

// Four lines each: what a case adds begins at line 5.
constexpr char const* cloud_source_text =
    "[[source]]\nname = \"c\"\nedition = \"cloud\"\nwebhook = \"hook\"\n";
constexpr char const* dc_source_text =
    "[[source]]\nname = \"d\"\nedition = \"data_center\"\ninstance = \"https://git.example.com\"\n";

std::string with_cloud(std::string const& more)
{
    return cloud_source_text + more;
}

std::string with_data_center(std::string const& more)
{
    return dc_source_text + more;
}

TEST_P(config_source_faults, name_the_place_the_fault_and_the_next_step)
{
    EXPECT_EQ(test::faults_of(GetParam().text), GetParam().said) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    each_key,
    config_source_faults,
    testing::Values(
        source_fault{
            with_cloud("api = \" api\"\n"), "config.toml:5: api in [[source]] begins or ends with a space\n"},
        source_fault{
            with_cloud("api = 7\nworkspace = \"acme\"\n"),
            "config.toml:5: api in [[source]]: expected a string, found a number; write for example api = "
            "\"bitbucket-api\"\n"},
        source_fault{
            with_cloud("api = \"api\"\nworkspace = \"https://bitbucket.org/acme\"\n"),
            "config.toml:6: workspace in [[source]] is \"https://bitbucket.org/acme\", but must be the one "
            "name behind bitbucket.org/; write for example workspace = \"acme\"\n"},
        source_fault{
            with_data_center("webhook = \"hook\"\napi = \"api\"\nprojects = [\"CORE\", \"CORE/api\"]\n"),
            "config.toml:7: projects in [[source]] has \"CORE/api\", which is no project key; write for "
            "example \"CORE\", or \"~ada\" for a person's own\n"},
        source_fault{
            with_data_center("webhook = \"hook\"\napi = \"api\"\nprojects = [\"*\"]\n"),
            "config.toml:7: projects in [[source]] has \"*\", which is no project key: no patterns here, "
            "name each; write for example \"CORE\", or \"~ada\" for a person's own\n"},
        source_fault{
            with_cloud("api = \"api\"\nrepositories = [\"acme/api\",\n\"acme\",\n\"acme/*\",\n\"a/b/c\"]\n"),
            "config.toml:7: repositories in [[source]] has \"acme\", which is not owner/slug; write for "
            "example \"acme/api\" (cloud) or \"CORE/api\" (data_center)\n"
            "config.toml:8: repositories in [[source]] has \"acme/*\", which is not owner/slug: no patterns "
            "here, name each, or the whole workspace or project; write for example \"acme/api\" (cloud) or "
            "\"CORE/api\" (data_center)\n"
            "config.toml:9: repositories in [[source]] has \"a/b/c\", which is not owner/slug; write for "
            "example \"acme/api\" (cloud) or \"CORE/api\" (data_center)\n"},
        source_fault{
            with_cloud("api = \"api\"\nrepositories = [\"../api\", \"acme/\", \"/api\", \"acme/a b\"]\n"),
            "config.toml:6: repositories in [[source]] has \"../api\", which is not owner/slug; write for "
            "example \"acme/api\" (cloud) or \"CORE/api\" (data_center)\n"
            "config.toml:6: repositories in [[source]] has \"acme/\", which is not owner/slug; write for "
            "example \"acme/api\" (cloud) or \"CORE/api\" (data_center)\n"
            "config.toml:6: repositories in [[source]] has \"/api\", which is not owner/slug; write for "
            "example \"acme/api\" (cloud) or \"CORE/api\" (data_center)\n"
            "config.toml:6: repositories in [[source]] has \"acme/a b\", which is not owner/slug; write for "
            "example \"acme/api\" (cloud) or \"CORE/api\" (data_center)\n"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    editions,
    config_source_faults,
    testing::Values(
        source_fault{
            with_cloud("api = \"api\"\nprojects = [\"CORE\"]\n"),
            "config.toml:6: projects in [[source]] is for the edition \"data_center\"; write for \"cloud\" "
            "workspace = \"acme\", or each of the repositories\n"},
        source_fault{
            with_data_center("webhook = \"hook\"\napi = \"api\"\nworkspace = \"acme\"\n"),
            "config.toml:7: workspace in [[source]] is for the edition \"cloud\"; write for \"data_center\" "
            "projects = [\"CORE\"], or each of the repositories\n"},
        // Of an edition that is not known neither can be said.
        source_fault{
            "[[source]]\nname = \"c\"\nedition = \"clod\"\nwebhook = \"hook\"\napi = \"api\"\nworkspace = "
            "\"acme\"\nprojects = [\"CORE\"]\n",
            "config.toml:3: edition in [[source]] is \"clod\"; did you mean \"cloud\"?\n"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    without_api,
    config_source_faults,
    testing::Values(
        source_fault{with_cloud("api = \"api\"\n"), ""},
        source_fault{
            with_cloud("workspace = \"acme\"\n"),
            "config.toml:5: workspace in [[source]] needs api, the link that asks the REST API: without it "
            "nothing is polled; write for example api = \"bitbucket-api\"\n"},
        source_fault{
            with_data_center(
                "repositories = [\"CORE/api\"]\nprojects = [\"WEB\"]\nwebhook = \"hook\"\napi = \"\"\n"
            ),
            "config.toml:5: projects, repositories in [[source]] need api, the link that asks the REST API: "
            "without it nothing is polled; write for example api = \"bitbucket-api\"\n"},
        source_fault{with_cloud("workspace = \"\"\nprojects = []\nrepositories = []\n"), ""}
    )
);

INSTANTIATE_TEST_SUITE_P(
    poll_only,
    config_source_faults,
    testing::Values(
        source_fault{with_data_center("api = \"api\"\nprojects = [\"CORE\"]\npoll_only = true\n"), ""},
        source_fault{with_cloud("api = \"api\"\nworkspace = \"acme\"\npoll_only = true\n"), ""},
        source_fault{
            "[[source]]\nname = \"c\"\nedition = \"cloud\"\npoll_only = true\n",
            "config.toml:4: poll_only in [[source]] needs api, the link that asks the REST API: without it "
            "nothing is polled; write for example api = \"bitbucket-api\"\n"
            "config.toml:4: poll_only in [[source]] has nothing to ask for; write for example workspace = "
            "\"acme\", or repositories = [\"acme/api\"]\n"},
        source_fault{
            with_data_center("api = \"api\"\npoll_only = true\nprojects = []\n"),
            "config.toml:6: poll_only in [[source]] has nothing to ask for; write for example projects = "
            "[\"CORE\"], or repositories = [\"CORE/api\"]\n"},
        source_fault{
            "[[source]]\nname = \"d\"\nedition = \"data_center\"\napi = \"api\"\nprojects = "
            "[\"CORE\"]\npoll_only = true\n",
            "config.toml:1: [[source]] has no \"instance\", which it needs without a webhook; write for "
            "example instance = \"https://bitbucket.example.com\"\n"},
        source_fault{
            with_data_center("api = \"api\"\nprojects = [\"CORE\"]\npoll_only = false\n"),
            "config.toml:1: [[source]] has no \"webhook\" (the link that receives its webhooks, by id or "
            "name); write for example webhook = \"bitbucket-webhook\", or poll_only = true where no webhook "
            "can reach Linkspan\n"},
        // One mistake is one fault.
        source_fault{
            with_data_center("api = \"api\"\nprojects = [\"CORE\"]\npoll_only = \"yes\"\n"),
            "config.toml:7: poll_only in [[source]]: expected a boolean, found a string; write for example "
            "poll_only = false\n"},
        source_fault{
            with_data_center("api = \"api\"\nprojects = \"CORE\"\npoll_only = true\n"),
            "config.toml:6: projects in [[source]]: expected a list of strings, found a string; write for "
            "example projects = [\"CORE\"]\n"},
        source_fault{
            with_data_center("webhook = 7\n"),
            "config.toml:5: webhook in [[source]]: expected a string, found a number; write for example "
            "webhook = \"bitbucket-webhook\"\n"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    doubles,
    config_source_faults,
    testing::Values(
        source_fault{
            with_cloud("api = \"api\"\nrepositories = [\"acme/api\",\n\"acme/web\",\n\"acme/api\"]\n"),
            "config.toml:8: repositories in [[source]] names \"acme/api\" twice; take out one of them\n"},
        source_fault{
            with_data_center("webhook = \"hook\"\napi = \"api\"\nprojects = [\"CORE\", \"CORE\"]\n"),
            "config.toml:7: projects in [[source]] names \"CORE\" twice; take out one of them\n"},
        source_fault{
            with_cloud("api = \"api\"\nrepositories = [\"acme/api\", \"other/api\"]\nworkspace = \"acme\"\n"),
            "config.toml:6: repositories in [[source]] names \"acme/api\", which workspace asks for already; "
            "take out one of them\n"},
        source_fault{
            with_cloud("api = \"api\"\nrepositories = [\"acme/api\"]\n") +
                "[[source]]\nname = \"e\"\nedition = \"cloud\"\nwebhook = \"hook2\"\napi = "
                "\"api\"\nworkspace "
                "= \"acme\"\n",
            "config.toml:6: repositories in [[source]] names \"acme/api\", which source \"e\" asks for "
            "already (workspace, line 12); take out one of them\n"},
        source_fault{
            with_data_center("webhook = \"hook\"\napi = \"api\"\nprojects = [\"CORE\"]\n") +
                "[[source]]\nname = \"e\"\nedition = \"data_center\"\ninstance = "
                "\"https://GIT.example.com/\"\nwebhook = \"hook2\"\napi = \"api\"\nprojects = [\"CORE\"]\n",
            "config.toml:14: projects in [[source]] names \"CORE\", which source \"d\" asks for already "
            "(projects, line 7); take out one of them\n"},
        // Another Bitbucket has other projects.
        source_fault{
            with_data_center("webhook = \"hook\"\napi = \"api\"\nprojects = [\"CORE\"]\n") +
                "[[source]]\nname = \"e\"\nedition = \"data_center\"\ninstance = "
                "\"https://two.example.com\"\n"
                "webhook = \"hook2\"\napi = \"api2\"\nprojects = [\"CORE\"]\n",
            ""}
    )
);

}  // namespace
}  // namespace linkspan
