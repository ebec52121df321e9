#include "tests/support/environment.hpp"
#include "tests/support/power_cut_drill.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <vector>

// The instrument is tested with bare SQLite: it must find nothing where SQLite promises durability
// (https://www.sqlite.org/pragma.html#pragma_synchronous) and must find losses where SQLite promises none.
namespace linkspan::test
{
namespace
{

struct workload
{
    std::string journal_mode = "WAL";
    std::string synchronous = "FULL";
    int writers = 1;
    int wal_autocheckpoint = 1000;  // Pages.
    std::string checkpoint;         // Mode of a checkpoint after every 10th row; empty: none.
    int rows_per_writer = 40;
};

std::string row_body(std::int64_t id)
{
    return std::string(static_cast<std::size_t>(id * 37 % 3000), 'x');
}

SQLite::Database open_live(power_cut_vfs& vfs, std::filesystem::path const& folder, workload const& work)
{
    SQLite::Database db(
        (folder / "rows.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 10'000, vfs.name()
    );
    db.exec("PRAGMA journal_mode=" + work.journal_mode);
    db.exec("PRAGMA synchronous=" + work.synchronous);
    return db;
}

void insert_rows(power_cut_vfs& vfs, SQLite::Database& db, workload const& work, std::int64_t first)
{
    for (std::int64_t id = first; id < first + work.rows_per_writer; ++id)
    {
        db.exec("BEGIN IMMEDIATE");
        SQLite::Statement insert(db, "INSERT INTO rows (id, body) VALUES (?, ?)");
        insert.bind(1, id);
        insert.bind(2, row_body(id));
        insert.exec();
        db.exec("COMMIT");
        vfs.acknowledge(id);
        if (!work.checkpoint.empty() && id % 10 == 9)
            db.exec("PRAGMA wal_checkpoint(" + work.checkpoint + ")");
    }
}

// As in the program: one connection checkpoints, the other never does, not even when it is closed.
void run_workload(power_cut_vfs& vfs, std::filesystem::path const& folder, workload const& work)
{
    auto owner = open_live(vfs, folder, work);
    owner.exec("PRAGMA wal_autocheckpoint=" + std::to_string(work.wal_autocheckpoint));
    owner.exec("CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
    std::optional<SQLite::Database> guest;
    std::future<void> other;
    if (work.writers == 2)
    {
        guest.emplace(open_live(vfs, folder, work));
        guest->exec("PRAGMA wal_autocheckpoint=0");
        sqlite3_db_config(guest->getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        workload quiet = work;
        quiet.checkpoint.clear();
        other = std::async(
            std::launch::async, [&vfs, &guest, quiet] { insert_rows(vfs, *guest, quiet, 10'000); }
        );
    }
    insert_rows(vfs, owner, work, 1);
    if (other.valid())
        other.get();
    guest.reset();
}

power_cut_survivors read_rows(std::filesystem::path const& folder)
{
    power_cut_survivors found;
    try
    {
        SQLite::Database db(
            (folder / "rows.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 0, "unix"
        );
        db.exec("PRAGMA synchronous=OFF");
        auto const health = db.execAndGet("PRAGMA integrity_check").getString();
        if (health != "ok")
            found.fault = health;
        if (!db.tableExists("rows"))
            return found;
        SQLite::Statement rows(db, "SELECT id, body FROM rows");
        while (rows.executeStep())
            if (rows.getColumn(1).getString() == row_body(rows.getColumn(0).getInt64()))
                found.ids.insert(rows.getColumn(0).getInt64());
    }
    catch (SQLite::Exception const& failure)
    {
        found.fault = failure.what();
    }
    return found;
}

// Enough where losses are the rule.
power_cut_plan const losing_rows = {.runs = 2, .cuts_per_run = 30};

power_cut_report drill(workload const& work, power_cut_plan const& plan = {})
{
    auto const report = cut_power(
        plan,
        [&work](power_cut_vfs& vfs, std::filesystem::path const& folder, std::uint64_t)
        { run_workload(vfs, folder, work); },
        read_rows
    );
    testing::Test::RecordProperty("cuts", static_cast<int>(report.cuts));
    testing::Test::RecordProperty("cuts_that_lost", static_cast<int>(report.cuts_that_lost));
    std::printf(
        "%zu cuts: %zu lost, %zu damaged; unsynced changes: %zu kept, %zu torn, %zu dropped\n",
        report.cuts,
        report.cuts_that_lost,
        report.cuts_that_damaged,
        report.unsynced.kept,
        report.unsynced.torn,
        report.unsynced.dropped
    );
    return report;
}

void expect_no_loss(power_cut_report const& report)
{
    EXPECT_EQ(report.first_problem, "");
    EXPECT_EQ(report.cuts, 200U);
    EXPECT_GE(report.acknowledged, 160U);
    // Cuts fell inside of commits too, and the harsh mode had something to play with.
    EXPECT_GT(report.unsynced.kept, 0U);
    EXPECT_GT(report.unsynced.torn, 0U);
    EXPECT_GT(report.unsynced.dropped, 0U);
}

TEST(power_cut, full_wal_keeps_every_acknowledged_row)
{
    expect_no_loss(drill({}));
}

TEST(power_cut, full_wal_keeps_the_rows_of_two_connections)
{
    workload work;
    work.writers = 2;
    expect_no_loss(drill(work));
}

TEST(power_cut, full_wal_keeps_every_row_across_checkpoints)
{
    workload work;
    work.wal_autocheckpoint = 8;
    expect_no_loss(drill(work));
    work.checkpoint = "TRUNCATE";
    expect_no_loss(drill(work));
}

TEST(power_cut, full_wal_keeps_the_rows_of_two_connections_across_checkpoints)
{
    workload work;
    work.writers = 2;
    work.wal_autocheckpoint = 8;
    work.checkpoint = "PASSIVE";
    expect_no_loss(drill(work));
}

// A fault that only the power could show: without it the tests above would prove nothing.
TEST(power_cut, normal_wal_loses_acknowledged_rows_but_stays_whole)
{
    workload work;
    work.synchronous = "NORMAL";
    work.wal_autocheckpoint = 8;
    auto const report = drill(work, losing_rows);
    EXPECT_GT(report.cuts_that_lost, 0U);
    EXPECT_EQ(report.cuts_that_damaged, 0U);
}

TEST(power_cut, off_loses_acknowledged_rows_and_damages)
{
    workload work;
    work.synchronous = "OFF";
    work.wal_autocheckpoint = 8;
    auto const report = drill(work, losing_rows);
    EXPECT_GT(report.cuts_that_lost, 0U);
    EXPECT_GT(report.cuts_that_damaged, 0U);
}

// With a rollback journal a commit is the journal's deletion: only EXTRA syncs the folder after it.
TEST(power_cut, a_rollback_journal_needs_its_deletion_synced)
{
    workload work;
    work.journal_mode = "DELETE";
    work.synchronous = "EXTRA";
    expect_no_loss(drill(work));
    work.synchronous = "FULL";
    auto const report = drill(work, losing_rows);
    EXPECT_GT(report.cuts_that_lost, 0U);
    EXPECT_EQ(report.cuts_that_damaged, 0U);
}

TEST(power_cut, serves_connections_that_name_no_vfs_when_asked_to)
{
    temporary_folder folder;
    disk_recording disk;
    {
        power_cut_vfs vfs("power-cut-default", disk, power_cut_vfs::role::process_default);
        SQLite::Database db((folder.path() / "a.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        db.exec("CREATE TABLE t (a)");
    }
    EXPECT_GT(disk.now(), 0U);
    EXPECT_STREQ(sqlite3_vfs_find(nullptr)->zName, "unix");
}

TEST(power_cut, cuts_in_the_middle_of_activity)
{
    temporary_folder live;
    temporary_folder after;
    disk_recording disk;
    power_cut_vfs vfs("power-cut", disk);
    auto db = open_live(vfs, live.path(), {});
    db.exec("CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
    workload work;
    work.rows_per_writer = 5;
    insert_rows(vfs, db, work, 1);
    db.exec("BEGIN IMMEDIATE");
    db.exec("INSERT INTO rows (id, body) VALUES (6, '')");
    vfs.cut(cut_mode::mild, 1, after.path());
    db.exec("COMMIT");
    auto const found = read_rows(after.path());
    EXPECT_EQ(found.fault, "");
    EXPECT_EQ(found.ids, (std::set<std::int64_t>{1, 2, 3, 4, 5}));
    EXPECT_THROW(vfs.cut(cut_mode::mild, 1, after.path()), std::runtime_error);  // Not empty.
}

TEST(power_cut, says_disk_full_where_the_recording_is_full)
{
    temporary_folder folder;
    disk_recording disk(20'000);
    power_cut_vfs vfs("power-cut", disk);
    auto db = open_live(vfs, folder.path(), {});
    db.exec("CREATE TABLE t (a)");
    try
    {
        db.exec("INSERT INTO t VALUES (zeroblob(20000))");
        ADD_FAILURE() << "20 kB went into less";
    }
    catch (SQLite::Exception const& failure)
    {
        EXPECT_EQ(failure.getErrorCode(), SQLITE_FULL);
    }
}

TEST(power_cut, refuses_a_name_that_is_taken)
{
    disk_recording disk;
    EXPECT_THROW(power_cut_vfs("unix", disk), std::runtime_error);
}

}  // namespace
}  // namespace linkspan::test
