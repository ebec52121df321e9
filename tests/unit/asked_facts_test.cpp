#include "core/bitbucket/asked_facts.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

boost::json::array list_from(std::string_view text)
{
    return boost::json::parse(boost::json::string_view(text.data(), text.size())).as_array();
}

using strings = std::vector<std::string>;

TEST(asked_facts, read_the_paths_of_a_diffstat)
{
    auto const shown = list_from(R"([
        {"status": "modified", "old": {"path": "a.cpp"}, "new": {"path": "a.cpp"}},
        {"status": "added", "old": null, "new": {"path": "src/new.cpp"}},
        {"status": "removed", "old": {"path": "gone.cpp"}, "new": null},
        {"status": "renamed", "old": {"path": "old name.md"}, "new": {"path": "docs/name.md"}},
        {"status": "added", "new": {"path": ""}}, {"new": {"path": 3}}, {"new": "path"}, 7, null
    ])");
    EXPECT_EQ(
        shown_paths(edition::cloud, shown),
        (strings{"a.cpp", "src/new.cpp", "gone.cpp", "old name.md", "docs/name.md"})
    );
    EXPECT_TRUE(shown_paths(edition::data_center, shown).empty());
}

TEST(asked_facts, read_the_paths_of_data_centers_changes)
{
    auto const shown = list_from(R"([
        {"type": "MODIFY", "path": {"toString": "src/a.cpp", "name": "a.cpp"}},
        {"type": "MOVE", "path": {"toString": "docs/name.md"}, "srcPath": {"toString": "name.md"}},
        {"type": "MODIFY", "path": {"toString": "src/a.cpp"}},
        {"type": "ADD", "path": {"name": "x"}}, {"type": "ADD"}
    ])");
    EXPECT_EQ(shown_paths(edition::data_center, shown), (strings{"src/a.cpp", "name.md", "docs/name.md"}));
}

TEST(asked_facts, read_commits_as_webhooks_tell_them)
{
    auto const of_cloud = shown_commits(edition::cloud, list_from(R"([
        {"hash": "aaa", "message": "One", "author": {"raw": "Ada <ada@example.com>", "user": {"display_name": "Ada"}}},
        {"hash": "bbb", "author": {"raw": "Grace <grace@example.com>"}},
        {"message": "no hash"}
    ])"));
    EXPECT_EQ(
        of_cloud,
        (std::vector{commit{"aaa", "One", "Ada"}, commit{"bbb", std::nullopt, "Grace <grace@example.com>"}})
    );
    auto const of_center = shown_commits(edition::data_center, list_from(R"([
        {"id": "aaa", "message": "One", "author": {"name": "ada", "displayName": "Ada"}},
        {"id": "bbb", "message": "Two", "author": {"name": "grace"}}
    ])"));
    EXPECT_EQ(of_center, (std::vector{commit{"aaa", "One", "Ada"}, commit{"bbb", "Two", "grace"}}));
}

}  // namespace
}  // namespace linkspan
