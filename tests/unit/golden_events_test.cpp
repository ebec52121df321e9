#include "core/bitbucket/event_keys.hpp"
#include "core/event/json.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/own_deliveries.hpp"
#include "tests/support/recorded.hpp"

#include <gtest/gtest.h>

#include <iomanip>
#include <iostream>
#include <map>
#include <set>

namespace linkspan
{
namespace
{

class golden_events : public testing::TestWithParam<edition>
{
protected:
    static std::string folder() { return GetParam() == edition::cloud ? "cloud" : "data_center"; }
};

TEST_P(golden_events, are_what_our_deliveries_say)
{
    auto const all = test::own_deliveries(GetParam());
    for (auto const& one : all)
    {
        boost::json::array events;
        for (auto const& happening : test::events_of(one, all))
            events.push_back(to_json(happening));
        test::expect_golden("events/" + folder() + "/" + one.name + ".json", test::pretty(events));
    }
}

TEST_P(golden_events, stand_for_every_key)
{
    std::set<std::string> seen;
    for (auto const& one : test::own_deliveries(GetParam()))
        seen.insert(one.event_key);
    for (auto const key : event_keys(GetParam()))
        EXPECT_TRUE(seen.contains(std::string(key))) << key << " has no delivery in tests/deliveries";
}

INSTANTIATE_TEST_SUITE_P(
    editions,
    golden_events,
    testing::Values(edition::cloud, edition::data_center),
    [](auto const& row) { return row.param == edition::cloud ? "cloud" : "data_center"; }
);

// The table that shows what is proven: for each key the deliveries of ours and the recorded ones.
TEST(event_keys, are_proven_by_deliveries)
{
    auto const folder = test::payloads();
    std::vector<test::recording> recorded;
    if (folder)
        recorded = test::recordings_in(*folder);
    std::cout << "report: " << std::left << std::setw(40) << "event key" << std::right << std::setw(5)
              << "ours" << std::setw(10) << "recorded" << std::setw(12) << "recognised" << '\n';
    for (auto const of : {edition::cloud, edition::data_center})
    {
        auto const own = test::own_deliveries(of);
        for (auto const key : event_keys(of))
        {
            int ours = 0;
            int genuine = 0;
            int recognised = 0;
            for (auto const& one : own)
                if (one.event_key == key)
                {
                    ++ours;
                    recognised += test::is_recognised(of, one.event_key, one.body);
                }
            for (auto const& one : recorded)
                if (one.edition == of && one.event_key == key && one.is_genuine())
                {
                    ++genuine;
                    recognised += test::is_recognised(of, one.event_key, test::read_file(*folder / one.file));
                }
            std::cout << "report: " << std::left << std::setw(40) << key << std::right << std::setw(5) << ours
                      << std::setw(10) << genuine << std::setw(12) << recognised << '\n';
            EXPECT_EQ(recognised, ours + genuine) << key;
        }
    }
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries";
}

}  // namespace
}  // namespace linkspan
