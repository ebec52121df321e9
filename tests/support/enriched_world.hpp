#pragma once
#include "core/route/enrichment.hpp"
#include "tests/support/gate.hpp"

#include <string>

namespace linkspan::test
{

// A watched world whose only rule asks about paths, and whose API answers when the door is open.
template <class World>
struct enriched : World
{
    enriched()
    {
        this->settings.rules.front().kinds = {"pull_request.*"};
        this->settings.rules.front().paths = {"src/**"};
    }
    ~enriched() override
    {
        door.open();
        this->stop();
    }

    // Of the only delivery in this state.
    std::string text_of(std::string const& column, int state)
    {
        return this->profile.query(
            "SELECT " + column + " FROM delivery WHERE state = " + std::to_string(state)
        );
    }

    gate door;
};

}  // namespace linkspan::test
