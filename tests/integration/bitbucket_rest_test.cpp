// What the REST clients of both editions ask, to the byte, and that each gives what the answer holds.
#include "links/bitbucket/cloud_rest.hpp"
#include "links/bitbucket/data_center_rest.hpp"
#include "tests/support/bitbucket_calls.hpp"
#include "tests/support/bitbucket_peer.hpp"

#include <boost/algorithm/string/replace.hpp>

namespace linkspan::test
{
namespace
{

using bitbucket::api_fault;
using bitbucket::pull_request_states;
using bitbucket::redirects_max;
using bitbucket::repository_place;

class bitbucket_rest : public bitbucket_peer
{
protected:
    void expect_targets(std::vector<bitbucket_call> const& calls, std::string const& base, std::string page)
    {
        for (auto const& call : calls)
        {
            answer_with(200, page);
            auto const said = call.ask(loop(), access(base));
            EXPECT_EQ(said.fault, api_fault::none) << call.name << ": " << said.why.message;
            auto seen = asked_last().target;
            if (auto const fields = seen.find("fields="); fields != std::string::npos)
                seen.replace(fields + 7, seen.find('&', fields) - fields - 7, "{fields}");
            EXPECT_EQ(seen, call.target) << call.name;
            EXPECT_EQ(asked_last().method, "GET");
            EXPECT_EQ(find_header(asked_last().headers, "Authorization"), "Bearer canary-token-0001");
            EXPECT_EQ(find_header(asked_last().headers, "Accept"), "application/json");
        }
    }

