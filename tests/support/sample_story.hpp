#pragma once
#include "cmd/linkspan/sample_bodies.hpp"

#include <string>
#include <vector>

namespace linkspan::test
{

// The morning on which stories are played.
inline time_point story_day()
{
    return *parse_time("2026-11-20T09:00:00Z");
}

struct story_step
{
    std::string event_key;
    std::string name;
    std::string body;
};

// The life of one pull request as deliveries of our own making, in order.
std::vector<story_step> story_of(edition kind, std::int64_t pull_request, time_point now);

// One sample by name.
story_step step_of(edition kind, std::string const& name, std::int64_t pull_request, time_point now);

}  // namespace linkspan::test
