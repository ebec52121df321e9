#include "store/migrate.hpp"
#include "store/statement.hpp"
#include "store/writer.hpp"
#include "tests/support/failing_vfs.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

#include <future>
#include <numeric>

namespace linkspan::test
{
namespace
{

using work_function = std::function<result<std::int64_t>(transaction&)>;

// Writes one row; its number is in the order of writing.
work_function row(std::string text)
{
    return [text = std::move(text)](transaction& tx)
    {
        return guarded(
            "write a row",
            [&]() -> result<std::int64_t>
            {
                bound(tx, "INSERT INTO row (text) VALUES (?)", text).exec();
                return std::int64_t(tx.connection().raw().getLastInsertRowid());
            }
        );
    };
}

work_function sql(std::string text)
{
    return [text = std::move(text)](transaction& tx)
    {
        return guarded(
            "run",
            [&]() -> result<std::int64_t>
            {
                tx.connection().raw().exec(text);
                return std::int64_t(0);
            }
        );
    };
}

// A writer on a database of its own with one table, and all that it told.
class writing
{
public:
    struct settings
    {
        writer_settings writer;
        std::string vfs;
        milliseconds busy_timeout{250};
    };

    writing() : writing(settings{}) {}
    explicit writing(settings chosen)
    {
        auto opened = open_it(chosen);
        opened->raw().exec("CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT");
        chosen.writer.now = [] { return from_milliseconds(1'000); };
        chosen.writer.on_group = [this](std::size_t rows) { groups.push_back(rows); };
        chosen.writer.on_foreign_commit = [this] { ++foreign_commits; };
        chosen.writer.on_fatal = [this](error why) { fatal.push_back(std::move(why)); };
        writer_ = std::make_unique<linkspan::writer>(loop, std::move(opened), chosen.writer);
    }

    std::filesystem::path file() const { return folder_.path() / "rows.db"; }
    linkspan::writer& writer() { return *writer_; }
    void stop() { writer_.reset(); }

    result<std::int64_t> write(work_function work)
    {
        return run(loop, writer_->write<std::int64_t>(std::move(work)));
    }

    // Starts a write that is not waited for; its answer comes to `answers`, in the order of answering.
    void start(work_function work)
    {
        auto on_end = [this](std::exception_ptr, result<std::int64_t> answer)
        { answers.push_back(std::move(answer)); };
        boost::asio::co_spawn(loop, writer_->write<std::int64_t>(std::move(work)), on_end);
        loop.restart();
        loop.poll();
    }

    // Occupies the writer's thread until the promise is kept: what is started meanwhile waits together.
    void block(std::shared_future<void> until)
    {
        auto work = [until](transaction&) -> result<std::int64_t>
        {
            until.wait();
            return std::int64_t(0);
        };
        start(std::move(work));
        wait_until_taken();
    }

    void wait_until_taken() const
    {
        while (writer_->queued() > 0)
            std::this_thread::yield();
    }

    void wait_for_answers(std::size_t n)
    {
        run_until(loop, [this, n] { return answers.size() >= n; });
    }

    std::int64_t rows() const { return ask(*open_beside(file()), "SELECT count(*) FROM row"); }

    boost::asio::io_context loop{1};
    std::vector<std::size_t> groups;
    int foreign_commits = 0;
    std::vector<error> fatal;
    std::vector<result<std::int64_t>> answers;

private:
    std::unique_ptr<database> open_it(settings const& chosen) const
    {
        database_options options;
        options.file = file();
        options.checkpoints = true;
        options.vfs = chosen.vfs;
        options.busy_timeout = chosen.busy_timeout;
        return std::move(database::open(options).value());
    }

    temporary_folder folder_;
    std::unique_ptr<linkspan::writer> writer_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
        boost::asio::make_work_guard(loop);
};

TEST(writer, commits_what_waits_together_in_order)
{
    writing::settings chosen;
    chosen.writer.group_max = 30;
    writing on(chosen);
    std::promise<void> go;
    on.block(go.get_future().share());
    for (int i = 0; i < 70; ++i)
        on.start(row("row " + std::to_string(i)));
    EXPECT_EQ(on.writer().queued(), 70U);
    go.set_value();
    on.wait_for_answers(71);
    EXPECT_EQ(on.groups, (std::vector<std::size_t>{1, 30, 30, 10}));
    for (int i = 0; i < 70; ++i)
        EXPECT_EQ(on.answers[static_cast<std::size_t>(i) + 1].value(), i + 1);
    EXPECT_EQ(on.rows(), 70);
    EXPECT_EQ(on.fatal.size(), 0U);
}

TEST(writer, rolls_back_a_failing_write_alone)
{
    writing on;
    ASSERT_TRUE(on.write(row("taken")));
    std::promise<void> go;
    on.block(go.get_future().share());
    on.start(row("before"));
    auto half = [](transaction& tx) -> result<std::int64_t>
    {
        if (auto const first = row("half")(tx); !first)
            return first.error();
        return row("taken")(tx);
    };
    on.start(half);
    auto refusing = [](transaction& tx) -> result<std::int64_t>
    {
        if (auto const first = row("refused")(tx); !first)
            return first.error();
        return error(errc::invalid, "no");
    };
    on.start(refusing);
    on.start(row("behind"));
    go.set_value();
    on.wait_for_answers(5);
    EXPECT_TRUE(on.answers[1]);
    EXPECT_EQ(on.answers[2].error().code, errc::conflict);
    EXPECT_EQ(on.answers[3].error().code, errc::invalid);
    EXPECT_EQ(on.answers[3].error().message, "no");
    EXPECT_TRUE(on.answers[4]);
    EXPECT_EQ(on.groups.back(), 4U);
    EXPECT_EQ(on.rows(), 3);
    EXPECT_EQ(on.fatal.size(), 0U);
}

TEST(writer, refuses_what_its_queue_does_not_hold)
{
    writing::settings chosen;
    chosen.writer.queue_max = 3;
    writing on(chosen);
    std::promise<void> go;
    on.block(go.get_future().share());
    for (int i = 0; i < 4; ++i)
        on.start(row("row " + std::to_string(i)));
    on.wait_for_answers(1);  // at once, while the others wait
    ASSERT_FALSE(on.answers[0]);
    EXPECT_EQ(on.answers[0].error().code, errc::unavailable);
    EXPECT_NE(on.answers[0].error().message.find("queue"), std::string::npos);
    go.set_value();
    on.wait_for_answers(5);
    EXPECT_EQ(on.rows(), 3);
    EXPECT_TRUE(on.write(row("room again")));
}

TEST(writer, finishes_what_is_queued_when_it_stops)
{
    writing on;
    std::promise<void> go;
    on.block(go.get_future().share());
    for (int i = 0; i < 20; ++i)
        on.start(row("row " + std::to_string(i)));
    auto stopping = std::async(std::launch::async, [&on] { on.stop(); });
    go.set_value();
    stopping.get();
    EXPECT_EQ(on.rows(), 20);
    on.wait_for_answers(21);  // told although the writer is gone
    for (auto const& answer : on.answers)
        EXPECT_TRUE(answer);
    EXPECT_EQ(std::accumulate(on.groups.begin(), on.groups.end(), std::size_t(0)), 21U);
}

TEST(writer, tells_of_commits_of_others_and_never_of_its_own)
{
    writing::settings chosen;
    chosen.writer.foreign_look = milliseconds(1);
    writing on(chosen);
    for (int i = 0; i < 50; ++i)
        ASSERT_TRUE(on.write(row("own " + std::to_string(i))));
    EXPECT_FALSE(on.write(row("own 1")));
    EXPECT_EQ(on.foreign_commits, 0);
    auto const other = open_beside(on.file());
    other->raw().exec("INSERT INTO row (text) VALUES ('foreign')");
    run_until(on.loop, [&on] { return on.foreign_commits > 0; });
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(on.write(row("more " + std::to_string(i))));
    EXPECT_EQ(on.foreign_commits, 1);
    other->raw().exec("DELETE FROM row WHERE text = 'foreign'");
    run_until(on.loop, [&on] { return on.foreign_commits > 1; });
    EXPECT_EQ(on.foreign_commits, 2);
}

TEST(writer, waits_while_another_holds_the_database)
{
    writing on;
    auto const other = open_beside(on.file());
    other->raw().exec("BEGIN IMMEDIATE");
    on.start(row("patient"));
    on.wait_until_taken();
    on.loop.poll();
    EXPECT_EQ(on.answers.size(), 0U);
    other->raw().exec("INSERT INTO row (text) VALUES ('theirs')");
    other->raw().exec("COMMIT");
    on.wait_for_answers(1);
    EXPECT_TRUE(on.answers[0]);
    EXPECT_EQ(on.rows(), 2);
}

TEST(writer, gives_up_when_another_holds_the_database_too_long_and_works_again)
{
    writing::settings chosen;
    chosen.busy_timeout = milliseconds(1);
    writing on(chosen);
    auto const other = open_beside(on.file());
    other->raw().exec("BEGIN IMMEDIATE");
    auto const refused = on.write(row("mine"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unavailable);
    other->raw().exec("ROLLBACK");
    EXPECT_TRUE(on.write(row("mine")));
    EXPECT_EQ(on.fatal.size(), 0U);
}

// A foreign commit between two groups must not meet a read that a piece of work left open.
TEST(writer, is_not_stopped_by_a_read_left_open)
{
    writing on;
    ASSERT_TRUE(on.write(row("first")));
    ASSERT_TRUE(on.write(row("second")));
    auto leave_open = [](transaction& tx) -> result<std::int64_t>
    {
        auto& statement = tx.prepare("SELECT id FROM row");
        statement.executeStep();
        return number_at(statement, 0);
    };
    ASSERT_TRUE(on.write(leave_open));
    open_beside(on.file())->raw().exec("INSERT INTO row (text) VALUES ('foreign')");
    EXPECT_TRUE(on.write(row("third")));
    auto failing = [leave_open](transaction& tx) -> result<std::int64_t>
    {
        (void)leave_open(tx);
        return error(errc::invalid, "no");
    };
    EXPECT_FALSE(on.write(failing));
    open_beside(on.file())->raw().exec("INSERT INTO row (text) VALUES ('foreign too')");
    EXPECT_TRUE(on.write(row("fourth")));
}

// The whole transaction may be rolled back by SQLite: then nobody in the group may be told that it was
// written.
TEST(writer, writes_nothing_by_halves_on_a_full_database)
{
    writing on;
    ASSERT_TRUE(on.write(row("there")));
    auto const pages = ask(*open_beside(on.file()), "PRAGMA page_count");
    ASSERT_TRUE(on.write(sql("PRAGMA max_page_count=" + std::to_string(pages + 2))));
    std::promise<void> go;
    on.block(go.get_future().share());
    on.start(row("small"));
    on.start(row(std::string(100'000, 'x')));
    on.start(row("behind"));
    go.set_value();
    on.wait_for_answers(4);
    for (std::size_t i = 1; i < 4; ++i)
    {
        ASSERT_FALSE(on.answers[i]) << i;
        EXPECT_EQ(on.answers[i].error().code, errc::unavailable) << on.answers[i].error().message;
    }
    EXPECT_EQ(on.rows(), 1);
    EXPECT_EQ(on.fatal.size(), 0U);
    EXPECT_TRUE(on.write(row("small")));
    ASSERT_TRUE(on.write(sql("PRAGMA max_page_count=100000")));
    EXPECT_TRUE(on.write(row(std::string(100'000, 'x'))));
    EXPECT_EQ(on.rows(), 3);
}

TEST(writer, works_again_when_a_full_disk_has_room)
{
    failing_vfs vfs;
    writing::settings chosen;
    chosen.vfs = failing_vfs::name;
    writing on(chosen);
    ASSERT_TRUE(on.write(row("there")));
    failing_vfs::disk_is_full = true;
    for (int i = 0; i < 3; ++i)
    {
        auto const refused = on.write(row("no room"));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::unavailable);
        EXPECT_NE(refused.error().message.find("space"), std::string::npos) << refused.error().message;
    }
    EXPECT_EQ(on.rows(), 1);
    failing_vfs::disk_is_full = false;
    EXPECT_TRUE(on.write(row("room")));
    EXPECT_EQ(on.rows(), 2);
    EXPECT_EQ(on.fatal.size(), 0U);
    on.stop();
}

TEST(writer, stops_for_good_when_a_sync_fails)
{
    failing_vfs vfs;
    writing::settings chosen;
    chosen.vfs = failing_vfs::name;
    chosen.writer.group_max = 2;
    writing on(chosen);
    ASSERT_TRUE(on.write(row("there")));
    std::promise<void> go;
    on.block(go.get_future().share());
    for (int i = 0; i < 6; ++i)
        on.start(row("lost " + std::to_string(i)));
    failing_vfs::syncs_fail = true;
    // From the first failure on the disk answers again: that must not be believed.
    auto heal = [](transaction&) -> result<std::int64_t>
    {
        failing_vfs::syncs_fail = false;
        return std::int64_t(0);
    };
    on.start(heal);
    go.set_value();
    on.wait_for_answers(8);
    run_until(on.loop, [&on] { return !on.fatal.empty(); });
    EXPECT_GE(failing_vfs::syncs_failed, 1);
    std::size_t refused = 0;
    for (auto const& answer : on.answers)
        refused += answer ? 0U : 1U;
    EXPECT_GE(refused, 7U);  // the blocker is not: it wrote nothing, so there was nothing to sync
    failing_vfs::syncs_fail = false;
    auto const later = on.write(row("later"));
    ASSERT_FALSE(later);
    EXPECT_EQ(later.error().code, errc::unavailable);
    EXPECT_NE(later.error().message.find("has failed"), std::string::npos);
    EXPECT_EQ(on.fatal.size(), 1U);
    EXPECT_EQ(on.fatal[0].code, errc::internal);
    on.stop();
    EXPECT_EQ(on.rows(), 1);
}

TEST(reader, sees_one_moment_and_then_the_next)
{
    scratch_store store;
    database_options options;
    options.file = store.file();
    options.writable = false;
    boost::asio::io_context loop{1};
    reader reading(loop, std::move(database::open(options).value()), [] { return from_milliseconds(1'000); });
    auto const beside = open_beside(store.file());

    auto twice = [&beside](transaction& tx) -> result<std::int64_t>
    {
        auto& first = tx.prepare("SELECT count(*) FROM delivery_seen");
        first.executeStep();
        auto const before = number_at(first, 0);
        beside->raw().exec(
            "INSERT INTO delivery_seen VALUES ('link', 'delivery " + std::to_string(before) + "', 1)"
        );
        EXPECT_EQ(ask(tx.connection(), "SELECT count(*) FROM delivery_seen"), before);
        return before;  // and its statement stays open
    };
    EXPECT_EQ(run(loop, reading.read<std::int64_t>(twice)).value(), 0);
    EXPECT_EQ(run(loop, reading.read<std::int64_t>(twice)).value(), 1);
    auto other = [](transaction& tx) -> result<std::int64_t>
    { return ask(tx.connection(), "SELECT count(*) FROM delivery_seen WHERE link = 'link'"); };
    EXPECT_EQ(run(loop, reading.read<std::int64_t>(other)).value(), 2);
    EXPECT_EQ(ask(*beside, "PRAGMA wal_checkpoint(TRUNCATE)"), 0);  // nobody reads the log any more
}

TEST(reader, writes_nothing_and_answers_errors)
{
    scratch_store store;
    database_options options;
    options.file = store.file();
    options.writable = false;
    boost::asio::io_context loop{1};
    reader reading(loop, std::move(database::open(options).value()), [] { return from_milliseconds(1'000); });
    auto const refused = run(loop, reading.read<std::int64_t>(sql("DELETE FROM delivery_seen")));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unavailable);
    auto missing = [](transaction& tx) -> result<std::int64_t>
    {
        EXPECT_EQ(tx.now(), from_milliseconds(1'000));
        return error(errc::not_found, "nothing there");
    };
    EXPECT_EQ(run(loop, reading.read<std::int64_t>(missing)).error().code, errc::not_found);
    auto fine = [](transaction& tx) -> result<std::int64_t> { return ask(tx.connection(), "SELECT 7"); };
    EXPECT_EQ(run(loop, reading.read<std::int64_t>(fine)).value(), 7);
}

}  // namespace
}  // namespace linkspan::test
