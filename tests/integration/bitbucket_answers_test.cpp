// What the answers of Bitbucket's REST API mean, beside a good one.
#include "links/bitbucket/cloud_rest.hpp"
#include "links/bitbucket/data_center_rest.hpp"
#include "tests/support/bitbucket_peer.hpp"

namespace linkspan::test
{
namespace
{

using bitbucket::api_answer;
using bitbucket::api_fault;
using bitbucket::ask_api;
using bitbucket::code_of;
using bitbucket::is_same_origin;
using bitbucket::name_of;

class bitbucket_answers : public bitbucket_peer
{
protected:
    api_answer after(int status, std::string body = "{}", std::vector<http_header> headers = {})
    {
        answer_with(status, std::move(body), std::move(headers));
        return asked_once();
    }

    api_answer asked_once()
    {
        auto said = ask(bitbucket::cloud::get_pull_request(access(), {"acme", "web"}, 7));
        EXPECT_EQ(said.why.code, code_of(said.fault));
        EXPECT_EQ(said.why.message.find("canary"), std::string::npos) << said.why.message;
        EXPECT_EQ(said.why.message.find_first_of("\r\n\x1b"), std::string::npos);
        return said;
    }
};

TEST_F(bitbucket_answers, have_a_fault_for_every_status)
{
    std::vector<std::pair<int, api_fault>> const faults = {
        {401, api_fault::unauthorized},
        {403, api_fault::forbidden},
        {404, api_fault::not_found},
        {405, api_fault::not_found},
        {410, api_fault::gone},
        {429, api_fault::rate_limited},
        {400, api_fault::refused},
        {409, api_fault::refused},
        {422, api_fault::refused},
        {407, api_fault::unavailable},
        {408, api_fault::unavailable},
        {425, api_fault::unavailable},
        {500, api_fault::unavailable},
        {502, api_fault::unavailable},
        {503, api_fault::unavailable},
        {555, api_fault::unavailable}};  // of a diffstat that took too long
    for (auto const& [status, fault] : faults)
        for (auto const* body : {"{}", "<html>no</html>", ""})
        {
            auto const said = after(status, body);
            EXPECT_EQ(name_of(said.fault), name_of(fault)) << status;
            EXPECT_EQ(said.status, status);
            EXPECT_NE(said.why.message.find("answers " + std::to_string(status)), std::string::npos);
        }
}

TEST_F(bitbucket_answers, tell_a_refused_token_from_a_scope_that_is_missing)
{
    auto const refused = after(401, R"({"type":"error","error":{"message":"Token is invalid"}})");
    EXPECT_EQ(refused.fault, api_fault::unauthorized);
    EXPECT_EQ(refused.why.code, errc::unauthorized);
    EXPECT_NE(refused.why.message.find("Token is invalid"), std::string::npos);
    auto const lost = after(403, R"({"type":"error","error":{
        "message":"Your credentials lack one or more required privilege scopes.",
        "detail":{"granted":["account","email"],"required":["pullrequest","account"]}}})");
    EXPECT_EQ(lost.fault, api_fault::forbidden);
    EXPECT_EQ(lost.missing_scope, "pullrequest");
    EXPECT_NE(lost.why.message.find("missing: pullrequest"), std::string::npos) << lost.why.message;
    auto const silent = after(403, R"({"error":{"message":"no","detail":"Ask an administrator"}})");
    EXPECT_EQ(silent.fault, api_fault::forbidden);
    EXPECT_EQ(silent.missing_scope, "");
}

TEST_F(bitbucket_answers, tell_what_ended)
{
    auto const said = after(
        410, R"({"type":"error","error":{"message":"This API has been removed.",
        "data":{"announcement_url":"https://developer.atlassian.com/cloud/bitbucket/changelog/#CHANGE-2770"}}})"
    );
    EXPECT_EQ(said.fault, api_fault::gone);
    EXPECT_EQ(
        said.announcement_url, "https://developer.atlassian.com/cloud/bitbucket/changelog/#CHANGE-2770"
    );
    EXPECT_NE(said.why.message.find("see https://developer"), std::string::npos) << said.why.message;
}

TEST_F(bitbucket_answers, tell_where_a_repository_moved)
{
    std::size_t requests = 0;
    for (int const status : {301, 302, 303, 307, 308})
        for (std::string const place : {"{peer}/2.0/repositories/acme/new", "/2.0/repositories/acme/new"})
        {
            auto const said = after(status, "", {{"Location", place}});
            EXPECT_EQ(said.fault, api_fault::moved) << said.why.message;
            EXPECT_EQ(said.moved_to, filled("{peer}/2.0/repositories/acme/new"));
            EXPECT_NE(said.why.message.find("/2.0/repositories/acme/new"), std::string::npos);
            EXPECT_EQ(asked().size(), ++requests);  // told, not followed
        }
    for (auto const* place : {"http://evil.example/x", "//evil.example/x", "https://127.0.0.1/2.0/x"})
    {
        auto const said = after(301, "", {{"Location", place}});
        EXPECT_EQ(said.fault, api_fault::foreign_host) << place;
        EXPECT_EQ(said.moved_to, "");
    }
    EXPECT_EQ(after(301).fault, api_fault::not_found);
    EXPECT_EQ(after(301, "", {{"Location", "http://[bad"}}).fault, api_fault::not_found);
    answer_with(301, "", {{"Location", "{peer}/2.0/repositories/acme/new/pullrequests/7/comments"}});
    auto const list = ask(bitbucket::cloud::list_comments(access(), {"acme", "web"}, 7));
    EXPECT_EQ(list.fault, api_fault::moved);
    EXPECT_EQ(list.moved_to, filled("{peer}/2.0/repositories/acme/new/pullrequests/7/comments"));
}

