#pragma once
#include "core/bitbucket/event_memory.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// Reads deliveries and takes them into an event_memory.
class bridge
{
public:
    explicit bridge(linkspan::edition edition);
    bridge(linkspan::edition edition, std::string instance);

    // The new events of a delivery; a body that cannot be read is a failure of the test.
    std::vector<event> receive(std::string event_key, std::string_view body, time_point now);

    // Of the last pull request that a delivery told of.
    pull_request_snapshot const& snapshot() const;

private:
    digest_context context_;
    event_memory memory_;
    std::string repository_;
    std::int64_t pull_request_ = 0;
};

std::vector<std::string> kinds_of(std::vector<event> const& events);

}  // namespace linkspan::test
