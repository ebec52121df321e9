#include "cmd/linkspan/paths.hpp"

#include "tests/support/environment.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <map>

namespace linkspan
{
namespace
{

environment having(std::map<std::string, std::string> variables)
{
    return [variables = std::move(variables)](char const* name) -> std::optional<std::string>
    {
        auto const found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
}

unsigned mode_of(std::filesystem::path const& path)
{
    struct stat status = {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
}

TEST(profile, lives_below_home)
{
    auto const found = find_profile({}, having({{"HOME", "/home/ada"}}));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->config, "/home/ada/.config/linkspan/config.toml");
    EXPECT_EQ(found->database, "/home/ada/.local/share/linkspan/linkspan.db");
    EXPECT_EQ(found->master_key, "/home/ada/.local/share/linkspan/master.key");
    EXPECT_EQ(found->state, "/home/ada/.local/state/linkspan");
}

TEST(profile, lives_where_the_variables_of_xdg_say)
{
    auto const found = find_profile(
        {}, having({{"XDG_CONFIG_HOME", "/c"}, {"XDG_DATA_HOME", "/d/"}, {"XDG_STATE_HOME", "/s"}})
    );
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->config, "/c/linkspan/config.toml");
    EXPECT_EQ(found->database, "/d/linkspan/linkspan.db");
    EXPECT_EQ(found->master_key, "/d/linkspan/master.key");
    EXPECT_EQ(found->state, "/s/linkspan");
}

TEST(profile, takes_an_empty_variable_for_none)
{
    auto const found =
        find_profile({}, having({{"HOME", "/home/ada"}, {"XDG_CONFIG_HOME", ""}, {"LINKSPAN_CONFIG", ""}}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->config, "/home/ada/.config/linkspan/config.toml");
}

TEST(profile, is_refused_where_a_variable_is_relative)
{
    for (auto const* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"})
    {
        auto const found = find_profile({}, having({{"HOME", "/home/ada"}, {name, "here"}}));
        ASSERT_FALSE(found) << name;
        EXPECT_EQ(found.error().code, errc::invalid);
        EXPECT_EQ(
            found.error().message,
            std::string(name) + " must be an absolute path; it is set to one that does not begin with /"
        );
    }
    EXPECT_FALSE(find_profile({}, having({{"HOME", "ada"}})));
}

TEST(profile, is_refused_where_nothing_says_where)
{
    auto const found = find_profile({}, having({}));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, errc::invalid);
    EXPECT_EQ(
        found.error().message,
        "neither XDG_CONFIG_HOME nor HOME is set, so there is no place to look; set one of them"
    );
    auto const half = find_profile({}, having({{"XDG_CONFIG_HOME", "/c"}, {"XDG_DATA_HOME", "/d"}}));
    ASSERT_FALSE(half);
    EXPECT_TRUE(half.error().message.starts_with("neither XDG_STATE_HOME nor HOME")) << half.error().message;
}

TEST(profile, asks_no_variable_that_an_override_makes_needless)
{
    path_overrides overrides;
    overrides.config = "/x/config.toml";
    auto const variables = having(
        {{"LINKSPAN_CONFIG", "/never"},
         {"LINKSPAN_DATABASE", "/y/a.db"},
         {"LINKSPAN_KEY_FILE", "keys/../master.key"},
         {"XDG_STATE_HOME", "/s"}}
    );
    auto const found = find_profile(overrides, variables);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->config, "/x/config.toml");
    EXPECT_EQ(found->database, "/y/a.db");
    EXPECT_EQ(found->master_key, std::filesystem::current_path() / "master.key");
    EXPECT_EQ(found->state, "/s/linkspan");
}

TEST(process_environment, tells_what_is_set_and_not_empty)
{
    ::setenv("LINKSPAN_TEST_VARIABLE", "x", 1);
    EXPECT_EQ(process_environment("LINKSPAN_TEST_VARIABLE"), "x");
    ::setenv("LINKSPAN_TEST_VARIABLE", "", 1);
    EXPECT_EQ(process_environment("LINKSPAN_TEST_VARIABLE"), std::nullopt);
    ::unsetenv("LINKSPAN_TEST_VARIABLE");
    EXPECT_EQ(process_environment("LINKSPAN_TEST_VARIABLE"), std::nullopt);
}

TEST(private_folder, is_made_with_all_that_is_above_it)
{
    test::temporary_folder const place;
    auto const before = ::umask(0);
    auto const made = make_private_folder(place.path() / "a" / "b" / "c" / "");
    ::umask(before);
    ASSERT_TRUE(made) << made.error().message;
    for (auto const* name : {"a", "a/b", "a/b/c"})
        EXPECT_EQ(mode_of(place.path() / name), 0700u) << name;
    EXPECT_TRUE(make_private_folder(place.path() / "a" / "b" / "c"));
}

TEST(private_folder, that_exists_keeps_its_mode)
{
    test::temporary_folder const place;
    auto const folder = place.path() / "open";
    std::filesystem::create_directory(folder);
    for (unsigned const mode : {0755u, 0750u, 0500u, 01777u})
    {
        ASSERT_EQ(::chmod(folder.c_str(), mode), 0);
        auto const made = make_private_folder(folder);
        EXPECT_TRUE(made) << made.error().message;
        EXPECT_EQ(mode_of(folder), mode);
    }
    for (unsigned const mode : {0777u, 0770u, 0702u})
    {
        ASSERT_EQ(::chmod(folder.c_str(), mode), 0);
        auto const made = make_private_folder(folder);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, errc::invalid);
        EXPECT_EQ(
            made.error().message,
            "the folder " + folder.string() + " may be written by others; type: chmod go-w " + folder.string()
        );
        EXPECT_EQ(mode_of(folder), mode);
    }
}

TEST(private_folder, cannot_be_made_where_something_else_is)
{
    test::temporary_folder const place;
    test::write_file(place.path() / "file", "");
    auto const taken = make_private_folder(place.path() / "file");
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, errc::conflict);
    auto const below = make_private_folder(place.path() / "file" / "below");
    ASSERT_FALSE(below);
    EXPECT_EQ(below.error().code, errc::unavailable);
    EXPECT_NE(below.error().message.find("Not a directory"), std::string::npos) << below.error().message;
    EXPECT_FALSE(make_private_folder("/proc/linkspan"));
    EXPECT_FALSE(make_private_folder(""));
}

}  // namespace
}  // namespace linkspan
