#include "tests/support/bridge.hpp"

#include "tests/support/bodies.hpp"

#include <gtest/gtest.h>

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
    known_state known;
    auto const* const status = build_of(*said);
    if (said->pull_request)
        known.snapshot = snapshot_;
    if (status != nullptr && snapshot_ && snapshot_->state.source &&
        same_commit(snapshot_->state.source->commit, status->commit))
        known.heads.emplace_back(snapshot_->state, *said->repository);
    std::string const scope =
        status == nullptr ? std::string() : status->key + build_scope(*status, known.heads);
    if (auto const before = ended_.find(scope); before != ended_.end())
        known.previous_build = before->second;
    auto done = digest(*said, known, context_);
    if (done.snapshot)
        snapshot_ = std::move(done.snapshot);
    if (status != nullptr && status->state != build_state::started)
        ended_[scope] = status->state;
    return std::move(done.events);
}

std::vector<event> bridge::receive_new(std::string event_key, std::string_view body, time_point now)
{
    auto events = receive(std::move(event_key), body, now);
    std::erase_if(events, [this](event const& happened) { return !keys_.insert(happened.key).second; });
    return events;
}

std::vector<std::string> kinds_of(std::vector<event> const& events)
{
    std::vector<std::string> kinds;
    for (auto const& happened : events)
        kinds.emplace_back(name_of(happened.kind));
    return kinds;
}

}  // namespace linkspan::test
