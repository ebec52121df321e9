#pragma once
#include "tests/simulators/bitbucket_cloud.hpp"
#include "tests/simulators/bitbucket_data_center.hpp"

#include <functional>
#include <string>
#include <vector>

namespace linkspan::test
{

// A day of a team on one repository: the same for the same seed, whatever happens to its webhooks, and on
// either simulated Bitbucket. It holds each case that collapse() drops (core/event/collapse.hpp).

template <class Service>
struct day_step
{
    milliseconds at;  // since the day's begin
    std::function<void(Service& service)> happens;
};

struct office_day
{
    int pull_requests = 50;
    milliseconds length{22 * 3'600'000};
    std::uint64_t seed = 1;
    std::string repository = "api";

    // In the order of their moments; no two within two seconds of each other. For bitbucket_cloud and
    // bitbucket_data_center.
    template <class Service>
    std::vector<day_step<Service>> steps() const;
};

extern template std::vector<day_step<bitbucket_cloud>> office_day::steps() const;
extern template std::vector<day_step<bitbucket_data_center>> office_day::steps() const;

}  // namespace linkspan::test
