#include "store/profile_lock.hpp"

#include "tests/support/environment.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace linkspan::test
{
namespace
{

// A process that takes the lock and waits to be killed.
class holder
{
public:
    explicit holder(std::filesystem::path const& database)
    {
        int ready[2] = {};
        EXPECT_EQ(::pipe(ready), 0);
        pid_ = ::fork();
        if (pid_ == 0)
        {
            auto const taken = profile_lock::take(database);
            char const answer = taken ? 'y' : 'n';
            if (::write(ready[1], &answer, 1) == 1)
                ::pause();
            ::_exit(1);
        }
        ::close(ready[1]);
        char answer = '?';
        EXPECT_EQ(::read(ready[0], &answer, 1), 1);
        EXPECT_EQ(answer, 'y');
        ::close(ready[0]);
    }
    ~holder() { kill(); }
    holder(holder const&) = delete;
    holder& operator=(holder const&) = delete;

    pid_t pid() const { return pid_; }

    void kill()
    {
        if (pid_ <= 0)
            return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

private:
    pid_t pid_ = -1;
};

TEST(profile_lock, refuses_a_second_taker_with_the_pid_of_the_first)
{
    temporary_folder folder;
    holder const first(folder.path() / "linkspan.db");
    auto const second = profile_lock::take(folder.path() / "linkspan.db");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, errc::conflict);
    EXPECT_NE(second.error().message.find("process " + std::to_string(first.pid()) + " ("), std::string::npos)
        << second.error().message;
}

TEST(profile_lock, ends_with_its_process_and_the_pid_left_behind_means_nothing)
{
    temporary_folder folder;
    auto const database = folder.path() / "linkspan.db";
    write_file(database.string() + ".lock", "4194304999 and more than a pid\n");
    holder first(database);
    first.kill();
    EXPECT_NE(read_file(database.string() + ".lock"), "");
    auto const second = profile_lock::take(database);
    ASSERT_TRUE(second);
    EXPECT_EQ(read_file(database.string() + ".lock"), std::to_string(::getpid()) + "\n");
}

TEST(profile_lock, moves_and_is_released_with_the_object)
{
    temporary_folder folder;
    auto const database = folder.path() / "linkspan.db";
    {
        auto taken = profile_lock::take(database);
        ASSERT_TRUE(taken);
        profile_lock kept;
        kept = std::move(*taken);
        EXPECT_FALSE(profile_lock::take(database));
        profile_lock const last(std::move(kept));
        EXPECT_FALSE(profile_lock::take(database));
        EXPECT_TRUE(profile_lock::take(folder.path() / "other.db"));
    }
    EXPECT_TRUE(profile_lock::take(database));
}

TEST(profile_lock, is_one_for_a_database_that_is_reached_by_a_link)
{
    temporary_folder folder;
    auto const database = folder.path() / "linkspan.db";
    write_file(database, "");
    std::filesystem::create_symlink(database, folder.path() / "link.db");
    std::filesystem::create_directory_symlink(folder.path(), folder.path() / "elsewhere");
    auto const taken = profile_lock::take(database);
    ASSERT_TRUE(taken);
    EXPECT_FALSE(profile_lock::take(folder.path() / "link.db"));
    EXPECT_FALSE(profile_lock::take(folder.path() / "elsewhere" / "linkspan.db"));
}

TEST(profile_lock, empties_no_file_that_a_link_in_its_place_leads_to)
{
    temporary_folder folder;
    write_file(folder.path() / "precious", "text");
    std::filesystem::create_symlink(folder.path() / "precious", folder.path() / "linkspan.db.lock");
    EXPECT_FALSE(profile_lock::take(folder.path() / "linkspan.db"));
    EXPECT_EQ(read_file(folder.path() / "precious"), "text");
}

TEST(profile_lock, names_the_file_that_it_cannot_make)
{
    temporary_folder const folder;
    write_file(folder.path() / "file", "no folder");  // takes no file, not even root's
    auto const refused = profile_lock::take(folder.path() / "file" / "linkspan.db");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unavailable);
    EXPECT_NE(refused.error().message.find("file/linkspan.db.lock"), std::string::npos);
}

}  // namespace
}  // namespace linkspan::test
