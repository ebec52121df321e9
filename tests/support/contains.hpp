#pragma once
#include <string>
#include <string_view>

namespace linkspan::test
{

// Whether an output or a message says this.
inline bool contains(std::string const& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace linkspan::test
