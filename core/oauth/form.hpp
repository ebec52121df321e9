#pragma once
#include "core/base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

struct form_field
{
    std::string name;
    std::string value;  // empty for "a" as for "a="

    form_field() = default;
    form_field(std::string name, std::string value) : name(std::move(name)), value(std::move(value)) {}
    bool operator==(form_field const&) const = default;
};

// OAuth's forms and callbacks have a dozen.
inline constexpr std::size_t form_fields_max = 64;

// Reads application/x-www-form-urlencoded, also as the query of a URL: "a=1&b=x+y", in order, "&&" adds none.
// errc::invalid for bad percent encoding and more than form_fields_max fields; the message repeats nothing.
result<std::vector<form_field>> decode_form(std::string_view text);

// One text for a form or a query: every byte but A-Z a-z 0-9 - . _ ~ as %XX. A blank is %20, which every
// reader takes.
std::string encode_form(std::string_view text);

// Appends "&name=value", or "name=value" to an empty text.
void add_field(std::string& form, std::string_view name, std::string_view value);

}  // namespace linkspan
