#pragma once
#include "cmd/linkspan/config.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace linkspan::test
{

// What is wrong with a configuration, as a person reads it.
inline std::string faults_of(std::string_view text)
{
    return to_text(parse_config(text, "config.toml").problems);
}

// A configuration without faults; fails the test where it has some.
inline config good_config(std::string_view text)
{
    auto loaded = parse_config(text, "config.toml");
    EXPECT_EQ(to_text(loaded.problems), "") << text;
    return std::move(loaded.config);
}

}  // namespace linkspan::test
