#include "core/bitbucket/event_memory.hpp"
#include "core/conversation/conversation.hpp"
#include "core/event/cloudevents.hpp"
#include "core/route/route.hpp"
#include "tests/support/bodies.hpp"

#include <gtest/gtest.h>

// A pull request of acme/api that comes from the fork ada/api: its builds run in the fork.

namespace linkspan
{
namespace
{

using strings = std::vector<std::string>;

std::string pull_request_body(
    std::string const& id, std::string const& target, std::string const& commit = "aaaaaaaaaaaa"
)
{
    return R"({"repository":{"uuid":")" + id + R"(","full_name":")" + target +
           R"("},"pullrequest":{"id":7,"title":"Limits","state":"OPEN","source":{"branch":{"name":"limits"},)"
           R"("commit":{"hash":")" +
           commit +
           R"("},"repository":{"full_name":"ada/api"}},"destination":{"branch":{"name":"main"},"commit":)"
           R"({"hash":"bbbbbbbbbbbb"},"repository":{"full_name":")" +
           target + R"("}},"updated_on":"2026-11-20T09:00:00Z"}})";
}

std::string build_in_fork()
{
    return R"({"repository":{"uuid":"{fork}","full_name":"ada/api"},"commit_status":{"key":"unit","state":)"
           R"("FAILED","commit":{"hash":")" +
           std::string(40, 'a') + R"("},"updated_on":"2026-11-20T09:30:00Z"}})";
}

struct fork_build : testing::Test
{
    event_memory memory;

    std::vector<event> take(std::string key, std::string const& body)
    {
        digest_context context;
        context.instance = "bitbucket.org";
        context.received_at = *parse_time("2026-11-20T10:00:00Z");
        return memory.take(test::read_body(edition::cloud, std::move(key), body).value(), context);
    }

    std::vector<event> build() { return take("repo:commit_status_updated", build_in_fork()); }
};

strings taken_by(event const& happened)
{
    strings out;
    for (auto const* repository : {"acme/api", "ada/api"})
    {
        rule asked;
        asked.name = repository;
        asked.repositories = {repository};
        asked.destinations = {std::string("to ") + repository};
        for (auto const& one : route(rule_set({asked}), happened))
            out.push_back(one.destination + " in " + one.conversation);
    }
    return out;
}

TEST_F(fork_build, belongs_to_the_pull_request_that_asks_for_the_commit)
{
    take("pullrequest:created", pull_request_body("{api}", "acme/api"));
    take(
        "pullrequest:created", pull_request_body("{fork}", "ada/api", "eeeeeeeeeeee")
    );  // a number 7 of its own
    auto const events = build();
    ASSERT_EQ(events.size(), 1u);
    auto const& told = events[0];
    EXPECT_EQ(told.repository.value().id, "{api}");
    EXPECT_EQ(told.repository->owner, "acme");
    EXPECT_EQ(told.repository->slug, "api");
    EXPECT_EQ(told.pull_request.value().id, 7);
    EXPECT_EQ(told.pull_request->source.value().repository, "ada/api") << "where it ran";
    EXPECT_EQ(conversations_of(told), strings{"bitbucket.org/{api}/7"});
    EXPECT_EQ(taken_by(told), strings{"to acme/api in bitbucket.org/{api}/7"});
    EXPECT_EQ(source_uri(told), "https://bitbucket.org/acme/api");
    EXPECT_EQ(
        to_cloudevent(told).at("subject").as_string(), "pull-requests/7/commits/" + std::string(40, 'a')
    );
    EXPECT_TRUE(build().empty()) << "told once";
}

TEST_F(fork_build, without_a_pull_request_belongs_to_the_fork)
{
    auto const events = build();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(conversations_of(events[0]), strings{"bitbucket.org/{fork}"});
    EXPECT_EQ(taken_by(events[0]), strings{"to ada/api in bitbucket.org/{fork}"});
    take("pullrequest:created", pull_request_body("{api}", "acme/api"));
    EXPECT_TRUE(build().empty()) << "and is not told again of the pull request that comes after it";
}

TEST_F(fork_build, belongs_to_each_repository_that_asks_for_the_commit)
{
    take("pullrequest:created", pull_request_body("{api}", "acme/api"));
    take("pullrequest:created", pull_request_body("{web}", "acme/web"));
    auto const events = build();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(conversations_of(events[0]), strings{"bitbucket.org/{api}/7"});
    EXPECT_EQ(conversations_of(events[1]), strings{"bitbucket.org/{web}/7"});
    EXPECT_NE(events[0].key, events[1].key);
    EXPECT_TRUE(build().empty());
}

TEST_F(fork_build, is_not_told_again_where_another_repository_asks_for_the_commit_since)
{
    take("pullrequest:created", pull_request_body("{zzz}", "acme/zzz"));
    EXPECT_EQ(build().size(), 1u);
    take("pullrequest:created", pull_request_body("{aaa}", "acme/aaa"));
    EXPECT_TRUE(build().empty()) << "by a second webhook";
}

}  // namespace
}  // namespace linkspan
