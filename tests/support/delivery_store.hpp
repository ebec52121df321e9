#pragma once
#include "store/deliveries.hpp"
#include "tests/support/events.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{

// A store with events whose messages are planned: event n has the id "event-n" and the key "key n".
class delivery_store : public testing::Test
{
protected:
    event_row plan_messages(
        int n,
        std::vector<planned_delivery> const& planned,
        event happening = sample_event(event_kind::comment_added),
        milliseconds wait = {}
    )
    {
        happening.id = event_id("event-" + std::to_string(n));
        happening.key = "key " + std::to_string(n);
        auto const work = [&](transaction& tx) -> result<event_row>
        {
            auto const row = insert_event(tx, happening).value().value();
            if (auto const done = plan_deliveries(tx, row, planned, tx.now() + wait); !done)
                return done.error();
            return row;
        };
        return store_.tell(work).value();
    }

    // A comment that is told in these lanes.
    event_row plan(int n, std::vector<lane> const& lanes, milliseconds wait = {})
    {
        std::vector<planned_delivery> planned;
        for (auto const& one : lanes)
            planned.push_back({one.destination, one.conversation, "a rule", "because", {}});
        return plan_messages(n, planned, sample_event(event_kind::comment_added), wait);
    }

    std::vector<delivery_history> history(int n)
    {
        auto const id = event_id("event-" + std::to_string(n));
        return store_.tell([&](transaction& tx) { return deliveries_of(tx, id); }).value();
    }

    scratch_store store_;
    retry_schedule schedule_;
};

}  // namespace linkspan::test
