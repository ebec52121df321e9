#pragma once
#include "core/oauth/token.hpp"

#include <string>
#include <string_view>

namespace linkspan
{

// What a token endpoint's refusal means for the token that was offered. Only codes that say so kill it: an
// unknown one is `misused`, whatever the status, and 408, 425, 429 and 5xx are `unavailable`, whatever the
// code.
token_fate fate_of(int status, std::string_view error_code, std::string_view description);

// What to tell of an answer that says nothing itself.
std::string words_of_status(int status);

}  // namespace linkspan
