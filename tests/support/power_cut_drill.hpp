#pragma once
#include "tests/support/power_cut_vfs.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>

namespace linkspan::test
{

// Runs something that writes to SQLite, cuts the power at many moments of that run, and looks each time
// whether what was acknowledged before the cut is there. The cuts are made from the recording afterwards, so
// one run serves many: its first cut is at the end, of the others half fall on the moment after an
// acknowledgement, half anywhere, and half are mild, half harsh.
struct power_cut_plan
{
    std::size_t runs = 4;
    std::size_t cuts_per_run = 50;
    std::uint64_t seed = 1;
    // process_default when the code under test names no VFS. It is not registered any more when survivors are
    // read.
    power_cut_vfs::role role = power_cut_vfs::role::by_name;
};

// What is found after a cut. An empty fault is a healthy store.
struct power_cut_survivors
{
    std::set<std::int64_t> ids;
    std::string fault;
};

struct power_cut_report
{
    std::size_t cuts = 0;
    std::size_t cuts_that_lost = 0;     // An acknowledged id was missing.
    std::size_t cuts_that_damaged = 0;  // survivors reported a fault.
    std::size_t acknowledged = 0;       // In all runs.
    cut_effect unsynced;                // In all cuts.
    std::string first_problem;          // With the run's and the cut's seed; empty where there is none.
};

// run works in `folder` (new, empty) through vfs.name() and calls vfs.acknowledge(id) after each promise; all
// its connections are closed when it returns. read opens the files that a cut left in `folder`, by the
// ordinary VFS; the folder is empty where the power failed before anything was durable. Exceptions of both
// pass through.
power_cut_report cut_power(
    power_cut_plan const& plan,
    std::function<void(power_cut_vfs& vfs, std::filesystem::path const& folder, std::uint64_t seed)> const&
        run,
    std::function<power_cut_survivors(std::filesystem::path const& folder)> const& read
);

}  // namespace linkspan::test
