#include "store/migrate.hpp"
#include "store/statement.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <future>
#include <latch>
#include <thread>

namespace linkspan::test
{
namespace
{

mode_t mode_of(std::filesystem::path const& file)
{
    struct stat status = {};
    EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
    return status.st_mode & 0777U;
}

bool has(error const& failure, std::string_view text)
{
    return failure.message.find(text) != std::string::npos;
}

void set_version(std::filesystem::path const& file, int version)
{
    open_beside(file)->raw().exec("PRAGMA user_version=" + std::to_string(version));
}

TEST(store_database, a_fresh_one_gets_the_schema_and_a_private_mode)
{
    auto const umask_before = ::umask(0);
    scratch_store store;
    ::umask(umask_before);
    auto const beside = open_beside(store.file());
    EXPECT_EQ(schema_version_of(*beside).value(), schema_version());
    EXPECT_GE(schema_version(), 1);
    EXPECT_GT(ask(*beside, "SELECT count(*) FROM sqlite_schema WHERE name = 'inbox'"), 0);
    store.change(
        "INSERT INTO inbox (link, edition, instance, event_key, received_at) VALUES ('a', 'cloud', '', '', 1)"
    );
    EXPECT_EQ(mode_of(store.file()), 0600U);
    EXPECT_EQ(mode_of(store.file().string() + "-wal"), 0600U);
    EXPECT_EQ(mode_of(store.file().string() + "-shm"), 0600U);
    EXPECT_EQ(mode_of(store.file().string() + ".lock"), 0600U);
}

TEST(store_database, an_empty_file_that_is_there_becomes_private)
{
    temporary_folder folder;
    write_file(folder.path() / "empty.db", "");
    std::filesystem::permissions(folder.path() / "empty.db", std::filesystem::perms(0644));
    EXPECT_TRUE(command_store::open(folder.path() / "empty.db"));
    EXPECT_EQ(mode_of(folder.path() / "empty.db"), 0600U);
}

TEST(store_database, opening_again_changes_nothing)
{
    scratch_store store;
    store.change(
        "INSERT INTO inbox (link, edition, instance, event_key, received_at) VALUES ('a', 'cloud', '', '', 1)"
    );
    auto const schema = store.count("PRAGMA schema_version");
    EXPECT_TRUE(command_store::open(store.file()));
    auto const beside = open_beside(store.file());
    EXPECT_TRUE(migrate(*beside));
    EXPECT_EQ(ask(*beside, "PRAGMA schema_version"), schema);
    EXPECT_EQ(ask(*beside, "SELECT count(*) FROM inbox"), 1);
}

TEST(store_database, a_newer_schema_is_refused_with_advice)
{
    scratch_store store;
    set_version(store.file(), schema_version() + 1);
    auto const refused = command_store::open(store.file());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::conflict);
    EXPECT_TRUE(has(refused.error(), "use the newer linkspan")) << refused.error().message;

    boost::asio::io_context loop;
    linkspan::store::settings chosen;
    chosen.file = store.file();
    auto const daemon = linkspan::store::open(loop, std::move(chosen));
    ASSERT_FALSE(daemon);
    EXPECT_EQ(daemon.error().code, errc::conflict);
    EXPECT_EQ(schema_version_of(*open_beside(store.file())).value(), schema_version() + 1);
}

TEST(store_database, an_older_schema_that_another_holds_is_said)
{
    scratch_store store;
    set_version(store.file(), schema_version() - 1);
    auto const held = profile_lock::take(store.file());
    ASSERT_TRUE(held);
    auto const refused = command_store::open(store.file());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::conflict);
    EXPECT_TRUE(has(refused.error(), "older linkspan serve; stop it")) << refused.error().message;
}

TEST(store_database, a_command_waits_for_the_holder_of_the_lock_to_migrate)
{
    temporary_folder folder;
    auto const file = folder.path() / "linkspan.db";
    auto const holding = profile_lock::take(file);
    ASSERT_TRUE(holding);
    auto opened = std::async(std::launch::async, [file] { return command_store::open(file).has_value(); });
    while (!std::filesystem::exists(file.string() + "-wal"))  // the command has come as far as the schema
        std::this_thread::yield();
    ASSERT_TRUE(migrate(*open_beside(file)));
    EXPECT_TRUE(opened.get());
}

