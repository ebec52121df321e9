#pragma once
#include "cmd/linkspan/link_directory.hpp"
#include "core/base/error.hpp"
#include "core/oauth/grant.hpp"

#include <string>

namespace linkspan
{

// What callers are told who get no token.

// Its name, else its id.
std::string const& called(open_link const& link);

// errc::unauthorized: only a person can help, and this is how.
error needs_person(open_link const& link, grant const& state);

// None that works, and it is too early to ask again. errc::unavailable; errc::unauthorized where it is asked
// in vain until a person has corrected the link.
error backs_off(open_link const& link, grant const& state, time_point now);

// A new token came, and the store did not take it. The code stays.
error not_stored(open_link const& link, error const& why);

}  // namespace linkspan