TEST_F(bitbucket_answers, tell_how_long_to_wait)
{
    auto const words = "Rate limit for this resource has been exceeded";
    auto const bare = after(429, words);
    EXPECT_EQ(bare.fault, api_fault::rate_limited);
    EXPECT_EQ(bare.why.code, errc::rate_limited);
    EXPECT_EQ(bare.notes.retry_after, std::nullopt);
    auto const told = after(
        429, words, {{"Retry-After", "75"}, {"X-RateLimit-Limit", "4000"}, {"X-RateLimit-NearLimit", "false"}}
    );
    EXPECT_EQ(told.notes.retry_after, seconds(75));
    EXPECT_EQ(told.notes.rate_limit, 4000);
    EXPECT_EQ(told.notes.near_limit, false);
    EXPECT_EQ(after(403, "{}", {{"Retry-After", "5"}}).fault, api_fault::rate_limited);
    EXPECT_EQ(after(503, "", {{"Retry-After", "9"}}).notes.retry_after, seconds(9));
    auto const odd =
        after(200, "{}", {{"X-RateLimit-Limit", "-3 or so"}, {"X-RateLimit-NearLimit", "perhaps"}});
    EXPECT_EQ(odd.notes.rate_limit, std::nullopt);
    EXPECT_EQ(odd.notes.near_limit, std::nullopt);
}

TEST_F(bitbucket_answers, repeat_no_secret)
{
    std::string const canary = canary_token;
    after(403, R"({"error":{"message":")" + canary + R"(","detail":{"required":[")" + canary + R"("]}}})");
    after(410, R"({"error":{"message":"x","data":{"announcement_url":"https://x/)" + canary + R"("}}})");
    after(301, "", {{"Location", "{peer}/2.0/" + canary}});
    after(301, "", {{"Location", "http://" + canary + ".example/"}});
    answer_with(200, R"({"values":[],"next":"http://canary-token-0001.example/"})");
    auto const list = ask(bitbucket::cloud::list_comments(access(), {"acme", "web"}, 7));
    EXPECT_EQ(list.why.message.find("canary"), std::string::npos) << list.why.message;
}

TEST_F(bitbucket_answers, tell_silence)
{
    answer_with(close_without_answer());
    EXPECT_EQ(asked_once().fault, api_fault::unheard);
    answer_with(never_answer());
    auto hasty = access();
    hasty.timeout = milliseconds(50);
    auto const late = ask(bitbucket::cloud::get_pull_request(hasty, {"acme", "web"}, 7));
    EXPECT_EQ(late.fault, api_fault::unheard);
    EXPECT_EQ(late.why.code, errc::timeout);
    EXPECT_EQ(late.status, 0);
    auto nobody = access();
    nobody.base_url = "http://127.0.0.1:" + std::to_string(closed_port(loop())) + "/2.0/";
    EXPECT_EQ(
        ask(bitbucket::cloud::get_pull_request(nobody, {"acme", "web"}, 7)).fault, api_fault::unavailable
    );
}

TEST_F(bitbucket_answers, send_the_proof_to_one_host_only)
{
    EXPECT_TRUE(is_same_origin("https://api.bitbucket.org/2.0/", "https://API.bitbucket.org:443/x"));
    EXPECT_TRUE(is_same_origin("http://[::1]:80/", "http://[::1]/x"));
    for (auto const* other :
         {"http://api.bitbucket.org/x",
          "https://api.bitbucket.org:8443/x",
          "https://api.bitbucket.org.evil.example/x",
          "https://evil.example/api.bitbucket.org",
          "https://api.bitbucket.org@evil.example/",
          "https://ada:x@api.bitbucket.org/x",
          "https:///x",
          "ftp://api.bitbucket.org/x",
          "/x",
          ""})
        EXPECT_FALSE(is_same_origin("https://api.bitbucket.org/2.0/", other)) << other;
    auto const said = ask(ask_api(access(), "http://evil.example/2.0/x"));
    EXPECT_EQ(said.fault, api_fault::foreign_host);
    EXPECT_TRUE(asked().empty());
}

TEST(api_fault, has_a_name_and_a_code_for_each)
{
    EXPECT_EQ(name_of(api_fault::none), "none");
    EXPECT_EQ(name_of(api_fault::cancelled), "cancelled");
    EXPECT_EQ(name_of(api_fault::page_limit), "page_limit");
    EXPECT_EQ(code_of(api_fault::moved), errc::not_found);
    EXPECT_EQ(code_of(api_fault::refused), errc::invalid);
}

}  // namespace
}  // namespace linkspan::test
