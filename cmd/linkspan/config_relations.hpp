#pragma once
#include "cmd/linkspan/config_rows.hpp"

#include <map>
#include <string_view>
#include <vector>

namespace linkspan
{

// Where the values of one table stand, by key: the line of each item; that of the key for an empty list; none
// for a value that has a fault of its own.
using value_lines = std::map<std::string_view, std::vector<int>>;

// The first line of a value; 0: it is not written, or not without a fault.
int line_of(value_lines const& lines, std::string_view key);

struct config_lines
{
    value_lines server;
    std::vector<value_lines> sources;  // parallel to the configuration's
    std::vector<value_lines> destinations;
    std::vector<value_lines> teams;
    std::vector<value_lines> rules;
};

// What only several values together tell: names used twice or not at all, instances that do not fit their
// edition, listeners that meet, rules that can take nothing. Fills in what follows from other values (a
// source's instance, a rule's name).
void relate(config& read, config_lines const& lines, std::vector<line_fault>& faults);

// The part of it that is about sources, but for their names.
void relate_sources(config& read, config_lines const& lines, std::vector<line_fault>& faults);

}  // namespace linkspan
