#pragma once
#include "tests/simulators/bitbucket_cloud.hpp"
#include "tests/support/command_profile.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/served_program.hpp"
#include "tests/support/test_profile.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace linkspan::test
{

// A profile for a real `linkspan serve` beside a simulated Bitbucket Cloud, in real time: the links "hook",
// which receives its webhooks, and "api", which asks it.
class served_cloud : public testing::Test
{
protected:
    served_cloud() : cloud([] { return real_time(); })
    {
        cloud.add_token("a-token");
        cloud.add_repository("api");
        create("bitbucket-webhook", "hook", {"webhook_secret=" + std::string(webhook_key)});
        create(
            "bitbucket-access-token", "api", {"token=a-token", "workspace=acme", "api_url=" + cloud.api_url()}
        );
    }

    // The source behind the server, and more tables.
    void configure(std::string const& more = {})
    {
        profile.write_config(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nlog_level = \"warning\"\n"
            "[[source]]\nname = \"cloud\"\nedition = \"cloud\"\nwebhook = \"hook\"\napi = \"api\"\n" +
            more
        );
    }

    void create(std::string const& of, std::string const& name, std::vector<std::string> const& fields)
    {
        std::vector<std::string> words{"--template", of, "--name", name};
        for (auto const& field : fields)
        {
            words.emplace_back("--kv");
            words.push_back(field);
        }
        profile.create(words);
    }

    std::int64_t count(std::string const& rows) const
    {
        SQLite::Database raw(profile.database().string(), SQLite::OPEN_READONLY, 5000);
        SQLite::Statement statement(raw, "SELECT count(*) FROM " + rows);
        return statement.executeStep() ? statement.getColumn(0).getInt64() : -1;
    }

    // Webhooks go to this one from now on.
    void turn_hooks_to(served_program const& program)
    {
        cloud.move_hooks(program.public_url() + "/webhook/hook");
    }

    bitbucket_cloud cloud;
    command_profile profile;
};

}  // namespace linkspan::test
