#include "core/bitbucket/event_keys.hpp"
#include "core/event/json.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/key_kinds.hpp"
#include "tests/support/own_deliveries.hpp"
#include "tests/support/recorded.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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

struct late_key
{
    std::string_view key;
    std::string_view since;  // the first dialect that has it
};

// What Bitbucket has not always sent.
constexpr late_key late_keys[] = {
    {"repo:created", "2019"},
    {"repo:imported", "2019"},
    {"repo:deleted", "2019"},
    {"project:updated", "2026"},
    {"pullrequest:push", "2026"},
    {"pullrequest:changes_request_created", "2026"},
    {"pullrequest:changes_request_removed", "2026"},
    {"pullrequest:comment_resolved", "2026"},
    {"pullrequest:comment_reopened", "2026"},
    {"pipeline:span_created", "2026"},
    {"repo:secret_detected", "8.x"},
    {"project:modified", "8.x"},
    {"proj:modified", "8.x"},
    {"pr:from_ref_updated", "8.x"},
    {"pr:to_ref_updated", "8.x"},
    {"pr:reviewer:changes_requested", "8.x"},
};

// Those in which a key is sent, oldest first.
std::vector<std::string> dialects_of(edition on, std::string_view key)
{
    std::vector<std::string> out = {"5.x", "8.x", "9.x", "10.x"};
    if (on == edition::cloud)
        out = {"2017", "2019", "2026"};
    auto const late = std::ranges::find(late_keys, key, &late_key::key);
    if (late != std::end(late_keys))
        out.erase(out.begin(), std::ranges::find(out, late->since));
    return out;
}

TEST_P(golden_events, stand_for_every_key_in_every_dialect)
{
    std::set<std::pair<std::string, std::string>> seen;
    for (auto const& one : test::own_deliveries(GetParam()))
        seen.emplace(one.event_key, one.dialect);
    std::size_t proven = 0;
    for (auto const key : event_keys(GetParam()))
        for (auto const& dialect : dialects_of(GetParam(), key))
        {
            ++proven;
            EXPECT_TRUE(seen.contains({std::string(key), dialect}))
                << key << " has no delivery of " << dialect << " in tests/deliveries";
        }
    EXPECT_EQ(seen.size(), proven) << "a dialect or key of tests/deliveries is not in the table";
}

TEST(golden_events_table, names_keys_that_are_read)
{
    for (auto const& late : late_keys)
    {
        auto const on = late.since.ends_with(".x") ? edition::data_center : edition::cloud;
        EXPECT_EQ(std::ranges::count(event_keys(on), late.key), 1) << late.key;
        EXPECT_FALSE(dialects_of(on, late.key).empty()) << late.key;
    }
}

// The table from which docs/reference/events.md is printed says neither less nor more than they do.
TEST_P(golden_events, make_the_kinds_that_their_keys_promise)
{
    auto const all = test::own_deliveries(GetParam());
    std::map<std::string, std::set<event_kind>> made;
    for (auto const& one : all)
        for (auto const& happening : test::events_of(one, all))
            made[one.event_key].insert(happening.kind);
    for (auto const key : event_keys(GetParam()))
    {
        auto const* row = test::kinds_of_key(GetParam(), key);
        ASSERT_NE(row, nullptr) << key;
        std::set<event_kind> const promised(row->makes.begin(), row->makes.end());
        auto const& found = made[std::string(key)];
        for (auto const kind : found)
            EXPECT_TRUE(promised.contains(kind)) << key << " makes " << name_of(kind);
        for (auto const kind : promised)
            EXPECT_TRUE(found.contains(kind)) << key << " has no delivery that makes " << name_of(kind);
    }
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
