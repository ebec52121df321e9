#include "store/watched_repositories.hpp"
#include "tests/support/command_profile.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

// What linkspan check says of sources that ask the REST API, and of those that do not.

namespace linkspan::test
{
namespace
{

constexpr char const* cloud_with_hook =
    "[[source]]\nname = \"a\"\nedition = \"cloud\"\nwebhook = \"cloud-hook\"\n";
constexpr char const* dc_with_hook =
    "[[source]]\nname = \"a\"\nedition = \"data_center\"\nwebhook = \"dc-hook\"\n"
    "instance = \"https://bitbucket.acme.example\"\n";

class check_asking : public testing::Test
{
protected:
    void create(std::vector<std::string> arguments, std::string_view input = "s3cret")
    {
        arguments.insert(arguments.begin(), {"create-link", "--template"});
        auto const made = profile.run(arguments, input);
        ASSERT_EQ(made.code, 0) << made.err;
    }

    void create_hooks()
    {
        create({"bitbucket-webhook", "--name", "cloud-hook", "--kv", "webhook_secret=-"});
        create({"bitbucket-dc-webhook", "--name", "dc-hook", "--kv", "webhook_secret=-"});
    }

    void create_apis()
    {
        create(
            {"bitbucket-access-token", "--name", "cloud-api", "--kv", "workspace=acme", "--kv", "token=-"},
            "ATCTT-1"
        );
        create(
            {"bitbucket-dc-token",
             "--name",
             "dc-api",
             "--kv",
             "base_url=https://bitbucket.acme.example/",
             "--kv",
             "token=-"},
            "dc-1"
        );
    }

    // "fault: ...", of the first source of this configuration; those about links that are not used are left
    // out.
    std::vector<std::string> findings_of(std::string const& config)
    {
        profile.write_config(config);
        auto const judged = profile.run({"check", "--json"});
        std::vector<std::string> out;
        bool is_fine = true;
        for (auto const findings = judged.json().at("findings").as_array(); auto const& one : findings)
        {
            std::string const kind(one.at("kind").as_string());
            is_fine = is_fine && kind != "fault";
            if (!one.at("place").is_null())
                out.push_back(kind + ": " + std::string(one.at("message").as_string()));
        }
        EXPECT_EQ(judged.code, is_fine ? 0 : 2) << judged.out;
        return out;
    }

