#pragma once
#include "core/bitbucket/digest.hpp"
#include "store/database.hpp"

#include <string_view>
#include <vector>

namespace linkspan
{

// What the event core keeps between deliveries: snapshots of pull requests and comments, heads, how builds
// ended. Each call may fail as the store does; errc::invalid: a row is not what this program writes.

// What the store knows that bears on a reading (core/bitbucket/digest.hpp).
result<known_state> known_about(transaction& tx, std::string_view instance, reading const& said);

// The open pull requests whose source is the branch of an event, and whose head is still the commit before
// the push: events of their own then follow.
result<std::vector<pull_request>> expected_pull_requests(transaction& tx, event const& pushed);

// The commit at the head of a pull request; nothing where it is closed, or not known.
result<std::optional<std::string>> head_of(
    transaction& tx, std::string_view instance, std::string_view repository, std::int64_t pull_request
);

// The pull requests of a repository that are open, as far as is known.
result<std::vector<std::int64_t>> open_pull_requests(
    transaction& tx, std::string_view instance, std::string_view repository
);

// Stores what digest() made of it besides the events: the snapshot, and how a build ended.
result<> remember(
    transaction& tx,
    std::string_view instance,
    reading const& said,
    known_state const& known,
    digested const& made
);

}  // namespace linkspan
