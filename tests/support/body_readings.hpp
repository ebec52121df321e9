#pragma once
#include "tests/support/bodies.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace linkspan::test
{

inline result<reading> read_cloud(std::string event_key, std::string_view body)
{
    return read_body(edition::cloud, std::move(event_key), body);
}

inline result<reading> read_data_center(std::string event_key, std::string_view body)
{
    return read_body(edition::data_center, std::move(event_key), body);
}

// What a sample says; fails the test where it cannot be read.
inline reading read_sample(edition of, std::string_view name)
{
    auto const one = sample_named(of, name);
    auto said = read_body(of, one.event_key, one.body);
    if (said)
        return std::move(*said);
    ADD_FAILURE() << name << ": " << said.error().message;
    return {};
}

}  // namespace linkspan::test
