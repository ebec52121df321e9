#pragma once
#include "core/event/event.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace linkspan::test
{

// One delivery that others recorded, as INDEX.md of LINKSPAN_PAYLOADS lists it.
struct recording
{
    std::string file;        // relative to the folder
    std::string event_key;   // without the mark "(inferred)"
    std::string provenance;  // "recorded", "hand-written", ...
    linkspan::edition edition = edition::cloud;

    // What a Bitbucket really sent, or its maker printed.
    bool is_genuine() const
    {
        return provenance == "recorded" || provenance == "recorded-body-reused" ||
               provenance == "atlassian-doc-sample";
    }
};

// Every webhook body that INDEX.md lists (REST answers are none).
std::vector<recording> recordings_in(std::filesystem::path const& folder);

// The genuine ones.
std::vector<recording> genuine_recordings_in(std::filesystem::path const& folder);

// How many rows of INDEX.md are genuine, counted by their kind alone: none may be lost on the way.
std::size_t genuine_recordings_listed_in(std::filesystem::path const& folder);

}  // namespace linkspan::test