TEST(store_database, many_that_meet_a_fresh_profile_at_once_all_open_it)
{
    constexpr int commands = 8;
    for (int round = 0; round < 10; ++round)
    {
        temporary_folder folder;
        std::latch together(commands);
        std::vector<std::future<std::string>> opened;
        for (int i = 0; i < commands; ++i)
            opened.push_back(std::async(
                std::launch::async,
                [&together, file = folder.path() / "linkspan.db"]
                {
                    together.arrive_and_wait();
                    auto const out = command_store::open(file);
                    return out ? std::string() : out.error().message;
                }
            ));
        for (auto& one : opened)
            EXPECT_EQ(one.get(), "");
    }
}

TEST(store_database, what_is_no_database_is_refused_and_left_alone)
{
    temporary_folder folder;
    auto const file = folder.path() / "notes.txt";
    for (auto const& text : {std::string("short"), std::string(5000, 'x')})
    {
        write_file(file, text);
        auto const refused = command_store::open(file);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::invalid);
        EXPECT_TRUE(has(refused.error(), file.string())) << refused.error().message;
        EXPECT_EQ(read_file(file), text);
    }
}

TEST(store_database, a_missing_folder_and_one_that_takes_no_file_are_named)
{
    temporary_folder folder;
    write_file(folder.path() / "file", "no folder");  // takes no file, not even root's
    for (auto const& file : {folder.path() / "no" / "linkspan.db", folder.path() / "file" / "linkspan.db"})
    {
        auto const refused = command_store::open(file);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::unavailable);
        EXPECT_TRUE(has(refused.error(), file.string())) << refused.error().message;

        boost::asio::io_context loop;
        store::settings chosen;
        chosen.file = file;
        auto const daemon = store::open(loop, std::move(chosen));
        ASSERT_FALSE(daemon);
        EXPECT_EQ(daemon.error().code, errc::unavailable);
    }
    auto const a_folder = command_store::open(folder.path());
    ASSERT_FALSE(a_folder);
    EXPECT_EQ(a_folder.error().code, errc::unavailable);
}

TEST(store_database, every_table_is_strict_and_keeps_its_references)
{
    scratch_store store;
    EXPECT_EQ(
        store.count(
            "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict "
            "AND name NOT LIKE 'sqlite_%'"
        ),
        0
    );
    EXPECT_GT(store.count("SELECT count(*) FROM pragma_table_list WHERE strict"), 8);
    EXPECT_EQ(store.count("PRAGMA foreign_keys"), 1);
    EXPECT_EQ(store.count("PRAGMA synchronous"), 2);
    auto const orphan = store.tell(
        [](transaction& tx)
        {
            return guarded(
                "write",
                [&]() -> result<>
                {
                    tx.connection().raw().exec(
                        "INSERT INTO inbox_body (id, headers, body) VALUES (77, '{}', x'00')"
                    );
                    return {};
                }
            );
        }
    );
    ASSERT_FALSE(orphan);
    EXPECT_EQ(orphan.error().code, errc::conflict);
}

TEST(store_database, a_read_left_open_ends_with_its_transaction)
{
    scratch_store store;
    auto const leave_open = [](transaction& tx) -> result<>
    {
        EXPECT_TRUE(tx.prepare("SELECT name FROM sqlite_schema").executeStep());
        return {};
    };
    ASSERT_TRUE(store.tell(leave_open));
    open_beside(store.file())->raw().exec("INSERT INTO delivery_seen VALUES ('a', 'b', 1)");
    EXPECT_EQ(store.count("SELECT count(*) FROM delivery_seen"), 1);  // BEGIN IMMEDIATE failed for good
}

TEST(store_database, opening_again_keeps_the_locks_of_the_first)
{
    scratch_store store;
    auto const holder = open_beside(store.file());
    auto const locks_of = [&store]
    {
        struct stat status = {};
        ::stat(store.file().c_str(), &status);
        auto const inode = ":" + std::to_string(status.st_ino) + " ";
        auto const all = read_file("/proc/locks");
        std::size_t found = 0;
        for (auto at = all.find(inode); at != std::string::npos; at = all.find(inode, at + 1))
            ++found;
        return found;
    };
    auto const before = locks_of();
    ASSERT_GT(before, 0U);
    EXPECT_TRUE(open_beside(store.file()));
    EXPECT_EQ(locks_of(), before);
}

TEST(store_database, probing_a_write_changes_nothing)
{
    scratch_store store;
    EXPECT_TRUE(store.tell(probe_write).value());
    EXPECT_EQ(store.count("PRAGMA user_version"), schema_version());
}

}  // namespace
}  // namespace linkspan::test
