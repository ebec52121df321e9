#include "core/watch/hook.hpp"
#include "links/bitbucket/hooks.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <set>

namespace linkspan
{
namespace
{

hook_record read_hook(std::string const& members)
{
    auto const hooks = bitbucket::data_center::read_hooks(
        boost::json::parse(R"([{"url":"https://x/webhook/a")" + members + "}]").as_array()
    );
    EXPECT_EQ(hooks.size(), 1u);
    EXPECT_EQ(hooks.at(0).url, "https://x/webhook/a");
    return hooks.at(0).record;
}

hook_health health_in(std::string const& members)
{
    return health_of(read_hook(members));
}

std::string counts(int successes, int failures, int errors, std::string const& more = "")
{
    return R"(,"statistics":{"counts":{"successes":)" + std::to_string(successes) + R"(,"failures":)" +
           std::to_string(failures) + R"(,"errors":)" + std::to_string(errors) + "}" + more + "}";
}

TEST(hook_statistics, are_read_as_servers_have_them)
{
    auto const told = read_hook(
        R"(,"active":true)" +
        counts(
            7,
            2,
            3,
            R"(,"lastSuccess":{"start":1,"finish":1795165260000},"lastFailure":{"finish":1795165261000},
        "lastError":{"start":"2026-11-20T09:01:02Z"})"
        )
    );
    EXPECT_TRUE(told.is_active);
    EXPECT_EQ(told.successes, 7);
    EXPECT_EQ(told.failures, 5);
    EXPECT_EQ(told.succeeded_at, from_milliseconds(1'795'165'260'000));
    EXPECT_EQ(told.failed_at, from_milliseconds(1'795'165'262'000)) << "of the two the later one";
}

TEST(hook_statistics, of_another_shape_are_unknown)
{
    for (auto const* members :
         {"",
          R"(,"statistics":null)",
          R"(,"statistics":[])",
          R"(,"active":"yes","statistics":{"counts":{"successes":"7","failures":-1},"lastSuccess":7})"})
    {
        auto const told = read_hook(members);
        EXPECT_TRUE(told.is_active) << members;
        EXPECT_FALSE(told.successes || told.failures || told.succeeded_at || told.failed_at) << members;
        EXPECT_EQ(health_of(told), hook_health::unknown) << members;
    }
    EXPECT_TRUE(bitbucket::data_center::read_hooks(boost::json::parse(R"([1,null,"x"])").as_array()).empty());
}

TEST(hook_health, is_inferred_from_failures)
{
    EXPECT_EQ(health_in(R"(,"active":false)" + counts(1, 0, 0)), hook_health::inactive);
    EXPECT_EQ(health_in(counts(0, 0, 0)), hook_health::unknown);
    EXPECT_EQ(health_in(counts(3, 0, 0)), hook_health::answered);
    EXPECT_EQ(health_in(counts(0, 2, 2)), hook_health::failing);
    EXPECT_EQ(health_in(counts(0, 3, 2)), hook_health::skipped);
    EXPECT_EQ(health_in(counts(1, 9, 0)), hook_health::answered) << "nothing tells which was the last";
}

TEST(hook_health, the_last_delivery_decides_where_it_is_told)
{
    auto const good = R"(,"lastSuccess":{"finish":2000})";
    auto const bad = R"(,"lastFailure":{"finish":3000})";
    auto const better = R"(,"lastSuccess":{"finish":4000})";
    EXPECT_EQ(health_in(counts(9, 5, 0, std::string(good) + bad)), hook_health::skipped);
    EXPECT_EQ(health_in(counts(9, 4, 0, std::string(good) + bad)), hook_health::failing);
    EXPECT_EQ(health_in(counts(9, 5, 0, std::string(better) + bad)), hook_health::answered);
    EXPECT_EQ(health_in(counts(0, 5, 0, bad)), hook_health::skipped);
}

TEST(hook_health, each_has_a_name)
{
    std::set<std::string_view> names;
    for (auto const one :
         {hook_health::answered,
          hook_health::failing,
          hook_health::skipped,
          hook_health::inactive,
          hook_health::missing,
          hook_health::unknown})
        names.insert(name_of(one));
    EXPECT_EQ(names.size(), 6u);
}

}  // namespace
}  // namespace linkspan
