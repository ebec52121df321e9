#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

// The daemon reads its links again when another process has changed one.

namespace linkspan::test
{
namespace
{

// Standard error in a file that can be read while the program writes it.
class error_file
{
public:
    explicit error_file(std::filesystem::path path) : path_(std::move(path)), before_(::dup(STDERR_FILENO))
    {
        int const file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(file, STDERR_FILENO);
        ::close(file);
    }
    ~error_file()
    {
        ::dup2(before_, STDERR_FILENO);
        ::close(before_);
    }
    error_file(error_file const&) = delete;
    error_file& operator=(error_file const&) = delete;

    std::size_t count(std::string_view part) const
    {
        auto const text = read_file(path_);
        std::size_t count = 0;
        for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1))
            ++count;
        return count;
    }

private:
    std::filesystem::path path_;
    int before_;
};

TEST(reload, a_key_that_cannot_be_read_is_told_once_for_each_reason)
{
    test_profile profile;
    profile.add_link("bitbucket-webhook", "hook", {{"webhook_secret", "a secret"}});
    auto const key = profile.paths().master_key;
    auto const aside = key.string() + ".aside";
    temporary_folder const folder;
    error_file const log(folder.path() / "log");
    running_app app(profile, quick_config(), system_now());
    auto const try_again = [&]
    {
        for (int second = 0; second < 20; ++second)
        {
            app->advance(seconds(1));
            (void)get(app.admin_url() + "/metrics");  // the store has answered, and the loop has heard it
        }
    };
    std::filesystem::rename(key, aside);
    profile.execute("UPDATE link SET name = 'other'");
    ASSERT_TRUE(eventually([&] { return log.count("links not read again") == 1; }));
    try_again();
    EXPECT_EQ(log.count("links not read again"), 1u) << "not each second";
    std::filesystem::create_directory(key);
    try_again();
    EXPECT_EQ(log.count("links not read again"), 2u) << "another reason";
    std::filesystem::remove(key);
    std::filesystem::rename(aside, key);
    try_again();
    auto const known = delivery_to(app.public_url(), "other", edition::cloud, "repo:push", "{}", "a secret");
    EXPECT_TRUE(eventually([&] { return exchange_with(known).status == 202; })) << "by its new name";
}

}  // namespace
}  // namespace linkspan::test
