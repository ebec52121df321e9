#include "core/markup/suggestions.hpp"
#include "tests/support/environment.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

namespace linkspan
{
namespace
{

namespace json = boost::json;

struct sample_file
{
    std::string name;
    std::string text;
    json::object content;
};

// The samples of one edition, in the order of their file names.
std::vector<sample_file> sample_files(std::string_view edition)
{
    auto const folder = std::filesystem::path(LINKSPAN_SOURCE_DIR) / "cmd" / "linkspan" / "samples" / edition;
    std::vector<sample_file> found;
    for (auto const& file : std::filesystem::directory_iterator(folder))
    {
        auto text = test::read_file(file.path());
        auto content = json::parse(text).as_object();
        found.push_back({file.path().stem().string(), std::move(text), std::move(content)});
    }
    std::ranges::sort(found, {}, &sample_file::name);
    return found;
}

std::vector<std::string> story_of(std::string_view edition)
{
    std::vector<std::string> keys;
    for (auto const& one : sample_files(edition))
        if (one.content.at("story").as_bool())
            keys.emplace_back(one.content.at("event_key").as_string());
    return keys;
}

// All members and elements of this name, wherever they are.
void collect(json::value const& value, std::string_view name, std::vector<json::value>& found)
{
    if (auto const* const object = value.if_object())
        for (auto const& [key, member] : *object)
        {
            if (key == name)
                found.push_back(member);
            collect(member, name, found);
        }
    else if (auto const* const array = value.if_array())
        for (auto const& element : *array)
            collect(element, name, found);
}

class samples : public testing::TestWithParam<char const*>
{
};

TEST_P(samples, are_whole_and_have_only_known_placeholders)
{
    std::regex const placeholder(R"(\{\{([^{}]*)\}\})");
    std::regex const known(R"(now|now_ms|pull_request|number(\+[0-9]{1,3})?|hash:[a-z]|hash12:[a-z])");
    std::regex const name(R"([0-9]{2}_[a-z_]+)");
    std::set<std::string> names;
    for (auto const& one : sample_files(GetParam()))
    {
        EXPECT_TRUE(std::regex_match(one.name, name)) << one.name;
        EXPECT_TRUE(names.insert(one.name.substr(3)).second) << one.name;
        EXPECT_EQ(one.content.size(), 4u) << one.name;
        EXPECT_FALSE(one.content.at("summary").as_string().empty());
        EXPECT_TRUE(one.content.at("body").is_object());
        for (std::sregex_iterator at(one.text.begin(), one.text.end(), placeholder), end; at != end; ++at)
            EXPECT_TRUE(std::regex_match((*at)[1].str(), known)) << one.name << ": " << at->str();
    }
    EXPECT_GE(names.size(), 12u);
}

TEST_P(samples, one_comment_has_a_suggestion_and_one_is_a_reply)
{
    std::size_t suggestions = 0;
    for (auto const& one : sample_files(GetParam()))
    {
        auto const* const comment = one.content.at("body").as_object().if_contains("comment");
        if (comment == nullptr)
            continue;
        auto const text =
            std::string_view(GetParam()) == "cloud" ? comment->at("content").at("raw") : comment->at("text");
        suggestions += suggestions_in(std::string_view(text.as_string())).size();
    }
    EXPECT_EQ(suggestions, 1u);
}

INSTANTIATE_TEST_SUITE_P(editions, samples, testing::Values("cloud", "data_center"));

TEST(samples, tell_the_life_of_a_pull_request)
{
    EXPECT_EQ(
        story_of("cloud"),
        (std::vector<std::string>{
            "repo:push",
            "pullrequest:created",
            "pullrequest:comment_created",
            "pullrequest:comment_created",
            "pullrequest:comment_created",
            "pullrequest:changes_request_created",
            "repo:push",
            "pullrequest:updated",
            "repo:commit_status_created",
            "repo:commit_status_updated",
            "repo:push",
            "pullrequest:updated",
            "repo:commit_status_created",
            "repo:commit_status_updated",
            "pullrequest:approved",
            "pullrequest:fulfilled"})
    );
    EXPECT_EQ(
        story_of("data_center"),
        (std::vector<std::string>{
            "repo:refs_changed",
            "pr:opened",
            "pr:comment:added",
            "pr:comment:added",
            "pr:comment:added",
            "pr:reviewer:needs_work",
            "repo:refs_changed",
            "pr:from_ref_updated",
            "pr:reviewer:approved",
            "pr:merged"})
    );
}

TEST(samples, data_center_bodies_repeat_their_key)
{
    for (auto const& one : sample_files("data_center"))
    {
        auto const& body = one.content.at("body").as_object();
        bool const is_ping = one.content.at("event_key") == "diagnostics:ping";
        EXPECT_TRUE(is_ping || body.at("eventKey") == one.content.at("event_key")) << one.name;
    }
}

// Pull requests of Cloud carry 12 characters of a commit, pushes and builds all 40.
TEST(samples, cloud_hashes_are_as_long_as_bitbuckets)
{
    for (auto const& one : sample_files("cloud"))
    {
        std::vector<json::value> hashes;
        auto const& body = one.content.at("body").as_object();
        bool const is_pull_request = body.contains("pullrequest");
        collect(body, "hash", hashes);
        EXPECT_FALSE(hashes.empty()) << one.name;
        for (auto const& hash : hashes)
            EXPECT_TRUE(hash.as_string().starts_with(is_pull_request ? "{{hash12:" : "{{hash:"))
                << one.name << hash;
    }
}

// What recorded deliveries have at the top and in the pull request, ours have too.
TEST(samples, have_the_members_of_recorded_deliveries)
{
    auto const folder = test::payloads();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set";
    std::map<std::string, std::string> const recordings = {
        {"cloud/02_opened", "hookdeck+webhook-samples/cloud/pullrequest.created__pullrequest.created.json"},
        {"cloud/03_comment",
         "hookdeck+webhook-samples/cloud/pullrequest.comment_created__pullrequest.comment_created.json"},
        {"cloud/15_approved",
         "hookdeck+webhook-samples/cloud/pullrequest.approved__pullrequest.approved.json"},
        {"cloud/16_merged",
         "hookdeck+webhook-samples/cloud/pullrequest.fulfilled__pullrequest.fulfilled.json"},
        {"cloud/07_push_again", "hookdeck+webhook-samples/cloud/repo.push__repo.push.json"},
        {"data_center/02_opened", "go-playground+webhooks/server/pr.opened__pr-opened.json"},
        {"data_center/06_changes_requested",
         "go-playground+webhooks/server/pr.reviewer.needs_work__pr-reviewer-needs-work.json"},
        {"data_center/10_merged", "go-playground+webhooks/server/pr.merged__pr-merged.json"},
    };
    auto const samples_folder = std::filesystem::path(LINKSPAN_SOURCE_DIR) / "cmd" / "linkspan" / "samples";
    for (auto const& [ours, theirs] : recordings)
    {
        auto const body =
            json::parse(test::read_file(samples_folder / (ours + ".json"))).at("body").as_object();
        auto const recorded = json::parse(test::read_file(*folder / theirs)).as_object();
        for (auto const& [key, value] : recorded)
        {
            ASSERT_TRUE(body.contains(key)) << ours << ": " << key;
            if (!value.is_object())
                continue;
            for (auto const& [inner, ignored] : value.as_object())
                EXPECT_TRUE(body.at(key).as_object().contains(inner)) << ours << ": " << key << "." << inner;
        }
    }
}

}  // namespace
}  // namespace linkspan
