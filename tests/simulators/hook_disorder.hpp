#pragma once
#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace linkspan::test
{

// What became of a webhook.
enum class hook_fate
{
    pending,
    accepted,   // 2xx
    refused,    // another answer, which the service does not try to mend
    failed,     // 5xx or no answer, each time
    oversized,  // not sent: its body is too long
    skipped,    // not sent: the hook is silenced
    lost,       // not sent: one of those that a fault takes away
};

// How a simulated service mistreats its webhooks.
struct hook_disorder
{
    int lost_percent = 0;
    int doubled_percent = 0;
    bool is_shuffled = false;
    std::uint64_t seed = 1;

    // Independent of all other draws (SplitMix64).
    std::uint64_t draw(std::int64_t number, std::uint64_t salt) const
    {
        auto out =
            seed * 0x9e3779b97f4a7c15U + static_cast<std::uint64_t>(number) * 0xbf58476d1ce4e5b9U + salt;
        out = (out ^ (out >> 30U)) * 0xbf58476d1ce4e5b9U;
        out = (out ^ (out >> 27U)) * 0x94d049bb133111ebU;
        return out ^ (out >> 31U);
    }

    bool hits(std::int64_t number, int percent, std::uint64_t salt) const
    {
        return draw(number, salt) % 100 < static_cast<std::uint64_t>(percent);
    }
};

// What is left to send of deliveries that disorder meets; which ones depends on the seed and their numbers
// alone. Those that are lost say so; twin_of() makes the second one of a doubled one.
template <class Delivery, class Twin>
std::vector<Delivery> disordered(std::vector<Delivery> deliveries, hook_disorder const& by, Twin twin_of)
{
    std::vector<Delivery> out;
    for (auto& one : deliveries)
    {
        if (by.hits(one.number, by.lost_percent, 1))
            one.fate = hook_fate::lost;
        else if (by.hits(one.number, by.doubled_percent, 2))
            out.push_back(twin_of(one));
        out.push_back(std::move(one));
    }
    if (by.is_shuffled && !out.empty())
    {
        std::mt19937_64 random(by.draw(out.front().number, 3));
        std::ranges::shuffle(out, random);
    }
    return out;
}

}  // namespace linkspan::test
