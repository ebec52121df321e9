#include "core/bitbucket/heads.hpp"

#include "tests/support/readings.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using namespace test;

std::string const head(40, 'a');

repository named(std::string id, std::string full_name)
{
    repository out;
    out.id = std::move(id);
    out.full_name = std::move(full_name);
    return out;
}

pull_request_snapshot from_fork()
{
    pull_request_snapshot out;
    out.state = state_of(1);
    out.state.source->repository = "ada/api";
    return out;
}

known_state heads_of(pull_request_snapshot const& candidate, repository const& built_in)
{
    known_state out;
    add_head(candidate, "{api}", built_in, head, out);
    return out;
}

TEST(heads, name_the_repository_that_asks_for_the_commit)
{
    auto const in_fork = heads_of(from_fork(), named("{fork}", "ada/api"));
    ASSERT_EQ(in_fork.heads.size(), 1u);
    EXPECT_EQ(in_fork.heads[0].id, 7);
    repository const target{"{api}", "acme", "api", "acme/api", std::nullopt, std::nullopt};
    EXPECT_EQ(in_fork.heads[0].target_repository, target);

    auto built_in = target;
    built_in.url = "https://bitbucket.org/acme/api";
    EXPECT_EQ(heads_of(from_fork(), built_in).heads.at(0).target_repository, built_in) << "as it is told";

    auto nameless = from_fork();
    nameless.state.target.reset();
    EXPECT_EQ(heads_of(nameless, named("{fork}", "ada/api")).heads.at(0).target_repository.id, "{api}");
    EXPECT_TRUE(heads_of(from_fork(), named("{stranger}", "eve/api")).heads.empty());
}

TEST(heads, are_those_of_open_pull_requests)
{
    auto const target = named("{api}", "acme/api");
    auto deleted = from_fork();
    deleted.deleted = true;
    auto declined = from_fork();
    declined.state.state = pull_request_state::declined;
    auto moved = from_fork();
    moved.state.source->commit = "cccccccccccc";
    for (auto const& closed : {deleted, declined})
    {
        EXPECT_TRUE(heads_of(closed, target).heads.empty());
        EXPECT_FALSE(heads_of(closed, target).was_head);
    }
    EXPECT_TRUE(heads_of(moved, target).was_head);
    moved.deleted = true;
    EXPECT_FALSE(heads_of(moved, target).was_head);
}

}  // namespace
}  // namespace linkspan
