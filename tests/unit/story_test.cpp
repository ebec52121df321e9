#include "core/bitbucket/digest.hpp"
#include "links/console/render.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/golden.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::int64_t pull_request_number = 7;
constexpr std::int64_t first_number = 4000;

// cmd/linkspan/samples/README.md, with fixed values: golden files want the same every time.
std::string fill(std::string text, time_point now)
{
    auto const replace = [&text](std::string const& what, std::string const& by)
    {
        for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
            text.replace(at, what.size(), by);
    };
    auto const replace_integer = [&replace](std::string const& what, std::int64_t by)
    {
        replace("\"{{" + what + "}}\"", std::to_string(by));
        replace("{{" + what + "}}", std::to_string(by));
    };
    replace("{{now}}", to_rfc3339(now));
    replace_integer("now_ms", to_milliseconds(now));
    replace_integer("pull_request", pull_request_number);
    replace_integer("number", first_number);
    for (std::int64_t i = 1; i < 20; ++i)
        replace_integer("number+" + std::to_string(i), first_number + i);
    for (char letter = 'a'; letter <= 'z'; ++letter)
    {
        std::string const code = std::to_string(10 + letter - 'a');
        std::string hash;
        for (int i = 0; i < 20; ++i)
            hash += code;
        replace(std::string("{{hash:") + letter + "}}", hash);
        replace(std::string("{{hash12:") + letter + "}}", hash.substr(0, 12));
    }
    return text;
}

// What the program keeps between two deliveries, for one pull request.
class bridge
{
public:
    explicit bridge(linkspan::edition edition)
    {
        context_.edition = edition;
        context_.instance = edition == edition::cloud ? "bitbucket.org" : "https://bitbucket.acme.example";
    }

    std::vector<event> receive(std::string event_key, std::string const& body, time_point now)
    {
        inbound delivery;
        delivery.edition = context_.edition;
        delivery.event_key = std::move(event_key);
        delivery.body = body;
        context_.received_at = now;
        auto const said = read_delivery(delivery);
        if (!said)
        {
            ADD_FAILURE() << delivery.event_key << ": " << said.error().message;
            return {};
        }
        known_state known;
        auto const* const status = build_of(*said);
        if (said->pull_request)
            known.snapshot = snapshot_;
        if (status != nullptr && snapshot_ && same_commit(snapshot_->state.source->commit, status->commit))
            known.heads.push_back(snapshot_->state);
        std::string scope =
            status == nullptr ? std::string() : status->key + build_scope(*status, known.heads);
        if (auto const before = ended_.find(scope); before != ended_.end())
            known.previous_build = before->second;
        auto done = digest(*said, known, context_);
        if (done.snapshot)
            snapshot_ = std::move(done.snapshot);
        if (status != nullptr && status->state != build_state::started)
            ended_[scope] = status->state;
        return std::move(done.events);
    }

private:
    digest_context context_;
    std::optional<pull_request_snapshot> snapshot_;
    std::map<std::string, build_state> ended_;
};

struct told
{
    std::vector<event> events;
    std::string text;
};

told play(std::string const& folder, linkspan::edition edition, bool story)
{
    std::vector<std::filesystem::path> files;
    auto const root = std::filesystem::path(LINKSPAN_SOURCE_DIR) / "cmd" / "linkspan" / "samples" / folder;
    for (auto const& file : std::filesystem::directory_iterator(root))
        files.push_back(file.path());
    std::ranges::sort(files);
    told all;
    bridge between(edition);
    auto now = *parse_time("2026-11-20T09:30:00Z");
    for (auto const& file : files)
    {
        auto const sample = json::parse(fill(test::read_file(file), now)).as_object();
        if (sample.at("story").as_bool() == story)
            for (auto& happened : between.receive(
                     std::string(sample.at("event_key").as_string()), json::serialize(sample.at("body")), now
                 ))
            {
                all.text += console::render(happened, false);
                all.events.push_back(std::move(happened));
            }
        now += std::chrono::minutes(1);
    }
    return all;
}

std::vector<std::string> kinds_of(told const& all)
{
    std::vector<std::string> kinds;
    for (auto const& happened : all.events)
        kinds.emplace_back(name_of(happened.kind));
    return kinds;
}

// From the bodies of Bitbucket to what a person reads: the samples of the story, through the whole of core.
TEST(story, of_cloud)
{
    auto const all = play("cloud", edition::cloud, true);
    EXPECT_EQ(
        kinds_of(all),
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
    auto const all = play("data_center", edition::data_center, true);
    EXPECT_EQ(
        kinds_of(all),
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
    EXPECT_FALSE(play("cloud", edition::cloud, false).events.empty());
    EXPECT_FALSE(play("data_center", edition::data_center, false).events.empty());
}

}  // namespace
}  // namespace linkspan
