#pragma once
#include "core/bitbucket/json_reader.hpp"
#include "core/bitbucket/reading.hpp"

// What the readers of both editions do alike with the body of look_key. Its pull request is read before.
namespace linkspan
{

// A moment without which the row is useless.
time_point required_moment(json_reader const& body, std::string_view name);

// When it was asked and since when things are told, and whether the pull request was asked for or its number
// is all; claims the opening where it happened since.
void read_bounds(json_reader const& body, reading& out);

// States of tasks with ids of their own stand below 0: no id of the service may.
void require_positive_id(json_reader const& in, shown_comment const& shown);

// Whether an array of words has this one.
bool is_listed(json_reader const& body, std::string_view array, std::string_view word);

}  // namespace linkspan
