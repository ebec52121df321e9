#pragma once
#include <boost/json/value.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the parameters `fields`, `q` and `sort` make of an answer of Bitbucket Cloud
// (developer.atlassian.com/cloud/bitbucket/rest/intro, Partial responses, Filtering).
namespace linkspan::test::simulated_cloud
{

// The answer with the members alone that are named ("values.user.uuid", "values.*"); with "+a.b" those that
// an answer has by itself and a.b; with "-a.b" all but a.b. left_out: what an answer has only where it is
// named.
boost::json::value trimmed(
    boost::json::value whole, std::string_view fields, std::vector<std::string> const& left_out
);

using item_filter = std::function<bool(boost::json::value const& item)>;

// `updated_on > 2026-11-20T09:30:00.123Z AND state = "OPEN"`; nothing for what it cannot read.
std::optional<item_filter> filter_of(std::string_view q);

// "-updated_on": the items in the order of a member, a text that is a moment or not, or an integer.
void sort_items(boost::json::array& items, std::string_view sort);

}  // namespace linkspan::test::simulated_cloud
