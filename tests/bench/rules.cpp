#include "tests/bench/rules.hpp"

#include "core/event/json.hpp"
#include "core/route/route.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include <ctime>
#include <functional>

namespace linkspan::bench
{
namespace
{

constexpr int rules_made = 1'000;

struct rule_mix
{
    char const* name;
    std::function<void(rule&, int)> make;
};

// From what the index finds to what must be asked one by one.
std::vector<rule_mix> mixes()
{
    auto const number = [](int i) { return std::to_string(i); };
    return {
        {"repositories by name", [=](rule& r, int i) { r.repositories = {"acme/service-" + number(i)}; }},
        {"workspaces by pattern", [=](rule& r, int i) { r.repositories = {"team-" + number(i) + "/*"}; }},
        {"teams of authors",
         [=](rule& r, int i)
         {
             r.authors = {"@team-" + number(i % 100)};
             r.branches = {"release/" + number(i)};
         }},
        {"patterns of repositories", [=](rule& r, int i) { r.repositories = {"acme/*-" + number(i)}; }},
        {"patterns of branches",
         [=](rule& r, int i)
         {
             r.branches = {"release-" + number(i) + "/*", "hotfix-" + number(i) + "/*"};
             r.drafts = choice::none;
         }},
        {"teams of reviewers", [=](rule& r, int i) { r.reviewers = {"@team-" + number(i % 100)}; }},
        {"titles that hold a word", [=](rule& r, int i) { r.titles = {"*ticket-" + number(i) + "*"}; }},
        {"one kind each, bots apart",
         [](rule& r, int i)
         {
             r.kinds = {std::string(kind_names[static_cast<std::size_t>(i) % kind_names.size()].name)};
             r.bots = choice::only;
         }},
    };
}

rule_set make(rule_mix const& mix)
{
    std::vector<rule> rules;
    for (int i = 0; i < rules_made; ++i)
    {
        auto& next = rules.emplace_back();
        next.name = "rule " + std::to_string(i);
        next.kinds = {"**"};
        next.destinations = {"channel-" + std::to_string(i)};
        mix.make(next, i);
    }
    // One that takes what reviews are made of, as a real set has.
    rule common;
    common.name = "reviews";
    common.destinations = {"reviews"};
    rules.push_back(common);
    std::vector<team> teams;
    for (int i = 0; i < 100; ++i)
    {
        auto& next = teams.emplace_back();
        next.name = "team-" + std::to_string(i);
        for (int member = 0; member < 20; ++member)
            next.members.push_back("557058:" + std::to_string(i) + "-" + std::to_string(member));
    }
    return rule_set(std::move(rules), std::move(teams));
}

}  // namespace

double measure_parse(std::vector<event> const& events, std::size_t rounds)
{
    std::vector<std::string> texts;
    for (auto const& one : events)
        texts.push_back(to_json_text(one));
    std::size_t members = 0;
    auto const began = std::clock();
    for (std::size_t round = 0; round < rounds; ++round)
        for (auto const& text : texts)
        {
            boost::json::monotonic_resource memory;
            members += boost::json::parse(text, &memory).as_object().size();
        }
    auto const took = static_cast<double>(std::clock() - began) * 1e9 / CLOCKS_PER_SEC;
    return members == 0 ? 0 : took / static_cast<double>(rounds * texts.size());
}

std::vector<rules_measurement> measure_rules(std::vector<event> const& events, std::size_t rounds)
{
    std::vector<rules_measurement> out;
    for (auto const& mix : mixes())
    {
        auto const rules = make(mix);
        auto& next = out.emplace_back();
        next.name = mix.name;
        next.rules = rules.rules().size();
        auto const began = std::clock();  // the processor's time: what runs beside does not count
        for (std::size_t round = 0; round < rounds; ++round)
            for (auto const& one : events)
                next.planned += route(rules, one).size();
        auto const took = static_cast<double>(std::clock() - began) * 1e9 / CLOCKS_PER_SEC;
        next.events = rounds * events.size();
        next.nanoseconds_per_event = next.events == 0 ? 0 : took / static_cast<double>(next.events);
    }
    return out;
}

}  // namespace linkspan::bench
