#include "cmd/linkspan/digest.hpp"
#include "links/net/task_group.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/sample_story.hpp"
#include "tests/support/scratch_store.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

// The digest loop on a store of its own, without the app around it.

namespace linkspan::test
{
namespace
{

time_point today() { return *parse_time("2026-11-20T09:00:00Z"); }

result<bool> keep_one(transaction& tx)
{
    auto const step = step_of(edition::cloud, "opened", 7, today());
    inbox_entry entry;
    entry.link = "hook";
    entry.instance = "bitbucket.org";
    entry.event_key = step.event_key;
    entry.headers = "{}";
    entry.body = step.body;
    entry.received_at = tx.now();
    auto const kept = append(tx, entry);
    return kept ? result<bool>(true) : result<bool>(kept.error());
}

struct digest_loop_alone : testing::Test
{
    temporary_folder folder;
    boost::asio::io_context loop{1};
    linkspan::clock clock{loop};
    metrics counts;
    log lines{"error", "text"};
    int groups = 0;
    std::function<void()> on_group = [] {};
    task_group tasks{loop, [](std::string const& name, std::exception_ptr) { ADD_FAILURE() << name; }};
    std::unique_ptr<store> opened;

    digest_loop_alone()
    {
        store::settings settings;
        settings.file = folder.path() / "linkspan.db";
        settings.writing.now = [] { return today(); };
        settings.writing.on_group = [this](std::size_t)
        {
            ++groups;
            on_group();
        };
        opened = store::open(loop, std::move(settings)).value();
        command_store::open(folder.path() / "linkspan.db").value().write<bool>(today(), keep_one).value();
    }

    std::int64_t count(char const* sql)
    {
        auto const beside = open_beside(folder.path() / "linkspan.db");
        return ask(*beside, sql);
    }
};

TEST_F(digest_loop_alone, ends_what_it_has_counted_before_it_stops)
{
    // The first group is the count of the attempt: the program is told to stop right behind it.
    on_group = [this]
    {
        if (groups == 1)
            tasks.cancel();
    };
    digest_loop digest({*opened, clock, counts, lines, [](std::vector<lane> const&) {}}, {});
    tasks.spawn("digest", digest.run());
    loop.run();
    EXPECT_EQ(tasks.size(), 0u);
    EXPECT_EQ(count("SELECT count(*) FROM inbox WHERE state = 1"), 1) << "counted, and then not tried";
}

TEST_F(digest_loop_alone, stops_where_there_is_nothing_to_do)
{
    on_group = [this]
    {
        if (groups == 2)
            boost::asio::post(loop, [this] { boost::asio::post(loop, [this] { tasks.cancel(); }); });
    };
    digest_loop digest({*opened, clock, counts, lines, [](std::vector<lane> const&) {}}, {});
    tasks.spawn("digest", digest.run());
    loop.run();
    EXPECT_EQ(tasks.size(), 0u);
    EXPECT_EQ(groups, 2);
}

}  // namespace
}  // namespace linkspan::test
