#pragma once
#include "core/base/time.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>

namespace linkspan
{

// Ids of different things are different types: an event id where a link id is wanted does not compile.
template <class Tag>
struct text_id
{
    std::string value;

    text_id() = default;
    explicit text_id(std::string text) : value(std::move(text)) {}
    auto operator<=>(text_id const&) const = default;
};

template <class Tag>
struct number_id
{
    std::int64_t value = 0;

    number_id() = default;
    explicit number_id(std::int64_t number) : value(number) {}
    auto operator<=>(number_id const&) const = default;
};

using link_id = text_id<struct link_tag>;            // 16 characters a-z 2-7
using event_id = text_id<struct event_tag>;          // UUIDv7
using inbox_id = number_id<struct inbox_tag>;        // row of an inbound delivery
using delivery_id = number_id<struct delivery_tag>;  // row of an outbound delivery

// RFC 9562 UUIDv7 of a moment and ten random bytes.
event_id make_event_id(time_point now, std::span<std::uint8_t const, 10> random);

// 80 random bits as 16 characters of base32 (lower case).
link_id make_link_id(std::span<std::uint8_t const, 10> random);

}  // namespace linkspan
