#pragma once
#include "core/route/rule_set.hpp"

#include <vector>

namespace linkspan::test
{

inline std::vector<team> const teams = {
    {"platform", {"557058:Grace", "557058:Ada"}}, {"bots", {"557058:ci", "42"}}, {"nobody", {}}};

}  // namespace linkspan::test