    std::string fields_asked()
    {
        auto const target = asked_last().target;
        auto fields = target.substr(target.find("fields=") + 7);
        boost::algorithm::replace_all(fields, "%2C", ",");
        return fields;
    }
};

TEST_F(bitbucket_rest, asks_cloud_for_what_it_needs)
{
    expect_targets(cloud_calls(), "/2.0/", R"({"values":[]})");
}

TEST_F(bitbucket_rest, asks_a_data_center_for_what_it_needs)
{
    expect_targets(data_center_calls(), "/", R"({"values":[],"isLastPage":true})");
}

TEST_F(bitbucket_rest, asks_a_data_center_below_a_path)
{
    answer_with(200, R"({"values":[],"isLastPage":true})");
    EXPECT_TRUE(ask(bitbucket::data_center::list_repositories(access("/bitbucket/"), "OPS")).is_whole());
    EXPECT_EQ(asked_last().target, "/bitbucket/rest/api/latest/projects/OPS/repos?limit=100");
}

// A list without `next` among its fields would end after its first page, and nobody would be told.
TEST_F(bitbucket_rest, trims_no_list_of_its_next_page)
{
    for (auto const& call : cloud_calls())
    {
        answer_with(200, R"({"values":[]})");
        call.ask(loop(), access());
        EXPECT_EQ(fields_asked().starts_with("next,size,values."), call.is_list) << call.name;
    }
}

TEST_F(bitbucket_rest, asks_for_reviewers_as_a_whole)
{
    answer_with(200, R"({"values":[]})");
    ask(bitbucket::cloud::list_pull_requests(
        access(), {"acme", "web"}, pull_request_states::open, std::nullopt
    ));
    auto const listed = "," + fields_asked() + ",";
    for (auto const* part : {",values.reviewers,", ",values.participants,", ",values.author.account_id,"})
        EXPECT_NE(listed.find(part), listed.npos) << part;
    answer_with(200, R"({"id":7})");
    ask(bitbucket::cloud::get_pull_request(access(), {"acme", "web"}, 7));
    auto const single = "," + fields_asked() + ",";
    for (auto const* part : {",id,", ",reviewers,", ",participants,", ",updated_on,"})
        EXPECT_NE(single.find(part), single.npos) << part;
}

// An empty part would ask another resource: repositories//web is the list of all repositories, which ended.
TEST_F(bitbucket_rest, sends_nothing_that_cannot_be_right)
{
    for (auto const& wrong :
         {repository_place("", "web"),
          repository_place("acme", ""),
          repository_place("..", "web"),
          repository_place("acme", ".")})
    {
        auto const said = ask(bitbucket::cloud::list_comments(access(), wrong, 7));
        EXPECT_EQ(said.fault, api_fault::refused);
        EXPECT_EQ(said.why.code, errc::invalid);
        EXPECT_EQ(
            ask(bitbucket::data_center::get_pull_request(access("/"), wrong, 7)).fault, api_fault::refused
        );
    }
    repository_place const web("acme", "web");
    EXPECT_EQ(ask(bitbucket::cloud::list_repositories(access(), "")).fault, api_fault::refused);
    EXPECT_EQ(ask(bitbucket::cloud::list_statuses(access(), web, "")).fault, api_fault::refused);
    EXPECT_EQ(ask(bitbucket::cloud::list_commits(access(), web, {"", "n3w"})).fault, api_fault::refused);
    EXPECT_EQ(
        ask(bitbucket::cloud::list_changed_paths(access(), web, {"0ld", ""})).fault, api_fault::refused
    );
    EXPECT_EQ(
        ask(bitbucket::data_center::list_commits(access("/"), web, {"0ld", ""})).fault, api_fault::refused
    );
    EXPECT_EQ(ask(bitbucket::data_center::get_build(access("/"), web, "n3w", "")).fault, api_fault::refused);
    EXPECT_TRUE(asked().empty());
}

TEST_F(bitbucket_rest, encodes_what_people_name)
{
    answer_with(200, R"({"values":[]})");
    ask(bitbucket::cloud::list_statuses(access(), {"a/b", "x?y#z"}, "n3w&pagelen=1"));
    EXPECT_TRUE(asked_last().target.starts_with(
        "/2.0/repositories/a%2Fb/x%3Fy%23z/commit/n3w%26pagelen%3D1/statuses?pagelen=100&"
    )) << asked_last().target;
}

TEST_F(bitbucket_rest, asks_for_a_pull_request_only_if_it_changed)
{
    answer_with(200, R"({"id":7})", {{"ETag", "W/\"v1\""}});
    auto const first = ask(bitbucket::cloud::get_pull_request(access(), {"acme", "web"}, 7));
    EXPECT_TRUE(first.is_told());
    EXPECT_EQ(first.text, R"({"id":7})");
    EXPECT_EQ(first.notes.etag, "W/\"v1\"");
    EXPECT_EQ(find_header(asked_last().headers, "If-None-Match"), "");
    answer_with(peer_action("HTTP/1.1 304 Not Modified\r\nETag: W/\"v1\"\r\n\r\n", peer_action::ending::keep)
    );
    auto const second =
        ask(bitbucket::data_center::get_pull_request(access("/"), {"OPS", "web"}, 7, first.notes.etag));
    EXPECT_EQ(find_header(asked_last().headers, "If-None-Match"), "W/\"v1\"");
    EXPECT_EQ(second.fault, api_fault::none);
    EXPECT_TRUE(second.is_unchanged);
    EXPECT_FALSE(second.is_told());
    // Whoever did not ask so has no body of before.
    answer_with(peer_action("HTTP/1.1 304 Not Modified\r\n\r\n", peer_action::ending::keep));
    EXPECT_EQ(
        ask(bitbucket::cloud::get_pull_request(access(), {"acme", "web"}, 7)).fault, api_fault::refused
    );
}

TEST_F(bitbucket_rest, follows_the_redirect_of_a_diffstat_on_its_host)
{
    repository_place const web("acme", "web");
    answer_with(302, "", {{"Location", "{peer}/2.0/repositories/acme/web/diffstat/a..b?topic=true"}});
    answer_with(200, R"({"values":[{"new":{"path":"a.txt"}}]})");
    auto const followed = ask(bitbucket::cloud::list_changed_paths(access(), web, {"0ld", "n3w"}));
    EXPECT_TRUE(followed.is_whole()) << followed.why.message;
    EXPECT_EQ(followed.values.size(), 1u);
    EXPECT_EQ(followed.requests, 2);
    EXPECT_EQ(asked().back(), "/2.0/repositories/acme/web/diffstat/a..b?topic=true");

    answer_with(302, "", {{"Location", "http://127.0.0.2:1/2.0/x"}});
    auto const elsewhere = ask(bitbucket::cloud::list_changed_paths(access(), web, {"0ld", "n3w"}));
    EXPECT_EQ(elsewhere.fault, api_fault::foreign_host);
    EXPECT_EQ(asked().size(), 3u);

    for (int i = 0; i < 9; ++i)
        answer_with(302, "", {{"Location", "/2.0/hop/" + std::to_string(i)}});
    auto const endless = ask(bitbucket::cloud::list_changed_paths(access(), web, {"0ld", "n3w"}));
    EXPECT_EQ(endless.fault, api_fault::moved);
    EXPECT_EQ(endless.requests, 1 + redirects_max);
}

TEST_F(bitbucket_rest, does_not_know_webhooks_without_the_permission)
{
    char const* const refusal = R"({"errors":[{"message":"You are not permitted to access this resource",
        "exceptionName":"com.atlassian.bitbucket.AuthorisationException"}]})";
    for (int const status : {401, 403})
    {
        answer_with(status, refusal, {{"X-AUSERNAME", "ada"}});
        auto const one = ask(bitbucket::data_center::get_webhook_statistics(access("/"), {"OPS", "web"}, 3));
        EXPECT_EQ(one.fault, api_fault::forbidden) << status;
        EXPECT_EQ(one.missing_scope, "REPO_ADMIN");
        answer_with(status, refusal, {{"X-AUSERNAME", "ada"}});
        auto const all = ask(bitbucket::data_center::list_webhooks(access("/"), {"OPS", "web"}));
        EXPECT_EQ(all.fault, api_fault::forbidden) << status;
        EXPECT_EQ(all.missing_scope, "REPO_ADMIN");
    }
    // Nobody is known by an expired token: another one may help.
    answer_with(401, refusal);
    EXPECT_EQ(
        ask(bitbucket::data_center::list_webhooks(access("/"), {"OPS", "web"})).fault, api_fault::unauthorized
    );
}

}  // namespace
}  // namespace linkspan::test
