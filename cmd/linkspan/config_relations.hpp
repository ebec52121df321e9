#pragma once
#include "cmd/linkspan/config_rows.hpp"

#include <map>
#include <string_view>
#include <vector>

namespace linkspan
{

// Where the values of one table stand that were read without a fault: the line of each item, by key.
using value_lines = std::map<std::string_view, std::vector<int>>;

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

}  // namespace linkspan
