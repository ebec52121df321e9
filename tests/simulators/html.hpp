#pragma once
#include <string>
#include <string_view>

namespace linkspan::test
{

// What a browser reads where the text stands in HTML.
std::string unescaped(std::string text);

// The value of an attribute of a tag; empty where there is none.
std::string html_attribute(std::string_view tag, std::string_view name);

}  // namespace linkspan::test
