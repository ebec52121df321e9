#pragma once
#include "cmd/linkspan/command_loop.hpp"
#include "cmd/linkspan/found_link.hpp"
#include "cmd/linkspan/link_directory.hpp"
#include "cmd/linkspan/terminal.hpp"
#include "cmd/linkspan/token_keeper.hpp"

namespace linkspan
{

// What a command speaks to one link's service with. `of` and `on` outlive it.
struct link_session
{
    link_session(terminal& on, found_link& of, profile_paths const& paths, server_config const& server);

    // A token of the link, a new one where that is due; errors as token_keeper.
    result<access> token_of(open_link const& link) { return loop.run<access>(keeper.token_of(link)); }
    result<access> token_instead_of(open_link const& link, std::int64_t generation)
    {
        return loop.run<access>(keeper.token_instead_of(link, generation));
    }
    result<access> refresh(open_link const& link) { return loop.run<access>(keeper.refresh(link)); }
    result<> worked(open_link const& link, std::int64_t generation);

    command_loop loop;
    token_keeper keeper;
};

// The link as the keeper and the services take it.
open_link opened(found_link const& of, link_fields fields);

}  // namespace linkspan
