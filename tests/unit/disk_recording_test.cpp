#include "tests/support/disk_recording.hpp"

#include "tests/support/environment.hpp"

#include <gtest/gtest.h>

#include <set>

namespace linkspan::test
{
namespace
{

using contents = std::map<std::string, std::string>;

contents after_cut(disk_recording const& disk, disk_recording::moment cut, cut_mode mode, std::uint64_t seed)
{
    temporary_folder folder;
    disk.materialise(cut, mode, seed, folder.path());
    contents found;
    for (auto const& entry : std::filesystem::directory_iterator(folder.path()))
        found[entry.path().filename().string()] = read_file(entry.path());
    return found;
}

contents mild(disk_recording const& disk)
{
    return after_cut(disk, disk.now(), cut_mode::mild, 0);
}

TEST(disk_recording, keeps_only_what_was_synced)
{
    disk_recording disk;
    auto const file = disk.create("/x/a");
    disk.write(file, 0, "first");
    EXPECT_EQ(mild(disk), contents{});
    disk.sync(file, false);
    EXPECT_EQ(mild(disk), contents{});  // The content is safe, the name is not.
    disk.sync(file, true);
    auto const whole = disk.now();
    EXPECT_EQ(mild(disk), (contents{{"a", "first"}}));
    disk.write(file, 7, "second");
    disk.truncate(file, 9);
    EXPECT_EQ(mild(disk), (contents{{"a", "first"}}));
    disk.sync(file, false);
    EXPECT_EQ(mild(disk), (contents{{"a", std::string("first\0\0se", 9)}}));
    disk.remove("/x/a", false);
    EXPECT_TRUE(mild(disk).contains("a"));
    disk.create("/x/b");
    disk.remove("/x/b", true);
    EXPECT_EQ(mild(disk), contents{});
    EXPECT_EQ(after_cut(disk, whole, cut_mode::mild, 0), (contents{{"a", "first"}}));
}

TEST(disk_recording, has_what_was_there_before_from_the_start)
{
    disk_recording disk;
    disk.create("/x/a");
    disk.import_file("/x/b", "old");
    EXPECT_EQ(after_cut(disk, 0, cut_mode::mild, 0), (contents{{"b", "old"}}));
    disk.remove("/x/b", false);
    disk.create("/x/b");  // A new file of the same name: the old content must not shine through.
    EXPECT_EQ(mild(disk), (contents{{"b", "old"}}));
    disk.sync(disk.file("/x/b"), true);
    EXPECT_EQ(mild(disk), (contents{{"a", ""}, {"b", ""}}));
}

TEST(disk_recording, harsh_cuts_tear_at_sectors_and_inside_the_write)
{
    disk_recording disk;
    auto const file = disk.import_file("/x/a", std::string(2048, 'o'));
    disk.write(file, 100, std::string(1500, 'n'));
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 300; ++seed)
    {
        auto const found = after_cut(disk, disk.now(), cut_mode::harsh, seed);
        EXPECT_EQ(found, after_cut(disk, disk.now(), cut_mode::harsh, seed));
        auto const& image = found.at("a");
        ASSERT_EQ(image.size(), 2048U);
        EXPECT_EQ(image.substr(0, 100), std::string(100, 'o'));
        EXPECT_EQ(image.substr(1600), std::string(448, 'o'));
        for (std::size_t const start : {100U, 512U, 1024U, 1536U})
        {
            auto const length = std::min<std::size_t>(512 - start % 512, 1600 - start);
            auto const sector = image.substr(start, length);
            EXPECT_TRUE(sector == std::string(length, 'o') || sector == std::string(length, 'n'));
        }
        seen.insert(image);
    }
    EXPECT_EQ(seen.size(), 16U);  // Every subset of the four sectors.
}

TEST(disk_recording, harsh_cuts_reorder_writes_and_keep_the_order_of_names)
{
    disk_recording disk;
    auto const file = disk.import_file("/x/a", "");
    disk.write(file, 0, "1");
    disk.write(file, 1, "2");
    disk.create("/x/b");
    disk.create("/x/c");
    std::set<std::string> images;
    std::set<std::size_t> names;
    for (std::uint64_t seed = 0; seed < 300; ++seed)
    {
        auto const found = after_cut(disk, disk.now(), cut_mode::harsh, seed);
        images.insert(found.at("a"));
        names.insert(found.size());
        EXPECT_TRUE(found.contains("b") || !found.contains("c"));
    }
    EXPECT_EQ(
        images,
        (std::set<std::string>{
            "",
            "1",
            "12",
            std::string(
                "\0"
                "2",
                2
            )})
    );
    EXPECT_EQ(names, (std::set<std::size_t>{1, 2, 3}));
}

TEST(disk_recording, knows_what_was_acknowledged_when)
{
    disk_recording disk;
    auto const file = disk.create("/x/a");
    disk.acknowledge(7);
    disk.write(file, 0, "x");
    disk.acknowledge(8);
    EXPECT_EQ(disk.acknowledged_before(1), std::vector<std::int64_t>{});
    EXPECT_EQ(disk.acknowledged_before(3), std::vector<std::int64_t>{7});
    EXPECT_EQ(disk.acknowledgements(), (std::vector<disk_recording::moment>{2, 4}));
}

TEST(disk_recording, refuses_what_it_cannot_make)
{
    disk_recording disk;
    temporary_folder folder;
    EXPECT_THROW(disk.materialise(1, cut_mode::mild, 0, folder.path()), std::runtime_error);
    write_file(folder.path() / "stale", "");
    EXPECT_THROW(disk.materialise(0, cut_mode::mild, 0, folder.path()), std::runtime_error);
}

}  // namespace
}  // namespace linkspan::test
