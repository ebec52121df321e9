#include "tests/support/bridge.hpp"

#include "tests/support/bodies.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace linkspan::test
{

bridge::bridge(linkspan::edition edition)
    : bridge(edition, edition == edition::cloud ? "bitbucket.org" : "https://bitbucket.acme.example")
{
}

bridge::bridge(linkspan::edition edition, std::string instance)
{
    context_.edition = edition;
    context_.instance = std::move(instance);
}

std::vector<event> bridge::receive(std::string event_key, std::string_view body, time_point now)
{
    context_.received_at = now;
    auto const said = read_body(context_.edition, event_key, body);
    if (!said)
    {
        ADD_FAILURE() << event_key << ": " << said.error().message;
        return {};
    }
    if (said->pull_request && said->repository)
    {
        repository_ = said->repository->id;
        pull_request_ = said->pull_request->id;
    }
    return memory_.take(*said, context_);
}

pull_request_snapshot const& bridge::snapshot() const
{
    auto const* found = memory_.snapshot_of(context_.instance, repository_, pull_request_);
    if (found == nullptr)
        throw std::runtime_error("no delivery told of a pull request");
    return *found;
}

std::vector<std::string> kinds_of(std::vector<event> const& events)
{
    std::vector<std::string> kinds;
    for (auto const& happened : events)
        kinds.emplace_back(name_of(happened.kind));
    return kinds;
}

}  // namespace linkspan::test
