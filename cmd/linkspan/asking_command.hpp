#pragma once
#include "cmd/linkspan/api_asker.hpp"
#include "cmd/linkspan/command_loop.hpp"
#include "cmd/linkspan/polled_source.hpp"
#include "cmd/linkspan/profile_store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// What a command works with that asks Bitbucket's REST API: each request is counted in the profile's budgets,
// beside those of serve, and is a use of its link.
class asking_command
{
public:
    // action: what the uses of links are by, as in "backfill".
    asking_command(
        profile_paths const& paths,
        command_store database,
        server_config const& server,
        std::string_view action
    );

    command_store& database() { return database_; }
    command_loop& loop() { return loop_; }
    api_asker& asker() { return asker_; }

private:
    command_store database_;
    command_loop loop_;
    token_keeper keeper_;
    api_asker asker_;
};

// The sources whose API may be asked, with the profile's links as they are. Those whose links do not open are
// left out.
result<std::vector<polled_source>> read_polled_sources(
    transaction& tx, profile_paths const& paths, std::vector<source_config> const& sources
);

}  // namespace linkspan
