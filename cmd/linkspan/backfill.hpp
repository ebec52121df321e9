#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <string>

namespace linkspan
{

struct backfill_options : command_options
{
    std::string source;
    std::string repository;  // "acme/api"; empty: all of the source
};

// Reads the open pull requests of a source's repositories into the inbox, so that the next update of each can
// be told for what it is. Nothing is announced. errc::not_found: there is no such source; errc::invalid: it
// has no api link, or names no repositories; else the first fault that the API had, behind everything that
// could be read.
result<> backfill(terminal& on, backfill_options const& options);

}  // namespace linkspan
