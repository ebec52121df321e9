#pragma once
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace linkspan::test
{

// Fails the test unless `text` is the content of tests/golden/<name>. With UPDATE_GOLDEN=1 in the environment
// the file is written instead: look at the difference before you commit it.
void expect_golden(std::string_view name, std::string_view text);

// JSON on many lines, two spaces a level, members in their order.
std::string pretty(boost::json::value const& value);

}  // namespace linkspan::test
