// Every request that an official OpenAPI document describes, before a judge that others wrote; and wrong
// ones, which it must refuse.
#include "tests/support/prism.hpp"

#include "links/registry.hpp"
#include "tests/support/bitbucket_requests.hpp"
#include "tests/support/published_specs.hpp"

#include <boost/json/parse.hpp>

#include <set>

namespace linkspan::test
{
namespace
{

using prism_test = bitbucket_requests;

// Why there is no judge; empty where there is one.
std::string judge_is_missing(char const* spec)
{
    if (!published_spec(spec))
        return spec_is_missing(spec);
    return prism::is_installed() ? std::string()
                                 : "LINKSPAN_PRISM names no prism: ./dev test --contract installs it";
}

using fault_texts = std::vector<std::string>;

// The document says in words that `state` may be repeated, and in its schema that it is one text. That each
// one is a state, bitbucket_contract finds.
fault_texts faults_of_words(http_request const& asked)
{
    if (asked.target.find("state=OPEN&state=MERGED&") == std::string::npos)
        return {};
    return {
        "Request query parameter state must be string",
        "Request query parameter state must be equal to one of the allowed values: OPEN, MERGED, DECLINED, "
        "SUPERSEDED"};
}

// How many operations the requests are.
std::size_t judge_all(prism const& judge, openapi const& spec, std::vector<http_request> const& requests)
{
    std::set<std::string> operations;
    for (auto const& asked : requests)
    {
        EXPECT_EQ(judge.faults(asked), faults_of_words(asked)) << asked.method << " " << asked.target;
        operations.insert(spec.operation(asked.method, asked.target));
    }
    return operations.size();
}

void expect_refused(
    prism const& judge,
    std::string method,
    std::string target,
    std::string const& fault,
    std::string body = {}
)
{
    http_request wrong(std::move(method), std::move(target));
    wrong.headers.push_back(bearer(canary_token));
    if (!body.empty())
        wrong.headers.push_back({"Content-Type", "application/json"});
    wrong.body = std::move(body);
    EXPECT_EQ(judge.faults(wrong), fault_texts{fault}) << wrong.method << " " << wrong.target;
}

fault_texts faults_without_proof(prism const& judge, http_request asked)
{
    auto const is_proof = [](http_header const& header) { return header.name == "Authorization"; };
    EXPECT_EQ(std::erase_if(asked.headers, is_proof), 1u);
    return judge.faults(asked);
}

void report(std::size_t requests, std::size_t operations, char const* of)
{
    std::printf(
        "report: prism judged %zu requests by the official description of %s, of %zu operations\n",
        requests,
        of,
        operations
    );
}

TEST_F(prism_test, takes_every_request_to_cloud)
{
    if (auto const missing = judge_is_missing(cloud_spec); !missing.empty())
        GTEST_SKIP() << missing;
    prism const judge(*published_spec(cloud_spec), "/2.0");
    auto const requests = requests_to(edition::cloud);
    auto const operations = judge_all(judge, *published_cloud(), requests);
    EXPECT_EQ(operations, 12u);
    std::string const at = "/2.0/repositories/acme/web/pullrequests";
    std::string const no_route = "Route not resolved, no path matched";
    expect_refused(judge, "GET", "/2.0/repositories/acme/web/pull-requests", no_route);
    expect_refused(judge, "GET", at + "/7/participants", no_route);
    expect_refused(judge, "DELETE", at, "Route resolved, but no method matched");
    expect_refused(judge, "GET", at + "/seven", "Request path parameter pull_request_id must be integer");
    expect_refused(
        judge,
        "GET",
        "/2.0/repositories/acme/web/diffstat/n3w..0ld?topic=maybe",
        "Request query parameter topic must be boolean"
    );
    expect_refused(
        judge,
        "POST",
        at + "/7/comments",
        "Request body property content must be object",
        R"({"type":"pullrequest_comment","content":"no object"})"
    );
    EXPECT_EQ(faults_without_proof(judge, requests.front()), fault_texts{"Invalid security scheme used"});
    report(requests.size(), operations, "Bitbucket Cloud");
}

TEST_F(prism_test, takes_every_request_to_a_data_center)
{
    if (auto const missing = judge_is_missing(data_center_spec); !missing.empty())
        GTEST_SKIP() << missing;
    prism const judge(*published_spec(data_center_spec), "/rest");
    auto const requests = requests_to(edition::data_center);
    auto const operations = judge_all(judge, *published_data_center(), requests);
    EXPECT_EQ(operations, 13u);
    std::string const at = "/rest/api/latest/projects/OPS/repos/web/";
    expect_refused(judge, "GET", at + "pull-requests/7/tasks", "Route not resolved, no path matched");
    expect_refused(judge, "PUT", at + "pull-requests/7/changes", "Route resolved, but no method matched");
    expect_refused(
        judge, "GET", at + "pull-requests?limit=many", "Request query parameter limit must be number"
    );
    expect_refused(
        judge, "GET", at + "commits/n3w/builds", "Request query must have required property 'key'"
    );
    expect_refused(judge, "GET", "/api/latest/users", "/api/latest/users is not below /rest");
    report(requests.size(), operations, "Bitbucket Data Center");
}

// Port's template: the token of a client, and who it is.
std::vector<http_request> requests_to_port()
{
    boost::asio::io_context loop{1};
    http_client client{loop};
    scripted_peer peer(loop, [](peer_request const&) { return answer_with(200, "{}"); });
    link_services services(client, [] { return from_milliseconds(1'795'167'000'000); });
    link_fields fields;
    fields["base_url"] = secret(peer.url());
    for (auto const* name : {"client_id", "client_secret", "access_token"})
        fields[name] = secret(canary_token);
    auto const& port = *find_template("port");
    (void)run(loop, port.oauth->obtain(services, fields));
    (void)run(loop, port.identify(services, fields));
    std::vector<http_request> out;
    for (auto const& seen : peer.received())
        out.push_back(seen.request);
    return out;
}

TEST(port_contract, takes_every_request)
{
    if (auto const missing = judge_is_missing(port_spec); !missing.empty())
        GTEST_SKIP() << missing;
    prism const judge(*published_spec(port_spec), "");
    auto const requests = requests_to_port();
    ASSERT_EQ(requests.size(), 2u);
    for (auto const& asked : requests)
        EXPECT_EQ(judge.faults(asked), fault_texts()) << asked.method << " " << asked.target;
    expect_refused(judge, "GET", "/v1/organisation", "Route not resolved, no path matched");
    expect_refused(
        judge,
        "POST",
        "/v1/auth/access_token",
        "Request body must have required property 'clientSecret'",
        R"({"clientId":"client-1"})"
    );
    EXPECT_EQ(faults_without_proof(judge, requests.back()), fault_texts{"Invalid security scheme used"});
    report(requests.size(), requests.size(), "Port");
}

}  // namespace
}  // namespace linkspan::test
