#pragma once
#include <chrono>

namespace linkspan::test
{

// Far beyond what any step of a test takes, sanitizers and a busy machine included.
inline constexpr std::chrono::seconds patience{60};

}  // namespace linkspan::test
