#include "tests/support/delivery_orders.hpp"

#include "tests/support/bodies.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace linkspan::test
{
namespace
{

named_reading read_one(edition of, std::string name, std::string const& event_key, std::string_view body)
{
    auto said = read_body(of, event_key, body);
    if (!said)
        ADD_FAILURE() << name << ": " << said.error().message;
    return {std::move(name), said ? std::move(*said) : reading()};
}

}  // namespace

std::vector<delivery_chain> delivery_chains(edition of)
{
    std::vector<delivery_chain> out;
    auto const all = own_deliveries(of);
    for (auto const& last : all)
    {
        if (last.after.empty())
            continue;
        auto& chain = out.emplace_back();
        for (auto const& name : last.after)
        {
            auto const found = std::ranges::find(all, name, &own_delivery::name);
            if (found == all.end())
                ADD_FAILURE() << last.name << ": there is no " << name;
            else
                chain.push_back(read_one(of, found->name, found->event_key, found->body));
        }
        chain.push_back(read_one(of, last.name, last.event_key, last.body));
    }
    return out;
}

delivery_chain sample_story(edition of)
{
    delivery_chain out;
    for (auto const& one : sample_deliveries(of))
        if (one.is_story)
            out.push_back(read_one(of, one.name, one.event_key, one.body));
    return out;
}

digest_context context_of(edition of, std::string instance)
{
    digest_context out;
    out.edition = of;
    out.instance = std::move(instance);
    out.received_at = parse_time("2026-11-20T12:00:00Z").value();
    return out;
}

std::string state_text(pull_request_snapshot snapshot)
{
    snapshot.revisions.clear();
    snapshot.reviewed_at.clear();
    if (snapshot.state.participants)
        std::ranges::sort(*snapshot.state.participants, {}, &participant::id);
    return to_json_text(snapshot);
}

std::string state_text(comment_snapshot snapshot)
{
    snapshot.revisions.clear();
    return to_json_text(snapshot);
}

}  // namespace linkspan::test
