#pragma once
#include "core/bitbucket/digest.hpp"

#include <map>
#include <set>

namespace linkspan::test
{

// Reads and digests deliveries and keeps, for one pull request, what the program keeps between two of them.
class bridge
{
public:
    explicit bridge(linkspan::edition edition);
    bridge(linkspan::edition edition, std::string instance);

    // The events of a delivery; a body that cannot be read is a failure of the test.
    std::vector<event> receive(std::string event_key, std::string_view body, time_point now);
    // The same, without the events whose key was there before: what the store takes as new.
    std::vector<event> receive_new(std::string event_key, std::string_view body, time_point now);

    std::optional<pull_request_snapshot> const& snapshot() const { return snapshot_; }

private:
    digest_context context_;
    std::optional<pull_request_snapshot> snapshot_;
    std::map<std::string, build_state> ended_;
    std::set<std::string> keys_;
};

std::vector<std::string> kinds_of(std::vector<event> const& events);

}  // namespace linkspan::test
