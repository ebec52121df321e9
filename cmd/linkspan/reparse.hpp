#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <string>

namespace linkspan
{

// `linkspan events reparse`: tries every delivery that was set aside with this version's readers, and queues
// those that can be read now, at their old place. Digesting is left to `linkspan serve`: it has the one door
// to events.
struct reparse_options : command_options
{
    std::string state;  // "unrecognised", "unreadable"; empty: both
};
result<> reparse_set_aside(terminal& on, reparse_options const& options);

}  // namespace linkspan
