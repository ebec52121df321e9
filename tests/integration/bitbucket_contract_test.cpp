// Every request of the REST clients, against Atlassian's own descriptions of both editions.
#include "tests/support/bitbucket_calls.hpp"
#include "tests/support/bitbucket_peer.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/openapi.hpp"

#include <boost/json/parse.hpp>

#include <set>

namespace linkspan::test
{
namespace
{

constexpr char const* cloud_file = "bitbucket-cloud.openapi.json";
constexpr char const* center_file = "bitbucket-data-center.openapi.json";

std::optional<boost::json::value> published_document(char const* file)
{
    auto const folder = specs();
    if (!folder || !std::filesystem::exists(*folder / file))
        return std::nullopt;
    return boost::json::parse(read_file(*folder / file));
}

// pagelen and fields are of every list and every answer; the introduction of the API describes them
// (developer.atlassian.com/cloud/bitbucket/rest/intro, Pagination and Partial responses).
openapi cloud_document(boost::json::value text)
{
    return {std::move(text), "/2.0", {"pagelen", "fields"}};
}

openapi center_document(boost::json::value text)
{
    return {std::move(text), "/rest"};
}

class bitbucket_contract : public bitbucket_peer
{
protected:
    // The operations that the calls are, with what is wrong with each.
    std::map<std::string, std::vector<std::string>> judged(
        openapi const& spec, std::vector<bitbucket_call> const& calls, std::string const& base
    )
    {
        std::map<std::string, std::vector<std::string>> out;
        for (auto const& call : calls)
        {
            answer_with(200, R"({"values":[],"isLastPage":true})");
            call.ask(loop(), access(base));
            auto const& seen = asked_last();
            auto& faults = out[spec.operation(seen.method, seen.target)];
            for (auto& fault : spec.faults(seen.method, seen.target))
                faults.push_back(std::move(fault));
        }
        return out;
    }
};

TEST_F(bitbucket_contract, cloud_knows_every_request)
{
    auto text = published_document(cloud_file);
    if (!text)
        GTEST_SKIP() << "LINKSPAN_SPECS is not set, or has no " << cloud_file;
    auto const operations = judged(cloud_document(std::move(*text)), cloud_calls(), "/2.0/");
    for (auto const& [name, faults] : operations)
        EXPECT_EQ(faults, std::vector<std::string>()) << name;
    EXPECT_EQ(operations.size(), 10u);
    RecordProperty("operations", static_cast<int>(operations.size()));
}

TEST_F(bitbucket_contract, a_data_center_knows_every_request)
{
    auto text = published_document(center_file);
    if (!text)
        GTEST_SKIP() << "LINKSPAN_SPECS is not set, or has no " << center_file;
    auto operations = judged(center_document(std::move(*text)), data_center_calls(), "/");
    // The one exception: nothing else lists the builds of a commit. Once it is no longer deprecated, or
    // something else does, this says so.
    std::string const builds = "/build-status/latest/commits/{commitId}";
    EXPECT_EQ(operations.at("GET " + builds), std::vector{builds + ": it is deprecated"});
    operations.at("GET " + builds).clear();
    for (auto const& [name, faults] : operations)
        EXPECT_EQ(faults, std::vector<std::string>()) << name;
    EXPECT_EQ(operations.size(), 12u);
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
    auto text = published_document(cloud_file);
    if (!text)
        GTEST_SKIP() << "LINKSPAN_SPECS is not set, or has no " << cloud_file;
    auto const spec = cloud_document(std::move(*text));
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
        auto const unknown = spec.unknown_fields("GET", asked_last().target, fields);
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
        spec.unknown_fields("GET", "/2.0/repositories/acme/web/pullrequests/7/comments", wrong);
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
    auto text = published_document(cloud_file);
    if (!text)
        GTEST_SKIP() << "LINKSPAN_SPECS is not set, or has no " << cloud_file;
    auto const spec = cloud_document(std::move(*text));
    expect_planted_faults(
        spec,
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
    EXPECT_EQ(spec.operation("GET", "/2.0/repositories/acme"), "GET /repositories/{workspace}");
    EXPECT_EQ(spec.operation("GET", "/2.0/nothing"), "");
}

TEST(openapi_check, finds_what_is_wrong_for_a_data_center)
{
    auto text = published_document(center_file);
    if (!text)
        GTEST_SKIP() << "LINKSPAN_SPECS is not set, or has no " << center_file;
    std::string const at = "/rest/api/latest/projects/OPS/repos/web";
    auto const spec = center_document(std::move(*text));
    auto const unknown = at + "/pull-requests?sort=x";
    auto const paged = at + "/pull-requests?pagelen=50";
    auto const keyless = at + "/commits/n3w/builds";
    auto const nowhere = at + "/pull-requests/7/tasks";
    auto const put = at + "/pull-requests/7/changes";
    expect_planted_faults(
        spec,
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
