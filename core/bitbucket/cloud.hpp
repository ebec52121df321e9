#pragma once
#include "core/bitbucket/json_reader.hpp"
#include "core/bitbucket/reading.hpp"

#include <span>

namespace linkspan::cloud
{

// Bitbucket Cloud's event payloads (support.atlassian.com, "Event payloads"). Reads the body of a key into an
// empty `out`; false where the key is not known. Faults are left in the reader. `event_time` is the
// X-Event-Time header: it tells when, where the body does not.
bool read(
    std::string_view event_key, json_reader const& body, std::optional<time_point> event_time, reading& out
);

// The keys that read() knows.
std::span<std::string_view const> event_keys();

}  // namespace linkspan::cloud
