#include "store/inbox.hpp"
#include "store/statement.hpp"
#include "store/store.hpp"
#include "tests/support/power_cut_drill.hpp"
#include "tests/support/run_loop.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

// The promise of the inbox: what was answered 2xx is there after a power cut, whole, and known by its
// delivery id.
namespace linkspan::test
{
namespace
{

constexpr std::int64_t senders = 6;
constexpr std::int64_t deliveries_each = 14;
constexpr char const* database_name = "linkspan.db";

// Random bytes on some pages, or on none.
std::string make_body(std::int64_t number)
{
    std::mt19937_64 random(static_cast<std::uint64_t>(number));
    std::string out(static_cast<std::size_t>(random() % 9000), '\0');
    for (auto& c : out)
        c = static_cast<char>(random());
    return out;
}

std::string const& body_of(std::int64_t number)
{
    static std::map<std::int64_t, std::string> made;
    auto const [found, is_new] = made.try_emplace(number);
    if (is_new)
        found->second = make_body(number);
    return found->second;
}

inbox_entry entry_of(std::int64_t number)
{
    inbox_entry out;
    out.link = "link" + std::to_string(number % 3);
    out.instance = "bitbucket.org";
    out.delivery = "delivery " + std::to_string(number);
    out.event_key = std::to_string(number);
    out.headers = "{}";
    out.body = body_of(number);
    out.received_at = from_milliseconds(1'800'000'000'000 + number);
    return out;
}

store::settings settings_for(std::filesystem::path const& folder, durability durable)
{
    store::settings out;
    out.file = folder / database_name;
    out.durable = durable;
    out.writing.now = [] { return from_milliseconds(1'800'000'000'000); };
    return out;
}

// One of the requests that wait for the store: each delivery is answered only when it is durable.
boost::asio::awaitable<void> send(store& into, power_cut_vfs& vfs, std::int64_t first)
{
    for (auto number = first; number < first + deliveries_each; ++number)
    {
        auto entry = std::make_shared<inbox_entry>(entry_of(number));
        std::function<result<appended>(transaction&)> work = [entry](transaction& tx)
        { return append(tx, *entry); };
        auto const kept = co_await into.write<appended>(std::move(work));
        EXPECT_TRUE(kept && !kept->is_repeated);
        if (kept)
            vfs.acknowledge(number);
    }
}

void take_deliveries(
    power_cut_vfs& vfs, std::filesystem::path const& folder, std::uint64_t seed, durability durable
)
{
    boost::asio::io_context loop{1};
    auto chosen = settings_for(folder, durable);
    chosen.vfs = vfs.name();
    auto const into = store::open(loop, std::move(chosen)).value();
    std::function<result<>(transaction&)> checkpoint_often = [seed](transaction& tx) -> result<>
    {
        auto const pages = seed % 2 == 0 ? "1000" : "25";
        tx.connection().raw().exec(std::string("PRAGMA wal_autocheckpoint=") + pages);
        return {};
    };
    std::int64_t finished = 0;
    auto const on_end = [&finished](std::exception_ptr) { ++finished; };
    into->submit(
        {[checkpoint_often](transaction& tx) { return checkpoint_often(tx).has_value(); }, [](auto) {}}
    );
    for (std::int64_t i = 0; i < senders; ++i)
        boost::asio::co_spawn(loop, send(*into, vfs, 1 + i * deliveries_each), on_end);
    run_until(loop, [&finished] { return finished == senders; });
}

// The deliveries that are there with their exact bytes; and that each is known as a repetition if, and only
// if, it is there: one that is known but lost would be refused for seven days.
result<power_cut_survivors> look(transaction& tx)
{
    power_cut_survivors found;
    auto const health = tx.connection().raw().execAndGet("PRAGMA integrity_check").getString();
    if (health != "ok")
        found.fault = health;
    auto& rows = tx.prepare("SELECT event_key, body FROM inbox LEFT JOIN inbox_body USING (id)");
    while (rows.executeStep())
    {
        auto const number = std::stoll(text_at(rows, 0));
        if (text_at(rows, 1) != body_of(number))
            found.fault += " the body of " + std::to_string(number) + " is another;";
        else if (!found.ids.insert(number).second)
            found.fault += " " + std::to_string(number) + " is there twice;";
    }
    for (std::int64_t number = 1; number <= senders * deliveries_each; ++number)
    {
        auto const again = append(tx, entry_of(number));
        if (!again)
            return again.error();
        if (again->is_repeated != found.ids.contains(number))
            found.fault +=
                " " + std::to_string(number) + (again->is_repeated ? " is known but lost;" : " comes twice;");
    }
    return found;
}

power_cut_survivors survivors(std::filesystem::path const& folder)
{
    power_cut_survivors broken;
    boost::asio::io_context loop{1};
    auto const opened = store::open(loop, settings_for(folder, durability::off));
    if (!opened)
    {
        broken.fault = opened.error().message;
        return broken;
    }
    std::function<result<power_cut_survivors>(transaction&)> work = [](transaction& tx)
    { return guarded("look", [&tx] { return look(tx); }); };
    auto found = run(loop, (*opened)->write<power_cut_survivors>(std::move(work)));
    if (found)
        return std::move(*found);
    broken.fault = found.error().message;
    return broken;
}

power_cut_report drill(durability durable, power_cut_plan const& plan)
{
    auto const report = cut_power(
        plan,
        [durable](power_cut_vfs& vfs, std::filesystem::path const& folder, std::uint64_t seed)
        { take_deliveries(vfs, folder, seed, durable); },
        survivors
    );
    std::printf(
        "%zu cuts, %zu acknowledged: %zu lost, %zu damaged; unsynced changes: %zu kept, %zu torn, %zu "
        "dropped\n",
        report.cuts,
        report.acknowledged,
        report.cuts_that_lost,
        report.cuts_that_damaged,
        report.unsynced.kept,
        report.unsynced.torn,
        report.unsynced.dropped
    );
    return report;
}

TEST(store_power_cut, takes_no_delivery_that_was_answered)
{
    power_cut_plan const plan = {.runs = 8, .cuts_per_run = 30};
    auto const report = drill(durability::full, plan);
    EXPECT_EQ(report.first_problem, "");
    EXPECT_EQ(report.cuts, 240U);
    EXPECT_EQ(report.acknowledged, static_cast<std::size_t>(8 * senders * deliveries_each));
    EXPECT_GT(report.unsynced.kept, 0U);
    EXPECT_GT(report.unsynced.torn, 0U);
    EXPECT_GT(report.unsynced.dropped, 0U);
}

// Without these two the test above would prove nothing.
power_cut_plan const losing_deliveries = {.runs = 2, .cuts_per_run = 20};

TEST(store_power_cut, loses_answered_deliveries_where_commits_are_not_synced)
{
    auto const report = drill(durability::normal, losing_deliveries);
    EXPECT_GT(report.cuts_that_lost, 0U);
    EXPECT_EQ(report.cuts_that_damaged, 0U) << report.first_problem;
}

TEST(store_power_cut, loses_answered_deliveries_where_nothing_is_synced)
{
    EXPECT_GT(drill(durability::off, losing_deliveries).cuts_that_lost, 0U);
}

}  // namespace
}  // namespace linkspan::test
