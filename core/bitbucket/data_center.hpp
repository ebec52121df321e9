#pragma once
#include "core/bitbucket/json_reader.hpp"
#include "core/bitbucket/reading.hpp"

#include <span>

namespace linkspan::data_center
{

// Bitbucket Data Center's event payloads (confluence.atlassian.com, "Event payload"), 5.x to 10.x. Reads the
// body of a key into an empty `out`; false where the key is not known. Faults are left in the reader.
bool read(std::string_view event_key, json_reader const& body, reading& out);

// The keys that read() knows.
std::span<std::string_view const> event_keys();

}  // namespace linkspan::data_center
