#pragma once
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/profile_store.hpp"
#include "core/watch/beat.hpp"

#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// How often a source's repositories are asked what changed, as far as that is known before it is done.
struct source_pace
{
    std::string name;  // of the source
    bool is_poll_only = false;
    bool names_any = false;
    std::optional<int> repositories;  // that it names, else those that were seen; nothing: none yet
    int hourly_limit = 0;             // of its link's budget
    catch_up_beats beats;

    source_pace() = default;
};

// Of the sources whose api links can be opened.
result<std::vector<source_pace>> read_paces(transaction& tx, profile_paths const& paths, config const& asked);

// One line for a person: "Each of its 12 repositories is asked about every 3 minutes."
std::string words_of(source_pace const& pace);

// What words_of() says of repositories that change; nothing where that is not known.
std::optional<milliseconds> beat_of(source_pace const& pace);

}  // namespace linkspan
