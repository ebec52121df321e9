// Every request to a Bitbucket, against Atlassian's own descriptions of both editions.
#include "tests/support/bitbucket_calls.hpp"
#include "tests/support/bitbucket_requests.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/published_specs.hpp"

#include <map>
#include <regex>
#include <set>

namespace linkspan::test
{
namespace
{

// The operations that requests are, with what is wrong with each.
std::map<std::string, std::set<std::string>> judged(
    openapi const& spec, std::vector<http_request> const& requests
)
{
    std::map<std::string, std::set<std::string>> out;
    for (auto const& asked : requests)
    {
        auto& faults = out[spec.operation(asked.method, asked.target)];
        for (auto& fault : spec.faults(asked.method, asked.target))
            faults.insert(std::move(fault));
    }
    return out;
}

using bitbucket_contract = bitbucket_requests;

// What is judged below is everything that the clients can ask.
TEST(bitbucket_calls, leave_out_no_function_of_the_clients)
{
    auto const source = [](char const* file) { return read_file(LINKSPAN_SOURCE_DIR + std::string(file)); };
    auto const calls = source("/tests/support/bitbucket_calls.cpp");
    std::regex const declared("\n(?:boost::asio::awaitable<.*> )(\\w+)\\(");
    std::size_t functions = 0;
    for (std::string const of : {"cloud", "data_center"})
    {
        auto const header = source(("/links/bitbucket/" + of + "_rest.hpp").c_str());
        for (std::sregex_iterator one(header.begin(), header.end(), declared); one != std::sregex_iterator();
             ++one, ++functions)
            EXPECT_NE(calls.find("bitbucket::" + of + "::" + (*one)[1].str() + "("), calls.npos)
                << of << " " << (*one)[1];
    }
    EXPECT_GE(functions, 22u);
}

TEST_F(bitbucket_contract, cloud_knows_every_request)
{
    auto const spec = published_cloud();
    if (!spec)
        GTEST_SKIP() << spec_is_missing(cloud_spec);
    auto const operations = judged(*spec, requests_to(edition::cloud));
    for (auto const& [name, faults] : operations)
        EXPECT_EQ(faults, std::set<std::string>()) << name;
    EXPECT_EQ(operations.size(), 12u);
    RecordProperty("operations", static_cast<int>(operations.size()));
}

TEST_F(bitbucket_contract, a_data_center_knows_every_request)
{
    auto const spec = published_data_center();
    if (!spec)
        GTEST_SKIP() << spec_is_missing(data_center_spec);
    auto const operations = judged(*spec, requests_to(edition::data_center));
    // The exceptions. Nothing else lists the builds of a commit. And start and limit are of every list by the
    // introduction of the API (developer.atlassian.com/server/bitbucket/rest, Paged APIs), which two
    // operations do not repeat. Once the description says otherwise, this says so.
    std::string const builds = "/build-status/latest/commits/{commitId}";
    std::string const users = "/api/latest/users";
    std::string const webhooks = "/api/latest/projects/{projectKey}/repos/{repositorySlug}/webhooks";
    std::map<std::string, std::set<std::string>> const exceptions = {
        {"GET " + builds, {builds + ": it is deprecated"}},
        {"GET " + users, {users + ": it has no parameter limit"}},
        {"GET " + webhooks, {webhooks + ": it has no parameter start"}}};
    for (auto const& [name, faults] : operations)
    {
        auto const excused = exceptions.find(name);
        EXPECT_EQ(faults, excused == exceptions.end() ? std::set<std::string>() : excused->second) << name;
    }
    EXPECT_EQ(operations.size(), 13u);
    RecordProperty("operations", static_cast<int>(operations.size()));
}

std::vector<std::string> fields_asked_of(http_request const& asked)
{
    auto const query = parse_request_target("/" + asked.target.substr(asked.target.find('?')));
    std::vector<std::string> out;
    for (auto const& [name, value] : query->query)
        if (name == "fields")
            for (std::size_t at = 0; at < value.size(); at = std::min(value.find(',', at), value.size()) + 1)
                out.push_back(value.substr(at, value.find(',', at) - at));
    return out;
}

// A misspelt one would be left out of every answer in silence.
TEST_F(bitbucket_contract, cloud_knows_every_member_that_is_asked_for)
{
    auto const spec = published_cloud();
    if (!spec)
        GTEST_SKIP() << spec_is_missing(cloud_spec);
    // The description knows accounts without what users have, and pull requests by their summary; real
    // answers have these.
    std::set<std::string> const of_real_answers = {"account_id", "nickname", "description"};
    int judged_calls = 0;
    for (auto const& call : cloud_calls())
    {
        answer_with(200, R"({"values":[]})");
        call.ask(loop(), access());
        auto const fields = fields_asked_of(asked_last());
        EXPECT_GT(fields.size(), 5u) << call.name;
        auto const unknown = spec->unknown_fields("GET", asked_last().target, fields);
        if (!unknown)
            continue;
        ++judged_calls;
        for (auto const& field : *unknown)
            EXPECT_TRUE(of_real_answers.contains(field.substr(field.rfind('.') + 1)))
                << call.name << ": " << field;
    }
    EXPECT_EQ(judged_calls, 10);  // without the activity and the commits of a pull request
    std::vector<std::string> const wrong = {
        "next", "values.user.uid", "values.id", "value.id", "values.content.raw"};
    auto const found =
        spec->unknown_fields("GET", "/2.0/repositories/acme/web/pullrequests/7/comments", wrong);
    EXPECT_EQ(found, (std::vector<std::string>{"values.user.uid", "value.id"}));
}

struct planted_request
{
    char const* method;
    char const* target;
    char const* fault;
};

void expect_planted_faults(openapi const& spec, std::vector<planted_request> const& wrong)
{
    for (auto const& [method, target, fault] : wrong)
    {
        auto const faults = spec.faults(method, target);
        ASSERT_EQ(faults.size(), 1u) << target;
        EXPECT_NE(faults.front().find(fault), std::string::npos) << target << ": " << faults.front();
    }
}

TEST(openapi_check, finds_what_is_wrong_for_cloud)
{
    auto const spec = published_cloud();
    if (!spec)
        GTEST_SKIP() << spec_is_missing(cloud_spec);
    expect_planted_faults(
        *spec,
        {{"GET", "/2.0/repositories/acme/web/pull-requests", "no such path"},
         {"GET", "/2.0/repositories/acme/web/pullrequests/7/participants", "no such path"},
         {"GET", "/2.0/repositories/acme//pullrequests", "no such path"},
         {"GET", "/1.0/repositories/acme/web/pullrequests", "no such path"},
         {"GET", "/2.0/repositories", "deprecated"},
         {"GET", "/2.0/repositories?pagelen=100", "deprecated"},
         {"GET", "/2.0/user/permissions/repositories", "deprecated"},
         {"DELETE", "/2.0/repositories/acme/web/pullrequests", "has no DELETE"},
         {"GET", "/2.0/repositories/acme/web/pullrequests?stat=OPEN", "no parameter stat"},
         {"GET", "/2.0/repositories/acme/web/pullrequests?state=ALL", "no value ALL"},
         {"GET", "/2.0/repositories/acme/web/pullrequests/7/activity?q=x", "no parameter q"},
         {"GET", "/2.0/repositories/acme/web/commits?since=x", "no parameter since"},
         {"GET", "/2.0/repositories/acme/web/pullrequests?limit=5", "no parameter limit"}}
    );
    EXPECT_EQ(spec->operation("GET", "/2.0/repositories/acme"), "GET /repositories/{workspace}");
    EXPECT_EQ(spec->operation("GET", "/2.0/nothing"), "");
}

TEST(openapi_check, finds_what_is_wrong_for_a_data_center)
{
    auto const spec = published_data_center();
    if (!spec)
        GTEST_SKIP() << spec_is_missing(data_center_spec);
    std::string const at = "/rest/api/latest/projects/OPS/repos/web";
    auto const unknown = at + "/pull-requests?sort=x";
    auto const paged = at + "/pull-requests?pagelen=50";
    auto const keyless = at + "/commits/n3w/builds";
    auto const nowhere = at + "/pull-requests/7/tasks";
    auto const put = at + "/pull-requests/7/changes";
    expect_planted_faults(
        *spec,
        {{"GET", unknown.c_str(), "no parameter sort"},
         {"GET", paged.c_str(), "no parameter pagelen"},
         {"GET", keyless.c_str(), "needs the parameter key"},
         {"GET", nowhere.c_str(), "no such path"},
         {"PUT", put.c_str(), "has no PUT"},
         {"GET", "/rest/build-status/latest/commits/n3w", "deprecated"},
         {"GET", "/api/latest/projects/OPS/repos", "no such path"}}
    );
}

}  // namespace
}  // namespace linkspan::test
