#include "tests/simulators/bitbucket_cloud.hpp"
#include "tests/support/command_profile.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/served_program.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

class backfill_command : public testing::Test
{
protected:
    backfill_command() : cloud([] { return real_now(); })
    {
        cloud.add_token("a-token");
        cloud.add_repository("api");
        profile.create(
            {"--template",
             "bitbucket-access-token",
             "--name",
             "api",
             "--kv",
             "token=a-token",
             "--kv",
             "workspace=acme",
             "--kv",
             "api_url=" + cloud.api_url()}
        );
        configure("api = \"api\"\nrepositories = [\"acme/api\"]\n");
    }

    static time_point real_now()
    {
        return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    }

    void configure(std::string const& keys)
    {
        profile.write_config(
            "[[source]]\nname = \"cloud\"\nedition = \"cloud\"\nwebhook = \"hook\"\n" + keys
        );
    }

    std::int64_t count(std::string const& rows) const
    {
        SQLite::Database raw(profile.database().string(), SQLite::OPEN_READONLY);
        raw.setBusyTimeout(5000);
        SQLite::Statement statement(raw, "SELECT count(*) FROM " + rows);
        return statement.executeStep() ? statement.getColumn(0).getInt64() : -1;
    }

    time_point const begun = real_now();
    bitbucket_cloud cloud;
    command_profile profile;
};

TEST_F(backfill_command, reads_open_pull_requests_with_their_comments_and_tasks)
{
    auto const first = cloud.open_pull_request("api", "Mend the gate");
    cloud.open_pull_request("api", "Paint the gate");
    cloud.merge("api", cloud.open_pull_request("api", "Oil the gate"));
    cloud.add_comment("api", first, "words");
    cloud.add_task("api", first, "do it");
    auto const run = profile.run({"backfill", "cloud"});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.out, "acme/api: 2 open pull requests\nlinkspan serve takes them up when it starts.\n");
    EXPECT_EQ(count("inbox WHERE event_key = 'poll:pull_request' AND origin = 'catch_up'"), 2);
    EXPECT_EQ(count("watched_repository WHERE cursor_at IS NOT NULL"), 1);
    EXPECT_EQ(cloud.calls(cloud_call::tasks), 1u) << "only where there are any";
    EXPECT_EQ(
        static_cast<std::int64_t>(cloud.calls()),
        profile.json({"budget", "--json"}).at("budgets").at(0).at("spent").as_int64()
    );
}

TEST_F(backfill_command, announces_nothing)
{
    auto const first = cloud.open_pull_request("api", "Mend the gate");
    cloud.add_comment("api", first, "words");
    profile.create({"--template", "bitbucket-webhook", "--name", "hook", "--kv", "webhook_secret=words"});
    configure(
        "api = \"api\"\nrepositories = [\"acme/api\"]\n"
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n"
    );
    ASSERT_EQ(profile.run({"backfill", "cloud"}).code, 0);
    EXPECT_EQ(
        count("watched_repository WHERE watched_since_at > " + std::to_string(to_milliseconds(begun))), 1
    );
    served_program const served(profile);
    EXPECT_TRUE(eventually([&] { return count("snapshot") == 1 && count("inbox WHERE state = 0") == 0; }));
    EXPECT_EQ(count("event"), 0);
}

TEST_F(backfill_command, tells_in_json_what_could_not_be_read)
{
    cloud.script(cloud_call::pull_requests, {cloud_fault::missing_scope("pullrequest")});
    auto const run = profile.run({"backfill", "cloud", "--json"});
    EXPECT_EQ(run.code, 5);
    auto const one = run.json().at("repositories").at(0);
    EXPECT_EQ(one.at("repository").as_string(), "acme/api");
    EXPECT_EQ(one.at("fault").as_string(), "forbidden");
    EXPECT_EQ(count("watched_repository"), 0) << "what was refused is not watched from here on";
    EXPECT_NE(run.err.find("; linkspan check-link api says which scopes it lacks"), run.err.npos) << run.err;
}

