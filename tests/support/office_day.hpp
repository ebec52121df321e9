#pragma once
#include "tests/simulators/bitbucket_cloud.hpp"

#include <functional>
#include <string>
#include <vector>

namespace linkspan::test
{

// A day of a team on one repository: the same for the same seed, whatever happens to its webhooks. It holds
// each case that collapse() drops (core/event/collapse.hpp).

struct day_step
{
    milliseconds at;  // since the day's begin
    std::function<void(bitbucket_cloud& cloud)> happens;
};

struct office_day
{
    int pull_requests = 50;
    milliseconds length{22 * 3'600'000};
    std::uint64_t seed = 1;
    std::string repository = "api";

    // In the order of their moments; no two within two seconds of each other.
    std::vector<day_step> steps() const;
};

}  // namespace linkspan::test
