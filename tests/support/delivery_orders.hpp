#pragma once
#include "core/bitbucket/digest.hpp"
#include "tests/support/own_deliveries.hpp"

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace linkspan::test
{

// A delivery, read.
struct named_reading
{
    std::string name;
    reading said;
};
using delivery_chain = std::vector<named_reading>;

// Each of our deliveries that others come before, behind them; its name is the last one's.
std::vector<delivery_chain> delivery_chains(edition of);

// The story of the samples, which is one pull request from its opening to its end.
delivery_chain sample_story(edition of);

// A context of an instance of its own.
digest_context context_of(edition of, std::string instance);

// A snapshot as a text, but for what depends on the order by design: how often and when something was seen to
// move.
std::string state_text(pull_request_snapshot snapshot);
std::string state_text(comment_snapshot snapshot);

// What a memory (event_memory, store_memory) knows after deliveries of one instance, in their order.
template <class Memory>
std::string final_state(Memory& memory, delivery_chain const& deliveries, digest_context context)
{
    std::map<std::tuple<std::string, std::int64_t, std::int64_t>, std::string> states;
    for (auto const& one : deliveries)
    {
        memory.take(one.said, context);
        context.received_at += std::chrono::seconds(1);
    }
    for (auto const& one : deliveries)
    {
        if (!one.said.repository || !one.said.pull_request)
            continue;
        auto const& repository = one.said.repository->id;
        auto const id = one.said.pull_request->id;
        if (auto const known = memory.snapshot_of(context.instance, repository, id))
            states[{repository, id, 0}] = state_text(*known);
        if (!one.said.comment)
            continue;
        auto const comment = one.said.comment->comment.id;
        if (auto const known = memory.comment_of(context.instance, repository, id, comment))
            states[{repository, id, comment}] = state_text(*known);
    }
    std::string out;
    for (auto const& [about, state] : states)
        out += state + "\n";
    return out;
}

}  // namespace linkspan::test
