#pragma once
#include "core/base/time.hpp"

#include <cstddef>

namespace linkspan
{

// Whether the Bitbucket behind one credential answers at all. Where it does not, or says that it is out of
// order, each look costs as long as a look may take, and a request of the budget:
//
//   answering --two looks in a row unanswered--> silent until T --one look--> answering
//                                                  ^---unanswered: later---|
//
// One alone may be the fault of its pull request. Looks that were under way together count once for T.
inline constexpr int silent_from = 2;

// Between two looks at one that is silent: doubled for each.
inline constexpr milliseconds silence_wait_min{10'000};
inline constexpr milliseconds silence_wait_max{120'000};

// A Bitbucket that hangs must not take more than this of us, nor be asked more at once.
inline constexpr std::size_t looks_at_once_max = 8;

struct silence
{
    int unanswered = 0;  // in a row, of whichever pull requests
    int waits = 0;
    time_point ask_again_at;

    silence() = default;
};

bool is_silent(silence const& of);

// A look that began at began_at has ended unanswered.
silence after_unanswered(silence before, time_point began_at, time_point now);

// How many looks may be under way now.
std::size_t looks_at_once(silence const& of, time_point now);

}  // namespace linkspan
