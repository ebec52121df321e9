#pragma once
#include "core/route/rule.hpp"

#include <string>
#include <vector>

namespace linkspan
{

// What of a rule no event can match, told from the rule alone: patterns of a shape that no name has (a URL, a
// full ref, syntax that globs do not know), kinds that nothing makes, conditions that contradict each other.
// Each is what is to be said behind the rule's name: "takes nothing: ..." where that is sure, else "has in
// branches the pattern ...". What may match, however seldom, is not told, but for what looks like a regular
// expression.
std::vector<std::string> doubts_of(rule const& asked);

// The kinds whose events may tell a branch, and those whose events tell a repository.
kind_set kinds_with_branch();
kind_set kinds_with_repository();

// Those whose events may name two commits, so that it can be asked what changed between them.
kind_set kinds_with_paths();

}  // namespace linkspan
