#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <string>

namespace linkspan
{

struct gaps_options : command_options
{
    std::string since;       // as read_since(); empty: gaps_window
    std::string repository;  // glob over full names; empty: all
    bool only_store = false;
};

// Shows of each repository what came by webhook, by watching and by catching up, what webhooks should have
// told and did not, and why a repository cannot be asked. Where webhooks of a Data Center were missed it asks
// how they fare, unless only_store is set: one request for each such repository, hooks_asked_max at most.
result<> show_gaps(terminal& on, gaps_options const& options);

// So far back it looks unless it is told otherwise, and at so many events, the newest.
inline constexpr std::chrono::hours gaps_window{7 * 24};
inline constexpr std::size_t gap_events_max = 200'000;

}  // namespace linkspan
