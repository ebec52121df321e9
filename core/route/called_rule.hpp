#pragma once
#include <string>

namespace linkspan
{

// A rule in a sentence: "rule reviews"; one without a name of its own is "rule 1" already.
inline std::string called_rule(std::string const& name)
{
    return name.starts_with("rule ") ? name : "rule " + name;
}

}  // namespace linkspan