TEST_F(backfill_command, promises_nothing_of_what_it_could_not_read)
{
    cloud.script(cloud_call::pull_requests, {cloud_fault::status(500)});
    auto const run = profile.run({"backfill", "cloud"});
    EXPECT_EQ(run.code, 6);
    EXPECT_EQ(run.out.find("takes them up"), run.out.npos) << run.out;
    EXPECT_NE(run.err.find("says whether Bitbucket can be reached"), run.err.npos) << run.err;
}

TEST_F(backfill_command, has_the_exit_codes_of_check_link)
{
    struct answer
    {
        cloud_fault fault;
        int code;
        std::string words;
    };
    std::vector<answer> const answers = {
        {cloud_fault::missing_scope("pullrequest"), 5, "the scope that is missing: pullrequest"},
        {cloud_fault::status(404), 3, "404"},
        {cloud_fault::status(503), 6, "503"},
        {cloud_fault::html(), 6, "not in JSON"},
        {cloud_fault::half(), 6, "cut short"},
    };
    for (auto const& one : answers)
    {
        cloud.script(cloud_call::pull_requests, {one.fault});
        auto const filled = profile.run({"backfill", "cloud"});
        EXPECT_EQ(filled.code, one.code) << filled.err;
        EXPECT_TRUE(contains(filled.err, one.words)) << filled.err;
        cloud.script(cloud_call::repositories, {one.fault});
        auto const checked = profile.run({"check-link", "api"});
        EXPECT_EQ(checked.code, one.code) << checked.err;
        EXPECT_TRUE(contains(checked.err, one.words)) << checked.err;
    }
    cloud.script(cloud_call::repositories, {cloud_fault::rate_limit(std::nullopt)});
    auto const checked = profile.run({"check-link", "api"});
    EXPECT_EQ(checked.code, 8);
    EXPECT_TRUE(contains(checked.out, "try again later")) << checked.out;
}

TEST_F(backfill_command, takes_all_of_a_workspace)
{
    cloud.add_repository("web");
    configure("api = \"api\"\nworkspace = \"acme\"\n");
    auto const run = profile.run({"backfill", "cloud"});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_NE(run.out.find("acme/api: 0 open pull requests\nacme/web: 0 open pull requests\n"), run.out.npos)
        << run.out;
}

TEST_F(backfill_command, says_what_is_wrong)
{
    auto run = profile.run({"backfill", "clod"});
    EXPECT_EQ(run.code, 3);
    EXPECT_NE(run.err.find("there is no source \"clod\""), run.err.npos) << run.err;
    EXPECT_NE(run.err.find("; there is: cloud; did you mean \"cloud\"?"), run.err.npos) << run.err;
    run = profile.run({"backfill", "cloud", "acme/*"});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("\"acme/*\" is no repository"), run.err.npos) << run.err;
    EXPECT_EQ(count("watched_repository"), 0);
    run = profile.run({"backfill", "cloud", "api"});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("write owner/slug"), run.err.npos) << run.err;
    run = profile.run({"backfill", "cloud", "acme/none"});
    EXPECT_EQ(run.code, 3) << run.err;
    configure("");
    run = profile.run({"backfill", "cloud"});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("add api = "), run.err.npos) << run.err;
    configure("api = \"api\"\n");
    run = profile.run({"backfill", "cloud"});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("names no repositories"), run.err.npos) << run.err;
    configure("api = \"gone\"\nrepositories = [\"acme/api\"]\n");
    run = profile.run({"backfill", "cloud"});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("linkspan check says why"), run.err.npos) << run.err;
    auto const elsewhere = profile.database().parent_path() / "other.db";
    run = profile.run({"--database", elsewhere.string(), "backfill", "cloud"});
    EXPECT_EQ(run.code, 3);
    EXPECT_NE(run.err.find("there is no database"), run.err.npos) << run.err;
    EXPECT_FALSE(std::filesystem::exists(elsewhere));
}

TEST_F(backfill_command, never_shows_the_token)
{
    cloud.remove_credentials();
    auto const run = profile.run({"backfill", "cloud"});
    EXPECT_EQ(run.code, 5);
    EXPECT_EQ((run.out + run.err).find("a-token"), std::string::npos);
}

}  // namespace
}  // namespace linkspan::test