    command_profile profile;
};

using finding_texts = std::vector<std::string>;

TEST_F(check_asking, a_rule_over_paths_needs_an_api)
{
    create_hooks();
    create_apis();
    create({"console", "--name", "screen"}, "");
    std::string const rest =
        "[[destination]]\nname = \"screen\"\nlink = \"screen\"\n[[rule]]\nname = \"docs\"\n"
        "destinations = [\"screen\"]\npaths = [\"docs/**\"]\n";
    auto const warnings = [&](std::string const& sources)
    {
        finding_texts out;
        for (auto& one : findings_of(sources + rest))
            if (one.find("rule \"docs\" takes nothing") != one.npos)
                out.push_back(std::move(one));
        return out;
    };
    std::string const why =
        ": which files change is asked of Bitbucket's API, and no api link is named; add api to [[source]]";
    EXPECT_EQ(warnings(cloud_with_hook), finding_texts{"warning: rule \"docs\" takes nothing" + why});
    std::string const asked = cloud_with_hook + std::string("api = \"cloud-api\"\nworkspace = \"acme\"\n");
    EXPECT_EQ(warnings(asked), finding_texts{});
    auto other = std::string(dc_with_hook);
    other.replace(other.find("\"a\""), 3, "\"b\"");
    EXPECT_EQ(
        warnings(asked + other), finding_texts{"warning: rule \"docs\" takes nothing of source \"b\"" + why}
    );
}

TEST_F(check_asking, without_an_api_it_says_what_is_missed)
{
    create_hooks();
    EXPECT_EQ(
        findings_of(cloud_with_hook),
        finding_texts{
            "note: source \"a\": nothing is polled: edits within ten minutes, tasks and what falls into an "
            "outage are missed; add api = \"NAME\", with NAME a link of one of bitbucket-access-token, "
            "bitbucket-app-oauth, bitbucket-client-credentials, bitbucket-user-token"}
    );
    EXPECT_EQ(
        findings_of(dc_with_hook),
        finding_texts{"note: source \"a\": nothing is polled: builds, resolved tasks and threads and what "
                      "falls into an "
                      "outage are missed; add api = \"NAME\", with NAME a link of one of bitbucket-dc-oauth, "
                      "bitbucket-dc-token"}
    );
    create_apis();
    EXPECT_EQ(
        findings_of(cloud_with_hook),
        finding_texts{
            "note: source \"a\": nothing is polled: edits within ten minutes, tasks and what falls into an "
            "outage are missed; add api = \"cloud-api\""}
    );
    EXPECT_TRUE(findings_of(dc_with_hook).at(0).ends_with("are missed; add api = \"dc-api\""));
    EXPECT_EQ(profile.run({"check"}).out.find("to ask for"), std::string::npos);
}

TEST_F(check_asking, with_an_api_it_says_what_is_asked_for)
{
    create_hooks();
    create_apis();
    EXPECT_EQ(
        findings_of(cloud_with_hook + std::string("api = \"cloud-api\"\n")),
        finding_texts{
            "note: source \"a\" names nothing to catch up with: that is done only where a webhook came from "
            "before; add workspace = \"acme\", or repositories = [\"acme/api\"]"}
    );
    EXPECT_NE(
        profile.run({"check"}).out.find(
            "is to ask for edits within ten minutes, tasks and, where webhooks came "
            "from, what falls into an outage.\n"
        ),
        std::string::npos
    );
    EXPECT_EQ(
        findings_of(cloud_with_hook + std::string("api = \"cloud-api\"\nworkspace = \"acme\"\n")),
        finding_texts()
    );
    auto const said = profile.run({"check"}).out;
    EXPECT_NE(
        said.find(
            "\nSource \"a\": link cloud-api is to ask for edits within ten minutes, tasks and what falls "
            "into an outage.\n  What its webhooks do not tell is caught up with every 15 minutes, and every "
            "hour where nothing had changed.\nMaster key: "
        ),
        std::string::npos
    ) << said;
    EXPECT_EQ(
        findings_of(dc_with_hook + std::string("api = \"dc-api\"\nprojects = [\"CORE\"]\n")), finding_texts()
    );
    auto const unused = profile.run({"check"}).out;
    EXPECT_NE(unused.find("link cloud-api (bitbucket-access-token) is not used"), std::string::npos);
    EXPECT_EQ(unused.find("link dc-api (bitbucket-dc-token) is not used"), std::string::npos);
}

TEST_F(check_asking, the_api_link_must_exist_and_ask_this_edition)
{
    create_hooks();
    create_apis();
    auto const cloud = std::string(cloud_with_hook);
    EXPECT_EQ(
        findings_of(cloud + "api = \"cloud-apo\"\n"),
        finding_texts{"fault: source \"a\" names the link \"cloud-apo\", which does not exist; did you mean "
                      "\"cloud-api\"?"}
    );
    EXPECT_EQ(
        findings_of(cloud + "api = \"dc-api\"\n"),
        finding_texts{
            "fault: source \"a\" cannot ask Bitbucket through its api link dc-api of bitbucket-dc-token: "
            "it needs one of bitbucket-access-token, bitbucket-app-oauth, bitbucket-client-credentials, "
            "bitbucket-user-token"}
    );
    EXPECT_EQ(
        findings_of(cloud + "api = \"cloud-hook\"\n").at(0).substr(0, 84),
        "fault: source \"a\" cannot ask Bitbucket through its api link cloud-hook of bitbucket-"
    );
    create({"bitbucket-access-token", "--name", "empty", "--kv", "workspace=acme"});
    EXPECT_EQ(
        findings_of(cloud + "api = \"empty\"\n"),
        finding_texts{
            "fault: link empty of source \"a\" has no token; type: linkspan set-creds empty --kv token"}
    );
}

TEST_F(check_asking, an_api_of_a_data_center_asks_the_same_bitbucket)
{
    create_hooks();
    create_apis();
    auto const source = [](std::string const& instance)
    {
        return std::string(
                   "[[source]]\nname = \"a\"\nedition = \"data_center\"\nwebhook = \"dc-hook\"\napi = "
                   "\"dc-api\"\nprojects = [\"CORE\"]\n"
               ) +
               (instance.empty() ? "" : "instance = \"" + instance + "\"\n");
    };
    for (auto const* same : {"https://bitbucket.acme.example", "HTTPS://Bitbucket.acme.example:443//"})
        EXPECT_EQ(findings_of(source(same)), finding_texts()) << same;
    for (std::string const other :
         {"https://git.acme.example",
          "http://bitbucket.acme.example",
          "https://bitbucket.acme.example:8443",
          "https://bitbucket.acme.example/bitbucket"})
        EXPECT_EQ(
            findings_of(source(other)),
            finding_texts{
                "fault: link dc-api of source \"a\" asks https://bitbucket.acme.example/, but the source is "
                "of " +
                other + "; correct instance, or type: linkspan set-creds dc-api --kv base_url=" + other}
        );
    // The webhook's link may say which it is.
    ASSERT_EQ(profile.run({"set-creds", "dc-hook", "--kv", "instance=https://git.acme.example"}).code, 0);
    EXPECT_NE(
        findings_of(source("")).at(0).find("but the source is of https://git.acme.example;"),
        std::string::npos
    );
}

TEST_F(check_asking, who_must_sign_in_first_is_told)
{
    create_hooks();
    create(
        {"bitbucket-app-oauth", "--name", "both", "--kv", "client_id=key", "--kv", "client_secret=-"},
        "secret"
    );
    auto const asks = findings_of(cloud_with_hook + std::string("api = \"both\"\nworkspace = \"acme\"\n"));
    EXPECT_EQ(
        asks,
        finding_texts{
            "warning: link both of source \"a\" asks nothing until somebody signs in; type: linkspan "
            "start-oauth both"}
    );
    ASSERT_EQ(profile.run({"set-creds", "both", "--kv", "webhook_secret=s3cret"}).code, 0);
    EXPECT_EQ(
        findings_of("[[source]]\nname = \"a\"\nedition = \"cloud\"\nwebhook = \"both\"\napi = "
                    "\"both\"\nworkspace = \"acme\"\n"),
        asks
    ) << "one link may do both";
    ASSERT_EQ(profile.run({"unset-creds", "both", "client_secret"}).code, 0);
    EXPECT_EQ(
        findings_of("[[source]]\nname = \"a\"\nedition = \"cloud\"\nwebhook = \"both\"\napi = "
                    "\"both\"\nworkspace = \"acme\"\n")
            .size(),
        1u
    ) << "and is judged once";
}

TEST_F(check_asking, without_a_webhook_a_source_is_polled_only)
{
    create_hooks();
    create_apis();
    auto const cloud = std::string("[[source]]\nname = \"a\"\nedition = \"cloud\"\napi = \"cloud-api\"\n");
    EXPECT_EQ(findings_of(cloud + "workspace = \"acme\"\npoll_only = true\n"), finding_texts());
    EXPECT_EQ(
        findings_of(cloud + "workspace = \"acme\"\npoll_only = true\nwebhook = \"cloud-hook\"\n"),
        finding_texts{
            "note: source \"a\" is poll_only and names a webhook all the same: what comes to that is taken, "
            "too"}
    );
    EXPECT_EQ(findings_of(cloud + "workspace = \"acme\"\n").size(), 1u);
    EXPECT_EQ(
        findings_of("[[source]]\nname = \"a\"\nedition = \"data_center\"\napi = \"dc-api\"\nprojects = "
                    "[\"CORE\"]\npoll_only = true\ninstance = \"https://bitbucket.acme.example\"\n"),
        finding_texts()
    );
}

TEST_F(check_asking, without_webhooks_it_says_how_late_things_are_told)
{
    create_apis();
    auto const told = [&](std::string const& keys)
    {
        profile.write_config("[[source]]\nname = \"a\"\npoll_only = true\n" + keys);
        return profile.run({"check"}).out;
    };
    auto const says = [](std::string const& said, std::string const& words)
    { return said.find("\n  " + words + "\nMaster key: ") != said.npos; };
    std::string const cloud = "edition = \"cloud\"\napi = \"cloud-api\"\n";
    auto said = told(cloud + "repositories = [\"acme/api\"]\n");
    EXPECT_TRUE(says(
        said, "Without webhooks it is asked about every minute for 1 repository (1000 requests an hour)."
    )) << said;
    std::string many = "repositories = [\"acme/r0\"";
    for (int number = 1; number < 100; ++number)
        many += ", \"acme/r" + std::to_string(number) + "\"";
    said = told(cloud + many + "]\n");
    EXPECT_TRUE(says(
        said,
        "Without webhooks it is asked about every 19 minutes for each of 100 repositories (1000 requests an "
        "hour)."
    )) << said;
    auto const source = profile.run({"check", "--json"}).json().at("sources").at(0);
    EXPECT_EQ(source.at("repositories").as_int64(), 100);
    EXPECT_EQ(source.at("beat_seconds").as_int64(), 1'125);
    said = told(cloud + "workspace = \"acme\"\n");
    EXPECT_TRUE(says(
        said,
        "How late it tells depends on how many repositories it has, which is not known before linkspan serve "
        "has "
        "listed them: each is asked about every minute if there is one, and about every 19 minutes if there "
        "are "
        "100 (1000 requests an hour)."
    )) << said;
    EXPECT_TRUE(profile.run({"check", "--json"}).json().at("sources").at(0).at("beat_seconds").is_null());
    said = told(
        "edition = \"data_center\"\napi = \"dc-api\"\nrepositories = [\"CORE/api\", \"CORE/web\"]\n"
        "instance = \"https://bitbucket.acme.example\"\n"
    );
    EXPECT_TRUE(says(
        said,
        "Without webhooks it is asked about every minute for each of 2 repositories (18000 requests an hour)."
    )) << said;
}

TEST_F(check_asking, counts_the_repositories_that_serve_has_listed)
{
    create_apis();
    profile.write_config(
        "[[source]]\nname = \"a\"\npoll_only = true\nedition = \"cloud\"\napi = \"cloud-api\"\n"
        "workspace = \"acme\"\n"
    );
    profile.change(
        [](transaction& tx, vault const&)
        {
            for (auto const* name : {"acme/api", "acme/web", "other/web"})
                EXPECT_TRUE(ensure_watched(tx, "bitbucket.org", name));
            EXPECT_TRUE(ensure_watched(tx, "https://bitbucket.example.com", "acme/elsewhere"));
        }
    );
    EXPECT_NE(profile.run({"check"}).out.find("for each of 2 repositories"), std::string::npos);
}

TEST_F(check_asking, a_link_that_a_source_asks_through_is_kept)
{
    create_apis();
    profile.write_config(
        "[[source]]\nname = \"a\"\nedition = \"cloud\"\napi = \"cloud-api\"\nworkspace = \"acme\"\npoll_only "
        "= "
        "true\n"
    );
    auto const refused = profile.run({"delete-link", "cloud-api"});
    EXPECT_EQ(refused.code, 4);
    EXPECT_NE(refused.err.find("is used by source \"a\" (config.toml:1)"), std::string::npos) << refused.err;
    EXPECT_EQ(profile.run({"delete-link", "dc-api", "--yes"}).code, 0);
}

}  // namespace
}  // namespace linkspan::test
