#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/sample_story.hpp"
#include "tests/support/served_program.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <set>

// kill -9 under load: what was answered 2xx is told, and twice only where nobody could know.

namespace linkspan::test
{
namespace
{

constexpr int serve_kills = 20;
constexpr int senders = 4;

struct load
{
    std::mutex mutex;
    std::string url;         // of the program that runs now; empty while none does
    std::set<int> accepted;  // pull requests whose delivery was answered 2xx
    std::atomic<int> next{1};
    std::atomic<bool> is_over{false};

    std::string where()
    {
        std::scoped_lock const lock(mutex);
        return url;
    }
    void move_to(std::string to)
    {
        std::scoped_lock const lock(mutex);
        url = std::move(to);
    }
    std::size_t count()
    {
        std::scoped_lock const lock(mutex);
        return accepted.size();
    }
};

void send_without_end(load& shared)
{
    while (!shared.is_over)
    {
        auto const url = shared.where();
        if (url.empty())
        {
            std::this_thread::yield();
            continue;
        }
        int const number = shared.next++;
        auto const step = step_of(edition::cloud, "opened", number, story_day());
        auto const answer =
            exchange_with(delivery_to(url, "hook", edition::cloud, step.event_key, step.body, webhook_key));
        if (answer.status == 202)
        {
            std::scoped_lock const lock(shared.mutex);
            shared.accepted.insert(number);
        }
    }
}

// "#12 " in "... opened #12 Limit requests ..."
int number_in(std::string const& text)
{
    auto const at = text.find('#');
    return at == text.npos ? 0 : std::stoi(text.substr(at + 1));
}

TEST(crash, kill_9_under_load_loses_nothing_that_was_accepted)
{
    slack_simulator slack;
    program_profile profile;
    profile.write("hook.secret", webhook_key);
    profile.write("bot.token", "xoxb-test-1");
    auto const file = [&](char const* name) { return "=@" + (profile.folder() / name).string(); };
    ASSERT_EQ(
        profile
            .run(
                {"create-link",
                 "--template",
                 "bitbucket-webhook",
                 "--name",
                 "hook",
                 "--kv",
                 "webhook_secret" + file("hook.secret")}
            )
            .code,
        0
    );
    ASSERT_EQ(
        profile
            .run(
                {"create-link",
                 "--template",
                 "slack-bot-token",
                 "--name",
                 "slack",
                 "--kv",
                 "bot_token" + file("bot.token"),
                 "--kv",
                 "api_url=" + slack.api_url()}
            )
            .code,
        0
    );
    profile.write_config(R"(
[server]
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"
retry_seconds = [1]
attempts_max = 100
log_level = "warning"
[[source]]
name = "cloud"
edition = "cloud"
webhook = "hook"
[[destination]]
name = "builds"
link = "slack"
channel = "C0000000001"
[[rule]]
destinations = ["builds"]
)");

    load shared;
    std::vector<std::thread> threads;
    for (int i = 0; i < senders; ++i)
        threads.emplace_back([&shared] { send_without_end(shared); });

    std::mt19937 random(20);  // the same moments in each run, as far as the machine allows
    for (int i = 0; i < serve_kills; ++i)
    {
        served_program program(profile);
        shared.move_to(program.public_url());
        auto const goal = shared.count() + 5 + random() % 40;
        ASSERT_TRUE(eventually([&] { return shared.count() >= goal; })) << served_program::log_of(profile);
        program.kill_hard();
        shared.move_to("");
    }
    shared.is_over = true;
    for (auto& thread : threads)
        thread.join();

    served_program last(profile);
    auto const told = [&]
    {
        std::map<int, int> times;
        for (auto const& message : slack.messages())
            ++times[number_in(message.text)];
        return times;
    };
    auto const missing = [&]
    {
        auto const times = told();
        std::size_t count = 0;
        for (int const number : shared.accepted)
            count += times.contains(number) ? 0u : 1u;
        return count;
    };
    EXPECT_TRUE(eventually([&] { return missing() == 0; }, seconds(60)))
        << missing() << " of " << shared.accepted.size() << " accepted deliveries were never told";
    last.signal(SIGTERM);
    EXPECT_EQ(last.wait(), 0);

    // A first attempt that nobody saw the end of has no outcome, or "unknown".
    SQLite::Database database(profile.database().string(), SQLite::OPEN_READWRITE, 5000);
    SQLite::Statement unknown(
        database,
        "SELECT e.pull_request FROM delivery d JOIN event e ON e.seq = d.event JOIN delivery_attempt a ON "
        "a.delivery = d.id "
        "WHERE a.outcome IS NULL OR a.outcome = 'unknown'"
    );
    std::set<int> uncertain;
    while (unknown.executeStep())
        uncertain.insert(unknown.getColumn(0).getInt());
    int twice = 0;
    for (auto const& [number, times] : told())
        if (times > 1)
        {
            ++twice;
            EXPECT_TRUE(uncertain.contains(number))
                << "#" << number << " was told " << times << " times without need";
        }
    std::printf(
        "report: kill -9 %d times under load: %zu deliveries answered 2xx, %zu lost, %d told twice, %zu with "
        "an attempt "
        "of unknown outcome\n",
        serve_kills,
        shared.accepted.size(),
        missing(),
        twice,
        uncertain.size()
    );
}

}  // namespace
}  // namespace linkspan::test
