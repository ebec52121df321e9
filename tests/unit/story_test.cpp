#include "links/console/render.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/bridge.hpp"
#include "tests/support/golden.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

struct told_story
{
    std::vector<event> events;
    std::string text;
};

told_story play(linkspan::edition edition, bool story)
{
    told_story all;
    test::bridge between(edition);
    for (auto const& sample : test::sample_deliveries(edition))
    {
        if (sample.is_story != story)
            continue;
        for (auto& happened : between.receive(sample.event_key, sample.body, sample.at))
        {
            all.text += console::render(happened, false);
            all.events.push_back(std::move(happened));
        }
    }
    return all;
}

// From the bodies of Bitbucket to what a person reads: the samples of the story, through the whole of core.
TEST(story, of_cloud)
{
    auto const all = play(edition::cloud, true);
    EXPECT_EQ(
        test::kinds_of(all.events),
        (std::vector<std::string>{
            "branch.created",
            "pull_request.opened",
            "comment.added",
            "comment.added",
            "comment.added",
            "pull_request.changes_requested",
            "branch.updated",
            "pull_request.commits_pushed",
            "build.started",
            "build.failed",
            "branch.updated",
            "pull_request.commits_pushed",
            "build.started",
            "build.succeeded",
            "pull_request.approved",
            "pull_request.merged"})
    );
    for (auto const* line :
         {"suggests a change in src/limit.cpp:41-42",
          "replied to a comment",
          "Build unit-tests failed",
          "Build unit-tests is fixed",
          "merged #7 into main"})
        EXPECT_NE(all.text.find(line), std::string::npos) << line;
    test::expect_golden("console/cloud_story.txt", all.text);
}

TEST(story, of_data_center)
{
    auto const all = play(edition::data_center, true);
    EXPECT_EQ(
        test::kinds_of(all.events),
        (std::vector<std::string>{
            "branch.created",
            "pull_request.opened",
            "comment.added",
            "comment.added",
            "comment.added",
            "pull_request.changes_requested",
            "branch.updated",
            "pull_request.commits_pushed",
            "pull_request.approved",
            "pull_request.merged"})
    );
    for (auto const* line :
         {"suggests a change in src/limit.cpp:41-42", "replied to a comment", "merged #7 into main"})
        EXPECT_NE(all.text.find(line), std::string::npos) << line;
    test::expect_golden("console/data_center_story.txt", all.text);
}

TEST(story, other_samples_are_read_too)
{
    EXPECT_FALSE(play(edition::cloud, false).events.empty());
    EXPECT_FALSE(play(edition::data_center, false).events.empty());
}

}  // namespace
}  // namespace linkspan
