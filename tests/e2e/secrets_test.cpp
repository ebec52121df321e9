#include "links/net/base64.hpp"
#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/sample_story.hpp"
#include "tests/support/served_program.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <gtest/gtest.h>
#include <signal.h>

// None of the secrets that the program was given is in its database, its WAL, its logs or what it prints.

namespace linkspan::test
{
namespace
{

// A secret with characters that JSON escapes, and long enough to be found by parts.
constexpr char hook_canary[] = "canary-hook-\"\\/-5f0c1e77a9d24b";
constexpr char basic_canary[] = "canary-basic-\t8c21-77e0b1f4d9";
constexpr char token_canary[] = "xoxb-canary-9e3b7712c4aa41d8";

// The forms in which a text may stand somewhere: raw, JSON-escaped, hexadecimal, and base64 at each of the
// three alignments (less the characters that neighbours share).
std::vector<std::string> forms_of(std::string const& canary)
{
    std::vector<std::string> out = {canary};
    auto const quoted = boost::json::serialize(boost::json::string(canary));
    out.push_back(quoted.substr(1, quoted.size() - 2));
    auto const lower = hex(std::span(reinterpret_cast<std::uint8_t const*>(canary.data()), canary.size()));
    out.push_back(lower);
    auto upper = lower;
    for (char& c : upper)
        c = static_cast<char>(std::toupper(c));
    out.push_back(upper);
    for (std::size_t shift = 0; shift < 3; ++shift)
    {
        auto const text = encode_base64(std::string(shift, ' ') + canary);
        auto const begin = shift == 0 ? 0u : 4u;
        out.push_back(text.substr(begin, (canary.size() - 3) / 3 * 4 - begin));
    }
    return out;
}

// Where any form of a canary stands below a folder; empty where none does.
std::string find_canary(std::filesystem::path const& folder, std::vector<std::string> const& canaries)
{
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder))
    {
        if (!entry.is_regular_file() || entry.path().extension() == ".canary")
            continue;
        auto const content = read_file(entry.path());
        for (auto const& canary : canaries)
            for (auto const& form : forms_of(canary))
                if (content.find(form) != content.npos)
                    return entry.path().filename().string() + " holds " + form;
    }
    return {};
}

TEST(secrets, are_nowhere_but_sealed)
{
    slack_simulator slack;
    slack.add_token(token_canary);
    program_profile profile;
    profile.write("hook.canary", hook_canary);
    profile.write("basic.canary", basic_canary);
    profile.write("token.canary", token_canary);
    auto const file = [&](char const* name) { return "=@" + (profile.folder() / name).string(); };
    std::string said;
    auto const run = [&](std::vector<std::string> const& arguments)
    {
        auto const done = profile.run(arguments);
        said += done.out + done.err;
        return done.code;
    };
    ASSERT_EQ(
        run(
            {"create-link",
             "--template",
             "bitbucket-dc-webhook",
             "--name",
             "hook",
             "--kv",
             "webhook_secret" + file("hook.canary"),
             "--kv",
             "basic_user=ci",
             "--kv",
             "basic_password" + file("basic.canary"),
             "--kv",
             "instance=https://bitbucket.example.com"}
        ),
        0
    ) << said;
    ASSERT_EQ(
        run(
            {"create-link",
             "--template",
             "slack-bot-token",
             "--name",
             "slack",
             "--kv",
             "bot_token" + file("token.canary"),
             "--kv",
             "api_url=" + slack.api_url()}
        ),
        0
    ) << said;
    profile.write_config(R"([server]
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"
log_level = "debug"
retry_seconds = [1]
[[source]]
name = "dc"
edition = "data_center"
instance = "https://bitbucket.example.com"
webhook = "hook"
[[destination]]
name = "builds"
link = "slack"
channel = "C0000000001"
[[rule]]
destinations = ["builds"]
)");
    std::string answered;
    {
        served_program program(profile);
        slack.script({slack_fault::status(500), slack_fault::error("invalid_auth")});
        EXPECT_EQ(run({"send-sample", "hook", "--story"}), 0) << said;
        auto wrong =
            delivery_to(program.public_url(), "hook", edition::data_center, "pr:opened", "{}", "another");
        wrong.headers.push_back({"Authorization", "Basic " + encode_base64(std::string("ci:") + basic_canary)}
        );
        answered += exchange_with(wrong).body;
        answered += get(program.admin_url() + "/metrics").body;
        EXPECT_EQ(run({"get-link", "hook"}), 0);
        EXPECT_EQ(run({"get-link", "slack", "--json"}), 0);
        EXPECT_EQ(run({"list-links", "--json"}), 0);
        EXPECT_EQ(run({"check", "--json"}), 0) << said;
        EXPECT_EQ(run({"events", "--json"}), 0);
        ASSERT_TRUE(eventually([&] { return slack.calls() > 1; }));
        program.signal(SIGTERM);
        EXPECT_EQ(program.wait(), 0);
    }
    // A second life, that ends by force: its WAL stays.
    served_program(profile).kill_hard();

    std::vector<std::string> const canaries = {hook_canary, basic_canary, token_canary};
    profile.write("said.txt", said + answered);
    EXPECT_EQ(find_canary(profile.folder(), canaries), "");

    // The search finds each planted form, so its silence means something.
    for (auto const& canary : canaries)
        for (auto const& form : forms_of(canary))
        {
            profile.write("planted", "somewhere " + form + " in a file");
            EXPECT_NE(find_canary(profile.folder(), canaries), "") << form;
        }
    profile.write("planted", encode_base64(std::string("user:") + basic_canary));
    EXPECT_NE(find_canary(profile.folder(), canaries), "") << "base64 behind other bytes";
}

}  // namespace
}  // namespace linkspan::test
