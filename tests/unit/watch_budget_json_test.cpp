#include "core/watch/budget_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <string>

namespace linkspan
{
namespace
{

constexpr time_point noon = from_milliseconds(1'795'176'000'000);

void expect_same(budget const& one, budget const& other)
{
    EXPECT_EQ(one.resource, other.resource);
    EXPECT_EQ(one.limit, other.limit);
    EXPECT_DOUBLE_EQ(one.refill_per_second, other.refill_per_second);
    EXPECT_DOUBLE_EQ(one.tokens, other.tokens);
    EXPECT_EQ(one.counted_at, other.counted_at);
    EXPECT_EQ(one.spent, other.spent);
    EXPECT_EQ(one.refusals, other.refusals);
    EXPECT_EQ(one.blocked_until, other.blocked_until);
    EXPECT_EQ(one.probed_at, other.probed_at);
    EXPECT_EQ(one.resource_name, other.resource_name);
}

void expect_kept(budget const& of)
{
    auto const again = budget_from_json(to_json_text(of));
    ASSERT_TRUE(again) << again.error().message;
    expect_same(*again, of);
}

TEST(watch_budget_json, keeps_a_fresh_budget_of_each_class)
{
    for (auto const one :
         {resource_class::repositories,
          resource_class::raw_files,
          resource_class::hooks,
          resource_class::data_center})
        expect_kept(fresh_budget(one, noon));
}

TEST(watch_budget_json, keeps_everything)
{
    auto of = fresh_budget(resource_class::repositories, noon);
    of.limit = 5'000;
    of.spent.front() = 3;
    of.spent[7] = 1;
    of.spent.back() = 2;
    of.refusals = 4;
    of.blocked_until = noon + seconds(90);
    of.probed_at = noon + seconds(30);
    of.resource_name = "api";
    expect_kept(of);
    auto bucket = fresh_budget(resource_class::data_center, noon + milliseconds(17));
    bucket.tokens = -3.7;
    bucket.refill_per_second = 0.3;
    expect_kept(bucket);
}

TEST(watch_budget_json, goes_on_where_it_was)
{
    auto of = fresh_budget(resource_class::repositories, noon);
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(admit(of, priority::backfill, 100, noon + i * budget_slot).is_granted);
    auto again = budget_from_json(to_json_text(of)).value();
    for (auto const later : {seconds(75), seconds(1'000), seconds(3'700)})
    {
        auto const now = noon + later;
        EXPECT_EQ(left_for(again, priority::person, now), left_for(of, priority::person, now));
        auto one = of;
        auto other = again;
        EXPECT_EQ(
            admit(one, priority::backfill, 1, now).is_granted,
            admit(other, priority::backfill, 1, now).is_granted
        );
    }
}

TEST(watch_budget_json, slots_of_long_ago_that_count_nothing_take_no_room)
{
    auto of = fresh_budget(resource_class::repositories, noon);
    EXPECT_LT(to_json_text(of).size(), 120u);
    of.spent[1] = 8;
    EXPECT_NE(to_json_text(of).find("[0,8]"), std::string::npos) << to_json_text(of);
}

// A budget whose one member is another.
std::string with(resource_class of, char const* member, std::string const& value)
{
    auto document = boost::json::parse(to_json_text(fresh_budget(of, noon))).as_object();
    if (value.empty())
        document.erase(member);
    else
        document[member] = boost::json::parse(value);
    return boost::json::serialize(document);
}

std::string refusal_of(std::string const& text)
{
    auto const read = budget_from_json(text);
    if (read)
        return "it was read";
    EXPECT_EQ(read.error().code, errc::invalid);
    return read.error().message;
}

TEST(watch_budget_json, nonsense_is_refused_by_its_name)
{
    auto const cloud = resource_class::repositories;
    auto const server = resource_class::data_center;
    std::string long_list = "[0";
    for (std::size_t i = 0; i < budget_slots; ++i)
        long_list += ",0";
    struct wrong
    {
        resource_class of;
        char const* member;
        std::string value;
    };
    for (auto const& [of, member, value] : std::vector<wrong>{
             {cloud, "resource", R"("archives")"},
             {cloud, "resource", "1"},
             {cloud, "resource", ""},
             {cloud, "limit", ""},
             {cloud, "limit", "9"},
             {cloud, "limit", "100001"},
             {cloud, "limit", "10.5"},
             {cloud, "limit", R"("1000")"},
             {cloud, "counted_at", "-15000"},
             {cloud, "counted_at", "1795176000001"},
             {cloud, "counted_at", "9223372036854775807"},
             {cloud, "refusals", "-1"},
             {cloud, "spent", ""},
             {cloud, "spent", "{}"},
             {cloud, "spent", "[-1]"},
             {cloud, "spent", "[1,\"2\"]"},
             {cloud, "spent", "[2147483647]"},
             {cloud, "spent", long_list + "]"},
             {cloud, "blocked_until", "\"soon\""},
             {cloud, "probed_at", "-1"},
             {cloud, "resource_name", "7"},
             {server, "tokens", ""},
             {server, "tokens", "1e300"},
             {server, "tokens", "null"},
             {server, "refill_per_second", "-5"}})
        EXPECT_EQ(
            refusal_of(with(of, member, value)),
            "budget: not what this program writes: " + std::string(member)
        ) << value;
    for (auto const* text : {"", "{", "[]", "null", "7"})
        EXPECT_EQ(refusal_of(text), "budget: not what this program writes: it is no JSON object") << text;
}

}  // namespace
}  // namespace linkspan
