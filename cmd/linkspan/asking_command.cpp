#include "cmd/linkspan/asking_command.hpp"

#include "cmd/linkspan/audit.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace linkspan
{

asking_command::asking_command(
    profile_paths const& paths, command_store database, server_config const& server, std::string_view action
)
    : database_(std::move(database)),
      loop_(server),
      keeper_(
          {loop_.context(),
           loop_.clock(),
           loop_.services(),
           keeper_store_of(database_, paths),
           [](open_link const&, std::string_view, std::string_view) {}}
      ),
      asker_(
          {loop_.client(),
           loop_.clock(),
           keeper_,
           [this](budget_work work) -> boost::asio::awaitable<result<budget_answer>>
           { co_return database_.write<budget_answer>(system_now(), work); },
           seconds(server.request_timeout_seconds),
           actor_of(action)}
      )
{
}

result<std::vector<polled_source>> read_polled_sources(
    transaction& tx, profile_paths const& paths, std::vector<source_config> const& sources
)
{
    auto keys = find_vault(tx, paths);
    auto const problem = keys ? std::string() : keys.error().message;
    std::optional<vault> opened;
    if (keys)
        opened = std::move(*keys);
    auto const links = link_directory::load(tx, opened, problem);
    if (!links)
        return links.error();
    return polled_sources(sources, **links);
}

}  // namespace linkspan
