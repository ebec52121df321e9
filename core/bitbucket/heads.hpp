#pragma once
#include "core/bitbucket/digest.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

// How builds find their pull requests: by the first characters of a commit, which an index is made of.

// The part of a commit's hash that is indexed; nothing where it is too short to name one.
std::optional<std::string> head_prefix(std::string_view commit);

// Adds what one pull request, of which that commit was a head at some time, means for a build in
// `built_in` while it is open: it joins `heads` where the commit is its head still, with the repository that
// it is to be merged into, else `was_head` is set. A build in another repository than its target or its
// source is none of its.
void add_head(
    pull_request_snapshot const& candidate,
    std::string_view target_repository_id,
    repository const& built_in,
    std::string_view commit,
    known_state& out
);

// Of builds that were asked for, each repository has rows of its own: they are told to its pull requests, and
// those of the others have theirs.
void keep_own_heads(reading const& said, known_state& out);

}  // namespace linkspan
