#include "tests/support/served_cloud.hpp"

#include <map>
#include <set>

// kill -9 of a real process in the middle of watching: no watch is lost, and each edit of which Bitbucket
// tells nobody is found, and told once.

namespace linkspan::test
{
namespace
{

constexpr int watching_kills = 20;
// A look at each comes every five to ten seconds: so many make one come about each second.
constexpr int watched_pull_requests = 10;
constexpr seconds look_patience{6};

class killed_while_watching : public served_cloud
{
protected:
    killed_while_watching()
    {
        // Nothing is caught up with: looks alone find what is found.
        std::vector<cloud_fault> const never(1'000, cloud_fault::status(503));
        cloud.script(cloud_call::pull_requests, never);
        configure();
    }

    std::int64_t events(std::string const& kind) const { return count("event WHERE kind = '" + kind + "'"); }

    std::string text_of(std::int64_t comment) const
    {
        SQLite::Database raw(profile.database().string(), SQLite::OPEN_READONLY, 5000);
        SQLite::Statement statement(
            raw, "SELECT json_extract(json, '$.text') FROM comment_state WHERE comment = ?"
        );
        statement.bind(1, comment);
        return statement.executeStep() ? statement.getColumn(0).getString() : std::string();
    }

    // A comment, told by its webhook; its edit will not be.
    std::int64_t write_comment(std::int64_t pull_request)
    {
        auto const id = cloud.add_comment("api", pull_request, "first words");
        texts[id] = "second words of " + std::to_string(id);
        watched.insert(pull_request);
        return id;
    }

    void edit(std::int64_t comment)
    {
        cloud.edit_comment(comment, texts.at(comment));
        ASSERT_EQ(cloud.pending(), 0u) << "Bitbucket tells no such edit";
    }

    void live_until_killed(int number);
    void expect_all_watches(char const* when);

    std::map<std::int64_t, std::string> texts;  // at the end, by comment
    std::set<std::int64_t> watched;             // pull requests
    int killed_looks = 0;
};

void killed_while_watching::expect_all_watches(char const* when)
{
    EXPECT_EQ(count("watch"), std::ssize(watched)) << when;
    EXPECT_EQ(count("watched_comment"), std::ssize(texts)) << when;
}

// Every fourth time the process ends as soon as Bitbucket is asked: while the answer is on its way, or
// becomes a row, or events.
void killed_while_watching::live_until_killed(int number)
{
    served_program program(profile);
    turn_hooks_to(program);
    expect_all_watches("behind a restart");
    auto const pull_request = number % watched_pull_requests + 1;
    auto const before = write_comment(pull_request);
    auto const behind = write_comment(pull_request);
    for (auto const& one : cloud.deliver_pending())
        ASSERT_EQ(one.fate, hook_fate::accepted) << served_program::log_of(profile);
    ASSERT_TRUE(eventually([&] { return events("comment.added") == std::ssize(texts); }));
    edit(before);
    auto const asked = cloud.calls(cloud_call::comments);
    if (number % 4 == 3)
        killed_looks +=
            eventually([&] { return cloud.calls(cloud_call::comments) > asked; }, look_patience) ? 1 : 0;
    program.kill_hard();
    edit(behind);
    expect_all_watches("behind a kill");
}

TEST_F(killed_while_watching, loses_no_watch_and_tells_no_edit_twice)
{
    cloud.add_hook("http://127.0.0.1:1", webhook_key);
    for (int number = 0; number < watched_pull_requests; ++number)
        cloud.open_pull_request("api", "Mend the gate");
    cloud.drop_pending();
    for (int number = 0; number < watching_kills; ++number)
        live_until_killed(number);

    served_program last(profile);
    EXPECT_TRUE(eventually([&] { return events("comment.edited") >= std::ssize(texts); }))
        << events("comment.edited") << " of " << texts.size() << " edits were found";
    expect_all_watches("at the end");
    EXPECT_EQ(events("comment.edited"), std::ssize(texts));
    EXPECT_EQ(events("comment.added"), std::ssize(texts));
    EXPECT_EQ(
        count("(SELECT DISTINCT json_extract(json, '$.detail.comment.id') FROM event WHERE kind = "
              "'comment.edited' AND json_extract(json, '$.origin') = 'poll')"),
        std::ssize(texts)
    );
    EXPECT_EQ(count("inbox WHERE state > 1"), 0) << "no row was set aside";
    for (auto const& [comment, text] : texts)
        EXPECT_EQ(text_of(comment), text);
    last.signal(SIGTERM);
    EXPECT_EQ(last.wait(), 0);
    EXPECT_GT(killed_looks, 0);
    std::printf(
        "  report: kill -9 %d times while watching %zu pull requests, %d times as Bitbucket was asked: %zu "
        "edits found once each by %zu looks, no watch lost\n",
        watching_kills,
        watched.size(),
        killed_looks,
        texts.size(),
        cloud.calls(cloud_call::comments)
    );
}

}  // namespace
}  // namespace linkspan::test
