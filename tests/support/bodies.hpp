#pragma once
#include "core/bitbucket/reading.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// A sample of cmd/linkspan/samples as a delivery, its placeholders filled with fixed values: pull request 7,
// numbers from 4000, hash x = the two digits of its letter twenty times ("1010..." for a).
struct sample_delivery
{
    std::string name;  // "02_opened"
    linkspan::edition edition = edition::cloud;
    std::string event_key;
    bool is_story = false;
    std::string body;
    time_point at;  // 2026-11-20 09:30, a minute later for each sample
};

// All samples of an edition, in order of their names.
std::vector<sample_delivery> sample_deliveries(linkspan::edition edition);

// The one whose name ends so: "opened".
sample_delivery sample_named(linkspan::edition edition, std::string_view name);

// The hash that the samples mean by a letter.
std::string sample_hash(char letter);

boost::json::object object_of(std::string_view text);

// Whether the key is known and its body is read.
bool is_recognised(linkspan::edition edition, std::string event_key, std::string_view body);

result<reading> read_body(linkspan::edition edition, std::string event_key, std::string_view body);

}  // namespace linkspan::test
