#pragma once
#include "core/bitbucket/event_memory.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace linkspan::test
{

// A bridge that takes webhooks and looks of one Bitbucket, and what it says.

inline constexpr auto cloud_instance = "bitbucket.org";
inline constexpr auto server_instance = "https://bitbucket.example";

inline time_point clock_at(std::string const& time)
{
    return parse_time("2026-11-20T" + time + "Z").value();
}

// One bridge: takes webhooks and looks, and gives what is new.
class looked_bridge
{
public:
    explicit looked_bridge(edition of) : of_(of) {}

    std::vector<event> webhook(std::string key, std::string const& body, std::string const& at = "10:00:00")
    {
        return take(std::move(key), body, event_origin::webhook, at);
    }

    std::vector<event> look(std::string const& body, std::string const& at)
    {
        return take(std::string(look_key), body, event_origin::poll, at);
    }

    std::vector<event> builds(std::string const& body, std::string const& at)
    {
        return take(std::string(builds_key), body, event_origin::poll, at);
    }

    // Of pull request 7; null where nothing is known of it.
    pull_request_snapshot const* known_pull_request() const
    {
        bool const is_cloud = of_ == edition::cloud;
        return memory_.snapshot_of(is_cloud ? cloud_instance : server_instance, is_cloud ? "{r}" : "9", 7);
    }

    review_state review_of(std::string_view id) const
    {
        for (auto const& one : known_pull_request()->state.participants.value())
            if (one.id == id)
                return one.state.value();
        return review_state::pending;
    }

private:
    std::vector<event> take(
        std::string key, std::string const& body, event_origin origin, std::string const& at
    )
    {
        inbound delivery;
        delivery.edition = of_;
        delivery.event_key = std::move(key);
        delivery.body = body;
        delivery.origin = origin;
        auto const said = read_delivery(delivery);
        if (!said)
        {
            ADD_FAILURE() << said.error().message;
            return {};
        }
        digest_context context;
        context.edition = of_;
        context.instance = of_ == edition::cloud ? cloud_instance : server_instance;
        context.origin = origin;
        context.received_at = clock_at(at);
        return memory_.take(*said, context);
    }

    edition of_;
    event_memory memory_;
};

inline std::vector<std::string> kinds_of(std::vector<event> const& events)
{
    std::vector<std::string> out;
    for (auto const& one : events)
        out.emplace_back(name_of(one.kind));
    return out;
}

inline std::set<std::string> keys_of(std::vector<event> const& events)
{
    std::set<std::string> out;
    for (auto const& one : events)
        out.insert(one.key);
    return out;
}

using words = std::vector<std::string>;

}  // namespace linkspan::test
